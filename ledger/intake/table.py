"""Cuts text into rows: any delimiter, quoted cells that span lines, and a broken quote that swallows nothing."""

import csv
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from ledger.intake.documents import Unreadable
from ledger.intake.source import TOO_LONG

DELIMITERS = ";,\t|"
MAX_SPAN = 50
MAX_SPAN_CHARACTERS = 1 << 17
PATIENCE = 20
BLOCK = 5000


class Row(NamedTuple):
    """One row: the physical line it starts at (from 1), its cells, and the code of what is wrong with it."""

    line: int
    cells: list[str]
    error: str = ""


def delimiter_of(lines: list[str]) -> str:
    """The delimiter: the one that cuts most of these lines into the same number of cells, two or more."""
    best, best_score = "", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(_cells(line, delimiter)) for line in lines if line.strip())
        usual = [(count * (1 - 1 / width), width) for width, count in widths.items() if width > 1]
        score = max(usual)[0] if usual else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    if not best:
        raise Unreadable("no_columns", line=1)
    return best


def _cells(line: str, delimiter: str) -> list[str]:
    text = line.rstrip("\r\n")
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return text.split(delimiter)


@dataclass(slots=True)
class Piece:
    """Rows that follow each other: where each starts, its cells, and what is wrong with those that are broken."""

    lines: Sequence[int]
    cells: list[list[str]]
    errors: dict[int, str] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """One by one."""
        for place, (line, cells) in enumerate(zip(self.lines, self.cells, strict=True)):
            yield Row(line, cells, self.errors.get(place, ""))

    def below(self, line: int) -> "Piece":
        """Without the rows at or above a line."""
        first = bisect_right(self.lines, line)
        if not first:
            return self
        errors = {place - first: error for place, error in self.errors.items() if place >= first}
        return Piece(self.lines[first:], self.cells[first:], errors)


def piece_of(rows: list[Row]) -> Piece:
    """The same rows, as a piece."""
    errors = {place: row.error for place, row in enumerate(rows) if row.error}
    return Piece([row.line for row in rows], [row.cells for row in rows], errors)


class _Feed:
    """Physical lines, without their ends, that can be given back."""

    def __init__(self, blocks: Iterable[list[str]]) -> None:
        self._blocks = iter(blocks)
        self._lines: list[str] = []
        self._at = self.line = 0

    def rest(self) -> list[str]:
        """The lines of the present block that are not taken yet, or the next block; none at the end."""
        if self._at >= len(self._lines):
            self._lines, self._at = next(self._blocks, []), 0
        return self._lines[self._at :] if self._at else self._lines

    def take(self, count: int = 1) -> str | None:
        """The next line (the first of `count` that are taken together), or None at the end."""
        if self._at >= len(self._lines) and not self.rest():
            return None
        line = self._lines[self._at]
        self._at += count
        self.line += count
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines back in front."""
        self._lines, self._at = lines + self._lines[self._at :], 0
        self.line -= len(lines)


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Every row of the text, in order. A quote that never closes costs its own line only."""
    source = (line.removesuffix("\n") for line in lines)
    blocks = iter(lambda: list(islice(source, BLOCK)), [])
    for piece in pieces_of(blocks, delimiter):
        yield from piece.rows()


def pieces_of(blocks: Iterable[list[str]], delimiter: str) -> Iterator[Piece]:
    """The rows of these lists of lines (without their ends), in pieces of about the same size."""
    feed, failures = _Feed(blocks), 0
    while lines := feed.rest():
        first = feed.line + 1
        if not any('"' in line or "\x00" in line for line in lines):
            feed.take(len(lines))
            yield Piece(range(first, first + len(lines)), [line.split(delimiter) for line in lines])
            continue
        rows: list[Row] = []
        end = first + len(lines)
        while feed.line + 1 < end and (line := feed.take()) is not None:
            if "\x00" in line:
                rows.append(Row(feed.line, [], "line_too_long" if line == TOO_LONG else "nul_byte"))
            elif '"' not in line:
                rows.append(Row(feed.line, line.split(delimiter)))
            else:
                rows.append(_quoted(feed, line, delimiter, 1 if failures > PATIENCE else MAX_SPAN))
                failures += rows[-1].error == "unclosed_quote"
        yield piece_of(rows)


def _quoted(feed: _Feed, line: str, delimiter: str, span: int) -> Row:
    """A row with quotation marks: takes more lines while a quote is open, within bounds."""
    number, taken, size = feed.line, [line], len(line)
    while True:
        whole = [f"{part}\n" for part in taken]
        try:
            return Row(number, next(csv.reader(whole, delimiter=delimiter, strict=True)))
        except csv.Error as error:
            if "unexpected end" not in str(error):
                return Row(number, next(csv.reader([" ".join(whole)], delimiter=delimiter)))
        more = feed.take() if len(taken) < span and size < MAX_SPAN_CHARACTERS else None
        if more is None:
            feed.give_back(taken[1:])
            return Row(number, [line], "unclosed_quote")
        taken.append(more)
        size += len(more)
