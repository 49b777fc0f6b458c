"""Reads UBL 2.1 invoices and credit notes: EN 16931, Peppol BIS 3, XRechnung.

Business terms (BT-n) are those of EN 16931-1. The document's own totals must add up to what is stored.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from lxml import etree

from ledger.intake.amounts import CURRENCIES
from ledger.intake.documents import (
    CREDIT_NOTE,
    INVOICE,
    MAX_AMOUNT,
    MAX_NAME,
    MAX_NUMBER,
    MAX_REFERENCE,
    MAX_TEXT,
    BadCell,
    Chunk,
    Document,
    DocumentLine,
    NoticeBook,
    Party,
    Reject,
    Unreadable,
)
from ledger.intake.ubl_fields import all_of, amount_of, date_of, decimal_of, line_of, one_of, text_of
from ledger.intake.xml_safe import local_name, parse_xml
from lib.money import q

ROOTS = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "CreditNote",
}
CREDIT_TYPES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
TERMS = re.compile(
    r"(\d{1,3})\s*(?:calendar\s+)?(?:days?|tagen?|jours?|d[ií]as?|giorni|dagen|dagar|dage|p[äa]iv)",
    re.IGNORECASE,
)
ZERO = Decimal(0)


def read_ubl(path: Path, notices: NoticeBook) -> Chunk:
    """The documents of one XML file. A document that contradicts itself comes as a reject with the difference."""
    root = parse_xml(path)
    chunk = Chunk()
    documents = [element for element in root.iter() if _is_document(element)]
    if not documents:
        code, params = _other(root)
        raise Unreadable(code, line_of(root), 0, **params)
    for element in documents:
        try:
            chunk.documents.append(_document(element, notices))
        except BadCell as bad:
            stated, currency = _stated(element)
            raw = (text_of(element, "cbc:ID"), str(stated) if stated is not None else "", currency)
            params = {"value": "", **bad.params}
            line = int(params.pop("line", 0)) or line_of(element)
            column = str(params.pop("column", ""))
            chunk.rejects.append(Reject(line, bad.code, column, params, raw, stated, currency))
    return chunk


def _is_document(element: etree._Element) -> bool:
    return (
        isinstance(element.tag, str)
        and etree.QName(element).namespace in ROOTS
        and (local_name(element) in ROOTS.values())
    )


def _other(root: etree._Element) -> tuple[str, dict[str, str]]:
    """Why an XML without UBL document cannot be read: another e-invoice, or something else."""
    name = local_name(root)
    formats = {
        "CrossIndustryInvoice": "CII",
        "CrossIndustryDocument": "ZUGFeRD 1.0",
        "Facturae": "Facturae",
        "FatturaElettronica": "FatturaPA",
        "ApplicationResponse": "UBL ApplicationResponse",
    }
    if name in formats:
        return "other_einvoice", {"format": formats[name]}
    return "unknown_xml", {"root": name}


def _document(root: etree._Element, notices: NoticeBook) -> Document:
    number, currency, total = _head(root)
    gross, net, tax = _totals(root, total, currency)
    if not gross:
        raise BadCell("zero_amount", line=line_of(total), column="TaxInclusiveAmount")
    credit = local_name(root) == "CreditNote" or text_of(root, "cbc:InvoiceTypeCode") in CREDIT_TYPES
    if gross < 0 and not credit:
        notices.add("negative_is_credit_note", line_of(root))
    kind = CREDIT_NOTE if credit or gross < 0 else INVOICE
    issued = date_of(root, "cbc:IssueDate")
    customer = _party(one_of(root, "cac:AccountingCustomerParty/cac:Party"))
    if issued is None or not customer.known:
        raise BadCell("missing", field="customer" if issued else "issued_on", line=line_of(root))
    paid = _paid(total, gross, notices) if kind == INVOICE else None
    return Document(
        line_of(root),
        kind,
        number,
        issued,
        _due(root, issued),
        abs(gross),
        abs(net),
        abs(tax),
        currency,
        customer,
        _order(root)[:MAX_REFERENCE],
        text_of(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID")[:MAX_NUMBER],
        "",
        paid,
        issued if paid else None,
        gross,
        _lines(root, -1 if gross < 0 else 1),
        _party(one_of(root, "cac:AccountingSupplierParty/cac:Party")),
        (number, str(gross), currency),
    )


def _head(root: etree._Element) -> tuple[str, str, etree._Element]:
    """The number, the currency and the element of the totals."""
    total = one_of(root, "cac:LegalMonetaryTotal")
    currency = text_of(root, "cbc:DocumentCurrencyCode").upper()
    if currency not in CURRENCIES:
        raise BadCell("not_a_currency", value=currency, line=line_of(root), column="DocumentCurrencyCode")
    number = text_of(root, "cbc:ID")
    if not number or total is None:
        raise BadCell("missing", field="amount" if number else "number", line=line_of(root))
    if len(number) > MAX_NUMBER:
        raise BadCell("cell_too_long", length=len(number), limit=MAX_NUMBER, column="ID")
    return number, currency, total


def _totals(root: etree._Element, total: etree._Element, currency: str) -> tuple[Decimal, Decimal, Decimal]:
    """Gross, net and tax, checked: lines to net (BR-CO-10 and 13), net and tax to gross (BR-CO-15)."""
    lines = [amount_of(line, "cbc:LineExtensionAmount") or ZERO for line in _invoice_lines(root)]
    said_lines = amount_of(total, "cbc:LineExtensionAmount")
    net, gross = amount_of(total, "cbc:TaxExclusiveAmount"), amount_of(total, "cbc:TaxInclusiveAmount")
    if gross is None:
        gross = amount_of(total, "cbc:PayableAmount")
    if gross is None:
        raise BadCell("missing", field="amount", line=line_of(total))
    if lines and said_lines is not None:
        _agree("LineExtensionAmount", said_lines, sum(lines, ZERO), total)
    allowances = amount_of(total, "cbc:AllowanceTotalAmount") or ZERO
    charges = amount_of(total, "cbc:ChargeTotalAmount") or ZERO
    base = said_lines if said_lines is not None else sum(lines, ZERO)
    if net is None:
        net = base - allowances + charges
    elif said_lines is not None:
        _agree("TaxExclusiveAmount", net, base - allowances + charges, total)
    tax = _tax(root, currency)
    if tax is None:
        tax = gross - net
    _agree("TaxInclusiveAmount", gross, net + tax, total)
    for name, value in (("TaxInclusiveAmount", gross), ("TaxExclusiveAmount", net), ("TaxAmount", tax)):
        if abs(value) > MAX_AMOUNT:
            raise BadCell("amount_too_large", value=str(value), line=line_of(total), column=name)
        _agree(name, value, q(value, currency), total)
    return q(gross, currency), q(net, currency), q(tax, currency)


def _agree(what: str, stated: Decimal, computed: Decimal, where: etree._Element) -> None:
    if stated != computed:
        difference = abs(stated - computed)
        raise BadCell(
            "totals_differ",
            what=what,
            stated=str(stated),
            computed=str(computed),
            difference=str(difference),
            line=line_of(where),
            column=what,
        )


def _tax(root: etree._Element, currency: str) -> Decimal | None:
    """The tax total in the document's currency (BT-110); a second one in the accounting currency is left out."""
    amounts = all_of(root, "cac:TaxTotal/cbc:TaxAmount")
    own = [node for node in amounts if node.get("currencyID", currency).upper() == currency]
    return sum((decimal_of(node) for node in own), ZERO) if own else None


def _paid(total: etree._Element, gross: Decimal, notices: NoticeBook) -> Decimal | None:
    """What was prepaid (BT-113). Prepayments that the ledger cannot place get a word."""
    prepaid = amount_of(total, "cbc:PrepaidAmount") or ZERO
    payable = amount_of(total, "cbc:PayableAmount")
    if payable is not None and payable != gross - max(prepaid, ZERO):
        notices.add("asks_for_other_amount", line_of(total))
    if prepaid > max(gross, ZERO):
        notices.add("paid_more_left_out", line_of(total))
        return None
    return prepaid if prepaid > 0 else None


def _due(root: etree._Element, issued: date) -> date | None:
    """BT-9, else the payment means' date, else the days that the payment terms (BT-20) name."""
    for path in ("cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate", "cac:PaymentTerms/cbc:PaymentDueDate"):
        found = date_of(root, path)
        if found:
            return found
    notes = " ".join(node.text or "" for node in all_of(root, "cac:PaymentTerms/cbc:Note"))
    days = [int(found) for found in TERMS.findall(notes)]
    return issued + timedelta(days=max(days)) if days else None


def _order(root: etree._Element) -> str:
    """The buyer's order (BT-13), else the buyer reference (BT-10)."""
    order = text_of(root, "cac:OrderReference/cbc:ID")
    return order if order and order.lower() != "n/a" else text_of(root, "cbc:BuyerReference")


def _invoice_lines(root: etree._Element) -> list[etree._Element]:
    return all_of(root, "cac:InvoiceLine") + all_of(root, "cac:CreditNoteLine")


def _lines(root: etree._Element, sign: int) -> tuple[DocumentLine, ...]:
    """The lines, with signs turned when the whole document is negative."""
    made = []
    for position, line in enumerate(_invoice_lines(root), start=1):
        quantity = all_of(line, "cbc:InvoicedQuantity") + all_of(line, "cbc:CreditedQuantity")
        name, description = text_of(line, "cac:Item/cbc:Name"), text_of(line, "cac:Item/cbc:Description")
        base = amount_of(line, "cac:Price/cbc:BaseQuantity") or Decimal(1)
        price = amount_of(line, "cac:Price/cbc:PriceAmount")
        made.append(
            DocumentLine(
                position,
                (name or description)[:MAX_TEXT],
                decimal_of(quantity[0]) * sign if quantity else None,
                (quantity[0].get("unitCode") or "")[:20] if quantity else "",
                price / base if price is not None and base else None,
                q((amount_of(line, "cbc:LineExtensionAmount") or ZERO) * sign),
                amount_of(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"),
            )
        )
    return tuple(made)


def _party(party: etree._Element | None) -> Party:
    """BT-44 ff. for the buyer, BT-27 ff. for the seller. `code` stays empty: it belongs to our ERP."""
    if party is None:
        return Party()
    tax_ids = all_of(party, "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID")
    endpoints = all_of(party, "cbc:EndpointID")
    legal = text_of(party, "cac:PartyLegalEntity/cbc:RegistrationName")
    name = legal or text_of(party, "cac:PartyName/cbc:Name") or text_of(party, "cac:Contact/cbc:Name")
    scheme = (endpoints[0].get("schemeID") or "") if endpoints else ""
    address = " ".join((endpoints[0].text or "").split()) if endpoints else ""
    identification = text_of(party, "cac:PartyIdentification/cbc:ID") or text_of(
        party, "cac:PartyLegalEntity/cbc:CompanyID"
    )
    country = text_of(party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode").upper()
    return Party(
        name[:MAX_NAME],
        "",
        " ".join((tax_ids[0].text or "").split())[:40] if tax_ids else "",
        (f"{scheme}:{address}".strip(":") or identification)[:120],
        country if len(country) == 2 else "",
        text_of(party, "cac:Contact/cbc:ElectronicMail")[:254],
    )


def _stated(root: etree._Element) -> tuple[Decimal | None, str]:
    """The total as far as it can be read, for the list of rejects."""
    currency = text_of(root, "cbc:DocumentCurrencyCode").upper()
    try:
        return amount_of(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"), currency
    except BadCell:
        return None, currency
