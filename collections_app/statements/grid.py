"""A statement as a workbook: per currency what is open, and apart what is under review."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from collections_app.statements.facts import Section, Statement
from lib import formats


def grid(statement: Statement, language: str) -> dict[str, Any]:
    """The workbook as data (mailroom.paper.grid), to keep and to draw later."""
    with translation.override(language):
        return {
            "title": _("Statement of account"),
            "made": f"{statement.on.isoformat()}T00:00:00+00:00",
            "facts": [
                [statement.customer.entity.name, ""],
                [_("Customer"), statement.customer.name],
                [_("Currency"), ", ".join(section.currency for section in statement.sections)],
                [_("As of"), formats.day(statement.on, "long")],
            ],
            "tables": [page for section in statement.sections for page in _pages(section, statement)],
        }


def _pages(section: Section, statement: Statement) -> Iterator[dict[str, Any]]:
    several = f" {section.currency}" if len(statement.sections) > 1 else ""
    yield _open_page(section, several)
    if section.reviewed:
        yield {
            "name": _("Not asked for") + several,
            "head": [_("Invoice"), _("Due"), _("Not asked for")],
            "kinds": ["text", "day", "money"],
            "rows": [[row.number, row.due_on.isoformat(), str(row.disputed)] for row in section.reviewed],
            "total": [],
        }


def _open_page(section: Section, several: str) -> dict[str, Any]:
    rows = [
        [
            row.number,
            row.issued_on.isoformat(),
            row.due_on.isoformat(),
            str(max(row.late, 0)),
            str(row.payable),
            str(row.asked),
        ]
        for row in section.standing
    ]
    return {
        "name": _("Open") + several,
        "head": [_("Invoice"), _("Issued"), _("Due"), _("Days late"), _("Open"), _("To pay")],
        "kinds": ["text", "day", "day", "count", "money", "money"],
        "rows": rows,
        "total": [_("Total"), "", "", "", str(section.open - section.disputed), str(section.asked)],
    }
