"""Disputes that look as if one cause stood behind them: suggestions for mass disputes, each with its why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes.labels import in_language
from disputes.models import DisputeLine
from lib import formats
from lib.money import ZERO
from lib.text import fold

FEWEST, FEWEST_OF_PERIOD = 3, 5
MOST_LINES = 5000
SHOWN = 12
PERIOD = timedelta(days=7)
PRODUCT, DIFFERENCE, SAME_WEEK = "product", "difference", "period"
# The surest kind first: of two suggestions of the same disputes only that one is shown.
KINDS = (PRODUCT, DIFFERENCE, SAME_WEEK)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Disputes with something in common: `words` says what."""

    kind: str
    entity: int
    reason: str
    words: str
    disputes: tuple[int, ...]
    customers: int
    amount: Decimal
    currency: str


def suggestions(user: User, at: datetime) -> list[Cluster]:
    """The clusters among the open disputes that are in no mass dispute yet, the largest sums first."""
    groups: defaultdict[tuple[str, int, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in _lines(user):
        for kind, key in _keys(row):
            groups[kind, row["entity"], row["code"], row["currency"], key].append(row)
    found = [_cluster(kind, key, rows) for (kind, *_rest, key), rows in groups.items() if _enough(kind, rows)]
    found.sort(key=lambda one: (KINDS.index(one.kind), -one.amount))
    kept: list[Cluster] = []
    for one in found:
        if not any(set(one.disputes) <= set(other.disputes) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: -one.amount)[:SHOWN]


def _lines(user: User) -> list[dict[str, Any]]:
    rows = DisputeLine.objects.filter(
        policy.rows(user, "dispute.decide", entity="dispute__entity"),
        closed_on=None,
        dispute__closed_at=None,
        dispute__mass=None,
    )
    names = {
        "entity": F("dispute__entity"),
        "code": F("dispute__reason__code"),
        "labels": F("dispute__reason__labels"),
        "currency": F("dispute__currency"),
        "customer": F("dispute__customer"),
        "day": F("dispute__opened_on"),
        "product": F("invoice_line__description"),
        "net": F("invoice_line__net"),
        "tax": F("invoice_line__tax_rate"),
    }
    found: Any = rows.order_by("-dispute").values("dispute_id", "amount", "quantity", **names)
    return list(found[:MOST_LINES])


def _keys(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The groups a line belongs to."""
    if row["product"]:
        yield PRODUCT, fold(row["product"])
    share = _difference(row)
    if share is not None:
        yield DIFFERENCE, str(share)
    # Days are cut into weeks, Monday first.
    yield SAME_WEEK, (row["day"] - timedelta(days=row["day"].weekday())).isoformat()


def _difference(row: dict[str, Any]) -> Decimal | None:
    """What part of its line is disputed as a difference of price, in percent; None when it is none."""
    if row["net"] is None or row["quantity"] is not None or row["net"] <= 0:
        return None
    gross = row["net"] * (1 + (row["tax"] or ZERO) / 100)
    share = (row["amount"] / gross * 100).quantize(Decimal("0.1"))
    return share if 0 < share < Decimal("99.9") else None


def _enough(kind: str, rows: list[dict[str, Any]]) -> bool:
    disputes = {row["dispute_id"] for row in rows}
    customers = {row["customer"] for row in rows}
    return len(disputes) >= (FEWEST_OF_PERIOD if kind == SAME_WEEK else FEWEST) and len(customers) > 1


def _cluster(kind: str, key: str, rows: list[dict[str, Any]]) -> Cluster:
    first = rows[0]
    if kind == PRODUCT:
        words = _("the same product: %(product)s") % {"product": first["product"][:80]}
    elif kind == DIFFERENCE:
        words = _("the same difference of price: %(percent)s %%") % {
            "percent": formats.number(Decimal(key), 1)
        }
    else:
        words = _("opened in the same week")
    return Cluster(
        kind=kind,
        entity=first["entity"],
        reason=in_language(first["labels"]) or first["code"],
        words=words,
        disputes=tuple(sorted({row["dispute_id"] for row in rows})),
        customers=len({row["customer"] for row in rows}),
        amount=sum((row["amount"] for row in rows), ZERO),
        currency=first["currency"],
    )
