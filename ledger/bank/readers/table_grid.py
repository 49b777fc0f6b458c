"""A bank's table as rows of clean cells, whatever it came as: text in any encoding and delimiter, or a workbook."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from ledger.bank.readers.common import LARGEST, MAX_ENTRIES
from ledger.bank.readers.table_values import cents
from ledger.intake.documents import Unreadable
from ledger.intake.source import HEAD, TOO_LONG, encoding_of, lines_of, utf16_of
from ledger.intake.table import DELIMITERS, MAX_SPAN, delimiter_of
from ledger.intake.xlsx_package import opened

HEAD_LINES = 80
MAX_COLUMNS = 300
MAX_SHEETS = 100
MAX_CELLS = 6_000_000
FORMULA = re.compile(r'^="?(.*?)"?$', re.S)
SEPARATOR_LINE = re.compile(r"^[a-zA-Z]{3}=[;,|\t]$")


class Line(NamedTuple):
    """One row: the physical line it starts at (from 1) and its cells without their looks."""

    number: int
    cells: list[str]


def clean(cell: str) -> str:
    """A cell without blanks, formula signs and quotation marks around it: `="CHF"` and `"CHF"` are CHF."""
    text = cell.strip(" \t\r\n\ufeff\u00a0\u200b\x00")
    if text[:1] == "=" and len(text) > 1:
        text = FORMULA.sub(r"\1", text)
    while len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    return text


def text_lines(path: Path) -> list[str]:
    """The physical lines of a text file, bounded. Raises Unreadable."""
    lines: list[str] = []
    size = 0
    for line in lines_of(path, encoding_of(path)):
        lines.append("" if line == TOO_LONG else line)
        size += len(line)
        if len(lines) > 2 * MAX_ENTRIES or size > MAX_CELLS * 50:
            raise Unreadable("too_many_parts", len(lines), limit=MAX_ENTRIES)
    return lines


def head_lines(head: bytes) -> list[str]:
    """The first lines of a file, from its first bytes; a cut one at the end is left out."""
    wide = utf16_of(head)
    try:
        text = head.decode(wide or "utf-8-sig")
    except UnicodeDecodeError as error:
        cut_off = len(head) - error.start < 4
        text = head.decode(wide or ("utf-8-sig" if cut_off else "cp1252"), "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(head) >= HEAD and len(lines) > 1:
        lines.pop()
    return [line + "\n" for line in lines[:HEAD_LINES]]


def best_delimiter(lines: list[str], points: Callable[[list[str]], int]) -> str:
    """The delimiter with which some row names most columns of a bank's table; else the one that cuts most evenly."""
    head = lines[:HEAD_LINES]
    scores = {
        delimiter: max((points(line.cells) for line in cut(head, delimiter)), default=0)
        for delimiter in DELIMITERS
    }
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] > 1:
        return best
    return delimiter_of([line for line in head if not SEPARATOR_LINE.match(line.strip())])


def cut(lines: list[str], delimiter: str, width: int = 0) -> Iterator[Line]:
    """The lines as rows. A quotation mark may span lines; one that never closes, or that would swallow lines which
    are rows of their own (of `width` cells), costs nothing: it is taken as a letter."""
    place = 0
    while place < len(lines):
        line = lines[place]
        if '"' not in line:
            cells, taken = line.rstrip("\r\n").split(delimiter), 1
        else:
            cells, taken = _quoted(lines, place, delimiter, width)
        yield Line(place + 1, [clean(cell) for cell in cells[:MAX_COLUMNS]])
        place += taken


def _quoted(lines: list[str], place: int, delimiter: str, width: int) -> tuple[list[str], int]:
    first = lines[place].lstrip(" \ufeff")
    piece: list[str] = []
    for taken, line in enumerate(lines[place : place + MAX_SPAN], 1):
        piece.append(line if piece else first)
        if taken > 1 and width and line.count(delimiter) == width - 1 and '"' + delimiter not in line:
            break
        try:
            cells = next(csv.reader(piece, delimiter=delimiter, strict=True), [])
            return cells, taken
        except csv.Error as error:
            if "unexpected end" not in str(error):
                break
    return _loose(first.rstrip("\r\n"), delimiter), 1


def _loose(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        cells = []
    plain = line.split(delimiter)
    return plain if len(plain) > len(cells) else cells


def workbook(path: Path, rows: int = 2 * MAX_ENTRIES) -> Iterator[list[Line]]:
    """The sheets of an Excel or OpenDocument workbook, each as rows of text. Raises Unreadable."""
    with opened(path) as stream:
        try:
            book = CalamineWorkbook.from_filelike(stream)
            for known in book.sheets_metadata[:MAX_SHEETS]:
                if known.typ != SheetTypeEnum.WorkSheet or known.visible != SheetVisibleEnum.Visible:
                    continue
                first = islice(book.get_sheet_by_name(known.name).iter_rows(), rows)
                yield [
                    Line(number, [clean(_text(value)) for value in cells[:MAX_COLUMNS]])
                    for number, cells in enumerate(first, 1)
                ]
        except PasswordError as error:
            raise Unreadable("workbook_locked") from error
        except (CalamineError, OSError, ValueError) as error:
            raise Unreadable("broken_workbook") from error


def _text(value: Any) -> str:
    """A workbook's value as a bank's CSV would write it. A number's point is never one of thousands."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, float):
        return str(value)
    number = Decimal(repr(value))
    if not number.is_finite():
        return ""
    if number == number.to_integral_value() and abs(number) < LARGEST:
        return str(int(number))
    exact = cents(number)
    return f"{exact:.2f}" if exact == round(exact, 2) else f"{number:.4f}"
