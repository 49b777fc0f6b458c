"""A dispute being written: what the form of a new dispute says so far, with its amounts computed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes import selectors
from disputes.differences import line_amount
from disputes.models import Dispute, DisputeLine, Reason
from disputes.services import LineInput, Wrong, disputable, read_amount
from ledger.choices import InvoiceKind
from ledger.models import Customer, Invoice, InvoiceLine
from ledger.models.invoices import InvoiceQuerySet
from lib.money import ZERO, q
from lib.text import fold

FOUND = 6
MOST_INVOICES = 50
WHOLE, AMOUNT, LINES = "whole", "amount", "lines"


@dataclass(slots=True)
class DraftLine:
    """One line of a chosen invoice: disputed whole, by a missing quantity, or by another price."""

    line: InvoiceLine
    chosen: bool
    missing: str = ""
    agreed: str = ""
    amount: Decimal = ZERO
    error: str = ""


@dataclass(slots=True)
class DraftInvoice:
    """A chosen invoice and how much of it is disputed."""

    invoice: Invoice
    room: Decimal
    mode: str = WHOLE
    typed: str = ""
    amount: Decimal = ZERO
    lines: list[DraftLine] = field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class Draft:
    """The whole form."""

    invoices: list[DraftInvoice] = field(default_factory=list)
    customer: Customer | None = None
    reason: str = ""
    statement: str = ""
    words: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """What would be disputed."""
        return sum((entry.amount for entry in self.invoices), ZERO)

    @property
    def currency(self) -> str:
        """The currency of the chosen invoices."""
        return self.invoices[0].invoice.currency if self.invoices else "EUR"

    @property
    def problems(self) -> bool:
        """Whether something must be put right first."""
        return bool(self.errors) or any(
            entry.error or any(line.error for line in entry.lines) for entry in self.invoices
        )


def may_dispute(user: User) -> InvoiceQuerySet:
    """The invoices this person may open a dispute on."""
    allowed = policy.rows(user, "dispute.open", salesperson="customer__salesperson")
    return Invoice.objects.filter(allowed, kind=InvoiceKind.INVOICE).select_related("customer__entity")


def read(user: User, data: Mapping[str, Any], ids: list[str], on: date) -> Draft:
    """The draft that the posted (or addressed) values describe. Nothing is written."""
    wanted = list(dict.fromkeys(int(pk) for pk in ids if pk.isdigit()))[:MOST_INVOICES]
    rows = may_dispute(user).prefetch_related("lines").in_bulk(wanted)
    chosen = [rows[pk] for pk in wanted if pk in rows]
    draft = Draft(
        customer=chosen[0].customer if chosen else None,
        reason=str(data.get("reason", "")),
        statement=str(data.get("statement", "")),
        words=str(data.get("words", "")),
    )
    if draft.customer:
        chosen = [invoice for invoice in chosen if invoice.customer_id == draft.customer.pk]
    room = disputable(chosen, on)
    draft.invoices = [_read_invoice(invoice, room[invoice.pk], data) for invoice in chosen]
    return draft


def _read_invoice(invoice: Invoice, room: Decimal, data: Mapping[str, Any]) -> DraftInvoice:
    entry = DraftInvoice(invoice, room, str(data.get(f"mode-{invoice.pk}", WHOLE)))
    entry.typed = str(data.get(f"amount-{invoice.pk}", ""))
    entry.lines = [_read_line(invoice, line, data) for line in invoice.lines.all()]
    if entry.mode == WHOLE:
        entry.amount = room
        if room <= ZERO:
            entry.error = _("Nothing of this invoice is left to dispute: it is paid or in dispute already.")
    elif entry.mode == AMOUNT:
        entry.amount, entry.error = _typed(entry.typed, invoice.currency)
    else:
        entry.amount = sum((line.amount for line in entry.lines if line.chosen), ZERO)
        if not any(line.chosen for line in entry.lines):
            entry.error = _("Choose at least one line.")
    return entry


def _typed(text: str, currency: str) -> tuple[Decimal, str]:
    if not text.strip():
        return ZERO, _("Write the disputed amount.")
    try:
        return q(read_amount(text), currency), ""
    except Wrong as wrong:
        return ZERO, str(wrong)


def _read_line(invoice: Invoice, line: InvoiceLine, data: Mapping[str, Any]) -> DraftLine:
    entry = DraftLine(
        line,
        chosen=f"line-{line.pk}" in data,
        missing=str(data.get(f"missing-{line.pk}", "")).strip(),
        agreed=str(data.get(f"agreed-{line.pk}", "")).strip(),
    )
    try:
        missing = read_amount(entry.missing) if entry.missing else None
        agreed = read_amount(entry.agreed) if entry.agreed else None
    except Wrong as wrong:
        entry.error = str(wrong) if entry.chosen else ""
        return entry
    entry.amount = line_amount(
        net=line.net,
        quantity=line.quantity,
        tax_rate=line.tax_rate,
        missing=missing,
        agreed_price=agreed,
        currency=invoice.currency,
    )
    if entry.chosen and missing is not None and line.quantity is not None and missing > line.quantity:
        entry.error = _("The line has only %(quantity)s units.") % {
            "quantity": f"{line.quantity.normalize():f}"
        }
    elif entry.chosen and entry.amount <= 0:
        entry.error = _("This leaves nothing to dispute.")
    return entry


def inputs(draft: Draft) -> tuple[list[LineInput], list[DraftInvoice | DraftLine]]:
    """What `open_dispute` takes, and for each of its lines the part of the form it came from."""
    lines: list[LineInput] = []
    sources: list[DraftInvoice | DraftLine] = []
    for entry in draft.invoices:
        if entry.mode != LINES:
            lines.append(LineInput(entry.invoice.pk, entry.amount))
            sources.append(entry)
            continue
        for line in entry.lines:
            if line.chosen:
                missing = read_amount(line.missing) if line.missing else None
                lines.append(LineInput(entry.invoice.pk, line.amount, line.line.pk, missing or None))
                sources.append(line)
    return lines, sources


def find_invoices(user: User, draft: Draft, on: date) -> list[Invoice]:
    """Open invoices that fit the words: number, customer, or exact amount; of the customer chosen already."""
    rows = may_dispute(user).open_as_of(on).exclude(pk__in=[entry.invoice.pk for entry in draft.invoices])
    if draft.customer:
        rows = rows.filter(customer=draft.customer)
    words = draft.words.strip()
    if words:
        found = Q(number__icontains=words) | Q(customer__name_key__icontains=fold(words))
        with suppress(Wrong):
            found |= Q(amount=read_amount(words))
        rows = rows.filter(found)
    elif not draft.customer:
        return []
    return list(selectors.with_disputed(rows, on).select_related("customer").order_by("due_on", "pk")[:FOUND])


def open_already(user: User, draft: Draft) -> list[Dispute]:
    """Open disputes on the chosen invoices: is this one of them?"""
    ids = [entry.invoice.pk for entry in draft.invoices]
    lines = DisputeLine.objects.filter(invoice__in=ids, closed_on=None)
    rows = (
        selectors.disputes_for(user)
        .filter(pk__in=lines.values("dispute"))
        .select_related("reason", "stage")
        .prefetch_related("lines")
    )
    return list(rows.order_by("pk"))


def reasons(draft: Draft, user: User) -> list[Reason]:
    """The reasons to choose from: those of the customer's entity, or of the first one the person works in."""
    entities = (
        [draft.customer.entity_id] if draft.customer else sorted(policy.scope(user).entities("dispute.open"))
    )
    return list(Reason.objects.filter(entity__in=entities[:1], active=True).exclude(route=None))
