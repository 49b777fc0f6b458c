"""Alerts of a stage's deadline: when each falls, and which are due. Pure: no database.

An alert lies so many working minutes before (negative), at (zero) or after the deadline, on the same clock as the
deadline itself: what stands still for the one stands still for the other. Each belongs to the stay it falls into.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from disputes.runs import Held, reached


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of a stage, as its route says it."""

    pk: int
    minutes: int
    to: str
    hand_over: bool = False


def moments(
    run: Sequence[Held], deadline: int, alerts: Iterable[Alert], told: Collection[int] = ()
) -> list[tuple[datetime, Alert]]:
    """When the alerts fall that belong to the present stay, in order; what fell before it, or began it, is past.

    What fell in the stay before, and is not among those `told` there, comes with it: it fell in the minute before the
    dispute was passed on, when nobody had been told yet.
    """
    found = [(reached(run, deadline + alert.minutes), alert) for alert in alerts]
    mine = [pair for pair in found if len(run) == 1 or pair[0] > run[-1].start]
    if len(run) > 1:
        late = [pair for pair in found if run[-2].start < pair[0] <= run[-1].start]
        mine += [pair for pair in late if pair[1].pk not in told]
    return sorted(mine, key=lambda pair: (pair[0], pair[1].minutes, pair[1].pk))


def due_now(
    falling: Iterable[tuple[datetime, Alert]], sent: Collection[int], at: datetime
) -> list[tuple[datetime, Alert]]:
    """The alerts that have fallen by `at` and nobody was told of yet, in order."""
    return [(moment, alert) for moment, alert in falling if moment <= at and alert.pk not in sent]


def next_after(falling: Iterable[tuple[datetime, Alert]], sent: Collection[int]) -> datetime | None:
    """When the next alert falls that nobody was told of yet."""
    return next((moment for moment, alert in falling if alert.pk not in sent), None)
