"""The rows below a bank's header, told apart: movements, parts of a batch, lines that go on, totals, remarks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledger.bank.readers.table_columns import Columns
from ledger.bank.readers.table_grid import Line
from ledger.bank.readers.table_money import ZERO, Figures, Signs, figures
from ledger.bank.readers.table_text import text_of, with_more
from ledger.bank.readers.table_values import date_in
from ledger.bank.readers.table_words import PENDING, TOTAL
from ledger.intake.dates import MONTH_OF, plain
from ledger.intake.documents import BadCell, NoticeBook, Reject
from ledger.intake.mapping import folded

NOT_ZERO = re.compile(r"[1-9]")
DATE_LIKE = re.compile(r"[\d\s./:-]*\d[\d\s./:,TZ-]*")


@dataclass(slots=True)
class Part:
    """A part of a batch, or a movement of the same day whose date is not repeated: `own` when its amount stands in
    the table's own amount columns."""

    line: Line
    amount: Decimal
    text: str
    own: bool = False


@dataclass(slots=True)
class Movement:
    """A row with a date and an amount, with the rows below it that belong to it. `carried` has only a balance."""

    line: Line
    day: date
    amount: Decimal
    value_on: date | None = None
    balance: Decimal | None = None
    text: str = ""
    pending: bool = False
    carried: bool = False
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Rows:
    """Everything below a header. `bad` are rows that should be movements and cannot be read; `remarks` are rows
    without movement: footers, labelled balances."""

    movements: list[Movement] = field(default_factory=list)
    bad: list[Reject] = field(default_factory=list)
    remarks: list[Line] = field(default_factory=list)
    totals: list[Figures] = field(default_factory=list)


class RowReader:
    """Reads the rows of one table in order."""

    def __init__(self, columns: Columns, signs: Signs, notices: NoticeBook) -> None:
        self.columns, self.signs, self.notices = columns, signs, notices
        self.order = columns.order or "dmy"
        self.rows = Rows()
        self.open: Movement | None = None

    def read(self, body: Sequence[Line]) -> Rows:
        """All rows of the table."""
        self.dates = self._dates(body)
        for line in body:
            if any(line.cells):
                self._take(line)
        self._close()
        return self.rows

    def _dates(self, body: Sequence[Line]) -> tuple[int, ...]:
        """The date columns, the one that stands in most of the rows with amounts first."""
        filled = dict.fromkeys(self.columns.dates, 0)
        money = [self.columns.at(role) for role in ("amount", "debit", "credit")]
        for line in body:
            cells = line.cells
            if any(0 <= place < len(cells) and NOT_ZERO.search(cells[place]) for place in money):
                for place in filled:
                    filled[place] += place < len(cells) and date_in(cells[place], self.order) is not None
        places = sorted(filled, key=lambda place: -filled[place])
        value = self.columns.at("value")
        return (*places, value) if value >= 0 and value not in places else tuple(places)

    def _take(self, line: Line) -> None:
        cells = line.cells
        dated = [cells[place] for place in self.dates if place < len(cells) and cells[place]]
        # A date that cannot be read is no reason to take another one.
        tried = dated[:1] if dated and _dateish(dated[0]) else dated
        day = next((found for found in (date_in(cell, self.order) for cell in tried) if found), None)
        try:
            row = figures(self.columns, cells)
        except BadCell as error:
            self._unreadable(line, day, dated, error)
            return
        if day is not None and not self._only_value(cells):
            self._dated(line, row, day)
        elif row.moved:
            self._undated(line, row, dated, day)
        elif row.detail and self.open is not None and not dated:
            self._part(line, row.detail)
        else:
            self._rest(line, row, dated)

    def _only_value(self, cells: Sequence[str]) -> bool:
        """Whether the row has no date but the value date."""
        first = [cells[place] for place in self.dates if place < len(cells)]
        return bool(self.columns.at("value") >= 0 and len(first) > 1 and not any(first[:-1]))

    def _unreadable(self, line: Line, day: date | None, dated: list[str], error: BadCell) -> None:
        """An amount that cannot be read: words in a footer mean nothing, in a dated row money would be missing."""
        if day is not None or (dated and _dateish(dated[0])):
            self._bad(line, error.params["column"], error.params["value"], error.code)
        else:
            self._rest(line, Figures(), dated)

    def _dated(self, line: Line, row: Figures, day: date) -> None:
        if not row.moved:
            self._quiet(line, row, day)
            return
        if row.both and self.signs.way == "columns":
            self._bad(line, self.columns.header[self.columns.at("debit")], "", "table_both_sides")
            return
        self._close()
        columns = self.columns
        if not any(columns.header) and columns.texts and not text_of(columns, line.cells):
            # Without a header, a row without words may as well be a balance.
            self._bad(line, "", " ".join(filter(None, line.cells)), "table_no_words")
            return
        self.open = Movement(
            line=line,
            day=day,
            amount=self.signs.of(row),
            value_on=date_in(columns.of(line.cells, "value"), self.order),
            balance=row.balance,
            text=text_of(columns, line.cells),
            pending=bool(PENDING.match(plain(columns.of(line.cells, "status")))),
        )
        self.rows.movements.append(self.open)

    def _quiet(self, line: Line, row: Figures, day: date) -> None:
        """A dated row without amount: a part of the movement above, a balance, or a piece of information."""
        mark = self.columns.of(line.cells, "bank_reference")
        same = (
            self.open is not None and mark and mark == self.columns.of(self.open.line.cells, "bank_reference")
        )
        if row.detail and self.open is not None:
            self._part(line, row.detail)
        elif same and self.open is not None:
            self.open.text = with_more(self.open.text, text_of(self.columns, line.cells))
        else:
            self._close()
            if row.balance is not None:
                self.rows.movements.append(Movement(line, day, ZERO, balance=row.balance, carried=True))
            self.notices.add("table_rows_without_amount", line.number)

    def _undated(self, line: Line, row: Figures, dated: list[str], day: date | None) -> None:
        """A row with an amount and no booking date."""
        if dated and day is None:
            if _dateish(dated[0]):
                column = self.columns.header[self.dates[0]]
                self._bad(line, column, dated[0], "not_a_date")
            elif row.both or not text_of(self.columns, line.cells).replace(dated[0], "").strip():
                self._total(line, row)
            else:
                self._bad(line, self.columns.header[self.dates[0]], dated[0], "not_a_date")
            return
        text = text_of(self.columns, line.cells)
        if row.both or TOTAL.search(folded(text or " ".join(line.cells))[:40]) or self.open is None:
            self._total(line, row)
        elif row.balance is not None or day is not None:
            self._dated(line, row, self.open.day)
        else:
            self.open.parts.append(Part(line, self.signs.of(row), text, own=True))

    def _total(self, line: Line, row: Figures) -> None:
        words = folded(" ".join(line.cells))
        if self.open is None and not row.both and not TOTAL.search(words) and not self._labelled(line):
            self._bad(line, self.columns.header[self.dates[0]], "", "table_no_date")
            return
        self._close()
        self.rows.totals.append(row)
        self.rows.remarks.append(line)
        self.notices.add("totals_row", line.number)

    def _labelled(self, line: Line) -> bool:
        """Whether words stand where the date should."""
        place = self.dates[0]
        return place < len(line.cells) and any(letter.isalpha() for letter in line.cells[place])

    def _bad(self, line: Line, column: str, value: str, code: str) -> None:
        """A row that should be a movement and cannot be read."""
        self.rows.bad.append(Reject(line.number, code, column, {"value": value[:60]}, tuple(line.cells)))

    def _part(self, line: Line, amount: Decimal) -> None:
        if self.open is not None:
            self.open.parts.append(Part(line, amount, text_of(self.columns, line.cells)))

    def _rest(self, line: Line, row: Figures, dated: list[str]) -> None:
        """A row without date and amount: more words of the movement above, or a remark."""
        text = text_of(self.columns, line.cells) or _alone(line.cells)
        if (not dated or _alone(line.cells)) and self.open is not None and text and row.balance is None:
            if self.open.parts:
                self.open.parts[-1].text = with_more(self.open.parts[-1].text, text)
            else:
                self.open.text = with_more(self.open.text, text)
            return
        self._close()
        self.rows.remarks.append(line)

    def _close(self) -> None:
        """Decide what the rows below a movement are, now that all have been seen."""
        if self.open is None:
            return
        own = [part for part in self.open.parts if part.own]
        whole = sum((part.amount for part in own), ZERO)
        if own and abs(whole) != abs(self.open.amount):
            # Not parts of a batch: movements of the same day, whose date is not repeated.
            self.open.parts = [part for part in self.open.parts if not part.own]
            self.rows.movements += [
                Movement(part.line, self.open.day, part.amount, text=part.text) for part in own
            ]
        self.open = None


def _alone(cells: Sequence[str]) -> str:
    """The only cell of a row, when it does not stand in front as a footer does."""
    filled = [cell for cell in cells if cell]
    return filled[0] if len(filled) == 1 and not cells[0] else ""


def _dateish(cell: str) -> bool:
    """Whether a cell tries to be a date, in figures or with the month in words."""
    if DATE_LIKE.fullmatch(cell):
        return True
    words = re.findall(r"[^\W\d_]+", plain(cell))
    return bool(words) and any(word in MONTH_OF for word in words) and any(sign.isdigit() for sign in cell)
