"""A report as one reader may see it: the file, and the figures that stand in the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import LegalEntity, User
from lib import formats
from reporting.errors import no_entity
from reporting.export import media_type, write
from reporting.export.text import shown
from reporting.reports import TITLES, Column, Kind, Options, Report, build
from reporting.reports.group import currency_of, group_report
from reporting.selectors.frame import READ, entities_for, make_frame
from reporting.selectors.series import month_ends
from reporting.subscriptions.asked import frame_filters, months_of

GROUP = "group"
# A letter is no table: what is longer is in the file.
MOST_FIGURES = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report, of which legal entity, with which filters."""

    report: str
    entity: LegalEntity
    filters: Mapping[str, str]


def title_of(report: str) -> str:
    """What the report is called in the active language."""
    return _("The group") if report == GROUP else str(TITLES[report])


def report_for(wanted: Wanted, reader: User, day: date) -> Report:
    """The report as the reader may see it, in the active language. Raises DomainError when it cannot be made."""
    if wanted.report == GROUP:
        frames = [make_frame(one, day, user=reader) for one in entities_for(reader).order_by("code")]
        if not frames:
            raise no_entity()
        return group_report(frames, currency_of(frames, wanted.entity.currency))
    filters = wanted.filters
    frame = make_frame(wanted.entity, day, user=reader, filters=frame_filters(filters))
    first = month_ends(day, months_of(filters))[0].replace(day=1)
    asked = Options(filters.get("by", ""), first, day, step=filters.get("step", ""))
    if "method" in filters:
        asked = Options(asked.by, first, day, filters["method"], asked.step)
    return build(wanted.report, frame, asked)


def sees(reader: User) -> tuple[Any, ...]:
    """What decides on a reader's figures: two readers with the same get the same."""
    scope = policy.scope(reader)
    own = scope.own(READ)
    return (scope.wide(READ), own, reader.pk if own else None)


def file_of(report: Report, form: str) -> tuple[str, bytes]:
    """The media type and the bytes of the file."""
    return media_type(form), write(report, form)


def headline(report: Report) -> list[tuple[str, str]]:
    """The figures for the text of a letter: the total, the last point of a series, or the first lines."""
    columns, total = report.columns, report.total
    if total is None and report.rows and columns[0].kind is Kind.DAY:
        total = report.rows[-1]
    if total is not None:
        found = [
            (column.label, _cell(report, column, value))
            for column, value in zip(columns, total, strict=True)
            if column.kind not in (Kind.TEXT, Kind.DAY) and value is not None and value != ""
        ]
        return found[:MOST_FIGURES]
    figure = next((x for x, column in enumerate(columns) if column.kind not in (Kind.TEXT, Kind.DAY)), None)
    if figure is None:
        return []
    lines = [(str(row[0]), _cell(report, columns[figure], row[figure])) for row in report.rows]
    return lines[:MOST_FIGURES]


def _cell(report: Report, column: Column, value: Any) -> str:
    if column.kind is Kind.MONEY and value is not None:
        return formats.money(value, report.currency)
    return shown(column, value) or "–"
