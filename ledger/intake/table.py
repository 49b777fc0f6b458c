"""Cuts text into rows: any delimiter, quoted cells that span lines, and a broken quote that swallows nothing."""

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.intake.documents import Unreadable
from ledger.intake.source import TOO_LONG

DELIMITERS = ";,\t|"
MAX_SPAN = 50
MAX_SPAN_CHARACTERS = 1 << 17
PATIENCE = 20


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


class _Feed:
    """Physical lines that can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()
        self.line = 0

    def take(self) -> str | None:
        """The next line, or None at the end."""
        line = self._back.popleft() if self._back else next(self._lines, None)
        self.line += line is not None
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines back in front."""
        self._back.extendleft(reversed(lines))
        self.line -= len(lines)


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Every row of the text, in order. A quote that never closes costs its own line only."""
    feed = _Feed(lines)
    failures = 0
    while (line := feed.take()) is not None:
        number = feed.line
        if "\x00" in line:
            yield Row(number, [], "line_too_long" if line == TOO_LONG else "nul_byte")
        elif '"' not in line:
            yield Row(number, line.rstrip("\n").split(delimiter))
        else:
            row = _quoted(feed, line, delimiter, 1 if failures > PATIENCE else MAX_SPAN)
            failures += row.error == "unclosed_quote"
            yield row


def _quoted(feed: _Feed, line: str, delimiter: str, span: int) -> Row:
    """A row with quotation marks: takes more lines while a quote is open, within bounds."""
    number, taken, size = feed.line, [line], len(line)
    while True:
        try:
            cells = next(csv.reader(taken, delimiter=delimiter, strict=True))
            return Row(number, cells)
        except csv.Error as error:
            if "unexpected end" not in str(error):
                return Row(number, next(csv.reader([" ".join(taken)], delimiter=delimiter)))
        more = feed.take() if len(taken) < span and size < MAX_SPAN_CHARACTERS else None
        if more is None:
            feed.give_back(taken[1:])
            return Row(number, [line.rstrip("\n")], "unclosed_quote")
        taken.append(more)
        size += len(more)
