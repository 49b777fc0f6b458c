"""How a column of a bank's table writes its amounts and dates, decided from all its values; and its cells, read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ledger.intake.amounts import AmountEvidence, is_empty, read_amount
from ledger.intake.dates import DateEvidence, read_date
from ledger.intake.documents import BadCell

CENT = Decimal("0.01")
TINY = Decimal("0.000001")
MARKS = str.maketrans("", "", "\ufffd\u2018\u2019\u02bc\u00b4\u2032\u200b\u200e\u200f")


def bare(cell: str) -> str:
    """An amount's cell without the signs of thousands that banks and broken encodings put in."""
    return cell.translate(MARKS).strip()


@dataclass(slots=True)
class Seen:
    """What the values of one column look like."""

    filled: int = 0
    codes: int = 0
    letters: int = 0
    negative: int = 0
    values: dict[str, int] = field(default_factory=dict)
    amounts: AmountEvidence = field(default_factory=AmountEvidence)
    dates: DateEvidence = field(default_factory=DateEvidence)

    def learn(self, cell: str) -> None:
        """Count one cell."""
        if not cell or (is_empty(cell) and cell.lower() != "-"):
            return
        self.filled += 1
        if len(self.values) < 200:
            self.values[cell] = self.values.get(cell, 0) + 1
        self.amounts.add(bare(cell))
        self.dates.add(cell)
        self.codes += len(cell) == 3 and cell.isalpha() and cell.isupper()
        self.letters += any(letter.isalpha() for letter in cell)
        self.negative += cell.startswith(("-", "−", "(")) or cell.endswith("-")

    @property
    def is_dates(self) -> bool:
        """Whether most cells are dates."""
        return bool(self.filled) and self.dates.share >= 0.6

    @property
    def is_amounts(self) -> bool:
        """Whether most cells are amounts."""
        return bool(self.filled) and self.amounts.share >= 0.6

    @property
    def is_codes(self) -> bool:
        """Whether most cells look like currency codes."""
        return self.codes > self.filled * 0.7


def look(rows: Iterable[Sequence[str]], width: int) -> list[Seen]:
    """The evidence of every column. Rows are looked at as a whole: a table of a bank fits in memory."""
    columns = [Seen() for _ in range(width)]
    for cells in rows:
        for seen, cell in zip(columns, cells, strict=False):
            if cell:
                seen.learn(cell)
    return columns


def point_of(columns: Sequence[Seen]) -> dict[int, str]:
    """The decimal sign of every column: its own evidence, else that of the other amount columns, else the guess."""
    clear = [seen.amounts.style for seen in columns if seen.is_amounts and seen.amounts.style in {".", ","}]
    shared = max(set(clear), key=clear.count) if clear else ""
    return {place: seen.amounts.style or shared or seen.amounts.guess for place, seen in enumerate(columns)}


def cents(value: Decimal) -> Decimal:
    """The amount with two decimals when it has no more; a float's dust in a later decimal is no money."""
    rounded = value.quantize(CENT)
    return rounded if abs(rounded - value) < TINY else value.normalize()


def amount_in(cell: str, point: str) -> Decimal | None:
    """The amount of a cell, None when it is empty. Raises BadCell."""
    text = bare(cell)
    if is_empty(text) or text in {"+", "-"}:
        return None
    return cents(read_amount(text, point or ".")[0])


@lru_cache(maxsize=16384)
def date_in(cell: str, order: str) -> date | None:
    """The date of a cell, or None when it is none. `order` is `dmy` or `mdy`."""
    try:
        return read_date(cell, order) if cell else None
    except BadCell:
        return None
