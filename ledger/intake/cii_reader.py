"""Reads CII: UN/CEFACT Cross Industry Invoice (D16B, D22B: XRechnung, Factur-X, ZUGFeRD 2), ZUGFeRD 1.0 and its drafts.

The three generations have other namespaces and prefixes, and partly other names for the same thing; paths name both.
Business terms (BT-n) are those of EN 16931-1. Profiles MINIMUM and BASIC WL have no lines.
"""

from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.intake.cii_lines import checked_lines
from ledger.intake.cii_parts import attachments, party
from ledger.intake.documents import BadCell, NoticeBook, Unreadable
from ledger.intake.einvoice import CREDIT_TYPES, EFile, Sheet, currency_of, read_sheets
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

DRAFT = "urn:un:unece:uncefact:data:standard:CBFBUY:5"
ROOTS = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})
HEAD = "ExchangedDocument|HeaderExchangedDocument"
DEAL = "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
AGREED = "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
SETTLED = "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
TOTAL = "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
LINES = "IncludedSupplyChainTradeLineItem"
ASSIGNED = "IssuerAssignedID|ID"


def is_cii(element: etree._Element) -> bool:
    """Whether the element is such an invoice, alone or inside an envelope."""
    name = local_name(element)
    return name in ROOTS or (name == "Invoice" and etree.QName(element).namespace == DRAFT)


def read_cii(root: etree._Element, notices: NoticeBook) -> EFile:
    """The invoices of one XML. One that contradicts itself comes as a reject with the difference."""
    found = outermost(root, is_cii)
    if not found:
        raise Unreadable("unknown_xml", line_of(root), 0, root=local_name(root))
    return read_sheets(found, _sheet, _glance, notices)


def _glance(root: etree._Element) -> tuple[str, str, str]:
    stated = text_at(root, f"{DEAL}/{SETTLED}/{TOTAL}/GrandTotalAmount")
    return text_at(root, f"{HEAD}/ID"), stated, text_at(root, f"{DEAL}/{SETTLED}/InvoiceCurrencyCode")


def _sheet(root: etree._Element, notices: NoticeBook) -> Sheet:
    head, deal = first_at(root, HEAD), first_at(root, DEAL)
    agreed, settled = first_at(deal, AGREED), first_at(deal, SETTLED)
    total = first_at(settled, TOTAL)
    if head is None or deal is None or agreed is None or settled is None or total is None:
        raise BadCell("not_in_document", field="amount" if head is not None else "number", line=line_of(root))
    currency = _currency(settled, total, notices)
    totals = _totals(settled, total, currency)
    lines = checked_lines(all_at(deal, LINES), total, first=is_first_generation(root), notices=notices)
    issued = date_at(head, "IssueDateTime/DateTimeString|DateTime|Date", "IssueDateTime")
    prepaid = amount_at(total, "TotalPrepaidAmount")
    check_payable(
        where=total,
        gross=totals.gross,
        prepaid=prepaid,
        rounding=amount_at(total, "RoundingAmount"),
        payable=amount_at(total, "DuePayableAmount"),
        notices=notices,
    )
    return Sheet(
        element=root,
        number=text_at(head, "ID"),
        issued_on=issued,
        due_on=_due(settled, issued, notices),
        currency=currency,
        totals=totals,
        credit=text_at(head, "TypeCode") in CREDIT_TYPES,
        customer=party(first_at(agreed, "BuyerTradeParty")),
        seller=party(first_at(agreed, "SellerTradeParty")),
        order=_order(agreed),
        corrects=text_at(settled, f"InvoiceReferencedDocument/{ASSIGNED}"),
        paid=prepaid,
        lines=lines,
        attachments=attachments(agreed),
    )


def _currency(settled: etree._Element, total: etree._Element, notices: NoticeBook) -> str:
    """BT-5; some early files leave it empty and name it at the amounts only."""
    code = text_at(settled, "InvoiceCurrencyCode")
    grand = first_at(total, "GrandTotalAmount")
    if not code and grand is not None:
        code = grand.get("currencyID") or ""
        if code:
            notices.add("currency_from_amounts", line_of(grand), currency=code)
    return currency_of(settled, code, "InvoiceCurrencyCode")


def is_first_generation(root: etree._Element) -> bool:
    """ZUGFeRD 1.0 and its drafts: their rules are older than EN 16931 and let lines be less exact."""
    return local_name(root) != "CrossIndustryInvoice"


def _totals(settled: etree._Element, total: etree._Element, currency: str) -> Totals:
    """Gross, net and tax, checked: sum of lines to net (BR-CO-13), net and tax to gross (BR-CO-15)."""
    said_lines = amount_at(total, "LineTotalAmount")
    net, gross = amount_at(total, "TaxBasisTotalAmount"), amount_at(total, "GrandTotalAmount")
    if gross is None:
        raise BadCell("not_in_document", field="amount", line=line_of(total))
    if said_lines is not None:
        allowances = amount_at(total, "AllowanceTotalAmount") or ZERO
        base = said_lines - allowances + (amount_at(total, "ChargeTotalAmount") or ZERO)
        if net is None:
            net = base
        agree("TaxBasisTotalAmount", net, base, total)
    tax = _tax(settled, total, currency)
    if net is None:
        net = gross - (tax or ZERO)
    if tax is None:
        tax = gross - net
    agree("GrandTotalAmount", gross, net + tax, total)
    return Totals(net, tax, gross)


def _tax(settled: etree._Element, total: etree._Element, currency: str) -> Decimal | None:
    """The tax total in the document's currency (BT-110), not that in the accounting currency (BT-111)."""
    amounts = [node for node in all_at(total, "TaxTotalAmount") if words_of(node)]
    own = [node for node in amounts if (node.get("currencyID") or "").upper() == currency]
    taxes = "ApplicableTradeTax/CalculatedAmount"
    if len(own) == 1 and all_at(settled, taxes):
        agree("TaxTotalAmount", decimal_of(own[0]), sum_at(settled, taxes), own[0])
    if own:
        return sum((decimal_of(node) for node in own), ZERO)
    bare = [node for node in amounts if not node.get("currencyID")]
    if bare:
        return decimal_of(bare[0])
    return sum_at(settled, taxes) if all_at(settled, taxes) else None


def _due(settled: etree._Element, issued: date | None, notices: NoticeBook) -> date | None:
    """BT-9; of several instalments the earliest; else what the terms (BT-20) say in words."""
    terms = all_at(settled, "SpecifiedTradePaymentTerms")
    path = "DueDateDateTime/DateTimeString|DateTime|Date", "DueDateDateTime"
    # A date that only ends a cash discount is not when the invoice is due.
    net = [term for term in terms if first_at(term, "ApplicableTradePaymentDiscountTerms") is None] or terms
    dates = sorted({day for term in net if (day := date_at(term, *path))})
    if len(dates) > 1:
        notices.add("instalments", line_of(settled))
    if dates:
        return dates[0]
    words = [node.text or "" for term in terms for node in all_at(term, "Description")]
    return due_by_words("\n".join(words), issued)


def _order(agreed: etree._Element) -> str:
    """The buyer's order (BT-13), else the buyer reference (BT-10), else the contract (BT-12)."""
    return text_at(
        agreed,
        f"BuyerOrderReferencedDocument/{ASSIGNED}",
        "BuyerReference",
        f"ContractReferencedDocument/{ASSIGNED}",
    )
