"""Puts the columns of a table together to documents: kind from sign and words, totals from lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledger.intake.documents import (
    CREDIT_NOTE,
    INVOICE,
    Chunk,
    Document,
    DocumentLine,
    NoticeBook,
    Party,
    Reject,
)
from ledger.intake.mapping import TableMapping
from ledger.intake.table import Row
from lib.money import NO_DECIMALS, q

Columns = Mapping[str, list[Any]]
ZERO, CENT = Decimal(0), Decimal("0.01")


@dataclass(slots=True)
class _Group:
    """The rows of one invoice in a table that has one row per line."""

    row: Row
    values: dict[str, Any]
    lines: list[DocumentLine] = field(default_factory=list)
    amount: Decimal = ZERO
    net: Decimal = ZERO
    tax: Decimal = ZERO
    rejected: bool = False


class DocumentMaker:
    """Makes documents of a table's columns. Keeps the invoice whose lines are not all read yet."""

    def __init__(self, mapping: TableMapping, currency: str, day: date, notices: NoticeBook) -> None:
        self.mapping, self.currency, self.day, self.notices = mapping, currency, day, notices
        self._parties: dict[tuple[str | None, ...], Party] = {}
        self._group: _Group | None = None
        self.issued = _date(mapping.constants.get("issued_on", ""))
        # Where the table has no address of the customer, the one of a contact is better than none.
        self.mail_of_customer = "customer_email" if "customer_email" in mapping.columns else "contact_email"

    def add(self, rows: list[Row], columns: Columns, refused: set[int], chunk: Chunk) -> None:
        """The documents of these rows; `refused` are the lines of rows that have a reject already."""
        names = list(columns)
        lists = [columns[name] for name in names]
        table = zip(rows, *lists, strict=True) if lists else zip(rows, strict=True)
        for row, *cells in table:
            values = dict(zip(names, cells, strict=True))
            if self.mapping.grouped:
                self._add_line(row, values, row.line in refused, chunk)
            elif row.line not in refused:
                self._add(row, values, chunk)

    def finish(self, chunk: Chunk) -> None:
        """The last invoice of a table with one row per line."""
        group, self._group = self._group, None
        if group is None or group.rejected:
            return
        values = group.values
        values["amount"] = (group.amount, values.get("line_currency") or "")
        values["net"], values["tax"] = (group.net, ""), (group.tax, "")
        lines = group.lines if group.amount >= 0 else [turned(line) for line in group.lines]
        self._add(group.row, values, chunk, tuple(lines))

    def _add_line(self, row: Row, values: dict[str, Any], refused: bool, chunk: Chunk) -> None:
        """Add the row to the invoice it belongs to; one bad line keeps its whole invoice out."""
        group = self._group
        if group is None or group.values.get("number") != values.get("number"):
            self.finish(chunk)
            group = self._group = _Group(row, values)
        net, tax, amount = (_amount(values.get(name)) for name in ("line_net", "line_tax", "line_amount"))
        rate = _amount(values.get("line_tax_rate"))
        if refused:
            group.rejected = True
            return
        if amount is None and net is None:
            group.rejected = True
            chunk.rejects.append(
                Reject(row.line, "missing", params={"field": "line_amount"}, raw=tuple(row.cells))
            )
            return
        if tax is None:
            tax = (
                amount - net
                if amount is not None and net is not None
                else q((net or ZERO) * (rate or ZERO) / 100)
            )
        net = amount - tax if net is None and amount is not None else net or ZERO
        group.amount += amount if amount is not None else net + tax
        group.net, group.tax = group.net + net, group.tax + tax
        text, price = values.get("line_description") or "", _amount(values.get("line_unit_price"))
        quantity = _amount(values.get("line_quantity"))
        group.lines.append(DocumentLine(len(group.lines) + 1, text, quantity, "", price, q(net), rate))

    def _add(
        self, row: Row, values: Mapping[str, Any], chunk: Chunk, lines: tuple[DocumentLine, ...] = ()
    ) -> None:
        """Add the document of a row, or the reject that says what it lacks."""
        get, net, tax = values.get, _amount(values.get("net")), _amount(values.get("tax"))
        total = get("amount")
        if total is None and net is not None and tax is not None:
            total = (net + tax, "")
        issued = get("issued_on") or self.issued
        number, party = get("number"), self._party(values)
        lack = self._lack(number, party, issued, total)
        if lack or not (total and number and issued):
            code = "missing" if lack in self.mapping.columns or lack == "customer" else "no_column"
            stated = total[0] if total else None
            chunk.rejects.append(Reject(row.line, code, "", {"field": lack}, tuple(row.cells), stated))
            return
        document = self._document(row, values, total, (number, issued, party), lines)
        if not document.amount:
            raw, currency = tuple(row.cells), document.currency
            chunk.rejects.append(Reject(row.line, "zero_amount", "", {}, raw, document.stated, currency))
            return
        chunk.documents.append(document)

    def _document(
        self,
        row: Row,
        values: Mapping[str, Any],
        total: tuple[Decimal, str],
        who: tuple[str, date, Party],
        lines: tuple[DocumentLine, ...],
    ) -> Document:
        """The document of a complete row; its amount is zero when that is what the row says."""
        get, (stated, named), (number, issued, party) = values.get, total, who
        currency = get("currency") or named or self.mapping.constants.get("currency") or self._assumed()
        net, tax, amount = _amount(get("net")), _amount(get("tax")), cents(abs(stated), currency)
        if amount != abs(stated):
            self.notices.add("rounded", row.line)
        paid, paid_on = self._paid(values, amount)
        return Document(
            row.line,
            self._kind(get("kind"), stated, row.line),
            number,
            issued,
            self._due(get("due_on"), get("terms_days"), issued, row.line),
            amount,
            None if net is None else cents(abs(net), currency),
            None if tax is None else cents(abs(tax), currency),
            currency,
            party,
            get("order_reference") or "",
            get("corrects") or "",
            (get("salesperson") or "").lower(),
            paid,
            paid_on,
            stated,
            lines,
            None,
            tuple(row.cells),
            (get("contact_email") or "").lower(),
        )

    def _due(self, due: date | None, terms: int | None, issued: date, line: int) -> date | None:
        """The due date, or issue date and terms; None when the row has neither."""
        if due is None and terms is not None:
            due = issued + timedelta(days=terms)
        if due is not None and due < issued:
            self.notices.add("due_before_issue", line)
        return due

    def _lack(self, number: str | None, party: Party, issued: date | None, total: object) -> str:
        """The field without which there is no document, or nothing."""
        if not number:
            return "number"
        if not party.known:
            return "customer"
        if total is None:
            return "amount"
        return "" if issued else "issued_on"

    def _kind(self, said: str | None, stated: Decimal, line: int) -> str:
        """The kind of the document: what it says, else (or against it) what the sign says."""
        kind = said or self.mapping.constants.get("kind") or INVOICE
        if stated < 0 and kind == INVOICE:
            self.notices.add("negative_is_credit_note", line)
            return CREDIT_NOTE
        return kind

    def _paid(self, values: Mapping[str, Any], amount: Decimal) -> tuple[Decimal | None, date | None]:
        """What was paid and when: all of it on the day it was settled, or the paid amount."""
        paid, settled = _amount(values.get("paid")), values.get("settled_on")
        if paid is not None:
            return (q(abs(paid)), settled or self.day) if paid else (None, None)
        return (amount, settled) if settled else (None, None)

    def _party(self, values: Mapping[str, Any]) -> Party:
        """The customer of the row."""
        get = values.get
        return self.party(
            (
                get("customer_name"),
                get("customer_code"),
                get("customer_tax_id"),
                get("customer_country"),
                get(self.mail_of_customer),
            )
        )

    def party(self, key: tuple[str | None, ...]) -> Party:
        """The customer of these words (name, code, tax id, country, e-mail); the same words give the same object."""
        party = self._parties.get(key)
        if party is None:
            name, code, tax_id, country, email = (part or "" for part in key)
            if len(self._parties) > 50_000:
                self._parties.clear()
            party = self._parties[key] = Party(" ".join(name.split()), code, tax_id, "", country, email)
        return party

    def _assumed(self) -> str:
        self.notices.add("currency_assumed", 0, currency=self.currency)
        return self.currency


def turned(line: DocumentLine) -> DocumentLine:
    """A line of a negative invoice as its credit note has it: what is given back counts as positive, like the total."""
    quantity, price = line.quantity, line.unit_price
    if (quantity or 1) * (price or 1) * line.net > 0:
        if price is not None and (price < 0 or quantity is None):
            price = -price
        elif quantity is not None:
            quantity = -quantity
    return replace(line, quantity=quantity, unit_price=price, net=-line.net)


def cents(amount: Decimal, currency: str) -> Decimal:
    """`lib.money.q`, without the work for what is exact already."""
    if currency not in NO_DECIMALS and amount.same_quantum(CENT):
        return amount
    return q(amount, currency)


def _amount(value: tuple[Decimal, str] | None) -> Decimal | None:
    return value[0] if value else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
