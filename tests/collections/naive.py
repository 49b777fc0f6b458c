"""The rule of collecting once more, invoice by invoice in plain Python: the year of a company is held against it.

Written from docs/collecting.md, without a look at the SQL. It knows only what happened (bought, paid, disputed,
promised, agreed, stopped, asked), never what the product stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from lib.money import ZERO


@dataclass(slots=True)
class Claim:
    """A disputed part, from its opening on until it is closed."""

    amount: Decimal
    opened: date
    closed: date | None = None
    pk: int = 0
    # What was granted when it ended, until it is in the books.
    granted: Decimal = ZERO


@dataclass(slots=True)
class Word:
    """A promise: so much by that day, when so much was open."""

    amount: Decimal
    day: date
    open_before: Decimal


@dataclass(slots=True)
class Parts:
    """An agreement on instalments over the whole of one invoice: (day, amount), in order."""

    shares: list[tuple[date, Decimal]]
    open_before: Decimal

    @property
    def total(self) -> Decimal:
        """What is to be paid by it."""
        return sum((amount for _day, amount in self.shares), ZERO)

    def paid(self, left: Decimal) -> Decimal:
        """How much of it is paid when `left` is open."""
        return min(max(self.open_before - left, ZERO), self.total)

    def unpaid(self, left: Decimal) -> list[date]:
        """The days of the instalments that are not paid in full."""
        days, upto = [], ZERO
        for day, amount in self.shares:
            upto += amount
            if upto > self.paid(left):
                days.append(day)
        return days


@dataclass(frozen=True, slots=True)
class NaivePlan:
    """The figures of a plan; `from_amount` is a condition of a step on all that is late."""

    steps: tuple[int, ...]
    gap: int
    minimum: Decimal
    cool: int = 0
    climbs: bool = False
    lowest: bool = False
    cap: tuple[int, int] | None = None
    from_amount: dict[int, Decimal] = field(default_factory=dict)

    @property
    def quiet(self) -> int:
        """Days after a dispute in which nothing is asked."""
        return max(self.cool, self.gap) if self.climbs or self.lowest else self.cool


@dataclass(slots=True)
class Paper:
    """An invoice and all that happened to it."""

    number: str
    pk: int
    who: int
    issued: date
    due: date
    amount: Decimal
    open: Decimal
    claims: list[Claim] = field(default_factory=list)
    word: Word | None = None
    parts: Parts | None = None
    stopped: date | None = None
    # Of each day it was due by: the step asked last, and on which day.
    asked: dict[date, tuple[int, date]] = field(default_factory=dict)

    def disputed(self) -> Decimal:
        """What stands now: in dispute, or granted and not in the books."""
        return min(sum((c.granted if c.closed else c.amount for c in self.claims), ZERO), self.open)

    def promised(self, on: date) -> Decimal:
        """What is promised for `on` or later, of what is open and undisputed."""
        kept = ZERO
        if self.word and self.word.day >= on:
            kept = max(self.word.amount - max(self.word.open_before - self.open, ZERO), ZERO)
        if self.parts:
            paid = self.parts.paid(self.open)
            rest = self.parts.total - paid
            due = sum((amount for day, amount in self.parts.shares if day < on), ZERO)
            kept += rest - min(max(due - paid, ZERO), rest)
        return min(kept, self.open - self.disputed())

    def asks(self, on: date) -> Decimal:
        """What could be asked for."""
        return self.open - self.disputed() - self.promised(on)

    def by(self) -> date:
        """The day it is to be paid by: its own, or that of the instalment that comes next."""
        if self.parts is None:
            return self.due
        rest = self.parts.total - self.parts.paid(self.open)
        coming = self.parts.unpaid(self.open)
        if self.open - self.disputed() > rest or not coming:
            return self.due
        return max(self.due, coming[0])

    def released(self, on: date) -> date | None:
        """The day its last dispute ended."""
        return max((c.closed for c in self.claims if c.closed and c.closed <= on), default=None)


def step_of(paper: Paper, plan: NaivePlan, on: date, late_sum: Decimal) -> tuple[int | None, int | None]:
    """The step whose day has come, and the one the invoice is at (None: none after its dispute)."""
    by = paper.by()
    late = (on - by).days
    last = paper.asked.get(by, (None, by))[0]
    usable = [
        days
        for days in plan.steps
        if late >= days and not (days <= 0 < late) and late_sum >= plan.from_amount.get(days, ZERO)
    ]
    reached = max(usable, default=None)
    above = [days for days in usable if last is None or days > last]
    climbed = min(above, default=None)
    ended = paper.released(on)
    if ended is None:
        return reached, climbed if plan.climbs else reached
    if (on - ended).days < plan.quiet:
        return reached, None
    if plan.climbs or plan.lowest:
        return reached, climbed
    later = max((days for days in usable if by + timedelta(days=days) > ended), default=None)
    if later is not None:
        return reached, later
    left = [
        days
        for days in plan.steps
        if days > 0 and (last is None or days > last) and late_sum >= plan.from_amount.get(days, ZERO)
    ]
    over = late >= max(plan.steps) and (on - ended).days >= max(plan.gap, plan.quiet)
    return reached, min(left, default=None) if over else None


def asked_of(papers: Iterable[Paper], plan: NaivePlan, on: date, stopped: bool) -> dict[str, int]:
    """Which invoices of one customer a letter of the day names, each with its step."""
    mine = [p for p in papers if p.open > 0 and p.issued <= on and (on - p.due).days >= min(plan.steps)]
    late_sum = sum((p.asks(on) for p in mine if p.by() < on), ZERO)
    found = {}
    for paper in mine:
        by = paper.by()
        last, day = paper.asked.get(by, (None, None))
        reached, step = step_of(paper, plan, on, late_sum)
        if reached is None or stopped or (paper.stopped and paper.stopped >= on) or paper.asks(on) <= 0:
            continue
        if step is None or (last is not None and (reached <= last or step <= last)):
            continue
        since = max(paper.issued, day) if day else paper.issued
        if (on - since).days >= plan.gap:
            found[paper.number] = step
    return found
