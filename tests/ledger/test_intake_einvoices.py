"""CII, ZUGFeRD 1.0 and Factur-X: read whole, checked against their own totals, refused with words."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.intake.einvoice_terms import due_by_words
from ledger.models import Invoice
from tests.factories import Cast
from tests.ledger.einvoice_builders import bomb, cii, facturae, fatturapa, pdf, zugferd1
from tests.ledger.intake_helpers import bring, codes, numbers, put, words

ONE = (1, 0, 0, 0)
TAXES = "<TaxesOutputs><Tax><TaxAmount><TotalAmount>20.00</TotalAmount></TaxAmount></Tax></TaxesOutputs>"
CHARGED = (
    "<ram:ApplicableTradeTax><ram:CalculatedAmount>44.00</ram:CalculatedAmount></ram:ApplicableTradeTax>"
)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The files of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "kept"


def test_a_cii_invoice_is_read_whole(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, cii()))
    assert (result.format, numbers(result)) == ("cii", ONE)
    assert result.totals == {"EUR": Decimal("254.10")}
    invoice = Invoice.objects.get(number="C-1")
    assert (invoice.amount, invoice.net, invoice.tax) == (
        Decimal("254.10"),
        Decimal("210.00"),
        Decimal("44.10"),
    )
    assert (invoice.issued_on, invoice.due_on, invoice.order_reference) == (
        date(2026, 2, 1),
        date(2026, 3, 3),
        "REF-9",
    )
    chairs, _lamps = invoice.lines.all()
    assert (chairs.description, chairs.quantity, chairs.unit_price, chairs.net, chairs.tax_rate) == (
        "Chairs",
        Decimal(10),
        Decimal(15),
        Decimal(150),
        Decimal(21),
    )
    assert (chairs.quantity_places, chairs.unit, chairs.unit_shown) == (0, "C62", "")
    customer = invoice.customer
    assert (customer.tax_id, customer.endpoint, customer.country) == ("ESB76543214", "9920:ESB76543214", "ES")
    assert bring(cast.entity, tmp_path / "document.xml").unchanged == 1


@pytest.mark.parametrize(
    ("text", "what", "difference"),
    [
        (cii().replace(">254.10<", ">255.10<"), "GrandTotalAmount", "1.00"),
        (cii().replace(">150.00</ram:LineTotal", ">150.01</ram:LineTotal"), "LineTotalAmount", "0.01"),
        (cii().replace(">210.00</ram:TaxBasis", ">209.00</ram:TaxBasis"), "TaxBasisTotalAmount", "1.00"),
        (zugferd1(off="0.02"), "LineTotalAmount", "0.02"),
        (facturae().replace("<InvoiceTotal>121.00", "<InvoiceTotal>199.00"), "InvoiceTotal", "78.00"),
        (facturae().replace("<GrossAmount>100.00", "<GrossAmount>90.00"), "TotalGrossAmount", "10.00"),
        (fatturapa(general="<ImportoTotaleDocumento>130.00</ImportoTotaleDocumento>"), "Importo", "8.00"),
        (fatturapa(line="90.00"), "ImponibileImporto", "10.00"),
        (facturae().replace("<InvoiceTotals>", f"{TAXES}<InvoiceTotals>"), "TotalTaxOutputs", "1.00"),
        (cii(settlement=CHARGED), "TaxTotalAmount", "0.10"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_difference(
    cast: Cast, tmp_path: Path, text: str, what: str, difference: str
) -> None:
    result = bring(cast.entity, put(tmp_path, text))
    assert numbers(result) == (0, 0, 0, 1)
    (reject,) = result.rejects
    assert (reject.code, reject.params["difference"]) == ("totals_differ", difference)
    assert what in reject.as_json()["message"]
    assert not Invoice.objects.filter(entity=cast.entity).exists()


def test_profiles_without_lines_come_in(cast: Cast, tmp_path: Path) -> None:
    text = cii(lines=()).replace(">0.00</ram:TaxBasis", ">100.00</ram:TaxBasis")
    text = text.replace("<ram:LineTotalAmount>0.00</ram:LineTotalAmount>", "")
    text = text.replace(">0.00</ram:TaxTotal", ">21.00</ram:TaxTotal").replace(
        ">0.00</ram:Grand", ">121.00</ram:Grand"
    )
    result = bring(cast.entity, put(tmp_path, text))
    assert (numbers(result), result.totals) == (ONE, {"EUR": Decimal("121.00")})


def test_group_lines_of_extended_are_not_summed(cast: Cast, tmp_path: Path) -> None:
    group = "<ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode></ram:AssociatedDocumentLineDocument>"
    text = cii(lines=(("Set", "1", "100"), ("Part", "1", "100")))
    text = text.replace("</ram:AssociatedDocumentLineDocument>", group, 1)
    for name in ("LineTotalAmount", "TaxBasisTotalAmount"):
        text = text.replace(f">200.00</ram:{name}", f">100.00</ram:{name}")
    text = text.replace(">42.00</ram:TaxTotal", ">21.00</ram:TaxTotal").replace(">242.00<", ">121.00<")
    result = bring(cast.entity, put(tmp_path, text))
    assert numbers(result) == ONE
    assert Invoice.objects.get(number="C-1").lines.count() == 2


def test_a_prepaid_part_is_booked_and_a_rounded_demand_gets_a_word(cast: Cast, tmp_path: Path) -> None:
    more = (
        "<ram:RoundingAmount>-0.10</ram:RoundingAmount><ram:TotalPrepaidAmount>54.10</ram:TotalPrepaidAmount>"
        "<ram:DuePayableAmount>199.90</ram:DuePayableAmount>"
    )
    result = bring(cast.entity, put(tmp_path, cii(extra_total=more)))
    assert (numbers(result), words(result) & {"payable_rounded"}) == (ONE, {"payable_rounded"})
    assert Invoice.objects.get(number="C-1").allocated == Decimal("54.10")


@pytest.mark.parametrize(
    ("kind", "expected"), [("381", "credit_note"), ("384", "invoice"), ("386", "invoice")]
)
def test_the_type_tells_credit_notes(cast: Cast, tmp_path: Path, kind: str, expected: str) -> None:
    bring(cast.entity, put(tmp_path, cii(kind=kind)))
    assert Invoice.objects.get(number="C-1").kind == expected


def test_a_correction_with_minus_is_a_credit_note_that_finds_its_invoice(cast: Cast, tmp_path: Path) -> None:
    bring(cast.entity, put(tmp_path, cii()))
    before = (
        "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>C-1</ram:IssuerAssignedID>"
        "</ram:InvoiceReferencedDocument>"
    )
    lines = (("Chairs", "-1", "15.00"),)
    result = bring(cast.entity, put(tmp_path, cii(number="C-2", kind="384", lines=lines, settlement=before)))
    assert (numbers(result), result.totals) == (ONE, {"EUR": Decimal("-18.15")})
    note = Invoice.objects.get(number="C-2")
    assert (note.kind, note.amount, note.net, note.tax) == (
        "credit_note",
        Decimal("18.15"),
        Decimal("15.00"),
        Decimal("3.15"),
    )
    assert note.corrects == Invoice.objects.get(number="C-1")
    assert note.lines.get().quantity == 1


def test_a_zero_total_has_nothing_to_collect(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, cii(lines=(("Gift", "1", "0"),))))
    assert [code for _line, code in codes(result)] == ["zero_total"]
    assert result.documents == 1


def test_other_prefixes_and_a_byte_order_mark_change_nothing(cast: Cast, tmp_path: Path) -> None:
    text = (
        cii().replace("rsm:", "a:").replace(":rsm=", ":a=").replace("ram:", "").replace("xmlns:ram", "xmlns")
    )
    result = bring(cast.entity, put(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    assert (result.format, numbers(result)) == ("cii", ONE)


def test_an_encoding_that_is_not_the_declared_one_is_read_with_a_word(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, cii().encode("cp1252")))
    assert numbers(result) == ONE
    assert "encoding_declared_wrong" in words(result)
    assert Invoice.objects.get(number="C-1").customer.name == "Almacenes Río"
    wide = bring(cast.entity, put(tmp_path, cii().encode("utf-16")))
    assert wide.unchanged == 1


def test_zugferd_1_may_round_its_lines_or_state_them_with_tax(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, zugferd1(off="0.01")))
    assert (result.format, numbers(result)) == ("cii", ONE)
    assert "lines_rounded" in words(result)
    Invoice.objects.all().delete()
    result = bring(cast.entity, put(tmp_path, zugferd1(with_tax=True)))
    assert (numbers(result), words(result) & {"lines_with_tax"}) == (ONE, {"lines_with_tax"})
    assert [line.net for line in Invoice.objects.get().lines.all()] == [Decimal("150.00"), Decimal("60.00")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("factur-x.xml", True), ("ZUGFeRD-invoice.xml", True), ("XRECHNUNG.XML", True), ("anything.xml", True)],
)
def test_the_invoice_is_taken_out_of_a_pdf(cast: Cast, tmp_path: Path, name: str, expected: bool) -> None:
    data = pdf(("terms.txt", "terms"), (name, cii()))
    result = bring(cast.entity, put(tmp_path, data, "invoice.pdf"))
    assert (result.format, numbers(result) == ONE) == ("facturx", expected)


def test_only_the_invoice_of_several_attachments_is_taken(cast: Cast, tmp_path: Path) -> None:
    data = pdf(("other.xml", cii(number="NO")), ("factur-x.xml", cii(number="YES")))
    assert numbers(bring(cast.entity, put(tmp_path, data))) == ONE
    assert Invoice.objects.filter(entity=cast.entity).get().number == "YES"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf(), "pdf_without_invoice"),
        (pdf(("a.xml", "<a/>"), ("b.xml", "<b/>")), "pdf_several_xml"),
        (pdf(("factur-x.xml", "<a/>")), "unknown_xml"),
        (pdf(("factur-x.xml", "<a")), "broken_xml"),
        (pdf(("order-x.xml", "<x/>")), "an_order"),
        (pdf(("factur-x.xml", "<x:SCRDMCCBDACIOMessageStructure xmlns:x='urn:x'/>")), "an_order"),
        (pdf(("factur-x.xml", cii()), password="secret"), "pdf_encrypted"),
        (pdf(("factur-x.xml", cii()))[:400], "broken_pdf"),
        (b"%PDF-1.7\n" + b"junk" * 100, "broken_pdf"),
        (bomb(), "broken_pdf"),
    ],
    ids=["none", "several", "other", "broken-xml", "order-name", "order", "locked", "cut", "junk", "bomb"],
)
def test_a_pdf_that_cannot_be_read_says_why(cast: Cast, tmp_path: Path, content: bytes, code: str) -> None:
    result = bring(cast.entity, put(tmp_path, content, "x.pdf"))
    assert result.exit_code == 2
    (entry,) = result.as_json()["rejects"]
    assert (entry["code"], "%(" in entry["message"]) == (code, False)


def test_an_invoice_in_any_envelope_is_found(cast: Cast, tmp_path: Path) -> None:
    body = cii().partition("?>")[2]
    result = bring(cast.entity, put(tmp_path, f"<any:Wrapper xmlns:any='urn:any'>{body}</any:Wrapper>"))
    assert numbers(result) == ONE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"0\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0" + b"\x00" * 50, "signed_container"),
        (b"<FatturaElettronicaSemplificata/>", "other_einvoice"),
        (b"<Facturae/>", "no_invoice_inside"),
        (b"<p:FatturaElettronica xmlns:p='urn:x'/>", "no_invoice_inside"),
        (b"<x:SCRDMCCBDACIOMessageStructure xmlns:x='urn:x'/>", "an_order"),
        (cii().encode()[:900], "broken_xml"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + cii().encode()[39:], "xml_doctype"),
    ],
)
def test_what_is_no_invoice_is_named(cast: Cast, tmp_path: Path, content: bytes, code: str) -> None:
    result = bring(cast.entity, put(tmp_path, content))
    assert (result.exit_code, [entry["code"] for entry in result.as_json()["rejects"]]) == (2, [code])


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Payable within 30 days", date(2026, 3, 3)),
        (
            "Zahlbar innerhalb 30 Tagen netto bis 04.04.2026, 3% Skonto innerhalb 10 Tagen bis 15.02.2026",
            date(2026, 4, 4),
        ),
        ("#SKONTO#TAGE=14#PROZENT=2.00#\n45 Tage netto", date(2026, 3, 18)),
        ("#SKONTO#TAGE=14#PROZENT=2.00#", None),
        ("30 jours fin de mois", date(2026, 3, 31)),
        ("30 días", date(2026, 3, 3)),
        ("60 gg data fattura", date(2026, 4, 2)),
        ("Zahlbar sofort rein netto", date(2026, 2, 1)),
        ("2/10 net 30", date(2026, 3, 3)),
        ("Penalty percentage 10% from due date, interest after 60 days", None),
        ("see contract 4711", None),
        ("", None),
    ],
)
def test_terms_in_words(text: str, due: date | None) -> None:
    assert due_by_words(text, date(2026, 2, 1)) == due
