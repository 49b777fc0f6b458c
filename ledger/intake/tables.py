"""Opens any table: a sheet of a workbook or a delimited text. Within `kept_open` a workbook is opened once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import local
from typing import Any

from ledger.intake.documents import Unreadable
from ledger.intake.scan import HEADER_WITHIN, TableScan, header_of, look_at, scan
from ledger.intake.source import TOO_LONG, encoding_of, head_of, lines_of
from ledger.intake.table import DELIMITERS, delimiter_of, rows_of
from ledger.intake.xlsx import scan_workbook
from ledger.intake.xlsx_package import workbook_kind

ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252",
    "iso-8859-15": "ISO-8859-15",
    "cp850": "DOS 850",
    "mac_roman": "Mac Roman",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}


@dataclass(slots=True)
class _Desk(local):
    """The workbook that lies open in this thread."""

    depth: int = 0
    scans: dict[tuple[str, int, int, str], TableScan] = field(default_factory=dict)


_desk = _Desk()


@contextmanager
def kept_open() -> Iterator[None]:
    """While this lasts, a workbook that was scanned is not scanned again."""
    _desk.depth += 1
    try:
        yield
    finally:
        _desk.depth -= 1
        if not _desk.depth:
            _desk.scans.clear()


def table_as_told(path: Path, how: Mapping[str, Any]) -> TableScan:
    """The table as a person says that it is to be read: `sheet` of a workbook; `encoding`, `delimiter` or
    `header_line` of a text."""
    if not workbook_kind(head_of(path)):
        told = {name: how[name] for name in ("encoding", "delimiter", "header_line") if how.get(name)}
        return _scan_as(path, **told) if told else scan(path)
    return open_table(path, str(how.get("sheet") or ""))


def open_table(path: Path, sheet: str = "") -> TableScan:
    """The table, scanned whole: of a workbook, the sheet named or the best one. Raises Unreadable."""
    if not workbook_kind(head_of(path)):
        return scan(path)
    state = path.stat()
    key = (str(path), state.st_mtime_ns, state.st_size, sheet)
    known = _desk.scans.get(key)
    if known is None:
        known = scan_workbook(path, sheet)
        if _desk.depth:
            _desk.scans.clear()
            _desk.scans[key] = known
    return known


def _scan_as(path: Path, encoding: str = "", delimiter: str = "", header_line: int = 0) -> TableScan:
    """A text read as a person says that it is written."""
    if encoding and encoding not in ENCODINGS:
        raise Unreadable("unknown_encoding", encoding=encoding)
    encoding = encoding or encoding_of(path)
    try:
        first = [line for line in islice(lines_of(path, encoding), HEADER_WITHIN) if line != TOO_LONG]
        if not first:
            raise Unreadable("empty_file")
        delimiter = delimiter or delimiter_of(first)
        if delimiter not in DELIMITERS:
            raise Unreadable("no_columns", line=1)
        rows = list(rows_of(first, delimiter))
        header, header_line = header_of([row for row in rows if row.line == header_line] or rows)
        evidence, count = look_at(rows_of(lines_of(path, encoding), delimiter), header, header_line)
    except UnicodeError as error:
        raise Unreadable("wrong_encoding", encoding=ENCODINGS[encoding]) from error
    return TableScan(path, encoding, delimiter, header, header_line, evidence, count)
