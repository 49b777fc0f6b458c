"""Reads a table of invoices: the second pass, chunk by chunk, column by column."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from ledger.intake.amounts import CURRENCIES, is_empty, read_amount
from ledger.intake.csv_documents import DocumentMaker
from ledger.intake.dates import plain, read_date
from ledger.intake.documents import (
    MAX_CODE,
    MAX_NAME,
    MAX_NUMBER,
    MAX_REFERENCE,
    MAX_TEXT,
    BadCell,
    Chunk,
    NoticeBook,
    Reject,
)
from ledger.intake.fast_rows import BulkMaker
from ledger.intake.mapping import AMOUNTS, DATES, TableMapping, folded
from ledger.intake.scan import TableScan
from ledger.intake.screen import Screen, filled_of, is_total, trim
from ledger.intake.table import Piece, Row
from ledger.intake.words import CREDIT_WORDS, INVOICE_WORDS

CHUNK = 5000
T = TypeVar("T")
LIMITS = {
    "number": MAX_NUMBER,
    "customer_code": MAX_CODE,
    "customer_name": MAX_NAME,
    "customer_tax_id": 40,
    "customer_email": 254,
    "contact_email": 254,
    "order_reference": MAX_REFERENCE,
    "corrects": MAX_NUMBER,
    "salesperson": 254,
    "line_description": MAX_TEXT,
}
CREDIT, BILLED = set(CREDIT_WORDS.split("|")), set(INVOICE_WORDS.split("|"))


class TableReader:
    """Gives the documents of a scanned table in bounded chunks. `currency` is taken where the file names none.

    With `bulk`, plain rows come as columns; without, every row as a document of its own. The ledger cannot tell.
    """

    def __init__(
        self, scan: TableScan, mapping: TableMapping, currency: str, day: date, *, bulk: bool = True
    ) -> None:
        self.scan, self.mapping = scan, mapping
        # Rows that belong together are put together one by one.
        self._in_bulk = bulk and not mapping.grouped
        self.notices = NoticeBook()
        self._maker = DocumentMaker(mapping, currency, day, self.notices)
        self._width = len(scan.header)
        readers = {name: self._reader(name, mapping.styles.get(name, ".")) for name in mapping.columns}
        self._bulk = BulkMaker(self._maker, readers, LIMITS)
        self._screen = Screen(self._width)
        self._tell_assumptions()

    def chunks(self) -> Iterator[Chunk]:
        """Every document and every reject of the table, in order."""
        if not self._in_bulk:
            rows = self.scan.read()
            while batch := list(islice(rows, CHUNK)):
                yield self._read(batch)
        else:
            yield from map(self._read_piece, self.scan.pieces())
        last = Chunk()
        self._maker.finish(last)
        yield last

    def _read_piece(self, piece: Piece) -> Chunk:
        """Plain rows many at a time, the others one by one."""
        odd = self._screen.odd(piece)
        places = [place for place in range(len(piece.cells)) if place not in odd]
        lines = [piece.lines[place] for place in places] if odd else piece.lines
        cells = [piece.cells[place] for place in places] if odd else piece.cells
        bulk, slow = self._bulk.make(lines, cells)
        looked_at = sorted([*odd, *(places[at] for at in np.flatnonzero(slow).tolist())])
        chunk = self._read(
            [Row(piece.lines[at], piece.cells[at], piece.errors.get(at, "")) for at in looked_at]
        )
        chunk.bulk = bulk
        return chunk

    def _read(self, rows: list[Row]) -> Chunk:
        chunk = Chunk()
        good = [row for row in rows if self._usable(row, chunk)]
        columns = {
            name: self._column(name, good, place, chunk) for name, place in self.mapping.columns.items()
        }
        # One reject a row: its first column that cannot be read.
        first = {reject.line: reject for reject in reversed(chunk.rejects)}
        chunk.rejects[:] = first.values()
        refused = set(first)
        self._maker.add(good, columns, refused, chunk)
        chunk.rejects.sort(key=lambda reject: reject.line)
        return chunk

    def _usable(self, row: Row, chunk: Chunk) -> bool:
        """Whether the row has a document; blank and totals rows are counted, broken ones rejected."""
        if row.error:
            chunk.rejects.append(
                Reject(row.line, row.error, params={"limit": 1 << 18}, raw=tuple(row.cells)[:1])
            )
            return False
        filled = filled_of(row.cells)
        if not filled:
            self.notices.add("blank_lines", row.line)
            return False
        expected = self._width
        trim(row.cells, expected)
        if is_total(filled, expected):
            self.notices.add("totals_row", row.line)
            return False
        if len(row.cells) != expected:
            params = {"found": len(row.cells), "expected": expected}
            chunk.rejects.append(Reject(row.line, "wrong_column_count", params=params, raw=tuple(row.cells)))
            return False
        return True

    def _column(self, name: str, rows: list[Row], place: int, chunk: Chunk) -> list[Any]:
        """The values of one field for these rows; None where a cell is empty or cannot be read."""
        style = self.mapping.styles.get(name, ".")
        reader = self._reader(name, style)
        known: dict[str, Any] = {}
        values: list[Any] = []
        for row in rows:
            cell = row.cells[place].strip()
            if cell in known:
                values.append(known[cell])
                continue
            try:
                value = None if is_empty(cell) else reader(cell)
                known[cell] = value
            except BadCell as bad:
                value = None
                params = {"value": cell[:80], **bad.params}
                chunk.rejects.append(
                    Reject(row.line, bad.code, self.scan.header[place], params, tuple(row.cells))
                )
            values.append(value)
        return values

    def _reader(self, name: str, style: str) -> Callable[[str], Any]:
        if name in DATES:
            return lambda cell: read_date(cell, style)
        if name == "line_tax_rate":
            return lambda cell: read_amount(cell.rstrip("% "), style)
        if name in AMOUNTS:
            return lambda cell: read_amount(cell, style)
        simple: dict[str, Callable[[str], Any]] = {
            "terms_days": read_days,
            "currency": read_currency,
            "kind": read_kind,
            "number": read_code,
            "customer_code": read_code,
            "customer_country": lambda cell: cell.upper() if len(cell) == 2 and cell.isalpha() else None,
        }
        return within(LIMITS.get(name, MAX_TEXT), simple.get(name, str))

    def _tell_assumptions(self) -> None:
        """Say what had to be guessed about whole columns."""
        for name, place in self.mapping.columns.items():
            seen, column = self.scan.evidence[place], self.scan.header[place]
            style = self.mapping.styles.get(name, "")
            settled = any(e.dates.style in {"dmy", "mdy"} for e in self.scan.evidence)
            if name in DATES and seen.dates.ambiguous and not settled:
                self.notices.add("dates_ambiguous", 0, column=column, style=style)
            if name in AMOUNTS and seen.amounts.ambiguous:
                self.notices.add("amounts_ambiguous", 0, column=column, style=f"1{style}5")
        if self.mapping.grouped:
            self.notices.add("rows_grouped")


def within(limit: int, reader: Callable[[str], T]) -> Callable[[str], T]:
    """The reader, for cells of at most `limit` characters."""

    def read(cell: str) -> T:
        if len(cell) > limit:
            raise BadCell("cell_too_long", length=len(cell), limit=limit)
        return reader(cell)

    return read


def read_code(cell: str) -> str:
    """A number or code as text; `2960593742.0` from a data tool loses its `.0`."""
    whole = cell[:-2] if cell.endswith(".0") else cell
    return whole if whole.isdigit() else cell


def read_days(cell: str) -> int:
    """A number of days from 0 to 999. Raises BadCell."""
    digits = "".join(part for part in cell.removesuffix(".0").split()[:1])
    if not digits.isdigit() or len(digits) > 3:
        raise BadCell("not_a_number_of_days")
    return int(digits)


def read_currency(cell: str) -> str:
    """An ISO 4217 code. Raises BadCell."""
    code = {"€": "EUR", "£": "GBP", "$": "USD"}.get(cell, cell.upper())
    if code not in CURRENCIES:
        raise BadCell("not_a_currency")
    return code


def read_kind(cell: str) -> str | None:
    """What the word says the document is; None when the word is not known (the sign of the amount tells then)."""
    words = folded(plain(cell))
    if words in CREDIT:
        return "credit_note"
    return "invoice" if words in BILLED else None
