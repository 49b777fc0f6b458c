"""Reads any bank's table, CSV or workbook, by the words of its header and by its values; it knows no bank by name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from ledger.bank.readers.common import MAX_ENTRIES, account_of, checked
from ledger.bank.readers.table_balance import balances, oldest_first
from ledger.bank.readers.table_columns import (
    MONEY,
    Columns,
    decide,
)
from ledger.bank.readers.table_grid import Line
from ledger.bank.readers.table_money import ZERO, Signs, layouts, movements, signs_of
from ledger.bank.readers.table_preamble import Facts, facts_of
from ledger.bank.readers.table_rows import Movement, Part, RowReader, Rows
from ledger.bank.readers.table_sniff import Table, tables_of
from ledger.bank.readers.table_text import transaction_of
from ledger.bank.readers.table_values import Seen, date_in
from ledger.bank.readers.table_words import is_currency
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.mapping import folded


def read(path: Path, notices: NoticeBook, mapping: Mapping[str, Any] | None = None) -> list[Statement]:
    """The statements of a bank's table. `mapping` is what a saved profile says of its columns. Raises Unreadable."""
    statements = [
        statement
        for table in tables_of(path)
        for statement in TableReader(table, notices, mapping or {}).statements()
    ]
    if not statements:
        raise Unreadable("no_statement", format="bank_csv")
    return statements


NOT_ENGLISH = re.compile(r"fecha|data|datum|buchung|valuta|jour|dia|f valor|f contable|comptab|operation|tag")


def _is_card(columns: Columns, seen: Sequence[Seen]) -> bool:
    """Whether the table is that of a card: most rows name one, and none a balance."""
    if "card" not in columns.places or "balance" in columns.places or "amount" not in columns.places:
        return False
    return seen[columns.at("card")].filled * 2 > seen[columns.at("amount")].filled


class TableReader:
    """Reads one table: columns, signs, rows, and the statements that they make."""

    def __init__(self, table: Table, notices: NoticeBook, mapping: Mapping[str, Any]) -> None:
        self.table, self.notices = table, notices
        self.columns, self.signs = self._understand(mapping)

    def _understand(self, mapping: Mapping[str, Any]) -> tuple[Columns, Signs]:
        """The columns and the way their amounts get a sign. Raises Unreadable when they cannot be told."""
        table = self.table
        columns, seen = decide(table.header, table.body)
        if mapping.get("bank"):
            columns = columns.changed(mapping)
        if columns.missing == ["amount"]:
            columns = layouts(columns, seen, table.body) or columns
        if columns.missing:
            found = ", ".join(cell for cell in table.header if cell)[:500] or "–"
            raise Unreadable(
                "table_not_understood", table.header_line, missing=", ".join(columns.missing), found=found
            )
        if not columns.order:
            columns = replace(columns, order=self._order(columns, seen))
        if not table.header:
            self._cut_head(columns)
        signs = signs_of(columns, movements(columns, table.body), _is_card(columns, seen))[0]
        if signs.way == "negated":
            self.notices.add("table_charges_positive")
        return columns, signs

    def _cut_head(self, columns: Columns) -> None:
        """Without a header, what stands before the first row with a date in its column stands above the table."""
        place, order, body = columns.dates[0], columns.order, self.table.body
        dated = (
            n for n, line in enumerate(body) if place < len(line.cells) and date_in(line.cells[place], order)
        )
        first = next(dated, 0)
        self.table = replace(self.table, above=body[:first], body=body[first:])

    def _order(self, columns: Columns, seen: Sequence[Seen]) -> str:
        """Day or month first, where no value tells: the order in which the rows are sorted, else the day."""
        doubtful = [place for place in columns.dates if seen[place].dates.ambiguous]
        # Nobody writes the month first with points.
        if not doubtful or any("." in value[:6] for value in seen[doubtful[0]].values):
            return "dmy"
        place = doubtful[0]
        runs = {}
        for order in ("dmy", "mdy"):
            days = [one.day for one in self._dated(replace(columns, order=order, dates=(place,)))]
            ups = sum(1 for first, second in pairwise(days) if first < second)
            downs = sum(1 for first, second in pairwise(days) if first > second)
            runs[order] = min(ups, downs)
        if runs["dmy"] != runs["mdy"]:
            return min(runs, key=lambda order: runs[order])
        if NOT_ENGLISH.search(folded(columns.header[place])):
            return "dmy"
        order = "mdy" if columns.currency == "USD" else "dmy"
        self.notices.add("dates_ambiguous", 0, column=columns.header[place] or str(place + 1), style=order)
        return order

    def _dated(self, columns: Columns) -> list[Movement]:
        return RowReader(columns, Signs("plain"), NoticeBook()).read(self.table.body).movements

    def statements(self) -> Iterator[Statement]:
        """One statement for each account and currency of the table."""
        rows = RowReader(self.columns, self.signs, self.notices).read(self.table.body)
        if len(rows.movements) > MAX_ENTRIES:
            raise Unreadable("too_many_parts", self.table.header_line, limit=MAX_ENTRIES)
        if not rows.movements and not rows.bad:
            raise Unreadable("table_without_movements", self.table.header_line)
        point = self.columns.point("balance") if self.columns.at("balance") >= 0 else self._point()
        above = facts_of(self.table.above, self.columns.order, point)
        below = facts_of(rows.remarks, self.columns.order, point)
        groups: dict[tuple[str, str], list[Movement]] = {}
        for one in rows.movements:
            groups.setdefault(self._owner(one, above), []).append(one)
        if not groups:
            groups[above.account, self.columns.currency or above.currency] = []
        rejects = tuple(rows.bad)
        for owner, members in groups.items():
            made = self._statement(owner, members, rows, above, below, alone=len(groups) == 1)
            yield replace(made, rejects=rejects)
            rejects = ()

    def _point(self) -> str:
        return next((self.columns.point(role) for role in MONEY if role in self.columns.places), ".")

    def _owner(self, one: Movement, above: Facts) -> tuple[str, str]:
        """Account and currency of a movement."""
        cells = one.line.cells
        # An account above the table is the bank's customer's own; beside it, a column of others is the payers'.
        account = above.account or account_of(self.columns.of(cells, "account"))
        currency = self.columns.currency
        if not currency and "currency" in self.columns.places:
            codes = [cells[place] for place in self.columns.currencies if place < len(cells)]
            code = next(filter(None, codes), "")
            currency = code if is_currency(code) else ""
            if not currency:
                self.notices.add("table_currency_unknown", one.line.number, value=code)
        return account[:60], currency or above.currency

    def _statement(
        self,
        owner: tuple[str, str],
        members: list[Movement],
        rows: Rows,
        above: Facts,
        below: Facts,
        alone: bool,
    ) -> Statement:
        (account, currency), ordered = owner, oldest_first(members)
        opening, closing, running = balances([one for one in ordered if not one.pending])
        if not running:
            self.notices.add("table_balance_not_running", self.table.header_line)
        if alone:
            stated = [above.opening, below.opening], [above.closing, below.closing]
            opening = next((one for one in stated[0] if one is not None), opening)
            closing = next((one for one in stated[1] if one is not None), closing)
        entries = tuple(self._entry(one, currency) for one in ordered if not one.carried)
        days = [one.day for one in ordered]
        statement = Statement(
            account=account,
            currency=currency,
            opened_on=above.opened_on or min(days, default=None),
            closed_on=above.closed_on or max(days, default=None),
            opening=opening,
            closing=closing,
            entries=entries,
            owner=above.owner,
            line=self.table.header_line,
        )
        if rows.bad:
            first = rows.bad[0]
            params: dict[str, object] = {
                "line": first.line,
                "column": first.column,
                "value": first.params["value"],
                "count": len(rows.bad),
            }
            return replace(statement, fault="table_row_unreadable", params=params)
        return self._against_totals(statement, rows) if alone else statement

    def _against_totals(self, statement: Statement, rows: Rows) -> Statement:
        """The statement with the bank's own sums, where a row of totals gives them both."""
        totals = [row for row in rows.totals if row.debit is not None and row.credit is not None]
        if len(totals) != 1 or any(entry.pending for entry in statement.entries):
            return statement
        credits, debits = abs(totals[0].credit or ZERO), abs(totals[0].debit or ZERO)
        found = checked(replace(statement, declared_credits=credits, declared_debits=debits))
        # Banks count reversals on either side; then the sums together are right, and each is not.
        each = (statement.credits, statement.debits) == (credits, debits)
        return found if found.fault or each else statement

    def _entry(self, one: Movement, currency: str) -> Entry:
        whole = self._transaction(one.line, one.amount, one.text, currency)
        parts = self._split(one, currency)
        return Entry(
            booked_on=one.day,
            amount=one.amount,
            currency=currency,
            value_on=one.value_on,
            bank_reference=whole.bank_reference,
            pending=one.pending,
            line=one.line.number,
            transactions=parts or (whole,),
        )

    def _split(self, one: Movement, currency: str) -> tuple[Transaction, ...]:
        """The parts of a batch, when they add up to it; else their words go to the whole."""
        whole = sum((part.amount for part in one.parts), ZERO)
        if not one.parts or abs(whole) != abs(one.amount):
            if one.parts:
                self.notices.add("table_parts_kept_whole", one.line.number)
            return ()
        sign = Decimal(1 if whole == one.amount else -1)
        return tuple(self._transaction(part.line, sign * part.amount, _words(one, part), currency)
                     for part in one.parts)  # fmt: skip

    def _transaction(self, line: Line, amount: Decimal, text: str, currency: str) -> Transaction:
        return transaction_of(self.columns, line.cells, Transaction(amount, currency, text))


def _words(one: Movement, part: Part) -> str:
    return part.text or one.text
