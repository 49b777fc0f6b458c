"""Reads again what a refused row of a table said: while a file is read, its words are not kept."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ledger.intake.documents import Reject
from ledger.intake.scan import TableScan
from ledger.intake.screen import trim


def with_words(scan: TableScan, rejects: Iterable[Reject]) -> Iterator[Reject]:
    """The rejects, in the order of their lines, with the cells of their rows."""
    rows = scan.read()
    for reject in rejects:
        row = next((row for row in rows if row.line >= reject.line), None)
        if row is None or row.line != reject.line:
            yield reject
            continue
        trim(row.cells, len(scan.header))
        yield replace(reject, raw=tuple(row.cells))
