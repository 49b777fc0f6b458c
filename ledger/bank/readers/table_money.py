"""The signs of a bank's amounts: debit and credit columns, a sign beside them, charges of a card; and the proof that
the running balance gives."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import permutations

from ledger.bank.readers.table_columns import MONEY, Columns
from ledger.bank.readers.table_grid import Line
from ledger.bank.readers.table_values import Seen, amount_in, date_in
from ledger.bank.readers.table_words import direction_of
from ledger.intake.documents import BadCell

ZERO = Decimal(0)
BREAK = re.compile(r"<br ?/?>|\n", re.IGNORECASE)
# Ways of giving an amount its sign, in the order in which they are believed when nothing proves one.
WAYS = ("columns", "direction", "direction_signed", "plain", "negated", "columns_signed")
PROVE_WITH = 3000


@dataclass(frozen=True, slots=True)
class Figures:
    """The amounts of one row as they stand in its columns."""

    amount: Decimal | None = None
    debit: Decimal | None = None
    credit: Decimal | None = None
    balance: Decimal | None = None
    detail: Decimal | None = None
    fee: Decimal | None = None
    direction: int = 0

    @property
    def moved(self) -> bool:
        """Whether money is named in the row's own columns."""
        return bool(self.amount or self.debit or self.credit)

    @property
    def both(self) -> bool:
        """Whether the row has a debit and a credit: a row of totals."""
        return bool(self.debit and self.credit)


@dataclass(frozen=True, slots=True)
class Signs:
    """How amounts get their signs in this table, learnt from all its rows."""

    way: str
    debit: int = -1
    credit: int = 1
    fees: bool = False

    def of(self, row: Figures) -> Decimal:
        """The signed amount of a row: more than zero came in. `fees` when the balance moves by the fee too."""
        return self._moved(row) - (abs(row.fee or ZERO) if self.fees else ZERO)

    def _moved(self, row: Figures) -> Decimal:
        if self.way == "columns" and (row.debit or row.credit):
            return self.debit * (row.debit or ZERO) + self.credit * (row.credit or ZERO)
        if self.way == "columns_signed":
            return (row.debit or ZERO) + (row.credit or ZERO)
        amount = row.amount or ZERO
        if self.way == "direction":
            return abs(amount) * row.direction if row.direction else amount
        if self.way == "direction_signed":
            return amount * (row.direction or 1)
        return -amount if self.way == "negated" else amount


def figures(columns: Columns, cells: Sequence[str]) -> Figures:
    """The amounts of a row. Raises BadCell with the column's header when one cannot be read."""
    read: dict[str, Decimal | None] = {}
    for role in (*MONEY, "balance", "detail", "fee"):
        cell = columns.of(cells, role)
        try:
            read[role] = _whole(cell, columns.point(role)) if cell else None
        except BadCell as error:
            if role in {"balance", "detail", "fee"}:
                continue
            header = columns.header[columns.at(role)] or str(columns.at(role) + 1)
            raise BadCell(error.code, column=header, value=cell) from error
    return Figures(**read, direction=direction_of(columns.of(cells, "direction")))


def _whole(cell: str, point: str) -> Decimal | None:
    """The amount of a cell; of one that lists a sum and its parts, the sum."""
    first, *rest = BREAK.split(cell)
    amount = amount_in(first, point)
    if rest and amount != sum((amount_in(part, point) or ZERO for part in rest), ZERO):
        raise BadCell("not_an_amount")
    return amount


def movements(columns: Columns, body: Sequence[Line]) -> list[Figures]:
    """The rows that have a date and figures, as far as they are needed to prove something."""
    found = []
    for line in body[:PROVE_WITH]:
        cells = line.cells
        if not any(
            place < len(cells) and date_in(cells[place], columns.order or "dmy") for place in columns.dates
        ):
            continue
        try:
            row = figures(columns, cells)
        except BadCell:
            continue
        if row.moved or row.balance is not None:
            found.append(row)
    return found


def steps(amounts: Sequence[Decimal], balances: Sequence[Decimal | None]) -> tuple[int, int]:
    """How many steps of a running balance there are, oldest row first, and how many of them the amounts explain."""
    before: Decimal | None = None
    moved, count, right = ZERO, 0, 0
    for amount, balance in zip(amounts, balances, strict=True):
        moved += amount
        if balance is None:
            continue
        if before is not None:
            count += 1
            right += before + moved == balance
        before, moved = balance, ZERO
    return count, right


def proven(amounts: Sequence[Decimal], balances: Sequence[Decimal | None]) -> int:
    """How many steps of the running balance the amounts explain, in the better of the two orders."""
    ahead = steps(amounts, balances)[1]
    return max(ahead, steps(amounts[::-1], balances[::-1])[1])


def signs_of(columns: Columns, rows: Sequence[Figures], card: bool) -> tuple[Signs, int]:
    """The way of giving signs that the running balance proves best, else the usual one; and the steps it proves."""
    balances = [row.balance for row in rows]
    best, points = Signs("plain"), -1
    ways = list(_ways(columns, rows, card))
    if any(row.fee for row in rows):
        ways += [replace(signs, fees=True) for signs in ways]
    for signs in ways:
        found = proven([signs.of(row) for row in rows], balances)
        # The usual way comes first; another one must be proven by half of the steps, not by a chance hit.
        if points < 0 or (found > points and found * 2 > sum(one is not None for one in balances) - 1):
            best, points = signs, found
    return best, points


def _ways(columns: Columns, rows: Sequence[Figures], card: bool) -> Iterator[Signs]:
    if columns.at("debit") >= 0 or columns.at("credit") >= 0:
        debits = [row.debit for row in rows if row.debit]
        credits = [row.credit for row in rows if row.credit]
        usual = Signs("columns", 1 if _negative(debits) else -1, -1 if _negative(credits) else 1)
        yield usual
        yield replace(usual, debit=-usual.debit)
        yield replace(usual, credit=-usual.credit)
    if columns.at("amount") < 0:
        return
    amounts = [row.amount for row in rows if row.amount]
    if columns.at("direction") >= 0:
        yield Signs("direction")
        sided = {(row.amount < 0, row.direction) for row in rows if row.amount and row.direction}
        if len(sided) > 2:  # signs and directions say different things: reversals
            yield Signs("direction_signed")
            yield Signs("plain")
    elif card and not _negative(amounts):
        yield Signs("negated")
    else:
        yield Signs("plain")
        yield Signs("negated")


def _negative(amounts: Sequence[Decimal]) -> bool:
    return sum(1 if amount < 0 else -1 for amount in amounts) > 0


def layouts(columns: Columns, seen: Sequence[Seen], body: Sequence[Line]) -> Columns | None:
    """The columns completed by their values, where the header does not name the amounts: the layout that a running
    balance proves; else the one that has a single amount column. None when nothing tells them apart."""
    taken = {*columns.places.values(), *columns.dates}
    free = [
        place
        for place, one in enumerate(seen)
        if place not in taken and one.is_amounts and not one.is_dates and one.letters < one.filled / 2
    ][:8]
    best, points = None, 0
    for added in _options(columns, free):
        tried = replace(columns, places={**columns.places, **added})
        rows = movements(tried, body)
        found = signs_of(tried, rows, card=False)[1]
        if found > points:
            best, points = tried, found
    if best is not None:
        return best
    signed = [place for place in free if seen[place].negative]
    only = signed[:1] or (free if len(free) == 1 else [])
    if not only:
        return None
    places = {**columns.places, "amount": only[0]}
    rest = [place for place in free if place > only[0]]
    if rest and "balance" not in places:
        places["balance"] = rest[-1]
    return replace(columns, places=places)


def _options(columns: Columns, free: Sequence[int]) -> Iterator[dict[str, int]]:
    known = columns.at("balance") >= 0
    for size in (1, 2):
        for chosen in permutations(free, size if known else size + 1):
            roles = ("amount",) if size == 1 else ("credit", "debit")
            yield dict(zip(roles if known else (*roles, "balance"), chosen, strict=True))
