"""The rule of late interest: frozen facts in, a frozen explanation out. Knows no table and no clock.

Interest = base x rate x days / 365, each half-year with its own rate. A day after the due date bears interest on what
was open when it began, so money that comes on the due date bears none and money that comes on day N bears N days.
Every line is rounded half up to the currency's cents and the lines are the figure: nothing is rounded again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from collections_app.choices_interest import RateBasis
from collections_app.interest.rates import Tariff
from lib.money import ZERO, q

DAYS_OF_YEAR = 365
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """What came off the invoice at the end of a day; negative when it was taken back."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Agreed:
    """A part of the invoice that may be paid later, by an agreement that counts from the day after `since`."""

    amount: Decimal
    due_on: date
    since: date = date.min


@dataclass(frozen=True, slots=True)
class Covered:
    """Days and base for which interest was claimed or waived: they bear none any more."""

    first: date
    last: date
    base: Decimal


@dataclass(frozen=True, slots=True)
class Debt:
    """An invoice as of a day.

    `disputed`: the part in dispute on that day, which bears nothing yet. `granted`: what disputes ended on that day had
    credited, in favour of the customer; it bore nothing from the beginning. Credits placed since `granted_since` are
    taken as what was granted, up to that sum.
    """

    amount: Decimal
    due_on: date
    currency: str = "EUR"
    paid: tuple[Moved, ...] = ()
    credited: tuple[Moved, ...] = ()
    disputed: Decimal = ZERO
    granted: Decimal = ZERO
    granted_since: date = date.max
    agreed: tuple[Agreed, ...] = ()
    covered: tuple[Covered, ...] = ()

    def owed(self, day: date) -> Decimal:
        """What was due and open when the day began, disputed or not; what the agreements put off is not due."""
        later = sum((part.amount for part in self.agreed if part.since < day <= part.due_on), ZERO)
        paid = sum((one.amount for one in self.paid if one.on < day), ZERO)
        before = sum((c.amount for c in self.credited if c.on < day and c.on < self.granted_since), ZERO)
        since = sum((c.amount for c in self.credited if self.granted_since <= c.on < day), ZERO)
        gone = self.granted + before + max(since - self.granted, ZERO)
        return max(self.amount - later - paid - gone, ZERO)

    def is_covered(self, day: date) -> Decimal:
        """The base of that day for which interest is claimed or waived already."""
        return sum((one.base for one in self.covered if one.first <= day <= one.last), ZERO)


@dataclass(frozen=True, slots=True)
class Line:
    """Interest of some days on one base at one rate. `days` = last - first + 1; `rate` in per cent a year."""

    first: date
    last: date
    base: Decimal
    rate: Decimal
    basis: RateBasis
    known: bool
    currency: str
    # The interest, rounded half up; reckoned once.
    amount: Decimal = field(init=False)

    def __post_init__(self) -> None:
        # Exact but for the division, whose 28 figures never round onto a half: two decimals of base times four of
        # the rate lie further from one than that.
        raw = self.base * self.rate * self.days / (100 * DAYS_OF_YEAR)
        object.__setattr__(self, "amount", q(raw, self.currency))

    @property
    def days(self) -> int:
        """How many days bear interest."""
        return (self.last - self.first).days + 1

    @property
    def exact(self) -> Fraction:
        """The interest before rounding."""
        return Fraction(self.base) * Fraction(self.rate) * self.days / (100 * DAYS_OF_YEAR)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the interest of an invoice comes from, day by day.

    `lines` may be claimed; `suspended` bears nothing while the dispute is open; `over` is what was claimed and is not
    owed any more. `late_from` is the first day something undisputed was late, `doubtful_from` the first day only
    something disputed was.
    """

    lines: tuple[Line, ...] = ()
    suspended: tuple[Line, ...] = ()
    over: tuple[Line, ...] = ()
    late_from: date | None = None
    doubtful_from: date | None = None

    @property
    def interest(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def in_dispute(self) -> Decimal:
        """What would be added if the disputes were rejected."""
        return sum((line.amount for line in self.suspended), ZERO)

    @property
    def claimed_too_much(self) -> Decimal:
        """Interest claimed on what turned out not to be owed."""
        return sum((line.amount for line in self.over), ZERO)

    @property
    def provisional(self) -> bool:
        """Whether a half-year's own rate is not known yet."""
        return any(not line.known for line in (*self.lines, *self.suspended))


def explain(debt: Debt, until: date, tariff: Tariff) -> Explanation:
    """The interest of an invoice to the end of `until`."""
    first = debt.due_on + ONE_DAY
    if until < first:
        return Explanation()
    lines: list[Line] = []
    suspended: list[Line] = []
    over: list[Line] = []
    late_from = doubtful_from = None
    starts = _cuts(debt, first, until, tariff)
    for start, end in zip(starts, [*(day - ONE_DAY for day in starts[1:]), until], strict=True):
        rate = tariff.rate(start)
        if rate is None:
            continue
        owed = debt.owed(start)
        covered = debt.is_covered(start)
        rest = max(owed - covered, ZERO)
        held = min(debt.disputed, rest)
        if owed > debt.disputed:
            late_from = late_from or start
        elif owed > 0:
            doubtful_from = doubtful_from or start
        for found, base in ((lines, rest - held), (suspended, held), (over, max(covered - owed, ZERO))):
            if base > 0:
                _add(found, Line(start, end, base, rate.percent, rate.basis, rate.known, debt.currency))
    return Explanation(tuple(lines), tuple(suspended), tuple(over), late_from, doubtful_from)


def _cuts(debt: Debt, first: date, until: date, tariff: Tariff) -> list[date]:
    """The days on which base or rate may change, the first included."""
    days = {first, *tariff.turns(first, until)}
    days |= {one.on + ONE_DAY for one in (*debt.paid, *debt.credited)}
    days |= {day + ONE_DAY for part in debt.agreed for day in (part.due_on, part.since) if day > date.min}
    days |= {day for one in debt.covered for day in (one.first, one.last + ONE_DAY)}
    return sorted(day for day in days if first <= day <= until)


def _add(found: list[Line], line: Line) -> None:
    """Put a line behind the others, as part of the last one when nothing but the day changed."""
    before = found[-1] if found else None
    if before is not None and _goes_on(before, line):
        found[-1] = Line(before.first, line.last, line.base, line.rate, line.basis, line.known, line.currency)
    else:
        found.append(line)


def _goes_on(before: Line, line: Line) -> bool:
    same = (before.base, before.rate, before.basis, before.known)
    turned = line.first.day == 1 and line.first.month in (1, 7)
    return (
        before.last + ONE_DAY == line.first
        and not turned
        and same
        == (
            line.base,
            line.rate,
            line.basis,
            line.known,
        )
    )
