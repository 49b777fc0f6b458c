"""The headline figures of a period beside the period before and beside their targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.choices import MORE_IS_BETTER, Measure
from reporting.reports.measuring import Measures, measures_by, measures_of
from reporting.reports.table import Column, Kind, Options, Report, days, dimension, facts, head
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame
from reporting.selectors.targets import targets_on

DAY = timedelta(days=1)


def period_before(period: Period) -> Period:
    """The same number of days just before; whole months before whole months."""
    last = period.first - DAY
    if period.first.day == 1 and (period.last + DAY).day == 1:
        months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
        place = period.first.year * 12 + period.first.month - 1 - months
        return Period(last.replace(year=place // 12, month=place % 12 + 1, day=1), last)
    return Period(last - (period.last - period.first), last)


def met(measure: str, value: Decimal | None, target: Decimal | None) -> bool | None:
    """Whether the figure is where it should be; None without one or the other."""
    if value is None or target is None:
        return None
    return value >= target if measure in MORE_IS_BETTER else value <= target


def figures_report(frame: Frame, options: Options) -> Report:
    """Each figure at the end of the period, at the end of the period before, its target, and whether it is met: of the
    whole, or of each value of a dimension of customers."""
    asked = options.period(frame.as_of)
    period = replace(asked, last=min(asked.last, frame.as_of))
    earlier = period_before(period)
    targets = targets_on(frame.entity, period.last)
    data = head(frame, period=period)
    data |= {"before": {"from": earlier.first.isoformat(), "to": earlier.last.isoformat()}}
    columns = [
        Column("label", _("Figure")), Column("value", _("Now"), Kind.DAYS),
        Column("before", _("Period before"), Kind.DAYS),
        Column("change", _("Change"), Kind.DAYS), Column("target", _("Target"), Kind.DAYS), Column("met", _("Reached")),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    if options.by and options.by != "entity":
        chosen(options.by, OF_CUSTOMERS)
        columns.insert(0, Column("name", dimension(options.by)))
        data |= {"by": options.by, "rows": []}
        then = {one.key: one.figures for one in measures_by(frame, earlier, options.by)}
        for one in measures_by(frame, period, options.by):
            compared = _compared(one.figures, then.get(one.key, {}), targets)
            rows += [(one.label, *_row(entry)) for entry in compared]
            data["rows"].append({"key": one.key, "label": one.label, "figures": _told(compared)})
    else:
        compared = _compared(measures_of(frame, period), measures_of(frame, earlier), targets)
        rows = [_row(entry) for entry in compared]
        data["rows"] = _told(compared)
    return Report(
        "figures", _("Figures and targets"), facts(frame, period=period), columns, rows, data,
        currency=frame.entity.currency,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the period before and its target."""

    key: str
    label: str
    value: Decimal | None
    before: Decimal | None
    target: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """How much it moved."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def met(self) -> bool | None:
        """Whether it is where it should be."""
        return met(self.key, self.value, self.target)


def _compared(now: Measures, then: Measures, targets: Mapping[str, Decimal]) -> list[Compared]:
    return [
        Compared(key, str(Measure(key).label), value, then.get(key), targets.get(key))
        for key, value in now.items()
    ]


def _row(one: Compared) -> tuple[Any, ...]:
    """As people read it."""
    words = {True: _("yes"), False: _("no"), None: ""}
    return (one.label, one.value, one.before, one.change, one.target, words[one.met])


def _told(found: list[Compared]) -> list[dict[str, Any]]:
    """As programs read it."""
    return [
        {
            "key": str(one.key), "label": one.label, "value": days(one.value), "before": days(one.before),
            "change": days(one.change), "target": days(one.target), "met": one.met,
        }
        for one in found
    ]  # fmt: skip
