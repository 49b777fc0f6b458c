"""A spreadsheet that goes along with a letter: real numbers and dates, no cell that is a formula."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

NUMBERS = {"money": "#,##0.00", "count": "#,##0", "day": "yyyy-mm-dd", "text": "@"}
STARTS = ("=", "+", "-", "@", "\t", "\r")
WIDTHS = {"money": 14, "count": 10, "day": 12, "text": 22}


def as_xlsx(grid: dict[str, Any]) -> bytes:
    """The workbook of `grid`: {"title", "facts": [[name, value]], "made": ISO moment, "tables": [table]}.

    A table is {"name", "head", "kinds", "rows", "total"}; a cell is a string: money as `12.50`, a day as ISO, empty
    for none. The same grid gives the same bytes.
    """
    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": grid["title"], "created": datetime.fromisoformat(grid["made"]).astimezone(UTC)}
    )
    for table in grid["tables"]:
        _Page(book, grid, table).write()
    book.close()
    return out.getvalue()


class _Page:
    """One worksheet."""

    def __init__(self, book: Workbook, grid: dict[str, Any], table: dict[str, Any]) -> None:
        self.grid, self.table = grid, table
        self.sheet: Worksheet = book.add_worksheet(table["name"][:31])
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.quoted = book.add_format({"quote_prefix": True})
        self.plain = {kind: book.add_format({"num_format": text}) for kind, text in NUMBERS.items()}
        self.total = {
            kind: book.add_format({"num_format": text, "bold": True, "top": 1})
            for kind, text in NUMBERS.items()
        }

    def write(self) -> None:
        """Title, facts, header, rows, total."""
        self.sheet.write_string(0, 0, self.grid["title"], self.bold)
        for y, (name, value) in enumerate(self.grid["facts"], start=1):
            self._text(y, 0, name)
            self._text(y, 1, value)
        top = len(self.grid["facts"]) + 2
        for x, words in enumerate(self.table["head"]):
            self.sheet.write_string(top, x, words, self.head)
            self.sheet.set_column(x, x, WIDTHS[self.table["kinds"][x]])
        for y, row in enumerate(self.table["rows"], start=top + 1):
            self._row(y, row, self.plain)
        last = top + len(self.table["rows"])
        if self.table["total"]:
            self._row(last + 1, self.table["total"], self.total)
        self.sheet.freeze_panes(top + 1, 0)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(top)

    def _row(self, y: int, row: list[str], formats: dict[str, Format]) -> None:
        for x, value in enumerate(row):
            kind = self.table["kinds"][x]
            if value == "":
                continue
            if kind in ("money", "count") and x:
                self.sheet.write_number(y, x, Decimal(value), formats[kind])
            elif kind == "day" and x:
                self.sheet.write_datetime(y, x, date.fromisoformat(value), formats[kind])
            else:
                self._text(y, x, value, formats["text"])

    def _text(self, y: int, x: int, value: str, shape: Format | None = None) -> None:
        """A text stays one, also when it is opened and saved by hand."""
        starts = value.startswith(STARTS)
        self.sheet.write_string(y, x, value, self.quoted if starts else shape)
