"""How long a stage may still take: its budget of working time, over all stays it was worked on. Pure: no database.

A stage's clock goes on while somebody of it has the dispute, whoever that is, each on their own calendar. It
stands still in stages whose clock stops (the customer's, a partner's): when the dispute comes back to the same stage
from there, the rest of its time goes on. Any other stage in between, a reopening too, starts the time afresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disputes.choices import CLOSED
from disputes.clocks import Office, add_working, working_time


@dataclass(frozen=True, slots=True)
class Held:
    """One stay as the clock sees it; `end` is None for the one that goes on."""

    stage: int
    status: str
    stops: bool
    start: datetime
    end: datetime | None
    office: Office


def run_of(stays: Sequence[Held]) -> list[Held]:
    """The stays on the clock of the present stage, in order; `stays` are those of a dispute, in order."""
    run: list[Held] = []
    for stay in reversed(stays):
        if stay.status in CLOSED:
            break
        if stay.stage == stays[-1].stage:
            run.append(stay)
        elif not stay.stops:
            break
    return run[::-1]


def reached(run: Sequence[Held], minutes: int) -> datetime:
    """When `minutes` of working time of the run are used up; its beginning when there are none to use."""
    left = timedelta(minutes=max(minutes, 0))
    for stay in run:
        if stay.end is None:
            return add_working(stay.start, left, stay.office)
        used = working_time(stay.start, stay.end, stay.office)
        if used and used >= left:
            return add_working(stay.start, left, stay.office)
        left -= used
    raise ValueError("The last stay of a run goes on.")
