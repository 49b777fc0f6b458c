"""The DSO family: count-back and simple DSO, its waterfall, dispute DSO, best possible, days delinquent, CEI.

Definitions and worked examples: docs/metrics.md. Days are exact fractions here; `rounding` shows them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from reporting.metrics.aging import Parts

COUNT_BACK = "count-back"
SIMPLE = "simple"
METHODS = (COUNT_BACK, SIMPLE)
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Month:
    """The net sales of a month (invoices minus credit notes, by issue date) and the days of it that count."""

    sales: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Dso:
    """A number of days; `exhausted` says "more than so many": known sales do not reach back far enough."""

    days: Fraction
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A DSO in three parts that add up to it exactly."""

    not_due: Fraction
    late: Fraction
    disputed: Fraction

    @property
    def days(self) -> Fraction:
        return self.not_due + self.late + self.disputed

    def as_dict(self) -> dict[str, Fraction]:
        return {"not_due": self.not_due, "late": self.late, "disputed": self.disputed}


def simple(receivables: Decimal, sales: Decimal, days: int) -> Dso:
    """Receivables * days / sales of these days. Without sales there is no answer but "more than all of
    them".
    """
    if not receivables:
        return Dso(NOTHING)
    if sales <= 0:
        return Dso(Fraction(days), exhausted=True)
    return Dso(Fraction(receivables) * days / Fraction(sales))


def count_back(receivables: Decimal, months: Iterable[Month]) -> Dso:
    """How many days of sales, counted back from the last one, the receivables stand for.

    `months` newest first, the first clipped at the as-of date. The last month needed counts pro rata; a
    month without net sales adds its days and uses up nothing; receivables beyond all known sales give
    "more than all these days".
    """
    left, days = Fraction(receivables), NOTHING
    for month in months:
        if left <= 0:
            break
        if 0 < month.sales >= left:
            return Dso(days + left / Fraction(month.sales) * month.days)
        days += month.days
        left -= max(Fraction(month.sales), NOTHING)
    return Dso(days, exhausted=left > 0)


def months_back(
    sales: Mapping[tuple[int, int], Decimal], as_of: date, first: date | None = None
) -> list[Month]:
    """Months newest first from that of `as_of` (clipped at that day) to the first known one, none left out.

    `sales`: net sales by (year, month), nothing after `as_of`. `first`: any day of the first known month,
    when it is not simply the oldest key.
    """
    known = list(sales) + ([(first.year, first.month)] if first else [])
    if not known:
        return []
    oldest, months = min(known), []
    last = as_of
    while (last.year, last.month) >= oldest:
        months.append(Month(sales.get((last.year, last.month), Decimal(0)), last.day))
        last = last.replace(day=1) - timedelta(days=1)
    return months


def waterfall(dso: Dso, parts: Parts) -> Waterfall:
    """The DSO shared out pro rata of the amounts."""
    if not parts.total:
        return Waterfall(NOTHING, NOTHING, NOTHING)
    per_unit = dso.days / Fraction(parts.total)
    return Waterfall(*(per_unit * Fraction(part) for part in (parts.not_due, parts.late, parts.disputed)))


@dataclass(frozen=True, slots=True)
class Sales:
    """Where a DSO takes its sales from: months for count-back; the sum of the last `days` for the simple
    one.
    """

    months: Sequence[Month]
    method: str = COUNT_BACK
    recent: Decimal = Decimal(0)
    days: int = 0

    def dso(self, receivables: Decimal) -> Dso:
        """The DSO of any amount, always by the same method."""
        if self.method == SIMPLE:
            return simple(receivables, self.recent, self.days)
        return count_back(receivables, self.months)


@dataclass(frozen=True, slots=True)
class DsoFamily:
    """Every figure that hangs on one DSO, at one date."""

    amounts: Parts
    dso: Dso
    parts: Waterfall
    marginal: Fraction
    best_possible: Fraction

    @property
    def receivables(self) -> Decimal:
        return self.amounts.total

    @property
    def disputed(self) -> Decimal:
        return self.amounts.disputed

    @property
    def dispute_dso(self) -> Fraction:
        return self.parts.disputed

    @property
    def average_days_delinquent(self) -> Fraction:
        return self.dso.days - self.best_possible


def family(parts: Parts, not_due: Decimal, sales: Sales) -> DsoFamily:
    """The whole family. `not_due`: all that is not yet due, disputed or not (it would be open even if all
    paid on time).
    """
    dso = sales.dso(parts.total)
    return DsoFamily(
        amounts=parts,
        dso=dso,
        parts=waterfall(dso, parts),
        marginal=dso.days - sales.dso(parts.total - parts.disputed).days,
        best_possible=sales.dso(not_due).days,
    )


def collection_effectiveness(
    opening: Decimal, sales: Decimal, closing: Decimal, closing_not_due: Decimal
) -> Fraction | None:
    """CEI in per cent: how much of what could be collected in the period was. None when there was nothing to
    collect.
    """
    could = Fraction(opening + sales - closing_not_due)
    return None if not could else Fraction(opening + sales - closing) / could * 100
