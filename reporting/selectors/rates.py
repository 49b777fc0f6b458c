"""Exchange rates of a day: what an amount in another currency is worth in the entity's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from psycopg import sql

from ledger.models import ExchangeRate
from lib.money import unit
from reporting.errors import NoRate

EURO = "EUR"
# A rate counts until the next one; older ones than this are not the rate of the day any more.
STALE_AFTER = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of `currency` for one euro, as published `on`."""

    currency: str
    on: date
    per_euro: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a day, seen from one currency."""

    home: str
    on: date
    known: dict[str, Rate]

    def factor(self, currency: str) -> Decimal | None:
        """What one unit of `currency` is worth in the home currency; None when that is not known."""
        if currency == self.home:
            return Decimal(1)
        own, other = self._per_euro(self.home), self._per_euro(currency)
        return None if own is None or other is None else own / other

    def _per_euro(self, currency: str) -> Decimal | None:
        if currency == EURO:
            return Decimal(1)
        rate = self.known.get(currency)
        return rate.per_euro if rate else None

    def convert(self, amount: Decimal, currency: str) -> Decimal:
        """`amount` in the home currency, rounded to its decimals."""
        factor = self.factor(currency)
        if factor is None:
            raise NoRate([currency], self.on)
        return (amount * factor).quantize(unit(self.home), ROUND_HALF_UP)

    def factors(self) -> dict[str, Decimal]:
        """Every currency that can be converted, with what one unit is worth."""
        known = {currency: self.factor(currency) for currency in {self.home, EURO, *self.known}}
        return {currency: factor for currency, factor in known.items() if factor is not None}

    @property
    def sql(self) -> sql.Composable:
        """The same as rows of VALUES: currency, factor."""
        return sql.SQL(", ").join(
            sql.SQL("({}, {}::numeric)").format(sql.Literal(currency), sql.Literal(factor))
            for currency, factor in self.factors().items()
        )

    def check(self, currencies: Iterable[str]) -> None:
        """Complain about all currencies that cannot be converted, at once."""
        if missing := [currency for currency in currencies if self.factor(currency) is None]:
            raise NoRate(missing, self.on)

    def used(self, currencies: Iterable[str]) -> list[Rate]:
        """The rates behind these currencies, to be shown beside the figures."""
        needed = {currency for currency in currencies if currency != self.home}
        return [self.known[c] for c in sorted(needed | ({self.home} if needed else set())) if c in self.known]


def rates_of(on: date, home: str) -> Rates:
    """The last rate of each currency published on or before `on`. One query."""
    found = (
        ExchangeRate.objects.filter(on__lte=on, on__gt=on - STALE_AFTER)
        .order_by("currency", "-on")
        .distinct("currency")
        .values_list("currency", "on", "per_euro")
    )
    return Rates(home, on, {row[0]: Rate(*row) for row in found})
