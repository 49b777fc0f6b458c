"""Lines of a CII invoice, checked against the sum that the document states (BR-CO-10)."""

from dataclasses import replace
from decimal import Decimal

from lxml import etree

from ledger.intake.documents import DocumentLine, NoticeBook
from ledger.intake.einvoice_totals import CENT, agree
from ledger.intake.xml_fields import (
    ZERO,
    amount_at,
    decimal_of,
    first_at,
    line_of,
    text_at,
    words_of,
)
from lib.money import q

AGREED = "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement"
DELIVERED = "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery"
SETTLED = "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement"
TOTAL = "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
# Lines of the profile EXTENDED that only group or explain others and are in no total.
NOT_SUMMED = frozenset({"GROUP", "INFORMATION"})


def checked_lines(
    items: list[etree._Element], total: etree._Element, *, first: bool, notices: NoticeBook
) -> list[DocumentLine]:
    """The lines. Raises BadCell when they do not add up; `first`: by the looser rules of ZUGFeRD 1.0."""
    lines = [_line(item) for item in items]
    stated = amount_at(total, "LineTotalAmount")
    counted = [line for line, item in zip(lines, items, strict=True) if _is_summed(item)]
    if stated is None or not counted:
        return lines
    summed = sum((line.net for line in counted), ZERO)
    if not first or summed == stated:
        agree("LineTotalAmount", stated, summed, total)
        return lines
    within = CENT / 2 * len(counted)
    bare = [replace(line, net=_without_tax(line)) for line in lines]
    if abs(sum((line.net for line in bare), ZERO) - stated) <= within and abs(summed - stated) > within:
        notices.add("lines_with_tax", line_of(total))
        return bare
    agree("LineTotalAmount", stated, summed, total, within)
    notices.add("lines_rounded", line_of(total))
    return lines


def _is_summed(item: etree._Element) -> bool:
    """Whether the line has an amount that is in the total."""
    status = text_at(item, "AssociatedDocumentLineDocument/LineStatusReasonCode").upper()
    return status not in NOT_SUMMED and first_at(item, f"{SETTLED}/{TOTAL}/LineTotalAmount") is not None


def _without_tax(line: DocumentLine) -> Decimal:
    """The line's amount less its tax, where a file states lines with tax."""
    return q(line.net / (1 + (line.tax_rate or ZERO) / 100)) if (line.tax_rate or ZERO) > -100 else line.net


def _line(item: etree._Element) -> DocumentLine:
    """A line; `position` holds the place in the file until the lines are numbered."""
    quantity = first_at(item, f"{DELIVERED}/BilledQuantity")
    price = first_at(item, f"{AGREED}/NetPriceProductTradePrice", f"{AGREED}/GrossPriceProductTradePrice")
    charged = amount_at(price, "ChargeAmount")
    base = amount_at(price, "BasisQuantity") or Decimal(1)
    note = text_at(item, "AssociatedDocumentLineDocument/IncludedNote/Content")
    return DocumentLine(
        line_of(item),
        text_at(item, "SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description") or note,
        decimal_of(quantity) if quantity is not None and words_of(quantity) else None,
        (quantity.get("unitCode") or "") if quantity is not None else "",
        charged / base if charged is not None else None,
        amount_at(item, f"{SETTLED}/{TOTAL}/LineTotalAmount") or ZERO,
        amount_at(
            item,
            f"{SETTLED}/ApplicableTradeTax/RateApplicablePercent",
            f"{SETTLED}/ApplicableTradeTax/ApplicablePercent",
        ),
    )
