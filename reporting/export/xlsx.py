"""A spreadsheet: real numbers and dates, a frozen header, filters, no cell that is a formula."""

import io
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reporting.export.text import shown, starts_formula
from reporting.reports.table import Column, Kind, Report

NUMBERS = {
    Kind.MONEY: "#,##0.00",
    Kind.DAYS: "#,##0.000",
    Kind.COUNT: "#,##0",
    Kind.PERCENT: '0.0"%"',
    Kind.DAY: "yyyy-mm-dd",
    Kind.TEXT: "@",
}
WIDEST = 48


class Sheet:
    """One worksheet that is being written."""

    def __init__(self, book: Workbook, report: Report) -> None:
        self.book, self.report = book, report
        self.sheet: Worksheet = book.add_worksheet(report.name)
        self.plain = {kind: book.add_format({"num_format": text}) for kind, text in NUMBERS.items()}
        self.total = {
            k: book.add_format({"num_format": t, "bold": True, "top": 1}) for k, t in NUMBERS.items()
        }
        self.quoted = book.add_format({"quote_prefix": True})

    def write(self) -> None:
        """Title and facts, then the header, the rows and the total."""
        bold = self.book.add_format({"bold": True, "font_size": 14})
        label = self.book.add_format({"font_color": "#4a5b64"})
        self.sheet.write_string(0, 0, self.report.title, bold)
        for i, (name, value) in enumerate(self.report.facts, start=1):
            self.sheet.write_string(i, 0, name, label)
            self._text(i, 1, value)
        top = len(self.report.facts) + 2
        heading = self.book.add_format(
            {"bold": True, "bg_color": "#0f5e63", "font_color": "#ffffff", "text_wrap": True}
        )
        for x, column in enumerate(self.report.columns):
            self.sheet.write_string(top, x, column.label, heading)
            self.sheet.set_column(x, x, self._width(x, column))
        for y, row in enumerate(self.report.rows, start=top + 1):
            self._row(y, row, self.plain)
        last = top + len(self.report.rows)
        if self.report.total:
            self._row(last + 1, self.report.total, self.total)
        self.sheet.freeze_panes(top + 1, 0)
        self.sheet.autofilter(top, 0, max(last, top), len(self.report.columns) - 1)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(top)

    def _width(self, x: int, column: Column) -> int:
        longest = max((len(shown(column, row[x])) for row in self.report.rows[:500]), default=0)
        return min(WIDEST, max(10, longest + 2, len(column.label) // 2 + 4))

    def _row(self, y: int, row: tuple[Any, ...], looks: dict[Kind, Format]) -> None:
        for x, (column, value) in enumerate(zip(self.report.columns, row, strict=True)):
            if value is None or value == "":
                self.sheet.write_blank(y, x, None, looks[column.kind])
            elif column.kind is Kind.TEXT:
                self._text(y, x, str(value), looks[Kind.TEXT])
            elif column.kind is Kind.DAY:
                self.sheet.write_datetime(y, x, value, looks[Kind.DAY])
            else:
                self.sheet.write_number(y, x, value, looks[column.kind])

    def _text(self, y: int, x: int, value: str, look: Format | None = None) -> None:
        self.sheet.write_string(y, x, value, self.quoted if starts_formula(value) else look)


def as_xlsx(report: Report) -> bytes:
    """The report as an Excel workbook of one sheet."""
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, options) as book:
        book.set_properties(
            {"title": report.title, "subject": ", ".join(f"{k}: {v}" for k, v in report.facts)}
        )
        Sheet(book, report).write()
    return out.getvalue()
