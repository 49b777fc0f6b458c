"""What a legal file claims as of a day: principal, interest and recovery costs, invoice by invoice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collections_app.interest import Position, interest_for
from collections_app.models import LegalFile
from disputes.standing import standing_of
from ledger.models import Invoice
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One invoice: what is open of it, how much of that is disputed, and what it bears. `late` in days past due."""

    invoice: Invoice
    paid: Decimal
    open: Decimal
    disputed: Decimal
    late: int
    position: Position | None

    @property
    def principal(self) -> Decimal:
        """What is open and undisputed."""
        return self.open - self.disputed

    @property
    def interest(self) -> Decimal:
        """Late interest that may be claimed."""
        return self.position.interest if self.position else ZERO

    @property
    def costs(self) -> Decimal:
        """The flat sum for recovery costs where it may be claimed."""
        return self.position.fee if self.position else ZERO


@dataclass(frozen=True, slots=True)
class Claim:
    """All of it in one currency."""

    currency: str
    on: date
    lines: tuple[ClaimLine, ...]

    @property
    def principal(self) -> Decimal:
        """Open and undisputed."""
        return sum((one.principal for one in self.lines), ZERO)

    @property
    def interest(self) -> Decimal:
        """Late interest to the day."""
        return sum((one.interest for one in self.lines), ZERO)

    @property
    def costs(self) -> Decimal:
        """Recovery costs."""
        return sum((one.costs for one in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """What the customer is asked for in all."""
        return self.principal + self.interest + self.costs

    @property
    def disputed(self) -> Decimal:
        """What is disputed meanwhile, and not claimed."""
        return sum((one.disputed for one in self.lines), ZERO)

    @property
    def is_paid(self) -> bool:
        """Whether nothing is open of the invoices any more."""
        return all(not one.open for one in self.lines)

    @property
    def provisional(self) -> bool:
        """Whether a half-year is reckoned with the rate of the one before."""
        return any(one.position and one.position.explanation.provisional for one in self.lines)

    @property
    def standing(self) -> tuple[ClaimLine, ...]:
        """The invoices of which something is claimed."""
        return tuple(one for one in self.lines if one.principal or one.interest or one.costs)


def claim_on(invoices: Iterable[int], currency: str, on: date) -> Claim:
    """The claim of these invoices, the oldest due first. The same few queries however many."""
    rows = Invoice.objects.filter(pk__in=list(invoices))
    disputed = standing_of(rows)
    positions = interest_for(rows, on)
    lines = [
        ClaimLine(
            invoice=row,
            paid=row.allocated,
            open=row.amount - row.allocated,
            disputed=min(disputed.get(row.pk, ZERO), row.amount - row.allocated),
            late=max((on - row.due_on).days, 0),
            position=positions.get(row.pk),
        )
        for row in rows.order_by("due_on", "number", "pk")
    ]
    return Claim(currency, on, tuple(lines))


def claim_of(file: LegalFile, on: date) -> Claim:
    """What the file claims at the end of `on`, with what is paid and disputed at this moment."""
    return claim_on(file.lines.values_list("invoice_id", flat=True), file.currency, on)
