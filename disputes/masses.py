"""What mass disputes tell: how far they are and what they sum up to. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from accounts.models import User
from disputes.models import Dispute, Mass
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mass dispute is. Amounts per currency: what was or is disputed, and what was given up."""

    open: int
    closed: int
    customers: int
    amounts: list[tuple[str, Decimal]]
    given_up: list[tuple[str, Decimal]]

    @property
    def children(self) -> int:
        """All of them."""
        return self.open + self.closed


def masses_for(user: User) -> QuerySet[Mass]:
    """The mass disputes the person may see, with everything their rows show; the newest first."""
    rows: QuerySet[Mass] = Mass.objects.visible_to(user).select_related("entity", "cause", "opened_by")
    return rows.prefetch_related("children__outcome")


def progress(children: Iterable[Dispute]) -> Progress:
    """The sums of these children; their outcomes are read with them."""
    amounts: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    given_up: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    rows = list(children)
    for child in rows:
        amounts[child.currency] += child.amount
        outcome = getattr(child, "outcome", None)
        if outcome is not None and outcome.amount:
            given_up[child.currency] += outcome.amount
    still_open = sum(child.is_open for child in rows)
    return Progress(
        open=still_open,
        closed=len(rows) - still_open,
        customers=len({child.customer_id for child in rows}),
        amounts=sorted(amounts.items()),
        given_up=sorted(given_up.items()),
    )
