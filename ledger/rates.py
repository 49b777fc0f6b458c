"""What an amount is worth in another currency: the ECB's reference rate of the day, through the euro, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from django.db.models import QuerySet

from ledger.models import ExchangeRate
from lib.money import q

EURO = "EUR"
# A rate counts until the next one is published; after the longest holidays an older one is no rate of the day.
LAST_KNOWN = timedelta(days=10)
SHOWN = Context(prec=6, rounding=ROUND_HALF_UP)
WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Conversion:
    """An amount converted. `rate`: units of the source for one of the target, as published on `rate_date`.

    Through the euro the rate is the quotient of two, shown with six figures, and the date that of the older one.
    """

    amount: Decimal
    currency: str
    rate: Decimal
    rate_date: date


@dataclass(frozen=True, slots=True)
class RatesOfDay:
    """The rates that count on a day: units per euro and when they were published, by currency."""

    on: date
    known: dict[str, tuple[Decimal, date]] = field(default_factory=dict)

    def quotient(self, source: str, target: str) -> Fraction | None:
        """Units of the source for one of the target, exactly; None without a rate."""
        ours, theirs = self._per_euro(target), self._per_euro(source)
        return None if ours is None or theirs is None else Fraction(theirs[0]) / Fraction(ours[0])

    def convert(self, amount: Decimal, source: str, target: str) -> Conversion | None:
        """The amount in the target's decimals, rounded half up once; None when a rate is missing or too old."""
        ours, theirs = self._per_euro(target), self._per_euro(source)
        if ours is None or theirs is None:
            return None
        if source == target:
            return Conversion(amount, target, Decimal(1), self.on)
        worth = WIDE.divide(WIDE.multiply(amount, ours[0]), theirs[0])
        rate = SHOWN.divide(theirs[0], ours[0])
        dates = [on for currency, (_rate, on) in ((source, theirs), (target, ours)) if currency != EURO]
        return Conversion(q(worth, target), target, rate, min(dates))

    def _per_euro(self, currency: str) -> tuple[Decimal, date] | None:
        return (Decimal(1), self.on) if currency == EURO else self.known.get(currency)


def rates_of_day(on: date, currencies: Iterable[str] | None = None) -> RatesOfDay:
    """The last rate of each currency published on or before `on`, within ten days. One query."""
    rows = ExchangeRate.objects.filter(on__lte=on, on__gt=on - LAST_KNOWN)
    if currencies is not None:
        rows = rows.filter(currency__in=set(currencies))
    newest = rows.order_by("currency", "-on").distinct("currency")
    return RatesOfDay(on, {row.currency: (row.per_euro, row.on) for row in newest})


def convert(amount: Decimal, source: str, target: str, on: date) -> Conversion | None:
    """What the amount was worth on a day; None when no rate of the ten days before is known."""
    return rates_of_day(on, [source, target]).convert(amount, source, target)


def latest() -> QuerySet[ExchangeRate]:
    """The newest rate of each currency, by currency."""
    return ExchangeRate.objects.order_by("currency", "-on").distinct("currency")
