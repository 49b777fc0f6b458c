"""The words of a simulation: what was, and what would have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from disputes.clocks import Office, working_time


class Source(StrEnum):
    """Where the time of a passage comes from."""

    OWN = "own"  # the dispute's own time in this stage
    STAGE = "stage"  # the median of this stage among the other disputes
    KIND = "kind"  # the median of stages with the same kind of holder
    UNKNOWN = "unknown"  # nothing to go by: no time is counted


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch in one stage as it really was. `move` is the code of the move that ended it, where one did.

    `closes` says how the dispute ended with it (status, resolution); `minutes` is working time; `deadline`
    the working minutes it had by the edition the dispute followed, and `due` the moment that gave. `office`: the
    hours of whoever had it, where they are not those of the entity.
    """

    stage: str
    kind: str
    start: datetime
    end: datetime | None
    minutes: int
    due: datetime | None = None
    deadline: int | None = None
    move: str = ""
    closes: tuple[str, str] | None = None
    office: Office | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A dispute as it went. The moments between two visits while it was closed are between their end and start."""

    pk: int
    ref: str
    customer: str
    visits: tuple[Visit, ...]
    closed: datetime | None
    people: Mapping[str, str] = field(default_factory=dict)  # who was the salesperson, the coordinator

    @property
    def opened(self) -> datetime:
        """When it began."""
        return self.visits[0].start


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch in one stage as it would have been. `late` is working time; `asked` whom and what; `alerts` whom."""

    stage: str
    start: datetime
    end: datetime | None
    source: Source
    due: datetime | None
    is_late: bool
    late: timedelta
    asked: tuple[tuple[str, str], ...] = ()
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """One dispute on the other edition. `stopped` says in which stage and why the replay could not go on."""

    past: Past
    passages: tuple[Passage, ...]
    end: datetime | None
    stopped: str = ""
    why: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it went from the start to the end."""
        return not self.stopped and self.end is not None

    @property
    def guessed(self) -> int:
        """How many of its times are not its own."""
        return sum(passage.source != Source.OWN for passage in self.passages)


def lateness(
    due: datetime | None, end: datetime | None, now: datetime, office: Office
) -> tuple[bool, timedelta]:
    """Whether something ended (or is still there now) past its deadline, and by how much working time."""
    at = end or now
    if due is None or at <= due:
        return False, timedelta()
    return True, working_time(due, at, office)
