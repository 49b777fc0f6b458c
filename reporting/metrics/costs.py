"""What a dispute costs: money that does not come in, time of people, credit given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
DAY = timedelta(days=1)
YEAR = 365


@dataclass(frozen=True, slots=True)
class Rates:
    """Per cent a year, the price of an hour, the minutes one act takes; from a day on until the next row."""

    from_on: date
    financing: Decimal
    hour: Decimal
    minutes: int


@dataclass(frozen=True, slots=True)
class Held:
    """An amount that was in dispute from the end of `first` to the end of `last`, both days included."""

    amount: Decimal
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Cost:
    """The three parts of what a dispute cost in a period, each rounded on its own so that every sum is exact."""

    financing: Decimal = ZERO
    work: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.financing + self.work + self.credit

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.financing + other.financing, self.work + other.work, self.credit + other.credit)


def rates_at(known: Sequence[Rates], day: date) -> Rates | None:
    """The rates of a day; None before the first. `known` ordered by their first day."""
    return next((rates for rates in reversed(known) if rates.from_on <= day), None)


def financing(held: Iterable[Held], known: Sequence[Rates]) -> Decimal:
    """Days * amount * rate / 365, each stretch with the rate of its days; rounded once, half up."""
    total = Fraction(0)
    for one in held if known else ():
        ends = [rates.from_on - DAY for rates in known[1:]] + [one.last]
        for rates, end in zip(known, ends, strict=True):
            days = (min(end, one.last) - max(one.first, rates.from_on)).days + 1
            if days > 0:
                total += Fraction(one.amount) * Fraction(rates.financing) * days / (100 * YEAR)
    return _cents(total)


def work(acts: Iterable[tuple[date, int]], known: Sequence[Rates]) -> Decimal:
    """Every act of our people takes its minutes at the price of an hour; rounded once, half up.

    `acts`: so many on that day.
    """
    total = Fraction(0)
    for day, count in acts:
        rates = rates_at(known, day)
        if rates is not None:
            total += Fraction(rates.hour) * rates.minutes * count / 60
    return _cents(total)


def _cents(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, ROUND_HALF_UP)
