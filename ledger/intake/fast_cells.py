"""Reads the cells of a column many at a time, with the same outcome as the reader of single cells.

What is written the usual way is read by Arrow in one go; every other cell is given to the reader of single cells. So
the two cannot differ, they are only quick or slow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ledger.intake.amounts import is_empty
from ledger.intake.arrow import Mask, booleans, lengths, mask_of, strings
from ledger.intake.documents import BadCell

Read = Callable[[str], Any]

KNOWN_CELLS = 100_000
CENT = Decimal("0.01")
# Text that is empty for nobody and has no blanks around it: letters, digits and signs, a digit among them.
PLAIN = r"^[0-9A-Za-z](?:[ -~]*[0-9A-Za-z])?$"
# Amounts of up to twelve digits and two decimals, with or without thousands separators.
USUAL = {
    ".": r"^-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?$",
    ",": r"^-?(?:[0-9]{1,12}|[0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:,[0-9]{1,2})?$",
}


class Bad:
    """What a cell that cannot be read gives."""


BAD = Bad()


def one(cell: str, read: Read) -> Any:
    """The value of one cell: None when it is empty, BAD when it cannot be read."""
    text = cell.strip()
    try:
        return None if is_empty(text) else read(text)
    except BadCell:
        return BAD


class Repeated:
    """A column whose cells come again and again: each is read once."""

    def __init__(self, read: Read, none: Any = None, bad: Any = BAD) -> None:
        self.read, self.none, self.bad = read, none, bad
        self._known: dict[str, Any] = {}

    def values(self, cells: Sequence[str]) -> list[Any]:
        """What the cells say; `none` for empty ones, `bad` for those that cannot be read."""
        if len(self._known) > KNOWN_CELLS:
            self._known.clear()
        known = self._known
        for cell in set(cells).difference(known):
            value = one(cell, self.read)
            known[cell] = self.none if value is None else self.bad if value is BAD else value
        return [known[cell] for cell in cells]


@dataclass(slots=True)
class Texts:
    """Values of a column of text: null where a cell is empty; `bad` marks what cannot be read."""

    values: Any
    bad: Mask
    currencies: dict[int, str] = field(default_factory=dict)


def texts(cells: Sequence[str], read: Read, limit: int) -> Texts:
    """A column of numbers and references, hardly any twice."""
    array = strings(cells)
    plain = pc.and_(pc.match_substring_regex(array, PLAIN), pc.match_substring_regex(array, "[0-9]"))
    plain = pc.and_not(plain, pc.ends_with(array, ".0"))
    return _with_odd(array, mask_of(plain) & (lengths(array) <= limit), cells, read)


def amounts(cells: Sequence[str], style: str, read: Read) -> Texts:
    """A column of amounts as `-1234.56`, and the currencies that odd cells name. More than two decimals are bad
    here: what to do about them is decided row by row."""
    array = strings(cells)
    if style not in USUAL:
        return _with_odd(array, np.zeros(len(cells), bool), cells, read)
    usual = pc.match_substring_regex(array, USUAL[style])
    if style == ",":
        array = pc.replace_substring(pc.replace_substring(array, ".", ""), ",", ".")
    else:
        array = pc.replace_substring(array, ",", "")
    return _with_odd(array, mask_of(usual), cells, read)


def _with_odd(array: Any, usual: Mask, cells: Sequence[str], read: Read) -> Texts:
    """The array, where it is not usual replaced by what the reader of single cells says."""
    odd = ~usual
    found = Texts(array, np.zeros(len(cells), bool))
    if not odd.any():
        return found
    values: list[str | None] = []
    for place in np.flatnonzero(odd).tolist():
        value = one(cells[place], read)
        if isinstance(value, tuple):
            value, currency = value
            if currency:
                found.currencies[place] = currency
            value = format(value, "f") if value == value.quantize(CENT) else BAD
        found.bad[place] = value is BAD
        values.append(None if value is BAD else value)
    found.values = pc.replace_with_mask(array, booleans(odd), strings(values))
    return found
