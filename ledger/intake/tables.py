"""Opens any table: a sheet of a workbook or a delimited text. Within `kept_open` a workbook is opened once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import local

from ledger.intake.scan import TableScan, scan
from ledger.intake.source import head_of
from ledger.intake.xlsx import scan_workbook
from ledger.intake.xlsx_package import workbook_kind


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


def open_table(path: Path, sheet: str = "") -> TableScan:
    """The table, scanned whole. Raises Unreadable."""
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
