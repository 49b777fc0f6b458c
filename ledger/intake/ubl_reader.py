"""Reads UBL 2.1 invoices and credit notes: EN 16931, Peppol BIS 3, XRechnung.

Business terms (BT-n) are those of EN 16931-1. The document's own totals must add up to what is stored.
"""

from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.intake.documents import MAX_NAME, BadCell, DocumentLine, NoticeBook, Party, Unreadable
from ledger.intake.einvoice import CREDIT_TYPES, Attachment, EFile, Sheet, currency_of, read_sheets
from ledger.intake.einvoice_files import attachment
from ledger.intake.einvoice_terms import due_by_words
from ledger.intake.einvoice_totals import Totals, agree, check_payable
from ledger.intake.xml_fields import (
    ZERO,
    all_at,
    amount_at,
    date_at,
    decimal_of,
    first_at,
    line_of,
    outermost,
    sum_at,
    text_at,
    words_of,
)
from ledger.intake.xml_safe import local_name

ROOTS = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "CreditNote",
}
TOTAL = "LegalMonetaryTotal|RequestedMonetaryTotal"
LINES = "InvoiceLine|CreditNoteLine"
# What people write where an order number is demanded and there is none.
NO_ORDER = frozenset({"n/a", "na", "-", "none", "null", "not applicable"})


def read_ubl(root: etree._Element, notices: NoticeBook) -> EFile:
    """The documents of one XML. A document that contradicts itself comes as a reject with the difference."""
    documents = outermost(root, is_ubl)
    if not documents:
        code, params = _other(root)
        raise Unreadable(code, line_of(root), 0, **params)
    return read_sheets(documents, _sheet, _glance, notices)


def is_ubl(element: etree._Element) -> bool:
    """Whether the element is an invoice or credit note, alone or inside an envelope."""
    return isinstance(element.tag, str) and ROOTS.get(etree.QName(element).namespace or "") == local_name(
        element
    )


def _other(root: etree._Element) -> tuple[str, dict[str, str]]:
    """Why an XML without UBL document cannot be read."""
    name = local_name(root)
    if name == "SCRDMCCBDACIOMessageStructure" or name == "Order":
        return "an_order", {}
    return "unknown_xml", {"root": name}


def _glance(root: etree._Element) -> tuple[str, str, str]:
    total = first_at(root, TOTAL)
    stated = text_at(total, "TaxInclusiveAmount", "PayableAmount")
    return text_at(root, "ID"), stated, text_at(root, "DocumentCurrencyCode").upper()


def _sheet(root: etree._Element, notices: NoticeBook) -> Sheet:
    currency = currency_of(root, text_at(root, "DocumentCurrencyCode"), "DocumentCurrencyCode")
    issued = date_at(root, "IssueDate")
    total = first_at(root, TOTAL)
    if total is None:
        raise BadCell("not_in_document", field="amount", line=line_of(root))
    totals = _totals(root, total, currency)
    prepaid = amount_at(total, "PrepaidAmount")
    check_payable(
        where=total,
        gross=totals.gross,
        prepaid=prepaid,
        rounding=amount_at(total, "PayableRoundingAmount"),
        payable=amount_at(total, "PayableAmount"),
        notices=notices,
    )
    kind = text_at(root, "InvoiceTypeCode", "CreditNoteTypeCode")
    return Sheet(
        element=root,
        number=text_at(root, "ID"),
        issued_on=issued,
        due_on=_due(root, issued, notices),
        currency=currency,
        totals=totals,
        credit=local_name(root) == "CreditNote" or kind in CREDIT_TYPES,
        customer=_party(first_at(root, "AccountingCustomerParty/Party")),
        seller=_party(first_at(root, "AccountingSupplierParty/Party")),
        order=_order(root),
        corrects=text_at(root, "BillingReference/InvoiceDocumentReference|CreditNoteDocumentReference/ID"),
        paid=prepaid,
        lines=[_line(line) for line in all_at(root, LINES)],
        attachments=_attachments(root),
    )


def _totals(root: etree._Element, total: etree._Element, currency: str) -> Totals:
    """Gross, net and tax, checked: lines to net (BR-CO-10 and 13), net and tax to gross (BR-CO-15)."""
    lines = all_at(root, LINES)
    said_lines = amount_at(total, "LineExtensionAmount")
    net, gross = amount_at(total, "TaxExclusiveAmount"), amount_at(total, "TaxInclusiveAmount")
    if gross is None:
        gross = amount_at(total, "PayableAmount")
    if gross is None:
        raise BadCell("not_in_document", field="amount", line=line_of(total))
    summed = sum((amount_at(line, "LineExtensionAmount") or ZERO for line in lines), ZERO)
    if lines and said_lines is not None:
        agree("LineExtensionAmount", said_lines, summed, total)
    base = said_lines if said_lines is not None else summed
    base -= amount_at(total, "AllowanceTotalAmount") or ZERO
    base += amount_at(total, "ChargeTotalAmount") or ZERO
    if net is None:
        net = base
    elif said_lines is not None:
        agree("TaxExclusiveAmount", net, base, total)
    tax = _tax(root, currency)
    if tax is None:
        tax = gross - net
    agree("TaxInclusiveAmount", gross, net + tax, total)
    return Totals(net, tax, gross)


def _tax(root: etree._Element, currency: str) -> Decimal | None:
    """The tax total in the document's currency (BT-110); a second one in the accounting currency is left out."""
    amounts = [node for node in all_at(root, "TaxTotal/TaxAmount") if words_of(node)]
    own = [node for node in amounts if node.get("currencyID", currency).upper() == currency]
    for node in own:
        above = node.getparent()
        if above is not None and len(own) == 1 and all_at(above, "TaxSubtotal/TaxAmount"):
            agree("TaxAmount", decimal_of(node), sum_at(above, "TaxSubtotal/TaxAmount"), node)
    held = sum_at(root, "WithholdingTaxTotal/TaxAmount")
    return sum((decimal_of(node) for node in own), ZERO) - held if own else None


def _due(root: etree._Element, issued: date | None, notices: NoticeBook) -> date | None:
    """BT-9, else the payment means' date, else the earliest instalment, else what the terms (BT-20) say in words."""
    found = date_at(root, "DueDate", "PaymentMeans/PaymentDueDate")
    if found:
        return found
    instalments = [day for node in all_at(root, "PaymentTerms") if (day := _instalment(node))]
    if len(instalments) > 1:
        notices.add("instalments", line_of(root))
    if instalments:
        return min(instalments)
    return due_by_words("\n".join(node.text or "" for node in all_at(root, "PaymentTerms/Note")), issued)


def _instalment(terms: etree._Element) -> date | None:
    return date_at(terms, "PaymentDueDate", "InstallmentDueDate")


def _order(root: etree._Element) -> str:
    """The buyer's order (BT-13), else the buyer reference (BT-10), else the contract (BT-12)."""
    order = text_at(root, "OrderReference/ID")
    if order and order.lower() not in NO_ORDER:
        return order
    return text_at(root, "BuyerReference", "ContractDocumentReference/ID")


def _line(line: etree._Element) -> DocumentLine:
    """A line; `position` holds the place in the file until the lines are numbered."""
    quantity = first_at(line, "InvoicedQuantity|CreditedQuantity")
    base = amount_at(line, "Price/BaseQuantity") or Decimal(1)
    price = amount_at(line, "Price/PriceAmount")
    return DocumentLine(
        line_of(line),
        text_at(line, "Item/Name", "Item/Description", "Note"),
        decimal_of(quantity) if quantity is not None and words_of(quantity) else None,
        (quantity.get("unitCode") or "") if quantity is not None else "",
        price / base if price is not None else None,
        amount_at(line, "LineExtensionAmount") or ZERO,
        amount_at(line, "Item/ClassifiedTaxCategory/Percent"),
    )


def _party(party: etree._Element | None) -> Party:
    """BT-44 ff. for the buyer, BT-27 ff. for the seller. `code` stays empty: it belongs to our ERP."""
    if party is None:
        return Party()
    endpoint = first_at(party, "EndpointID")
    scheme, address = (
        (endpoint.get("schemeID") or "", words_of(endpoint)) if endpoint is not None else ("", "")
    )
    identification = text_at(party, "PartyIdentification/ID", "PartyLegalEntity/CompanyID")
    country = text_at(party, "PostalAddress/Country/IdentificationCode").upper()
    # The name that people know it by comes first; the legal one may be that of a holding.
    name = text_at(party, "PartyName/Name", "PartyLegalEntity/RegistrationName", "Contact/Name")
    return Party(
        (name or _person(party))[:MAX_NAME],
        "",
        _tax_id(party)[:40],
        ((f"{scheme}:{address}".strip(":") if address else "") or identification)[:120],
        country if len(country) == 2 else "",
        text_at(party, "Contact/ElectronicMail")[:254],
    )


def _person(party: etree._Element) -> str:
    names = (text_at(party, f"Person/{part}") for part in ("FirstName", "FamilyName"))
    return " ".join(name for name in names if name)


def _tax_id(party: etree._Element) -> str:
    """The VAT number, else whatever number the tax scheme without a name has."""
    schemes = all_at(party, "PartyTaxScheme")
    ids = {
        text_at(scheme, "TaxScheme/ID").upper(): text_at(scheme, "CompanyID") for scheme in reversed(schemes)
    }
    return ids.get("VAT") or ids.get("") or ""


def _attachments(root: etree._Element) -> list[Attachment]:
    nodes = all_at(root, "AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject")
    found = (attachment(node, node.get("filename") or "", node.get("mimeCode") or "") for node in nodes)
    return [one for one in found if one]
