"""Writes the cells of a workbook as a table of text has them: exact numbers, dates by the calendar, no float noise."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ledger.intake.amounts import undress
from ledger.intake.table import Row

# A float holds 15 digits; what stands behind them is noise that no spreadsheet shows.
DIGITS = 15


def number_text(value: float) -> str:
    """`1234.5`, `2960593742`, `0.3`: never with an exponent, never with noise."""
    if not math.isfinite(value):
        return ""
    text = f"{value:.{DIGITS}g}"
    if "e" in text:
        text = format(Decimal(text), "f")
    return "0" if text == "-0" else text


def padded_text(value: float) -> str:
    """The same, with a fourth decimal where three could be taken for thousands (`1.234` is `1.2340`)."""
    text = number_text(value)
    whole, point, part = text.partition(".")
    return f"{whole}.{part}0" if point and len(part) == 3 else text


def moment_text(value: datetime) -> str:
    """A date, and the time when there is one."""
    return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "seconds")


WRITERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value.replace("\x00", ""),
    float: number_text,
    bool: lambda value: "true" if value else "false",
    int: str,
    datetime: moment_text,
    date: lambda value: value.isoformat(),
    time: lambda value: value.isoformat("seconds"),
    timedelta: str,
}


def texts_of(cells: Sequence[Any], padded: frozenset[int] = frozenset()) -> list[str]:
    """The cells of a row as text."""
    texts = [WRITERS.get(type(cell), str)(cell) for cell in cells]
    for place in padded:
        if place < len(cells) and type(cells[place]) is float:
            texts[place] = padded_text(cells[place])
    return texts


def thousandths(rows: Iterable[Sequence[Any]]) -> tuple[frozenset[int], frozenset[int]]:
    """The columns with a number such as 1.234, whose point could be taken for thousands; and those of them that hold
    amounts written as text too, so that the column alone cannot tell."""
    numbers: set[int] = set()
    texts: set[int] = set()
    for cells in rows:
        for place, cell in enumerate(cells):
            if type(cell) is float:
                if place not in numbers and abs(cell) < 1000 and cell != round(cell, 2):
                    numbers.add(place)
            elif type(cell) is str and place not in texts and looks_like_amount(cell):
                texts.add(place)
    return frozenset(numbers), frozenset(numbers & texts)


def rows_as_text(rows: Iterator[Sequence[Any]], padded: frozenset[int]) -> Iterator[Row]:
    """Every row of the sheet with its number there."""
    for number, cells in enumerate(rows, start=1):
        yield Row(number, texts_of(cells, padded))


def looks_like_amount(cell: str) -> bool:
    """Whether a text cell holds an amount with a separator."""
    return ("," in cell or "." in cell) and any(map(str.isdigit, cell)) and undress(cell) is not None
