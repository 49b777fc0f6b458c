"""Reads a workbook as a table: the sheet with the best header, its values as text, its other sheets named."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from ledger.intake import xlsx_package
from ledger.intake.documents import Notice, Unreadable
from ledger.intake.mapping import header_score
from ledger.intake.scan import HEADER_WITHIN, TableScan, header_of, look_at
from ledger.intake.table import Row
from ledger.intake.xlsx_values import rows_as_text, texts_of, thousandths

MAX_SHEETS = 100


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sheet with cells, and how much its first rows look like a list of ours."""

    name: str
    sheet: CalamineSheet
    score: tuple[int, int]


def scan_workbook(path: Path, wanted: str = "") -> TableScan:
    """The sheet named `wanted`, else the one whose header names most fields, as a scanned table. Raises Unreadable."""
    with xlsx_package.opened(path) as stream:
        try:
            book = CalamineWorkbook.from_filelike(stream)
            chosen, others, left_out = _choose(book, wanted)
        except PasswordError as error:
            raise Unreadable("workbook_locked") from error
        except (CalamineError, OSError, ValueError) as error:
            raise Unreadable("broken_workbook") from error
    rows = chosen.sheet
    numbers, padded = thousandths(rows.iter_rows())
    first = list(islice(rows_as_text(rows.iter_rows(), padded), HEADER_WITHIN))
    header, header_line = header_of(first)
    evidence, count = look_at(rows_as_text(rows.iter_rows(), padded), header, header_line)
    for place in numbers - padded:
        seen = evidence[place].amounts.seen
        if "?." in seen:  # cells typed as numbers: their point is a decimal point
            seen["."] = seen.get(".", 0) + seen.pop("?.")
    return TableScan(
        path=path,
        encoding="",
        delimiter="",
        header=header,
        header_line=header_line,
        evidence=evidence,
        rows=count,
        source=lambda: rows_as_text(rows.iter_rows(), padded),
        sheet=chosen.name,
        notices=tuple(_notices(chosen.name, others, left_out, first, header_line)),
    )


def _choose(book: CalamineWorkbook, wanted: str) -> tuple[_Candidate, list[str], list[str]]:
    """The sheet to read, the names of the others that could be, and of those that were left out."""
    best: _Candidate | None = None
    others: list[str] = []
    left_out: list[str] = []
    for known in book.sheets_metadata[:MAX_SHEETS]:
        shown = known.typ == SheetTypeEnum.WorkSheet and known.visible == SheetVisibleEnum.Visible
        if not shown and known.name != wanted:
            left_out.append(known.name)
            continue
        found = _candidate(book, known.name)
        if found is None:
            left_out.append(known.name)
            continue
        others.append(known.name)
        if known.name == wanted or (best is None or (found.score > best.score and best.name != wanted)):
            best = found
    if best is None or (wanted and best.name != wanted):
        raise Unreadable("no_such_sheet" if wanted else "empty_workbook", sheet=wanted)
    return best, [name for name in others if name != best.name], left_out


def _candidate(book: CalamineWorkbook, name: str) -> _Candidate | None:
    try:
        sheet = book.get_sheet_by_name(name)
    except WorksheetNotFound:
        return None
    if sheet is None or sheet.start is None:
        return None
    rows: Iterator[list[Any]] = islice(sheet.iter_rows(), HEADER_WITHIN)
    return _Candidate(
        name, sheet, (max((header_score(texts_of(cells)) for cells in rows), default=0), sheet.height)
    )


def _notices(
    name: str, others: list[str], left_out: list[str], first: list[Row], header_line: int
) -> Iterator[Notice]:
    """What the person should know about the choice."""
    if others:
        yield Notice(
            "sheet_chosen", params={"sheet": name, "others": _names(others), "sheets": [name, *others]}
        )
    if left_out:
        yield Notice("sheets_left_out", count=len(left_out), params={"names": _names(left_out)})
    above = [row.line for row in first if row.line < header_line and any(cell.strip() for cell in row.cells)]
    if above:
        yield Notice("lines_above_header", header_line, len(above))


def _names(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:8]) + (" …" if len(names) > 8 else "")
