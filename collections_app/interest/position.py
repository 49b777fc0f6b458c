"""Late interest of invoices as of a day: what may be claimed, what a dispute suspends, and why, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from collections_app.interest.facts import Facts, Paper, Parts, gather
from collections_app.interest.rates import RateBook
from collections_app.interest.rule import Explanation, Line, explain
from ledger.models import Invoice
from lib.money import ZERO


class Fee(StrEnum):
    """Where the flat sum of an invoice stands."""

    NONE = "none"
    DUE = "due"
    SUSPENDED = "suspended"
    CLAIMED = "claimed"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Position:
    """The interest of one invoice as of a day, not claimed or waived yet. All amounts in its currency.

    `waived`: a sum taken off the lines. `interest` = the lines less `waived`; with the flat sum it is `claimable`.
    """

    paper: Paper
    explanation: Explanation
    waived: Decimal
    fee_state: Fee
    flat_sum: Decimal

    @property
    def interest(self) -> Decimal:
        """What may be claimed of the interest."""
        return self.explanation.interest - self.waived

    @property
    def fee(self) -> Decimal:
        """The flat sum where it may be claimed."""
        return self.flat_sum if self.fee_state == Fee.DUE else ZERO

    @property
    def claimable(self) -> Decimal:
        """Interest and flat sum that may be claimed."""
        return self.interest + self.fee

    @property
    def suspended(self) -> Decimal:
        """What would be added if the open disputes were rejected."""
        return self.explanation.in_dispute + (self.flat_sum if self.fee_state == Fee.SUSPENDED else ZERO)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.claimable or self.suspended or self.explanation.claimed_too_much or self.waived)


@dataclass(frozen=True, slots=True)
class Sum:
    """What one customer owes in one currency."""

    customer_id: int
    customer: str
    code: str
    currency: str
    invoices: int
    interest: Decimal
    fees: Decimal
    suspended: Decimal
    too_much: Decimal
    provisional: bool

    @property
    def total(self) -> Decimal:
        """Interest and flat sums that may be claimed."""
        return self.interest + self.fees


def interest_for(
    invoices: QuerySet[Invoice],
    on: date,
    *,
    until: date | None = None,
    agreed: Parts | None = None,
    book: RateBook | None = None,
) -> dict[int, Position]:
    """The interest of these invoices as of the end of `on`, by their keys; those with nothing to tell are left out.

    `until`: reckoned to an earlier day only, by the disputes, claims and waivers as they are on `on`.
    `agreed`: parts that may be paid later, by invoice (instalments): their interest begins after the agreed day. The
    number of queries does not depend on how many invoices there are.
    """
    found = (position(facts, until or on) for facts in gather(invoices, on, agreed=agreed, book=book))
    return {one.paper.pk: one for one in found if not one.is_empty}


def position(facts: Facts, until: date) -> Position:
    """One invoice's interest from its facts."""
    told = explain(facts.debt, until, facts.tariff)
    state, flat = _fee(facts, told)
    return Position(facts.paper, told, min(facts.off, told.interest), state, flat)


def _fee(facts: Facts, told: Explanation) -> tuple[Fee, Decimal]:
    """The flat sum is owed once something undisputed was late; while all of it is in dispute it is suspended."""
    begun = told.late_from or told.doubtful_from
    if begun is None:
        return Fee.NONE, ZERO
    flat = facts.tariff.book.flat_sum(facts.tariff.country, facts.debt.currency, begun)
    if not flat:
        return Fee.NONE, ZERO
    if facts.fee_claimed:
        return Fee.CLAIMED, flat
    if facts.fee_waived:
        return Fee.WAIVED, flat
    return (Fee.DUE if told.late_from else Fee.SUSPENDED), flat


def by_customer(positions: Iterable[Position]) -> list[Sum]:
    """One row per customer and currency, the largest claim first."""
    groups: dict[tuple[int, str], list[Position]] = {}
    for one in positions:
        groups.setdefault((one.paper.customer_id, one.paper.currency), []).append(one)
    rows = [_sum(group) for group in groups.values()]
    return sorted(rows, key=lambda row: (-row.total, -row.suspended, row.customer, row.customer_id))


def _sum(group: list[Position]) -> Sum:
    paper = group[0].paper
    return Sum(
        customer_id=paper.customer_id,
        customer=paper.customer,
        code=paper.code,
        currency=paper.currency,
        invoices=len(group),
        interest=sum((one.interest for one in group), ZERO),
        fees=sum((one.fee for one in group), ZERO),
        suspended=sum((one.suspended for one in group), ZERO),
        too_much=sum((one.explanation.claimed_too_much for one in group), ZERO),
        provisional=any(one.explanation.provisional for one in group),
    )


def line_data(line: Line) -> dict[str, Any]:
    """A line of an explanation as plain JSON: days in ISO form, amounts and rate as text."""
    return {
        "from": line.first.isoformat(),
        "to": line.last.isoformat(),
        "days": line.days,
        "base": f"{line.base:.2f}",
        "rate": f"{line.rate.normalize():f}",
        "basis": line.basis.value,
        "known": line.known,
        "amount": f"{line.amount:.2f}",
    }


def position_data(one: Position) -> dict[str, Any]:
    """A position as plain JSON, with its explanation."""
    paper, told = one.paper, one.explanation
    return {
        "invoice": paper.pk,
        "number": paper.number,
        "customer": paper.customer_id,
        "due_on": paper.due_on.isoformat(),
        "amount": f"{paper.amount:.2f}",
        "currency": paper.currency,
        "interest": f"{one.interest:.2f}",
        "fee": f"{one.fee:.2f}",
        "fee_state": one.fee_state.value,
        "claimable": f"{one.claimable:.2f}",
        "suspended": f"{one.suspended:.2f}",
        "waived": f"{one.waived:.2f}",
        "claimed_too_much": f"{told.claimed_too_much:.2f}",
        "provisional": told.provisional,
        "lines": [line_data(line) for line in told.lines],
        "suspended_lines": [line_data(line) for line in told.suspended],
        "over_lines": [line_data(line) for line in told.over],
    }
