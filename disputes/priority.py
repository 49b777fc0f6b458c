"""How urgent a dispute is, and why: points for its amount, its age, its customer and its deadline. Pure.

The weights are data of a legal entity (`PriorityWeights`); what each part counts at most adds up to what they say,
100 by default. The parts are kept with the dispute, so that the figure is always explained by what it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ONE = Decimal(1)
DAY = timedelta(days=1)
# What share of the customer's points a segment gives at least, whatever the customer owes.
SEGMENTS = {"strategic": Decimal(1), "key": Decimal("0.75"), "risky": Decimal("0.5")}


@dataclass(frozen=True, slots=True)
class Weights:
    """The most points each part gives, and where it gives all of them."""

    amount: int = 35
    age: int = 20
    customer: int = 15
    deadline: int = 30
    full_amount: Decimal = Decimal(20000)
    full_days: int = 60
    full_balance: Decimal = Decimal(100000)
    near_hours: int = 72


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked at. `balance` is what the customer owes in all, in the dispute's currency."""

    amount: Decimal
    opened_at: datetime
    segment: str
    balance: Decimal
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Priority:
    """The points in all, and those of each part with the facts that led to them (plain JSON)."""

    points: int
    parts: dict[str, dict[str, Any]]


def priority(facts: Facts, weights: Weights, at: datetime) -> Priority:
    """The priority at this moment."""
    days = max((at - facts.opened_at) // DAY, 0)
    balance_share = _share(facts.balance, weights.full_balance)
    parts: dict[str, dict[str, Any]] = {
        "amount": {
            **_part(weights.amount, _share(facts.amount, weights.full_amount)),
            "value": str(facts.amount),
        },
        "age": {**_part(weights.age, _share(Decimal(days), Decimal(weights.full_days))), "value": days},
        "customer": {
            **_part(weights.customer, max(balance_share, SEGMENTS.get(facts.segment, Decimal(0)))),
            "value": str(facts.balance),
            "segment": facts.segment,
        },
        "deadline": {
            **_part(weights.deadline, _nearness(facts.due_at, at, weights.near_hours)),
            "value": facts.due_at.isoformat() if facts.due_at else None,
            "late": facts.due_at is not None and facts.due_at <= at,
        },
    }
    return Priority(sum(part["points"] for part in parts.values()), parts)


def of_weights(row: Mapping[str, Any] | None) -> Weights:
    """The weights of a row of data; the usual ones without any."""
    return Weights(**row) if row else Weights()


def _share(value: Decimal, full: Decimal) -> Decimal:
    """How much of the full value it is, between 0 and 1."""
    return ONE if full <= 0 else min(max(value, Decimal(0)) / full, ONE)


def _nearness(due_at: datetime | None, at: datetime, hours: int) -> Decimal:
    """1 when the deadline has gone by, nothing when it is `hours` away or there is none."""
    if due_at is None:
        return Decimal(0)
    left = Decimal(str((due_at - at).total_seconds())) / 3600
    return ONE - _share(left, Decimal(hours)) if left > 0 else ONE


def _part(most: int, share: Decimal) -> dict[str, int]:
    return {"points": int((most * share).quantize(ONE, ROUND_HALF_UP)), "most": most}
