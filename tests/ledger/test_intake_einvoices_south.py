"""Facturae and FatturaPA: series, instalments, withheld taxes, and the totals that must add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.models import Customer, Invoice
from tests.factories import Cast, make_customer, make_invoice
from tests.ledger.einvoice_builders import cii, facturae, fatturapa
from tests.ledger.intake_helpers import bring, codes, numbers, put, words

ONE = (1, 0, 0, 0)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The files of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "kept"


@pytest.mark.parametrize("version", ["3.1", "3.2", "3.2.1", "3.2.2"])
def test_a_facturae_is_read_whole(cast: Cast, tmp_path: Path, version: str) -> None:
    result = bring(cast.entity, put(tmp_path, facturae(version=version, signed=True), "f.xsig"))
    assert (result.format, numbers(result), result.totals) == ("facturae", ONE, {"EUR": Decimal("121.00")})
    assert "signature_not_checked" in words(result)
    invoice = Invoice.objects.get(entity=cast.entity)
    assert (invoice.number, invoice.net, invoice.tax, invoice.due_on) == (
        "1",
        Decimal("100.00"),
        Decimal("21.00"),
        date(2026, 3, 3),
    )
    line = invoice.lines.get()
    assert (line.quantity, line.unit, line.unit_price) == (Decimal(2), "HUR", Decimal(50))
    assert (invoice.customer.tax_id, invoice.customer.country) == ("B76543214", "ES")


def test_withheld_tax_is_not_owed_and_payments_on_account_are_paid(cast: Cast, tmp_path: Path) -> None:
    paid = (
        "<PaymentsOnAccount><PaymentOnAccount><PaymentOnAccountAmount>6.00</PaymentOnAccountAmount>"
        "</PaymentOnAccount></PaymentsOnAccount><TotalOutstandingAmount>100.00</TotalOutstandingAmount>"
        "<TotalExecutableAmount>100.00</TotalExecutableAmount>"
    )
    result = bring(cast.entity, put(tmp_path, facturae(withheld="15.00", totals=paid)))
    assert words(result) >= {"taxes_withheld"}
    assert "asks_for_other_amount" not in words(result)
    invoice = Invoice.objects.get(entity=cast.entity)
    assert (invoice.amount, invoice.net, invoice.tax, invoice.allocated) == (
        Decimal("106.00"),
        Decimal("100.00"),
        Decimal("6.00"),
        Decimal("6.00"),
    )


def test_totals_finer_than_cents_are_rounded_with_a_word(cast: Cast, tmp_path: Path) -> None:
    text = facturae(invoices=(("", "7", "100.1234"),))
    for name, value in (("TotalGrossAmount", "100.1234"), ("TotalGrossAmountBeforeTaxes", "100.1234")):
        text = text.replace(f"<{name}>100.12<", f"<{name}>{value}<")
    text = text.replace("<TotalTaxOutputs>21.03<", "<TotalTaxOutputs>21.0259<")
    text = text.replace("<InvoiceTotal>121.15<", "<InvoiceTotal>121.1493<")
    result = bring(cast.entity, put(tmp_path, text))
    assert (numbers(result), result.totals, "rounded" in words(result)) == (
        ONE,
        {"EUR": Decimal("121.1493")},
        True,
    )
    invoice = Invoice.objects.get(entity=cast.entity)
    assert (invoice.net, invoice.tax, invoice.amount) == (
        Decimal("100.12"),
        Decimal("21.03"),
        Decimal("121.15"),
    )


def test_a_correction_finds_the_invoice_that_has_its_series(cast: Cast, tmp_path: Path) -> None:
    rio = make_customer(cast.entity, "RIO", "Río", tax_id="B76543214", country="ES")
    original = make_invoice(rio, "121.00", number="A-1")
    header = (
        "<Corrective><InvoiceNumber>1</InvoiceNumber><InvoiceSeriesCode>A</InvoiceSeriesCode></Corrective>"
    )
    bring(cast.entity, put(tmp_path, facturae(invoices=(("R", "1", "-10.00"),), header=header)))
    note = Invoice.objects.get(entity=cast.entity, kind="credit_note")
    assert (note.number, note.amount, note.corrects) == ("1", Decimal("12.10"), original)


def test_of_several_instalments_the_earliest_is_due(cast: Cast, tmp_path: Path) -> None:
    plan = "".join(
        f"<Installment><InstallmentDueDate>{day}</InstallmentDueDate></Installment>"
        for day in ("2026-05-01", "2026-03-01", "2026-04-01")
    )
    result = bring(cast.entity, put(tmp_path, facturae(payments=plan)))
    assert "instalments" in words(result)
    assert Invoice.objects.get(entity=cast.entity).due_on == date(2026, 3, 1)


def test_the_number_takes_its_series_only_where_another_has_it(cast: Cast, tmp_path: Path) -> None:
    batch = facturae(invoices=(("A", "1", "100.00"), ("A", "2", "50.00")))
    assert numbers(bring(cast.entity, put(tmp_path, batch))) == (2, 0, 0, 0)
    other = put(tmp_path, facturae(invoices=(("B", "1", "70.00"),), day="2026-02-05"), "b.xml")
    result = bring(cast.entity, other)
    assert (numbers(result), "number_with_series" in words(result)) == (ONE, True)
    assert set(Invoice.objects.filter(entity=cast.entity).values_list("number", flat=True)) == {
        "1",
        "2",
        "B/1",
    }
    assert bring(cast.entity, other).unchanged == 1
    assert bring(cast.entity, put(tmp_path, batch)).unchanged == 2
    changed = bring(cast.entity, put(tmp_path, facturae(invoices=(("A", "1", "101.00"),))))
    assert [code for _line, code in codes(changed)] == ["facts_differ"]


def test_two_series_of_one_file_stay_two_invoices(cast: Cast, tmp_path: Path) -> None:
    batch = put(tmp_path, facturae(invoices=(("A", "1", "100.00"), ("B", "1", "100.00"), ("", "2", "5.00"))))
    assert numbers(bring(cast.entity, batch)) == (3, 0, 0, 0)
    assert set(Invoice.objects.values_list("number", flat=True)) == {"1", "B/1", "2"}
    assert bring(cast.entity, batch).unchanged == 3
    other = put(tmp_path, facturae(invoices=(("B", "1", "100.00"),), day="2026-02-09"), "other.xml")
    assert [code for _line, code in codes(bring(cast.entity, other))] == ["facts_differ"]


def test_the_buyer_is_known_with_or_without_the_country_before_the_tax_id(cast: Cast, tmp_path: Path) -> None:
    bring(cast.entity, put(tmp_path, cii()))
    bring(cast.entity, put(tmp_path, facturae()))
    assert Customer.objects.filter(entity=cast.entity, tax_id__endswith="B76543214").count() == 1
    assert Invoice.objects.filter(customer__tax_id="ESB76543214").count() == 2


def test_a_tax_id_that_cannot_be_right_gets_a_word(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, facturae(nif="B76543215")))
    assert (numbers(result), "tax_id_looks_wrong" in words(result)) == (ONE, True)


def test_a_fatturapa_is_read_whole(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, put(tmp_path, fatturapa(numbers=("F-1", "F-2"))))
    assert (result.format, numbers(result), result.totals) == (
        "fatturapa",
        (2, 0, 0, 0),
        {"EUR": Decimal("244.00")},
    )
    invoice = Invoice.objects.get(number="F-1")
    assert (invoice.due_on, invoice.customer.name, invoice.customer.tax_id) == (
        date(2026, 3, 3),
        "Mario Rossi",
        "RSSMRA80A01H501U",
    )


@pytest.mark.parametrize(
    ("text", "amount", "paid", "word"),
    [
        (fatturapa(general=""), "122.00", "0.00", "total_computed"),
        (
            fatturapa(due="S", payment="<ImportoPagamento>100.00</ImportoPagamento>"),
            "122.00",
            "22.00",
            "withheld_as_paid",
        ),
        (
            fatturapa(
                general="<DatiRitenuta><ImportoRitenuta>20.00</ImportoRitenuta></DatiRitenuta>"
                "<ImportoTotaleDocumento>122.00</ImportoTotaleDocumento>",
                payment="<ImportoPagamento>102.00</ImportoPagamento>",
            ),
            "122.00",
            "20.00",
            "withheld_as_paid",
        ),
        (
            fatturapa(
                general="<DatiBollo><ImportoBollo>2.00</ImportoBollo></DatiBollo>"
                "<ImportoTotaleDocumento>124.00</ImportoTotaleDocumento>"
            ),
            "124.00",
            "0.00",
            "",
        ),
        (fatturapa().replace("</p:FatturaElettronica>", ""), "122.00", "0.00", "last_tag_missing"),
    ],
    ids=["no-total", "split-payment", "withholding", "stamp", "last-tag"],
)
def test_what_italy_adds_and_withholds(
    cast: Cast, tmp_path: Path, text: str, amount: str, paid: str, word: str
) -> None:
    result = bring(cast.entity, put(tmp_path, text))
    assert numbers(result) == ONE, result.rejects
    invoice = Invoice.objects.get(number="F-1")
    assert (invoice.amount, invoice.allocated) == (Decimal(amount), Decimal(paid))
    assert not word or word in words(result)


def test_an_italian_credit_note_is_one_whatever_its_sign(cast: Cast, tmp_path: Path) -> None:
    bring(cast.entity, put(tmp_path, fatturapa(kind="TD04")))
    assert Invoice.objects.get(number="F-1").kind == "credit_note"
