"""Tells the rows of a table that are whole from blank lines, sums, and rows that are broken."""

from collections.abc import Sequence
from string import digits

from ledger.intake.mapping import folded
from ledger.intake.table import Piece
from ledger.intake.words import TOTALS_WORDS

TOTALS = set(TOTALS_WORDS.split("|"))
KNOWN_HEADS = 50_000


def filled_of(cells: Sequence[str]) -> list[str]:
    """The cells that say anything."""
    return [cell for cell in cells if cell and not cell.isspace()]


def trim(cells: list[str], width: int) -> None:
    """Take off what stands behind the last column, when it is empty."""
    if len(cells) > width and not filled_of(cells[width:]):
        del cells[width:]


def is_total(filled: Sequence[str], width: int) -> bool:
    """A row of sums: it says so in its first filled cell, and most of its cells are empty."""
    if len(filled) > max(2, width // 2):
        return False
    words = folded(filled[0])
    return words in TOTALS or any(words.startswith(f"{word} ") for word in TOTALS if len(word) > 4)


class Screen:
    """Finds the odd rows of a piece without looking at every cell: a sum says so in its first filled cell."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._heads: dict[str, bool] = {}

    def odd(self, piece: Piece) -> set[int]:
        """The places of the rows that have to be looked at one by one."""
        odd = set(piece.errors)
        if set(map(len, piece.cells)) != {self.width}:
            for place, row in enumerate(piece.cells):
                trim(row, self.width)
                if len(row) != self.width:
                    odd.add(place)
        if len(self._heads) > KNOWN_HEADS:
            self._heads.clear()
        heads = [row[0].rstrip(digits) if row else "" for row in piece.cells]
        for head in set(heads).difference(self._heads):
            words = folded(head)
            self._heads[head] = not head.strip() or any(words.startswith(total) for total in TOTALS)
        doubtful = {head for head in set(heads) if self._heads[head]}
        if doubtful:
            for place, head in enumerate(heads):
                if head in doubtful and place not in odd and self._is_odd(piece.cells[place]):
                    odd.add(place)
        return odd

    def _is_odd(self, row: list[str]) -> bool:
        if row[0].isdigit():
            return False
        filled = filled_of(row)
        return not filled or is_total(filled, self.width)
