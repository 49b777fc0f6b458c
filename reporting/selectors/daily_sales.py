"""Net sales day by day, for a DSO on any day: running sums, so that many days cost hardly more than one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from reporting.metrics.dso import Month, Sales
from reporting.selectors.frame import Frame
from reporting.selectors.rates import Rates
from reporting.selectors.sold import Sold, sold

ZERO = Decimal("0.00")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Running:
    """What was sold in one currency up to each day on which something was."""

    days: list[date]
    sums: list[Decimal]

    def between(self, first: date, last: date) -> Decimal:
        """From `first` to `last`, both included."""
        return self._until(last) - self._until(first - DAY)

    def _until(self, day: date) -> Decimal:
        place = bisect_right(self.days, day)
        return self.sums[place - 1] if place else ZERO


@dataclass(frozen=True, slots=True)
class DailySales:
    """The sales of one value of a dimension, by currency."""

    by_currency: dict[str, Running]
    # Whole months, by their last day, where everything is in the home currency: the same at the rates of every day.
    _whole: dict[date, Month] = field(default_factory=dict, compare=False, repr=False)

    def months(self, as_of: date, rates: Rates) -> Iterator[Month]:
        """Newest first from the month of `as_of` (clipped there) to that of the first sale, in the home currency."""
        oldest = min((run.days[0] for run in self.by_currency.values()), default=as_of + DAY)
        last, oldest, lasting = as_of, oldest.replace(day=1), self.by_currency.keys() <= {rates.home}
        while last >= oldest:
            month = self._whole.get(last)
            if month is None:
                month = Month(self.between(last.replace(day=1), last, rates), last.day)
                if lasting and last < as_of:
                    self._whole[last] = month
            yield month
            last = last.replace(day=1) - DAY

    def between(self, first: date, last: date, rates: Rates) -> Decimal:
        """Net sales of these days in the home currency, each currency converted once."""
        runs = self.by_currency.items()
        return sum((rates.convert(run.between(first, last), currency) for currency, run in runs), ZERO)

    def reaching(self, as_of: date, rates: Rates, amount: Decimal) -> Sales:
        """The sales a count-back of at most `amount` needs, and no older ones."""
        months, left = [], amount
        for month in self.months(as_of, rates):
            months.append(month)
            left -= max(month.sales, ZERO)
            if left <= 0:
                break
        return Sales(months)


NO_SALES = DailySales({})


def daily_sales(frame: Frame, by: str = "entity", since: date | None = None) -> dict[str, DailySales]:
    """The sales up to the frame's day by one dimension of customers. One or two queries.

    `since`: from which day on days are asked for; months before need not be cut.
    """
    found: dict[str, dict[str, list[Sold]]] = {}
    for row in sold(frame, by, (since or date.min).replace(day=1)):
        found.setdefault(row.key, {}).setdefault(row.currency, []).append(row)
    return {
        key: DailySales(
            {
                currency: Running([row.day for row in rows], list(accumulate(row.amount for row in rows)))
                for currency, rows in by_currency.items()
            }
        )
        for key, by_currency in found.items()
    }
