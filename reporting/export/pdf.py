"""PDF by typst: the layout stands in report.typ, the data travel beside it as JSON, so nothing needs
escaping.
"""

import json
from pathlib import Path

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reporting.export.text import RIGHT, shown
from reporting.reports.table import Column, Kind, Report

LAYOUT = Path(__file__).with_name("report.typ")
WIDE_FROM = 7


def as_pdf(report: Report) -> bytes:
    """The report as pages to print or to send: upright for few columns, lying for many."""
    body = [*report.rows, *([report.total] if report.total else [])]
    data = {
        "title": report.title,
        "facts": report.facts,
        "language": (get_language() or "en").split("-")[0],
        "wide": len(report.columns) >= WIDE_FROM,
        "page": _("Page"),
        "empty": _("There is nothing to report."),
        "heads": [column.label for column in report.columns],
        "align": ["right" if column.kind in RIGHT else "left" for column in report.columns],
        "widths": [_width(column) for column in report.columns],
        "rows": [[shown(c, v) for c, v in zip(report.columns, row, strict=True)] for row in body],
        "total": report.total is not None,
        "notes": report.notes,
    }
    made = typst.compile(LAYOUT, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return bytes(made)


def _width(column: Column) -> str:
    """Texts share the room that numbers leave."""
    return "1fr" if column.kind is Kind.TEXT else "auto"
