"""How the most urgent disputes would stand with other weights, before they are kept. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import LegalEntity, User
from disputes import selectors
from disputes.models import Dispute
from disputes.priority import Weights, priority
from disputes.services.prioritizing import balances, facts_of, weights_of
from ledger.segments import segments_of

# Looked at: the most urgent now and the largest amounts, so that what rises from below is seen too.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Placed:
    """A dispute with its place and points with the present weights and with the other ones."""

    dispute: Dispute
    was: int
    place: int
    points_were: int
    points: int

    @property
    def rise(self) -> int:
        """By how many places it rises; below zero it falls."""
        return self.was - self.place


@dataclass(frozen=True, slots=True)
class Reordered:
    """The first disputes as they would stand, and those that would leave them."""

    first: list[Placed]
    leaving: list[Placed]
    looked_at: int


def reorder(*, user: User, entity: LegalEntity, weights: Weights, at: datetime, most: int = 10) -> Reordered:
    """The first `most` open disputes of the entity with these weights, beside their places now."""
    open_ones = selectors.disputes_for(user).filter(entity=entity, closed_at=None)
    ids = {
        pk
        for order in ("-priority", "-amount")
        for pk in open_ones.order_by(order, "pk").values_list("pk", flat=True)[: MOST // 2]
    }
    rows = list(Dispute.objects.filter(pk__in=ids).select_related("customer", "reason"))
    owed, present = balances(rows), weights_of([entity.pk])[entity.pk]
    followed = segments_of({row.customer for row in rows})
    points = {}
    for row in rows:
        facts = facts_of(row, owed, followed[row.customer_id])
        points[row.pk] = (priority(facts, present, at).points, priority(facts, weights, at).points)
    before = {
        row.pk: place for place, row in enumerate(sorted(rows, key=lambda r: (-points[r.pk][0], r.pk)), 1)
    }
    after = sorted(rows, key=lambda r: (-points[r.pk][1], before[r.pk]))
    placed = [Placed(row, before[row.pk], place, *points[row.pk]) for place, row in enumerate(after, 1)]
    return Reordered(placed[:most], [one for one in placed[most:] if one.was <= most], len(rows))
