"""Reads Facturae 3.1, 3.2, 3.2.1 and 3.2.2, the format of Spain's public administration, also in batches and signed.

The total of the invoice (InvoiceTotal) has withheld taxes (IRPF) taken off already; it is what the customer owes, and
the `amount` of the ledger. `tax` is therefore taxes charged less taxes withheld. Subsidies and payments on account are
booked as paid. A guarantee that the customer holds back stays open: it is owed, only later.
"""

from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.intake.documents import MAX_NAME, BadCell, DocumentLine, NoticeBook, Party, Unreadable
from ledger.intake.einvoice import Attachment, EFile, Sheet, currency_of, read_sheets
from ledger.intake.einvoice_files import attachment
from ledger.intake.einvoice_totals import CENT, Totals, agree, check_payable
from ledger.intake.tax_ids import country_of, looks_wrong
from ledger.intake.xml_fields import (
    ZERO,
    all_at,
    amount_at,
    date_at,
    first_at,
    line_of,
    sum_at,
    text_at,
)
from ledger.intake.xml_safe import local_name
from lib.money import q

ROOT = "Facturae"
# What the format writes for a unit, in the codes of UN/ECE recommendation 20 that the other formats use.
UNITS = {
    "01": "C62",
    "02": "HUR",
    "03": "KGM",
    "04": "LTR",
    "06": "BX",
    "19": "MTR",
    "33": "KWH",
    "36": "DAY",
}
FORMATS = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def read_facturae(root: etree._Element, notices: NoticeBook) -> EFile:
    """The invoices of one file. One that contradicts itself comes as a reject with the difference."""
    files = [element for element in root.iter() if local_name(element) == ROOT]
    invoices = [invoice for file in files for invoice in all_at(file, "Invoices/Invoice")]
    if not invoices:
        raise Unreadable("no_invoice_inside", line_of(root), format=ROOT)
    if any(local_name(element) == "Signature" for element in root.iter()):
        notices.add("signature_not_checked", line_of(root))
    for file in files:
        _check_parties(file, notices)
    return read_sheets(invoices, _sheet, _glance, notices, whole=False)


def _glance(invoice: etree._Element) -> tuple[str, str, str]:
    return (
        text_at(invoice, "InvoiceHeader/InvoiceNumber"),
        text_at(invoice, "InvoiceTotals/InvoiceTotal"),
        text_at(invoice, "InvoiceIssueData/InvoiceCurrencyCode"),
    )


def _check_parties(file: etree._Element, notices: NoticeBook) -> None:
    """A word about a tax id that cannot be right; what is owed does not depend on it."""
    for name in ("SellerParty", "BuyerParty"):
        party = _party(first_at(file, f"Parties/{name}"))
        if party.country == "ES" and looks_wrong(party.tax_id, "ES"):
            notices.add("tax_id_looks_wrong", line_of(file), value=party.tax_id, name=party.name)


def _sheet(invoice: etree._Element, notices: NoticeBook) -> Sheet:
    header, data = first_at(invoice, "InvoiceHeader"), first_at(invoice, "InvoiceIssueData")
    total = first_at(invoice, "InvoiceTotals")
    if header is None or data is None or total is None:
        raise BadCell(
            "not_in_document", field="amount" if header is not None else "number", line=line_of(invoice)
        )
    parent = invoice.getparent()
    file = parent.getparent() if parent is not None else None
    code = text_at(data, "InvoiceCurrencyCode") or text_at(file, "FileHeader/Batch/InvoiceCurrencyCode")
    totals = _totals(invoice, total, notices)
    prepaid = _prepaid(total, notices)
    check_payable(
        where=total,
        gross=totals.gross,
        prepaid=prepaid,
        rounding=None,
        payable=_rounded(amount_at(total, "TotalExecutableAmount")),
        notices=notices,
    )
    return Sheet(
        element=invoice,
        number=text_at(header, "InvoiceNumber"),
        series=text_at(header, "InvoiceSeriesCode"),
        issued_on=date_at(data, "IssueDate"),
        due_on=_due(invoice, notices),
        currency=currency_of(data, code, "InvoiceCurrencyCode"),
        totals=totals,
        customer=_party(first_at(file, "Parties/BuyerParty")),
        seller=_party(first_at(file, "Parties/SellerParty")),
        order=_order(invoice),
        corrects=text_at(header, "Corrective/InvoiceNumber"),
        corrects_series=text_at(header, "Corrective/InvoiceSeriesCode"),
        stated=amount_at(total, "InvoiceTotal"),
        paid=prepaid,
        lines=[_line(line) for line in all_at(invoice, "Items/InvoiceLine")],
        attachments=_attachments(invoice),
    )


def _totals(invoice: etree._Element, total: etree._Element, notices: NoticeBook) -> Totals:
    """Checked: lines to the gross before discounts, discounts and charges to the base, taxes to the total."""
    gross = amount_at(total, "InvoiceTotal")
    if gross is None:
        raise BadCell("not_in_document", field="amount", line=line_of(total))
    lines = [amount_at(line, "GrossAmount") for line in all_at(invoice, "Items/InvoiceLine")]
    said = amount_at(total, "TotalGrossAmount")
    if said is not None and lines and None not in lines:
        # Lines have up to eight decimals and totals two: each line may be off by half a cent.
        fine = sum(1 for amount in lines if amount is not None and amount != amount.quantize(CENT))
        summed = sum((amount for amount in lines if amount is not None), ZERO)
        agree("TotalGrossAmount", said, summed, total, CENT / 2 * max(1, fine) if fine else ZERO)
    net = amount_at(total, "TotalGrossAmountBeforeTaxes")
    if said is not None:
        discounts, charges = (
            amount_at(total, "TotalGeneralDiscounts"),
            amount_at(total, "TotalGeneralSurcharges"),
        )
        base = said - (discounts or ZERO) + (charges or ZERO)
        if net is None:
            net = base
        agree("TotalGrossAmountBeforeTaxes", net, base, total, _fine(net, base))
    charged, held = amount_at(total, "TotalTaxOutputs"), amount_at(total, "TotalTaxesWithheld") or ZERO
    _check_taxes(invoice, total, charged, held)
    if net is None:
        net = gross - (charged or ZERO) + held
    if charged is None:
        charged = gross - net + held
    agree("InvoiceTotal", gross, net + charged - held, total, _fine(gross, net, charged, held))
    if held:
        notices.add("taxes_withheld", line_of(total))
    if _fine(gross, net):
        notices.add("rounded", line_of(total))
    return Totals(q(net), q(gross) - q(net), q(gross))


def _check_taxes(
    invoice: etree._Element, total: etree._Element, charged: Decimal | None, held: Decimal
) -> None:
    """The taxes in detail must be what the totals say, surcharges of equivalence among them."""
    taxes = all_at(invoice, "TaxesOutputs/Tax")
    detail = sum_at(invoice, "TaxesOutputs/Tax/TaxAmount/TotalAmount") + sum_at(
        invoice, "TaxesOutputs/Tax/EquivalenceSurchargeAmount/TotalAmount"
    )
    if taxes and charged is not None:
        agree("TotalTaxOutputs", charged, detail, total, _fine(charged, detail))
    if all_at(invoice, "TaxesWithheld/Tax"):
        detail = sum_at(invoice, "TaxesWithheld/Tax/TaxAmount/TotalAmount")
        agree("TotalTaxesWithheld", held, detail, total, _fine(held, detail))


def _fine(*amounts: Decimal) -> Decimal:
    """How far totals may be off each other: a cent when one has more decimals than cents, else nothing."""
    return CENT if any(amount != q(amount) for amount in amounts) else ZERO


def _rounded(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else q(amount)


def _prepaid(total: etree._Element, notices: NoticeBook) -> Decimal | None:
    """Subsidies and payments on account are paid; what is held back as a guarantee is still owed."""
    accounts = amount_at(total, "TotalPaymentsOnAccount")
    if accounts is None:
        accounts = sum_at(total, "PaymentsOnAccount/PaymentOnAccount/PaymentOnAccountAmount")
    paid = (
        accounts
        + sum_at(total, "Subsidies/Subsidy/SubsidyAmount")
        + sum_at(total, "PaymentInKind/PaymentInKindAmount")
    )
    if sum_at(total, "AmountsWithheld/WithholdingAmount"):
        notices.add("guarantee_held_back", line_of(total))
    return paid or None


def _due(invoice: etree._Element, notices: NoticeBook) -> date | None:
    """The earliest instalment: from that day on a part is late."""
    dates = [
        day
        for path in ("PaymentDetails/Installment",)
        for part in all_at(invoice, path)
        if (day := date_at(part, "InstallmentDueDate"))
    ]
    if len(dates) > 1:
        notices.add("instalments", line_of(invoice))
    return min(dates, default=None)


def _order(invoice: etree._Element) -> str:
    """The buyer's order, else its file, else the contract; of the first line that names one."""
    names = ("ReceiverTransactionReference", "FileReference", "ReceiverContractReference")
    return text_at(invoice, *(f"Items/InvoiceLine/{name}" for name in names))


def _line(line: etree._Element) -> DocumentLine:
    unit = text_at(line, "UnitOfMeasure")
    net = amount_at(line, "GrossAmount", "TotalCost")
    return DocumentLine(
        line_of(line),
        text_at(line, "ItemDescription"),
        amount_at(line, "Quantity"),
        UNITS.get(unit, unit),
        amount_at(line, "UnitPriceWithoutTax"),
        net or ZERO,
        amount_at(line, "TaxesOutputs/Tax/TaxRate"),
    )


def _party(party: etree._Element | None) -> Party:
    """A company or a person; their tax id as the file writes it."""
    if party is None:
        return Party()
    body = first_at(party, "LegalEntity|Individual")
    person = " ".join(
        part for part in (text_at(body, name) for name in ("Name", "FirstSurname", "SecondSurname")) if part
    )
    tax_id = text_at(party, "TaxIdentification/TaxIdentificationNumber")
    country = country_of(text_at(body, "AddressInSpain|OverseasAddress/CountryCode"))
    email = text_at(body, "ContactDetails/ElectronicMail")
    return Party(
        (text_at(body, "CorporateName") or person)[:MAX_NAME],
        "",
        tax_id[:40],
        "",
        country,
        email[:254] if "@" in email else "",
    )


def _attachments(invoice: etree._Element) -> list[Attachment]:
    found = []
    for node in all_at(invoice, "AdditionalData/RelatedDocuments/Attachment"):
        data = first_at(node, "AttachmentData")
        if data is None or text_at(node, "AttachmentEncoding").upper() not in {"", "BASE64"}:
            continue
        kind = text_at(node, "AttachmentFormat").lower()
        name = text_at(node, "AttachmentDescription") or f"attachment.{kind}"
        one = attachment(data, name, FORMATS.get(kind, ""))
        found += [one] if one else []
    return found
