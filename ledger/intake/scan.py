"""The first pass over a table: encoding, delimiter, header row, and what each column's values look like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ledger.intake.documents import Notice, Unreadable
from ledger.intake.mapping import ColumnEvidence, header_score
from ledger.intake.source import TOO_LONG, encoding_of, line_blocks, lines_of
from ledger.intake.table import Piece, Row, delimiter_of, piece_of, pieces_of, rows_of

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
        for piece in self.pieces():
            yield from piece.rows()

    def pieces(self) -> Iterator[Piece]:
        """The same rows, in bounded pieces."""
        if self.source:
            pieces = pieces_from(self.source())
        else:
            pieces = pieces_of(line_blocks(self.path, self.encoding), self.delimiter)
        return (piece.below(self.header_line) for piece in pieces)


def scan(path: Path) -> TableScan:
    """Read the whole table once, keeping nothing but evidence. Raises Unreadable."""
    encoding = encoding_of(path)
    first = [line for line in islice(lines_of(path, encoding), HEADER_WITHIN) if line != TOO_LONG]
    if not first:
        raise Unreadable("empty_file")
    delimiter = delimiter_of(first)
    header, header_line = header_of(list(rows_of(first, delimiter)))
    evidence, count = learn(pieces_of(line_blocks(path, encoding), delimiter), header, header_line)
    return TableScan(path, encoding, delimiter, header, header_line, evidence, count)


def look_at(
    rows: Iterator[Row], header: Sequence[str], header_line: int
) -> tuple[tuple[ColumnEvidence, ...], int]:
    """What the values of every column look like, and how many filled rows stand below the header."""
    return learn(pieces_from(rows), header, header_line)


def pieces_from(rows: Iterator[Row]) -> Iterator[Piece]:
    """The rows in pieces of a bounded size."""
    while some := list(islice(rows, PIECE)):
        yield piece_of(some)


def learn(
    pieces: Iterator[Piece], header: Sequence[str], header_line: int
) -> tuple[tuple[ColumnEvidence, ...], int]:
    """`look_at`, for rows that come in pieces."""
    evidence = tuple(ColumnEvidence() for _ in header)
    count = 0
    for whole_piece in pieces:
        piece = whole_piece.below(header_line)
        rows = piece.cells
        if piece.errors:
            rows = [cells for place, cells in enumerate(rows) if place not in piece.errors]
        filled = [
            row
            for row in rows
            if (row and row[0].strip()) or any(cell and not cell.isspace() for cell in row)
        ]
        count += len(filled)
        whole = [row for row in filled if len(row) == len(header)]
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
