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
    left, days = receivables, 0
    for month in months:
        if left <= 0:
            break
        sales = month.sales
        if sales >= left:
            return Dso(_added(days, _share(month.days, left, sales)))
        days += month.days
        if sales > 0:
            left -= sales
    return Dso(Fraction(days), exhausted=left > 0)


def _share(days: int | Fraction, part: Decimal, whole: Decimal) -> Fraction:
    """days * part / whole, exact: made of whole numbers, and reduced once."""
    (part_over, part_under), (over, under) = part.as_integer_ratio(), whole.as_integer_ratio()
    return Fraction(days.numerator * part_over * under, days.denominator * part_under * over)


def _added(days: int, more: Fraction) -> Fraction:
    return Fraction(more.numerator + days * more.denominator, more.denominator) if days else more


@dataclass(frozen=True, slots=True)
class Counted:
    """What one month of a count-back takes from the receivables, and the days it stands for."""

    taken: Decimal
    days: Fraction


def counted_back(receivables: Decimal, months: Iterable[Month]) -> list[Counted]:
    """The months that `count_back` needs, one by one: their days add up to its answer."""
    found, left = list[Counted](), receivables
    for month in months:
        if left <= 0:
            break
        taken = min(max(month.sales, Decimal(0)), left)
        whole = not 0 < month.sales >= left
        days = Fraction(month.days) if whole else Fraction(left) / Fraction(month.sales) * month.days
        found.append(Counted(taken, days))
        left -= taken
    return found


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
    total = parts.total
    return Waterfall(*(_share(dso.days, part, total) for part in (parts.not_due, parts.late, parts.disputed)))


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


def dispute_dso(parts: Parts, sales: Sales) -> Fraction:
    """The disputed part of the DSO alone, for those who need no other of the family."""
    return _share(sales.dso(parts.total).days, parts.disputed, parts.total) if parts.total else NOTHING


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


def part_of(whole: DsoFamily, parts: Parts, not_due: Decimal, sales: Sales) -> DsoFamily:
    """The share of a DSO that a part of its receivables stands for, pro rata: parts add up to the whole.

    The gain is what the whole would gain if the disputed amount of this part were settled; best possible: pro rata too.
    """
    per_unit = whole.dso.days / Fraction(whole.receivables) if whole.receivables else NOTHING
    dso = Dso(per_unit * Fraction(parts.total), whole.dso.exhausted)
    return DsoFamily(
        amounts=parts,
        dso=dso,
        parts=waterfall(dso, parts),
        marginal=whole.dso.days - sales.dso(whole.receivables - parts.disputed).days,
        best_possible=per_unit * Fraction(not_due),
    )


def collection_effectiveness(
    opening: Decimal, sales: Decimal, closing: Decimal, closing_not_due: Decimal
) -> Fraction | None:
    """CEI in per cent: how much of what could be collected in the period was. None when there was nothing to
    collect.
    """
    could = Fraction(opening + sales - closing_not_due)
    return None if not could else Fraction(opening + sales - closing) / could * 100
