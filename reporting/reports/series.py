"""Aging, the DSO family and the CEI day by day, week by week or month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from reporting.errors import ReportError, unknown_step
from reporting.metrics.dso import DsoFamily, Sales, collection_effectiveness, dispute_dso, family
from reporting.metrics.rounding import rounded
from reporting.reports.aging import bucket_label
from reporting.reports.dso import MEASURES, measures
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
from reporting.selectors.daily_sales import NO_SALES, DailySales, daily_sales
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame, labels_of
from reporting.selectors.rates import Rates
from reporting.selectors.series import Standing, rates_on, standings_by

ZERO = Decimal("0.00")
DAY = timedelta(days=1)
STEPS = ("day", "week", "month")
MOST = 1200


def days_of(period: Period, step: str) -> list[date]:
    """The days a series shows: each day, each Sunday, or each last of the month; and the last of the period."""
    if step not in STEPS:
        raise unknown_step(step, STEPS)
    found, day = [], period.first
    while day <= period.last:
        ends = (
            step == "day"
            or (step == "week" and day.weekday() == 6)
            or (step == "month" and (day + DAY).day == 1)
        )
        if ends or day == period.last:
            found.append(day)
        day += DAY
    if len(found) > MOST:
        raise ReportError(_("A series has at most %(most)d points.") % {"most": MOST}, code="too_many_points")
    return found


@dataclass(frozen=True)
class Point:
    """One day of a series; the CEI is that of the days since the point before. Each figure is worked out when asked."""

    before: Standing
    standing: Standing
    sales: DailySales
    rates: Rates

    @cached_property
    def figures(self) -> DsoFamily:
        """The whole DSO family of the day."""
        return family(self.standing.parts, self.standing.not_due, self._reached)

    @property
    def dispute_dso(self) -> Fraction:
        """The same as `figures.dispute_dso`, without the others."""
        return dispute_dso(self.standing.parts, self._reached)

    @cached_property
    def cei(self) -> Fraction | None:
        """How much of what could be collected since the point before was."""
        now = self.standing
        sold = self.sales.between(self.before.day + DAY, now.day, self.rates)
        return collection_effectiveness(self.before.parts.total, sold, now.parts.total, now.not_due)

    @cached_property
    def _reached(self) -> Sales:
        return self.sales.reaching(self.standing.day, self.rates, self.standing.parts.total)


def points(found: list[Standing], sales: DailySales, rates: dict[date, Rates]) -> list[Point]:
    """A point for each day but the first, which is the beginning of the second one's CEI."""
    return [Point(before, now, sales, rates[now.day]) for before, now in pairwise(found)]


def series_of(frame: Frame, wanted: list[date], by: str) -> dict[str, list[Point]]:
    """The points of each value of a dimension of customers on these days (and one day before the first)."""
    shown = [wanted[0] - DAY, *wanted]
    rates = rates_on(shown, frame.entity.currency)
    sales = daily_sales(frame.at(wanted[-1]), by, shown[0])
    found = standings_by(frame, shown, rates, by)
    return {key: points(some, sales.get(key, NO_SALES), rates) for key, some in found.items()}


def series_report(frame: Frame, options: Options) -> Report:
    """Every figure of the position at each day of the period: buckets, disputed, DSO family, CEI."""
    by, step = options.by or "entity", options.step or "month"
    asked = options.period(frame.as_of)
    period = Period(asked.first, min(asked.last, frame.as_of))
    found = series_of(frame, days_of(period, step), by)
    names = frame.buckets.names
    columns = [Column("on", _("Day"), Kind.DAY)]
    if by != "entity":
        columns.append(Column("label", dimension(by)))
    columns += [Column(name, bucket_label(name), Kind.MONEY) for name in names]
    columns += [
        Column("receivables", _("Receivables"), Kind.MONEY),
        Column("in_dispute", _("In dispute"), Kind.MONEY),
    ]
    columns += [Column(key, str(label), Kind.DAYS) for key, label in MEASURES.items()]
    columns.append(Column("cei", "CEI", Kind.PERCENT))
    rows: list[tuple[Any, ...]] = []
    entries: list[dict[str, Any]] = []
    labels = labels_of(frame, by)
    for key, some in sorted(found.items()):
        name = name_of(frame, by, key, labels.get(key, ""))
        series = [_entry(point, names) for point in some]
        entries.append({"key": key, "label": name, "points": series})
        place = (name,) if by != "entity" else ()
        rows += [(point.standing.day, *place, *_cells(point)) for point in some]
    data = head(frame, period=period) | {"by": by, "step": step, "rows": entries}
    return Report(
        "series", _("Figures over time"), facts(frame, period=period), columns, rows, data,
        currency=frame.entity.currency,
    )  # fmt: skip


def _cells(point: Point) -> tuple[Decimal | None, ...]:
    figures, standing = point.figures, point.standing
    cei = None if point.cei is None else rounded(point.cei)
    return (*standing.opens, figures.receivables, figures.disputed, *measures(figures).values(), cei)


def _entry(point: Point, names: tuple[str, ...]) -> dict[str, Any]:
    standing, shown = point.standing, measures(point.figures)
    return {
        "on": standing.day.isoformat(),
        "receivables": money(point.figures.receivables),
        "in_dispute": money(point.figures.disputed),
        "buckets": {name: money(amount) for name, amount in zip(names, standing.opens, strict=True)},
        "exhausted": point.figures.dso.exhausted,
        "cei": days(point.cei),
    } | {key: days(value) for key, value in shown.items()}
