"""Collection effectiveness of a period."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.aging import NOT_DUE
from reporting.metrics.dso import collection_effectiveness
from reporting.metrics.rounding import rounded
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    dimension,
    facts,
    head,
    money,
    name_of,
)
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame
from reporting.selectors.position import Position, position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_between

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """What the CEI of one value of a dimension is made of."""

    key: str
    label: str
    begin: Decimal = ZERO
    sales: Decimal = ZERO
    end: Decimal = ZERO
    not_due: Decimal = ZERO

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        return (self.begin, self.sales, self.end, self.not_due)

    @property
    def cei(self) -> Fraction | None:
        """In per cent; None when there was nothing to collect."""
        return collection_effectiveness(*self.amounts)

    @property
    def shown(self) -> Decimal | None:
        return None if self.cei is None else rounded(self.cei)


def effectiveness(frame: Frame, period: Period, by: str) -> tuple[list[Effectiveness], Position]:
    """The CEI of a period by one dimension, the largest receivables first; and the position at its end."""
    chosen(by, OF_CUSTOMERS)
    frame = frame.at(period.last)
    begin, end = position(frame.at(period.first - timedelta(days=1)), by), position(frame, by)
    sold = sales_between(frame, period.first, period.last, rates_of(period.last, frame.entity.currency), by)
    before, after = {row.key: row for row in begin.rows}, {row.key: row for row in end.rows}
    found = []
    for key in {**after, **before, **sold}:
        row, was = after.get(key), before.get(key)
        label = (row or was).label if row or was else ""  # type: ignore[union-attr]
        found.append(
            Effectiveness(
                *(key, label, was.aging.open if was else ZERO, sold.get(key, ZERO)),
                *((row.aging.open, row.aging.buckets[NOT_DUE]) if row else (ZERO, ZERO)),
            )
        )
    return sorted(found, key=lambda one: (-one.end, one.label, one.key)), end


def whole_of(found: list[Effectiveness]) -> Effectiveness:
    """All of them together."""
    sums = [sum(column, ZERO) for column in zip(*(one.amounts for one in found), strict=True)]
    return Effectiveness("", "", *sums)


KEYS = ("receivables_begin", "sales", "receivables_end", "not_due_end")


def cei_report(frame: Frame, options: Options) -> Report:
    """Collection effectiveness of a period: how much of what could be collected was."""
    period, by = options.period(frame.as_of), options.by or "entity"
    found, end = effectiveness(frame, period, by)
    whole, frame = whole_of(found), frame.at(period.last)
    labels = (
        *(_("Receivables at the beginning"), _("Sales of the period")),
        *(_("Receivables at the end"), _("of which not due")),
    )
    data = head(frame, period=period) | dict(zip(KEYS, map(money, whole.amounts), strict=True))
    data["cei"] = days(whole.cei)
    rows: list[tuple[Any, ...]]
    if by == "entity":
        columns = [Column("measure", _("Figure")), Column("amount", _("Amount"), Kind.MONEY)]
        columns.append(Column("cei", "CEI", Kind.PERCENT))
        rows = [(label, amount, None) for label, amount in zip(labels, whole.amounts, strict=True)]
        rows.append((_("Collection effectiveness"), None, whole.shown))
        last = None
    else:
        columns = [Column("label", dimension(by))]
        columns += [Column(key, label, Kind.MONEY) for key, label in zip(KEYS, labels, strict=True)]
        columns.append(Column("cei", "CEI", Kind.PERCENT))
        rows = [(name_of(frame, by, one.key, one.label), *one.amounts, one.shown) for one in found]
        last = (_("Total"), *whole.amounts, whole.shown)
        data["rows"] = [
            {"key": one.key, "label": row[0], "cei": days(one.cei)}
            | dict(zip(KEYS, map(money, one.amounts), strict=True))
            for one, row in zip(found, rows, strict=True)
        ]
    return Report(
        "cei", _("Collection effectiveness (CEI)"), facts(frame, period=period, rates=end.rates), columns, rows,
        data, last, currency=frame.entity.currency,
    )  # fmt: skip
