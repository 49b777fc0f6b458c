"""Pareto: which few causes make most of the trouble, by number and by amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

VITAL_SHARE = Decimal(80)


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause with its number of disputes and their amount."""

    key: str
    label: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ParetoRow:
    """A cause in its place: its share and the share reached with it, in exact per cent of the measure."""

    cause: Cause
    share: Decimal
    cumulative: Decimal
    vital: bool


def pareto(causes: Iterable[Cause], *, by: str = "amount") -> list[ParetoRow]:
    """Largest first. `vital` marks the causes needed to reach 80 % of the amount (or of the count)."""
    if by not in {"amount", "count"}:
        raise ValueError("A Pareto goes by amount or by count.")
    ordered = sorted(causes, key=lambda cause: (-getattr(cause, by), cause.label, cause.key))
    total = sum((Decimal(getattr(cause, by)) for cause in ordered), Decimal(0))
    rows, reached = [], Decimal(0)
    for cause in ordered:
        value, before = Decimal(getattr(cause, by)), reached
        reached += value
        vital = value > 0 and before * 100 < VITAL_SHARE * total
        shares = (value * 100 / total, reached * 100 / total) if total else (Decimal(0), Decimal(0))
        rows.append(ParetoRow(cause, *shares, vital))
    return rows


def first_and_other(causes: Iterable[Cause], most: int, other: str, *, by: str = "amount") -> list[Cause]:
    """The `most` largest causes, the rest added up under `other` (key "other"), so that a chart stays
    readable.
    """
    ordered = [row.cause for row in pareto(causes, by=by)]
    if len(ordered) <= most:
        return ordered
    kept, rest = ordered[: most - 1], ordered[most - 1 :]
    total = Cause("other", other, sum(c.count for c in rest), sum((c.amount for c in rest), Decimal(0)))
    return [*kept, total]
