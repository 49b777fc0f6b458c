"""Disputes coming and going: what each week opened and solved, and what was left at its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

OPENED, SOLVED = "opened", "solved"
KINDS = (OPENED, SOLVED)
WEEK = timedelta(days=7)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Week:
    """A week: opened (or opened again) and solved in it, and the backlog at the end of `last`."""

    first: date
    last: date
    opened: int
    solved: int
    backlog: int


def weeks(counts: Mapping[tuple[date, str], int], before: int, first: date, last: date) -> list[Week]:
    """Every week from that of `first` to that of `last` (cut there), none left out.

    `counts`: by Monday and kind. `before`: how many were open when the first of them began. Each backlog is the one
    before, and what was opened, less what was solved.
    """
    found, backlog, monday = [], before, monday_of(first)
    while monday <= last:
        opened, solved = (counts.get((monday, kind), 0) for kind in KINDS)
        backlog += opened - solved
        found.append(Week(monday, min(monday + WEEK - timedelta(days=1), last), opened, solved, backlog))
        monday += WEEK
    return found
