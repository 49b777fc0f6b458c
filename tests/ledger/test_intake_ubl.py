"""UBL invoices and credit notes: read whole, checked against their own totals, refused safely."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as people
from ledger.intake.documents import Chunk, NoticeBook, Unreadable
from ledger.intake.einvoices import read_einvoices
from ledger.intake.formats import format_of
from ledger.models import Contact, Customer, Invoice
from tests.factories import AT, Cast
from tests.ledger.intake_helpers import FILES, VAT, bring, codes, numbers

SUBTOTAL = '<cac:TaxSubtotal><cbc:TaxAmount currencyID="EUR">40.00</cbc:TaxAmount></cac:TaxSubtotal>'
INVOICE = (FILES / "invoice.xml").read_text(encoding="utf-8")


def read(path: Path) -> Chunk:
    """What the file holds."""
    return read_einvoices(path, "ubl", NoticeBook()).chunk


def changed(folder: Path, pattern: str, by: str, source: str = INVOICE) -> Path:
    """A copy of the sample with one thing changed; fails when there is nothing to change."""
    text, count = re.subn(pattern, by, source, count=1, flags=re.DOTALL)
    assert count == 1, pattern
    path = folder / "changed.xml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_invoice_is_read_whole(cast: Cast) -> None:
    result = bring(cast.entity, FILES / "invoice.xml")
    assert (result.format, numbers(result)) == ("ubl", (1, 0, 0, 0))
    assert result.totals == {"EUR": Decimal("242.00")}
    invoice = Invoice.objects.get(number="E-100")
    assert (invoice.amount, invoice.net, invoice.tax) == (
        Decimal("242.00"),
        Decimal("200.00"),
        Decimal("42.00"),
    )
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 2, 1), date(2026, 3, 3))
    assert invoice.order_reference == "PO-77"
    chairs, lamps = invoice.lines.all()
    assert (chairs.description, chairs.quantity, chairs.unit_price, chairs.tax_rate) == (
        "Chairs",
        Decimal(10),
        Decimal(15),
        Decimal(21),
    )
    assert (lamps.net, lamps.unit_price) == (Decimal("60.00"), Decimal(15))
    assert invoice.allocated == Decimal("42.00")


def test_the_buyer_becomes_a_customer_with_a_contact_who_gets_reminders(cast: Cast) -> None:
    bring(cast.entity, FILES / "invoice.xml")
    customer = Customer.objects.get(entity=cast.entity, tax_id="ESB76543214")
    assert (customer.name, customer.country, customer.endpoint) == (
        "Almacenes Río",
        "ES",
        "9920:ESB76543214",
    )
    contact = Contact.objects.get(customer=customer)
    assert (contact.email, contact.is_billing) == ("pagos@rio.example", True)


def test_a_credit_note_finds_its_customer_and_the_invoice_it_corrects(cast: Cast) -> None:
    bring(cast.entity, FILES / "invoice.xml")
    bring(cast.entity, FILES / "credit_note.xml")
    note = Invoice.objects.get(number="E-101")
    assert (note.kind, note.amount, note.corrects) == (
        "credit_note",
        Decimal("121.00"),
        Invoice.objects.get(number="E-100"),
    )
    assert Customer.objects.filter(entity=cast.entity).count() == 3


def test_a_negative_invoice_is_a_credit_note_and_keeps_its_sign_in_the_totals(
    cast: Cast, tmp_path: Path
) -> None:
    source = re.sub(r'(currencyID="EUR">)(\d)', r"\1-\2", INVOICE).replace(">-15.00<", ">15.00<")
    path = changed(tmp_path, r"<cbc:PrepaidAmount.*?</cbc:PrepaidAmount>", "", source)
    result = bring(cast.entity, path)
    assert numbers(result) == (1, 0, 0, 0)
    assert result.totals == {"EUR": Decimal("-242.00")}
    note = Invoice.objects.get(number="E-100")
    assert (note.kind, note.amount) == ("credit_note", Decimal("242.00"))


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The files of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "kept"


@pytest.mark.parametrize(
    ("pattern", "by", "what", "difference"),
    [
        (r">242.00<", ">243.00<", "TaxInclusiveAmount", "1.00"),
        (r">200.00<", ">199.00<", "TaxExclusiveAmount", "1.00"),
        (r">150.00<", ">149.99<", "LineExtensionAmount", "0.01"),
        (r"(>42.00</cbc:TaxAmount>)", rf"\1{SUBTOTAL}", "TaxAmount", "2.00"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused_with_the_difference(
    cast: Cast, tmp_path: Path, pattern: str, by: str, what: str, difference: str
) -> None:
    result = bring(cast.entity, changed(tmp_path, pattern, by))
    assert numbers(result) == (0, 0, 0, 1)
    (reject,) = result.rejects
    assert (reject.code, reject.column, reject.params["difference"]) == ("totals_differ", what, difference)
    assert difference in reject.as_json()["message"]
    assert not Invoice.objects.filter(number="E-100").exists()


@pytest.mark.parametrize(
    ("pattern", "by", "code"),
    [
        (r"<cbc:ID>E-100</cbc:ID>", "", "not_in_document"),
        (r"2026-02-01", "2026-02-31", "not_a_date"),
        (r">EUR</cbc:DocumentCurrencyCode>", ">EURO</cbc:DocumentCurrencyCode>", "not_a_currency"),
        (r">242.00<", ">NaN<", "not_an_amount"),
        (r"<cac:AccountingCustomerParty>.*</cac:AccountingCustomerParty>", "", "not_in_document"),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    cast: Cast, tmp_path: Path, pattern: str, by: str, code: str
) -> None:
    assert [found for _line, found in codes(bring(cast.entity, changed(tmp_path, pattern, by)))] == [code]


def test_the_due_date_may_come_from_the_terms(tmp_path: Path) -> None:
    terms = "<cac:PaymentTerms><cbc:Note>2 % Skonto 10 Tage, 45 Tage netto</cbc:Note></cac:PaymentTerms>"
    path = changed(tmp_path, r"<cbc:DueDate>2026-03-03</cbc:DueDate>", terms)
    assert read(path).documents[0].due_on == date(2026, 3, 18)


def test_a_tax_total_in_the_accounting_currency_is_left_out(tmp_path: Path) -> None:
    more = '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">480.00</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>'
    path = changed(tmp_path, r"<cac:LegalMonetaryTotal>", more)
    assert read(path).documents[0].tax == Decimal("42.00")


def test_an_invoice_of_another_of_our_entities_is_sent_there(cast: Cast, tmp_path: Path) -> None:
    people.open_entity(code="SIS", name="Sister", country="ES", currency="EUR", at=AT, tax_id="ES B-11")
    vat = VAT.format("ESB11")
    path = changed(tmp_path, r"(<cac:AccountingSupplierParty><cac:Party>)", rf"\1{vat}")
    result = bring(cast.entity, path)
    assert [code for _line, code in codes(result)] == ["other_entity"]
    assert "SIS" in result.rejects[0].as_json()["message"]


def test_several_documents_in_one_envelope_come_in_each(cast: Cast, tmp_path: Path) -> None:
    body = INVOICE.partition("?>")[2]
    path = tmp_path / "batch.xml"
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    path.write_text(
        f'<StandardBusinessDocument xmlns="{space}"><StandardBusinessDocumentHeader/>{body}'
        f"{body.replace('E-100', 'E-200')}</StandardBusinessDocument>",
        encoding="utf-8",
    )
    result = bring(cast.entity, path)
    assert (result.format, numbers(result)) == ("ubl", (2, 0, 0, 0))


def test_a_document_inside_of_another_is_no_second_one(cast: Cast, tmp_path: Path) -> None:
    inner = INVOICE.partition("?>")[2].replace("E-100", "E-200")
    path = changed(tmp_path, r"(<cbc:CustomizationID>)", rf"<Extension>{inner}</Extension>\1")
    assert numbers(bring(cast.entity, path)) == (1, 0, 0, 0)


def test_an_older_debt_that_is_asked_for_too_gets_a_word(cast: Cast, tmp_path: Path) -> None:
    path = changed(tmp_path, r">42.00</cbc:PrepaidAmount>", ">-42.00</cbc:PrepaidAmount>")
    path.write_text(path.read_text(encoding="utf-8").replace(">200.00</cbc:Payable", ">284.00</cbc:Payable"))
    result = bring(cast.entity, path)
    assert "asks_for_other_amount" in {notice.code for notice in result.notices}
    invoice = Invoice.objects.get(number="E-100")
    assert (invoice.amount, invoice.allocated) == (Decimal("242.00"), Decimal("0.00"))


def test_a_bill_to_us_is_no_invoice_of_ours(cast: Cast, tmp_path: Path) -> None:
    cast.entity.tax_id = "B76543214"
    cast.entity.save()
    seller = r"(<cac:AccountingSupplierParty><cac:Party>)"
    result = bring(cast.entity, changed(tmp_path, seller, rf"\1{VAT.format('ESB12345674')}"))
    assert [code for _line, code in codes(result)] == ["a_bill_to_us"]
    cast.entity.tax_id = "ESB12345674"
    cast.entity.save()
    result = bring(cast.entity, changed(tmp_path, seller, rf"\1{VAT.format('B12345674')}"))
    assert numbers(result) == (1, 0, 0, 0)
    assert "other_seller" not in {notice.code for notice in result.notices}


def test_a_large_attachment_does_not_keep_the_invoice_out(cast: Cast, tmp_path: Path) -> None:
    reference = "cac:AdditionalDocumentReference"
    large = (
        f"<{reference}><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode='text/csv' "
        f"filename='a.csv'>{'QUJD' * 2_700_000}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></{reference}>"
    )
    path = changed(tmp_path, r"(<cac:OrderReference>)", rf"{large}\1")
    result = bring(cast.entity, path)
    assert numbers(result) == (1, 0, 0, 0)
    assert [file.name for file in Invoice.objects.get(number="E-100").files.all()] == ["changed.xml", "a.csv"]


BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>"""
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "xml_doctype"),
        (EXTERNAL, "xml_doctype"),
        ('<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://localhost/x.dtd"><x/>', "xml_doctype"),
        ("<a>" * 100 + "</a>" * 100, "xml_too_deep"),
        ("<a>" * 300 + "</a>" * 300, "broken_xml"),
        ("<html><body/></html>", "unknown_xml"),
        (INVOICE[:900], "broken_xml"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "unknown_xml"),
    ],
)
def test_xml_that_is_broken_or_dangerous_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert caught.value.code == code


def test_broken_xml_says_line_and_column(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    path.write_text(INVOICE.replace("</cbc:IssueDate>", "</cbc:Wrong>"), encoding="utf-8")
    result = bring(cast.entity, path)
    (entry,) = result.as_json()["rejects"]
    assert result.exit_code == 2
    assert re.fullmatch(r"line 5, column \d+", entry["at"])
    assert entry["code"] == "broken_xml"


def test_xml_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.intake.xml_safe.MAX_XML", 1000)
    with pytest.raises(Unreadable) as caught:
        read(FILES / "invoice.xml")
    assert caught.value.code in {"xml_too_large", "too_large"}


@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: text.encode("utf-16"), lambda text: b"\xef\xbb\xbf" + text.encode()]
)
def test_the_format_is_told_by_content(tmp_path: Path, encode: Callable[[str], bytes]) -> None:
    path = tmp_path / "no-suffix"
    path.write_bytes(encode("\n" + INVOICE.replace("UTF-8", "UTF-16")))
    assert format_of(path).name == "ubl"
    with pytest.raises(Unreadable):
        format_of(path, "csv")


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=80,
)
@given(start=st.integers(0, len(INVOICE)), length=st.integers(0, 60), junk=st.text(max_size=10))
def test_a_damaged_file_is_read_or_refused_never_a_crash(
    tmp_path: Path, start: int, length: int, junk: str
) -> None:
    path = tmp_path / "damaged.xml"
    path.write_bytes((INVOICE[:start] + junk + INVOICE[start + length :]).encode("utf-8", "surrogatepass"))
    try:
        chunk = read(path)
    except Unreadable:
        return
    assert len(chunk.documents) + len(chunk.rejects) >= 1
