"""Dispute DSO: days of sales stuck in disputes, as a series and by dimension."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.dso import DsoFamily
from reporting.metrics.rounding import rounded_parts
from reporting.reports.dso import MEASURES, by_key, dso_data, dso_figures, exhausted_notes, measures
from reporting.reports.table import Column, Kind, Options, Report, days, dimension, facts, head, money
from reporting.selectors.frame import Frame
from reporting.selectors.sales import sales_book
from reporting.selectors.series import DsoPoint, dso_series, month_ends, rates_on


def dso_points(frame: Frame, wanted: Sequence[date]) -> list[DsoPoint]:
    """The count-back DSO family at each of these days. Three queries, whatever their number."""
    return dso_series(frame, wanted, sales_book(frame), rates_on(wanted, frame.entity.currency))


def _months_of(frame: Frame, options: Options) -> list[date]:
    """The month ends of the period up to the as-of day (12 when no period was asked for)."""
    if options.first is None:
        return month_ends(frame.as_of, 12)
    months = (frame.as_of.year - options.first.year) * 12 + frame.as_of.month - options.first.month + 1
    return month_ends(frame.as_of, max(1, months))


def _point_data(point: DsoPoint) -> dict[str, Any]:
    return {
        "on": point.standing.day.isoformat(),
        "receivables": money(point.figures.receivables),
        "disputed": money(point.standing.parts.disputed),
        "dso": days(point.figures.dso.days),
        "dispute_dso": days(rounded_parts(point.figures.parts.as_dict())["disputed"]),
        "dispute_dso_marginal": days(point.figures.marginal),
    }


def _row(figures: DsoFamily, disputed: Decimal) -> tuple[Decimal, ...]:
    shown = measures(figures)
    return (figures.receivables, disputed, shown["dso"], shown["disputed"], shown["marginal"])


KEPT = ("dispute_dso", "dispute_dso_marginal", "dso", "exhausted")


def dispute_dso_report(frame: Frame, options: Options) -> Report:
    """Days of sales stuck in disputes, month by month, or by a dimension at one date."""
    frame = frame.at(min(options.last or frame.as_of, frame.as_of))
    points = dso_points(frame, _months_of(frame, options))
    last, data = points[-1], head(frame)
    whole = dso_data(last.figures)
    data |= {"receivables": money(last.figures.receivables), "disputed": money(last.standing.parts.disputed)}
    data |= {key: whole[key] for key in KEPT} | {"series": [_point_data(point) for point in points]}
    columns = [
        Column("on", _("Day"), Kind.DAY),
        Column("receivables", _("Receivables"), Kind.MONEY),
        Column("disputed", _("In dispute"), Kind.MONEY),
        Column("dso", _("DSO"), Kind.DAYS),
        Column("dispute_dso", _("Dispute DSO"), Kind.DAYS),
        Column("marginal", str(MEASURES["marginal"]), Kind.DAYS),
    ]
    rows: list[tuple[Any, ...]] = [
        (p.standing.day, *_row(p.figures, p.standing.parts.disputed)) for p in points
    ]
    if options.by and options.by != "entity":
        columns[0] = Column("label", dimension(options.by))
        data["rows"], rows = _split(frame, options)
    notes = exhausted_notes(last.figures)
    return Report(
        "dispute-dso", _("Dispute DSO"), facts(frame), columns, rows, data, None, notes, frame.entity.currency
    )


def _split(frame: Frame, options: Options) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """One entry and one row per value of the dimension, at the frame's day."""
    found, book, whole = dso_figures(frame, options)
    entries, rows = [], []
    for key, label, figures in by_key(frame, options.by, found, book, whole):
        disputed, shown = figures.disputed, dso_data(figures)
        entries.append(
            {"key": key, "label": label, "disputed": money(disputed)} | {k: shown[k] for k in KEPT}
        )
        rows.append((label, *_row(figures, disputed)))
    return entries, rows
