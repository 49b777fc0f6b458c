"""The figures above the queue: disputes of each view, and the totals of the filter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Q, Sum, Value

from accounts.models import User
from accounts.written import KEPT, WRITTEN_AT, Asker, Written, write
from disputes import selectors
from disputes.queue import ENDED, Filters, View, condition, filtered, narrowing


@dataclass(frozen=True, slots=True)
class Totals:
    """What the filter leaves: disputes, customers, and the disputed amount per currency."""

    disputes: int = 0
    customers: int = 0
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)


def counts(user: User, at: datetime, own: Iterable[tuple[str, Filters]] = ()) -> dict[str, int]:
    """How many disputes each live view shows, `own` ones included, in one query.

    What has ended is not counted: it only grows.
    """
    names, written = _counting(Asker(user), tuple(own))
    found = written.ask(at)
    return dict(zip(names, found[0] if found else [0] * len(names), strict=True))


@lru_cache(maxsize=KEPT)
def _counting(asker: Asker, own: tuple[tuple[str, Filters], ...]) -> tuple[list[str], Written]:
    wanted: dict[str, Q] = {
        view.value: condition(view, asker.user, WRITTEN_AT) for view in View if view not in (*ENDED, View.ALL)
    }
    wanted |= {
        name: narrowing(asker.user, filters, WRITTEN_AT) for name, filters in own if filters.view not in ENDED
    }
    sums = {name: Count("pk", filter=chosen) for name, chosen in wanted.items()}
    live = selectors.disputes_for(asker.user).filter(closed_at=None).order_by()
    # Summed over a constant: one row, and a queryset that can be written down without being asked.
    rows = live.annotate(one=Value(1)).values("one").annotate(**sums, **{View.ALL.value: Count("pk")})
    return [*sums, View.ALL.value], write(rows.values_list(*sums, View.ALL.value))


def totals(user: User, filters: Filters, at: datetime) -> Totals:
    """What the filter leaves, over all pages, in one query."""
    sums = _adding(Asker(user), filters).ask(at)
    return Totals(
        disputes=sum(n for _currency, n, _customers, _total in sums),
        customers=sum(customers for _currency, _n, customers, _total in sums),
        amounts=[(currency, total) for currency, _n, _customers, total in sums],
    )


@lru_cache(maxsize=KEPT)
def _adding(asker: Asker, filters: Filters) -> Written:
    rows = filtered(asker.user, filters, WRITTEN_AT).order_by().values("currency")
    sums = rows.annotate(n=Count("pk"), customers=Count("customer", distinct=True), total=Sum("amount"))
    return write(sums.order_by("-total").values_list("currency", "n", "customers", "total"))
