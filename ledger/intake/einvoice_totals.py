"""The totals of an e-invoice: they must add up, or the document is refused with the difference."""

from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from ledger.intake.documents import MAX_AMOUNT, BadCell, NoticeBook
from ledger.intake.xml_fields import ZERO, line_of
from lib.money import q

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Totals:
    """Net, tax and gross as the document states them, exact; net and tax are the gross."""

    net: Decimal
    tax: Decimal
    gross: Decimal

    def rounded(self, currency: str, line: int) -> "Totals":
        """The totals in the decimals of the currency. Raises BadCell when that would change them."""
        for name, value in (("gross", self.gross), ("net", self.net), ("tax", self.tax)):
            if abs(value) > MAX_AMOUNT:
                raise BadCell("amount_too_large", value=str(value), line=line, column=name)
            if value != q(value, currency):
                raise BadCell(
                    "finer_than_currency", value=str(value), currency=currency, line=line, column=name
                )
        return Totals(q(self.net, currency), q(self.tax, currency), q(self.gross, currency))


def agree(
    what: str, stated: Decimal, computed: Decimal, where: etree._Element, within: Decimal = ZERO
) -> None:
    """Raise BadCell with the difference unless the two are the same, or as near as the standard allows."""
    difference = abs(stated - computed)
    if difference > within:
        raise BadCell(
            "totals_differ",
            what=what,
            stated=str(stated),
            computed=str(computed),
            difference=str(difference),
            line=line_of(where),
            column=what,
        )


def check_payable(
    *,
    where: etree._Element,
    gross: Decimal,
    prepaid: Decimal | None,
    rounding: Decimal | None,
    payable: Decimal | None,
    notices: NoticeBook,
) -> None:
    """A word when the document asks for something else than its total less what was paid."""
    if payable is None:
        return
    # A prepayment below zero is an older debt that the document asks for too.
    left = gross - max(prepaid or ZERO, ZERO)
    if payable == left:
        return
    if rounding and payable == left + rounding:
        notices.add("payable_rounded", line_of(where))
    else:
        notices.add("asks_for_other_amount", line_of(where))
