"""The ledger as of a day and as known at a moment: the plain definition, row by row.

Reports ask the database for the same thing in one statement (reporting/selectors/position.py); the tests
hold the two against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Placed:
    """An amount that begins to count on a day, was written down at a moment, and may stop counting."""

    amount: Decimal
    on: date
    recorded_at: datetime
    until: date | None = None
    until_recorded_at: datetime | None = None

    def counts(self, as_of: date, known_at: datetime | None) -> bool:
        """Whether it counts at the end of `as_of`, to somebody who knows what was written by `known_at`."""
        if self.on > as_of or (known_at is not None and self.recorded_at > known_at):
            return False
        ended = self.until is not None and self.until <= as_of
        known = known_at is None or self.until_recorded_at is None or self.until_recorded_at <= known_at
        return not (ended and known)


def live(rows: Iterable[Placed], as_of: date, known_at: datetime | None = None) -> Decimal:
    """The sum of the rows that count."""
    return sum((row.amount for row in rows if row.counts(as_of, known_at)), ZERO)


def open_amount(
    invoice: Placed, allocations: Iterable[Placed], as_of: date, known_at: datetime | None = None
) -> Decimal:
    """What is open of an invoice; 0 when it was not yet issued, or not yet known."""
    if not invoice.counts(as_of, known_at):
        return ZERO
    return invoice.amount - live(allocations, as_of, known_at)


def disputed_amount(
    open_now: Decimal, lines: Iterable[Placed], as_of: date, known_at: datetime | None = None
) -> Decimal:
    """The disputed part of what is open, never more than it."""
    return min(open_now, live(lines, as_of, known_at))
