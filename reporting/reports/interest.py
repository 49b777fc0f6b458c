"""Late interest and recovery costs: who owes how much, of which invoices, reckoned how, and what was claimed."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collections_app.interest import (
    Explanation,
    Position,
    Sum,
    by_customer,
    interest_for,
    line_data,
    position_data,
)
from collections_app.models import DebitNote
from ledger.models import Invoice
from reporting.errors import unknown_dimension
from reporting.reports.table import Column, Kind, Options, Report, facts, head, money
from reporting.selectors.frame import Frame

ZERO = Decimal("0.00")
WAYS = ("customer", "invoice", "line", "note")
M = Kind.MONEY


def interest_report(frame: Frame, options: Options) -> Report:
    """What late invoices bear and may be claimed, not claimed or waived yet: by customer, invoice or line.

    `by` note: the debit notes of the period, for who books them. Each row is in its own currency.
    """
    by = options.by or "customer"
    if by not in WAYS:
        raise unknown_dimension(by, WAYS)
    if by == "note":
        return _notes(frame, options)
    invoices = Invoice.objects.filter(entity=frame.entity, customer__in=frame.customers)
    if frame.currency:
        invoices = invoices.filter(currency=frame.currency)
    found = interest_for(invoices, frame.as_of)
    positions = list(found.values())
    make = {"customer": _customers, "invoice": _invoices, "line": _lines}[by]
    columns, rows, entries = make(positions)
    sums = by_customer(positions)
    data = head(frame) | {"by": by, "totals": _totals(sums), "rows": entries}
    above = facts(frame)
    for currency, total in _totals(sums).items():
        above.append((_("To claim"), f"{total['claimable']} {currency}"))
    notes = [] if frame.known_at is None else [_("Interest is reckoned with what is recorded today.")]
    if any(row.provisional for row in sums):
        notes.append(_("The rate of a half-year is not known yet: the one before was used. Import it."))
    title = _("Late interest and recovery costs")
    return Report("interest", title, above, columns, rows, data, notes=notes, currency=frame.entity.currency)


def _totals(sums: list[Sum]) -> dict[str, dict[str, str]]:
    """Per currency: interest, flat sums, both together, and what disputes suspend."""
    groups: dict[str, list[Sum]] = defaultdict(list)
    for row in sums:
        groups[row.currency].append(row)
    return {
        currency: {
            "interest": money(sum((row.interest for row in rows), ZERO)),
            "fees": money(sum((row.fees for row in rows), ZERO)),
            "claimable": money(sum((row.total for row in rows), ZERO)),
            "suspended": money(sum((row.suspended for row in rows), ZERO)),
        }
        for currency, rows in sorted(groups.items())
    }


Made = tuple[list[Column], list[tuple[Any, ...]], list[dict[str, Any]]]


def _customers(positions: list[Position]) -> Made:
    columns = [
        Column("customer", _("Customer")), Column("invoices", _("Invoices"), Kind.COUNT),
        Column("currency", _("Currency")), Column("interest", _("Interest"), M), Column("fees", _("Recovery costs"), M),
        Column("claimable", _("To claim"), M), Column("suspended", _("Suspended by disputes"), M),
        Column("claimed_too_much", _("Claimed too much"), M),
    ]  # fmt: skip
    rows, entries = [], []
    for one in by_customer(positions):
        rows.append(
            (
                *(one.customer, one.invoices, one.currency, one.interest),
                *(one.fees, one.total, one.suspended, one.too_much),
            )
        )
        entry = {
            "customer": one.code,
            "name": one.customer,
            "invoices": one.invoices,
            "currency": one.currency,
        }
        entry |= {"interest": money(one.interest), "fees": money(one.fees), "claimable": money(one.total)}
        entry |= {"suspended": money(one.suspended), "claimed_too_much": money(one.too_much)}
        entries.append(entry | {"provisional": one.provisional})
    return columns, rows, entries


def _invoices(positions: list[Position]) -> Made:
    columns = [
        Column("customer", _("Customer")), Column("invoice", _("Invoice")), Column("due_on", _("Due"), Kind.DAY),
        Column("currency", _("Currency")), Column("amount", _("Amount"), M), Column("interest", _("Interest"), M),
        Column("fee", _("Recovery costs"), M), Column("claimable", _("To claim"), M),
        Column("suspended", _("Suspended by disputes"), M),
    ]  # fmt: skip
    rows = [
        (
            *(one.paper.customer, one.paper.number, one.paper.due_on, one.paper.currency, one.paper.amount),
            *(one.interest, one.fee, one.claimable, one.suspended),
        )
        for one in positions
    ]
    return columns, rows, [position_data(one) | {"customer": one.paper.code} for one in positions]


def _lines(positions: list[Position]) -> Made:
    columns = [
        Column("customer", _("Customer")), Column("invoice", _("Invoice")), Column("state", _("State")),
        Column("from", pgettext("time", "From"), Kind.DAY), Column("to", pgettext("time", "To"), Kind.DAY),
        Column("days", _("Days"), Kind.COUNT),
        Column("base", _("Base"), M), Column("rate", _("Rate"), Kind.PERCENT), Column("amount", _("Interest"), M),
    ]  # fmt: skip
    names = {"lines": _("To claim"), "suspended": _("Suspended"), "over": _("Claimed too much")}
    rows: list[tuple[Any, ...]] = []
    entries = []
    for one in positions:
        for state in names:
            for line in _part(one.explanation, state):
                spans = (line.first, line.last, line.days, line.base, line.rate, line.amount)
                rows.append((one.paper.customer, one.paper.number, names[state], *spans))
                entry = {"customer": one.paper.code, "invoice": one.paper.number, "state": state}
                entries.append(entry | line_data(line))
    return columns, rows, entries


def _part(told: Explanation, state: str) -> Any:
    return getattr(told, state)


def _notes(frame: Frame, options: Options) -> Report:
    """The documents of the period, oldest first: what the ERP books."""
    period = options.period(frame.as_of)
    found = DebitNote.objects.filter(
        entity=frame.entity, customer__in=frame.customers, issued_on__range=(period.first, period.last)
    )
    if frame.currency:
        found = found.filter(currency=frame.currency)
    columns = [
        Column("number", _("Number")), Column("kind", _("Kind")), Column("issued_on", _("Issued"), Kind.DAY),
        Column("due_on", _("Due"), Kind.DAY), Column("customer", _("Customer")), Column("currency", _("Currency")),
        Column("interest", _("Interest"), M), Column("fees", _("Recovery costs"), M), Column("total", _("Total"), M),
        Column("cancels", _("Cancels")),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    entries = []
    for note in found.select_related("customer", "cancels").order_by("issued_on", "pk"):
        sign = -1 if note.cancels_id else 1
        cancels = note.cancels.ref if note.cancels else ""
        sums = (sign * note.interest, sign * note.fees, sign * note.total)
        days = (note.issued_on, note.due_on)
        rows.append(
            (note.ref, note.get_kind_display(), *days, note.customer.name, note.currency, *sums, cancels)
        )
        entry = {"number": note.ref, "kind": note.kind, "issued_on": note.issued_on.isoformat()}
        entry |= {"due_on": note.due_on.isoformat(), "until": note.until.isoformat()}
        entry |= {"customer": note.customer.code, "currency": note.currency, "cancels": cancels}
        entries.append(entry | {"interest": money(sums[0]), "fees": money(sums[1]), "total": money(sums[2])})
    data = head(frame, period=period) | {"by": "note", "rows": entries}
    above = facts(frame, period=period)
    title = _("Debit notes for late interest")
    return Report("interest", title, above, columns, rows, data, currency=frame.entity.currency)
