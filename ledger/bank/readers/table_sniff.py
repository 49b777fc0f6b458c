"""Tells a bank's table from a list of invoices, by the head of the file; and finds the tables of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ledger.bank.readers.table_columns import decide, foreign, header_of, header_points
from ledger.bank.readers.table_grid import Line, best_delimiter, cut, head_lines, text_lines, workbook
from ledger.bank.readers.table_money import layouts
from ledger.bank.readers.table_values import date_in
from ledger.bank.readers.table_words import roles_of
from ledger.intake.documents import Unreadable
from ledger.intake.mapping import IDENTITY, scores_of
from ledger.intake.peek import Peek

SHEET_HEAD = 60
# Columns that only a bank's table has.
OF_BANKS = frozenset({"balance", "value", "direction", "card", "booked", "detail"})
# The score of a header that is a phrase of intake's words, whole.
WHOLE_HEADER = 850


@dataclass(slots=True)
class Table:
    """One table of a file: the lines above its header, its header, and the rows below."""

    above: list[Line]
    header: list[str]
    header_line: int
    body: list[Line]


def is_bank_table(peek: Peek) -> bool:
    """Whether the head of a file is a bank's table and not a list of invoices. Looks at its first bytes only."""
    if peek.text[:1] in {"<", "{", "[", ":"}:
        return False
    try:
        lines = head_lines(peek.head)
        rows = list(cut(lines, best_delimiter(lines, header_points)))
    except Unreadable:
        return False
    return _is_bank(rows)


def is_bank_workbook(peek: Peek) -> bool:
    """Whether a sheet of a workbook is a bank's table."""
    if not peek.workbook:
        return False
    try:
        return any(_is_bank(rows) for rows in workbook(peek.path, SHEET_HEAD))
    except Unreadable:
        return False


def _is_bank(rows: Sequence[Line]) -> bool:
    table = _table(rows)
    first = next((line.cells for line in rows if any(line.cells)), [])
    if foreign(table.header or first):
        return False
    columns, seen = decide(table.header, table.body)
    if columns.missing == ["amount"]:
        columns = layouts(columns, seen, table.body) or columns
    if columns.missing or not table.body:
        return False
    if not table.header:
        dated = any(date_in(cell, "dmy") or date_in(cell, "mdy") for cell in first)
        return dated and bool(columns.texts)
    return _of_banks(table.header, [one.filled > 0 for one in seen])


def _of_banks(header: Sequence[str], filled: Sequence[bool]) -> bool:
    """Whether a header with dates and amounts is a bank's: its own columns, and no list of numbered customers."""
    roles = {role for cell in header for role in roles_of(cell)[:1]}
    fields = {
        name
        for cell, used in zip(header, filled, strict=False)
        for name, points in (scores_of(cell) if used else {}).items()
        if points >= WHOLE_HEADER
    }
    if "number" in fields and fields & IDENTITY and not ("text" in roles and roles & {"balance", "value"}):
        return False
    if roles & OF_BANKS or {"debit", "credit"} <= roles:
        return True
    numbered = any("number" in scores_of(cell) for cell, used in zip(header, filled, strict=False) if used)
    return "text" in roles and not numbered


def _wordless(rows: Sequence[Line]) -> int:
    """The place of a header whose words say nothing: the first row, all words, above one with a date and figures."""
    filled = [place for place, line in enumerate(rows) if any(line.cells)][:2]
    if len(filled) < 2:
        return -1
    head, first = ([cell for cell in rows[place].cells if cell] for place in filled)
    worded = len(head) > 2 and not any(sign.isdigit() for cell in head for sign in cell)
    dated = any(date_in(cell, "dmy") or date_in(cell, "mdy") for cell in first)
    return filled[0] if worded and dated else -1


def _table(rows: Sequence[Line]) -> Table:
    place = header_of(rows)
    if place < 0:
        place = _wordless(rows)
    if place < 0:
        return Table([], [], 0, [line for line in rows if any(line.cells)])
    return Table(list(rows[:place]), rows[place].cells, rows[place].number, list(rows[place + 1 :]))


def tables_of(path: Path) -> Iterator[Table]:
    if Peek(path).workbook:
        found = [table for rows in workbook(path) for table in _sections(rows)]
        named = [table for table in found if table.header]
        yield from named or [table for table in found if table.body][:1]
        return
    lines = text_lines(path)
    delimiter = best_delimiter(lines, header_points)
    rows = list(cut(lines, delimiter))
    place = header_of(rows)
    if place >= 0:
        rows = list(cut(lines, delimiter, len(rows[place].cells)))
    yield from _sections(rows)


def _sections(rows: Sequence[Line]) -> Iterator[Table]:
    """The tables of a file: one, or several with the same header repeated."""
    first = _table(rows)
    again = [place for place, line in enumerate(first.body) if first.header and line.cells == first.header]
    if not again:
        yield first
        return
    above = first.above
    for start, end in pairwise([-1, *again, len(first.body)]):
        body = first.body[start + 1 : end]
        yield Table(above, first.header, first.header_line, body)
        gap = next((n for n, line in enumerate(reversed(body)) if sum(map(bool, line.cells)) > 3), len(body))
        above = body[len(body) - gap :]
