"""Cells that look alike say the same about their column: they are looked at once."""

import re
from collections import Counter
from collections.abc import Iterable

# A column with fewer different cells is looked at cell by cell.
FEW = 400
SEPARATOR = "\x1f"
# Digits look alike, but for the zero: it may lead.
ALIKE = str.maketrans("12345678", "99999999")
# Dates and powers of ten say more than their looks: which part is a month, how many digits there are.
TELLING = re.compile(
    r"\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})(?:[T ,].*)?|.*\d[eE][+-]?\d.*", re.ASCII | re.DOTALL
)
# Days counted from 1900 and dates without separators begin with certain digits.
SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
COMPACT = re.compile(r"\d{8}(?:\.0+)?", re.ASCII)


def gathered(cells: Iterable[str]) -> dict[str, int]:
    """Every cell with how often it comes; of many different cells one for each look, standing for all of them."""
    counts = Counter(cells)
    if len(counts) <= FEW:
        return counts
    different = list(counts)
    # The first ones stay themselves: people are shown some.
    kept = {cell: counts[cell] for cell in different[:FEW]}
    looks = SEPARATOR.join(different[FEW:]).translate(ALIKE).split(SEPARATOR)
    if len(looks) != len(different) - FEW:
        return counts
    found: dict[str, str] = {}
    kinds: dict[str, int] = {}
    for cell, look in zip(different[FEW:], looks, strict=True):
        kind = kinds.get(look)
        if kind is None:
            kind = kinds[look] = _kind(look)
        if kind:
            look = cell if kind == 1 else f"{cell[:kind]}|{look}"
        stands = found.setdefault(look, cell)
        kept[stands] = kept.get(stands, 0) + counts[cell]
    return kept


def _kind(look: str) -> int:
    """How many first characters tell cells of this look apart: none, all (1), or a few."""
    bare = look.strip()
    if TELLING.fullmatch(bare):
        return 1
    head = len(look) - len(look.lstrip())
    return head + 2 if SERIAL.fullmatch(bare) or COMPACT.fullmatch(bare) else 0
