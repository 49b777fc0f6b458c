"""The first pass over a table: encoding, delimiter, header row, and what each column's values look like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ledger.intake.documents import Notice, Unreadable
from ledger.intake.mapping import ColumnEvidence, header_score
from ledger.intake.source import TOO_LONG, encoding_of, lines_of
from ledger.intake.table import Row, delimiter_of, rows_of

HEADER_WITHIN = 40
MAX_COLUMNS = 1000
PIECE = 5000


@dataclass(frozen=True, slots=True)
class TableScan:
    """How to read a table again: where its header is, and the evidence of all its values.

    `source` gives the rows of a table that is no text (a workbook's sheet); then encoding and delimiter are empty.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    evidence: tuple[ColumnEvidence, ...]
    rows: int
    source: Callable[[], Iterator[Row]] | None = None
    sheet: str = ""
    notices: tuple[Notice, ...] = ()

    def read(self) -> Iterator[Row]:
        """Every row below the header."""
        rows = self.source() if self.source else rows_of(lines_of(self.path, self.encoding), self.delimiter)
        return (row for row in rows if row.line > self.header_line)


def scan(path: Path) -> TableScan:
    """Read the whole table once, keeping nothing but evidence. Raises Unreadable."""
    encoding = encoding_of(path)
    first = [line for line in islice(lines_of(path, encoding), HEADER_WITHIN) if line != TOO_LONG]
    if not first:
        raise Unreadable("empty_file")
    delimiter = delimiter_of(first)
    header, header_line = header_of(list(rows_of(first, delimiter)))
    evidence, count = look_at(rows_of(lines_of(path, encoding), delimiter), header, header_line)
    return TableScan(path, encoding, delimiter, header, header_line, evidence, count)


def look_at(
    rows: Iterator[Row], header: Sequence[str], header_line: int
) -> tuple[tuple[ColumnEvidence, ...], int]:
    """What the values of every column look like, and how many filled rows stand below the header."""
    evidence = tuple(ColumnEvidence() for _ in header)
    count = 0
    while piece := list(islice(rows, PIECE)):
        below = [row.cells for row in piece if row.line > header_line and not row.error]
        filled = [cells for cells in below if any(cell and not cell.isspace() for cell in cells)]
        count += len(filled)
        whole = [cells for cells in filled if len(cells) == len(header)]
        for column, values in zip(evidence, zip(*whole, strict=True), strict=False):
            column.learn(values)
    return evidence, count


def header_of(first: Sequence[Row]) -> tuple[tuple[str, ...], int]:
    """The row that names most fields among the first ones; the first row when none names any."""
    rows = [row for row in first if not row.error and any(cell.strip() for cell in row.cells)]
    if not rows:
        raise Unreadable("empty_file")
    best = max(rows, key=lambda row: (header_score(row.cells), len(row.cells) > 1, -row.line))
    if len(best.cells) > MAX_COLUMNS:
        raise Unreadable("no_columns", line=best.line)
    return tuple(cell.strip().strip("\ufeff") for cell in best.cells), best.line
