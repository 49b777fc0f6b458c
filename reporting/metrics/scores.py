"""What answers are worth, from what happened: pure, over frozen facts, the same today and in a year.

An answer earns points when it is given, and gives them back the day it turns out not to have held: the dispute is
opened again, or the same thing has to be asked again. Time is working time, so that nobody gains by answering at
night and nobody loses by sleeping. Nothing is earned by answering one's own question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from statistics import median

HELD, QUICK, LATE = 10, 5, 4
# Of one day, and of one dispute, so much counts at most: many small questions are no way to many points.
DAY_CAP, DISPUTE_CAP = 60, 30
# Quick is within a quarter of the time there was.
QUARTER = 4
# So long a question without a deadline may wait.
USUAL = timedelta(hours=8)


class Why(StrEnum):
    """Why points came or went."""

    QUICK = "quick"
    IN_TIME = "in_time"
    LATE = "late"
    CAPPED = "capped"
    REOPENED = "reopened"
    ASKED_AGAIN = "asked_again"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer. `took` and `had` are working time; `working`: it was given within working hours."""

    question: int
    dispute: int
    person: int
    asked_by: int | None
    about: str
    asked_at: datetime
    answered_at: datetime
    took: timedelta
    had: timedelta | None
    working: bool

    @property
    def in_time(self) -> bool:
        """Whether it came before its deadline."""
        return self.took <= (self.had or USUAL)


@dataclass(frozen=True, slots=True)
class Ended:
    """A dispute was closed: so much is no longer stuck."""

    dispute: int
    at: datetime
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened in one legal entity, up to a moment."""

    answers: Sequence[Given]
    # (dispute, about, asked at): every question ever asked.
    asked: Sequence[tuple[int, str, datetime]] = ()
    ended: Sequence[Ended] = ()
    reopened: Sequence[tuple[int, datetime]] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """Points that came or went, with the reason."""

    at: datetime
    person: int
    dispute: int
    question: int
    points: int
    why: Why


def entries(facts: Facts, day_of: Callable[[datetime], date]) -> list[Entry]:
    """Every entry there ever was, in order. `day_of` tells the day of a moment where the entity is."""
    earned: list[Entry] = []
    days: Counter[tuple[int, date]] = Counter()
    disputes: Counter[tuple[int, int]] = Counter()
    for one in sorted(facts.answers, key=lambda given: (given.answered_at, given.question)):
        if one.person == one.asked_by:
            continue
        worth, why = _worth(one)
        day, dispute = (one.person, day_of(one.answered_at)), (one.person, one.dispute)
        points = max(0, min(worth, DAY_CAP - days[day], DISPUTE_CAP - disputes[dispute]))
        days[day] += points
        disputes[dispute] += points
        why = why if points == worth else Why.CAPPED
        earned.append(Entry(one.answered_at, one.person, one.dispute, one.question, points, why))
    about = {given.question: given.about for given in facts.answers}
    lost = [back for entry in earned if (back := _taken_back(entry, about[entry.question], facts))]
    return sorted(earned + lost, key=lambda entry: (entry.at, entry.question, entry.points < 0))


def _worth(one: Given) -> tuple[int, Why]:
    if not one.in_time:
        return LATE, Why.LATE
    if one.working and one.took * QUARTER <= (one.had or USUAL):
        return HELD + QUICK, Why.QUICK
    return HELD, Why.IN_TIME


def _taken_back(entry: Entry, about: str, facts: Facts) -> Entry | None:
    """The entry that undoes this one, at the first moment at which it shows that the answer did not hold."""
    again = [
        (at, Why.ASKED_AGAIN)
        for dispute, asked, at in facts.asked
        if dispute == entry.dispute and asked == about and at > entry.at
    ]
    opened = [
        (at, Why.REOPENED) for dispute, at in facts.reopened if dispute == entry.dispute and at > entry.at
    ]
    first = min(again + opened, default=None)
    if first is None or not entry.points:
        return None
    return Entry(first[0], entry.person, entry.dispute, entry.question, -entry.points, first[1])


def held(facts: Facts, made: Iterable[Entry]) -> list[Given]:
    """The answers that earned something and were not taken back."""
    gone = {entry.question for entry in made if entry.points < 0}
    counted = {entry.question for entry in made}
    return [one for one in facts.answers if one.question in counted - gone]


@dataclass(frozen=True, slots=True)
class Score:
    """What one person, or a team, did in a period."""

    points: int
    answers: int
    held: int
    in_time: int
    # Median working time to answer; None without answers.
    median: timedelta | None
    # Amounts of the disputes that ended, by currency; each dispute counts once.
    freed: dict[str, Decimal]

    @property
    def share_in_time(self) -> Decimal | None:
        """The part of the answers that came in time, 0 to 1; None without answers."""
        return Decimal(self.in_time) / self.answers if self.answers else None


def score(
    facts: Facts, people: set[int], first: date, last: date, day_of: Callable[[datetime], date]
) -> Score:
    """The score of these people between two days, both included."""
    made = [entry for entry in entries(facts, day_of) if entry.person in people]
    kept = {one.question for one in held(facts, made)}
    mine = [one for one in facts.answers
            if one.person in people and first <= day_of(one.answered_at) <= last]  # fmt: skip
    return Score(
        points=sum(entry.points for entry in made if first <= day_of(entry.at) <= last),
        answers=len(mine),
        held=sum(one.question in kept for one in mine),
        in_time=sum(one.in_time for one in mine),
        median=timedelta(seconds=median(one.took.total_seconds() for one in mine)) if mine else None,
        freed=_freed(facts, [one for one in facts.answers if one.person in people], first, last, day_of),
    )


def _freed(
    facts: Facts, answers: Sequence[Given], first: date, last: date, day_of: Callable[[datetime], date]
) -> dict[str, Decimal]:
    """The amounts of the disputes with an answer of theirs that ended in the period and stayed closed."""
    answered: dict[int, datetime] = {}
    for one in answers:
        answered[one.dispute] = min(one.answered_at, answered.get(one.dispute, one.answered_at))
    opened: dict[int, datetime] = {}
    for dispute, at in facts.reopened:
        opened[dispute] = max(at, opened.get(dispute, at))
    latest = {end.dispute: end for end in sorted(facts.ended, key=lambda end: end.at)}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for dispute, end in latest.items():
        stays = dispute not in opened or opened[dispute] < end.at
        if stays and dispute in answered and answered[dispute] <= end.at and first <= day_of(end.at) <= last:
            sums[end.currency] += end.amount
    return dict(sums)
