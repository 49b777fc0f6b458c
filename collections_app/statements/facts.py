"""What a customer had open at the end of a day: invoices with what is disputed of them, and what is not yet placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from collections_app.agreed import agreed_parts
from disputes.models import DisputeLine
from ledger.choices import InvoiceKind
from ledger.models import Customer, Invoice
from ledger.selectors import unapplied_credit_notes, unapplied_payments
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One open invoice at the end of the day. `late` in days past due, negative before."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    disputed: Decimal
    late: int
    instalments: bool = False

    @property
    def payable(self) -> Decimal:
        """What is open and not disputed."""
        return self.open - self.disputed


@dataclass(frozen=True, slots=True)
class Credit:
    """Money or a credit note that is not placed on any invoice yet."""

    kind: str
    reference: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Section:
    """Everything in one currency. Its totals are those of the ledger on that day."""

    currency: str
    rows: list[StatementRow]
    credits: list[Credit] = field(default_factory=list)

    @property
    def open(self) -> Decimal:
        """All that is open."""
        return sum((row.open for row in self.rows), ZERO)

    @property
    def disputed(self) -> Decimal:
        """What of it is disputed."""
        return sum((row.disputed for row in self.rows), ZERO)

    @property
    def overdue(self) -> Decimal:
        """What of it is past due and not disputed."""
        return sum((row.payable for row in self.rows if row.late > 0), ZERO)

    @property
    def unapplied(self) -> Decimal:
        """What is not placed yet."""
        return sum((credit.amount for credit in self.credits), ZERO)

    @property
    def balance(self) -> Decimal:
        """What is open less what is not placed yet."""
        return self.open - self.unapplied


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of a customer as of the end of `on`, one section per currency, the entity's own first."""

    customer: Customer
    on: date
    sections: list[Section]


def statement_of(customer: Customer, on: date) -> Statement:
    """The customer's open items as of the end of `on`. A fixed number of queries."""
    invoices: QuerySet[Any, Any] = Invoice.objects.filter(customer=customer, kind=InvoiceKind.INVOICE)
    rows = list(invoices.with_open_as_of(on).filter(open_amount__gt=0).order_by("due_on", "pk"))  # type: ignore[attr-defined]
    disputed = _disputed([row.pk for row in rows], on)
    agreed = {part.invoice_id for part in agreed_parts([row.pk for row in rows], on)}
    by_currency: dict[str, list[StatementRow]] = {}
    for row in rows:
        claim = min(disputed.get(row.pk, ZERO), row.open_amount)
        late = (on - row.due_on).days
        facts = (row.number, row.issued_on, row.due_on, row.amount, row.open_amount, claim, late)
        by_currency.setdefault(row.currency, []).append(StatementRow(*facts, instalments=row.pk in agreed))
    credits = _credits(customer, on)
    currencies = sorted({*by_currency, *credits}, key=lambda one: (one != customer.entity.currency, one))
    sections = [Section(one, by_currency.get(one, []), credits.get(one, [])) for one in currencies]
    return Statement(customer, on, sections)


def _disputed(invoices: list[int], on: date) -> dict[int, Decimal]:
    """What was disputed of each at the end of the day."""
    live = Q(opened_on__lte=on) & (Q(closed_on=None) | Q(closed_on__gt=on))
    lines = DisputeLine.objects.filter(live, invoice__in=invoices).order_by()
    return dict(lines.values_list("invoice").annotate(total=Sum("amount")))


def _credits(customer: Customer, on: date) -> dict[str, list[Credit]]:
    found: dict[str, list[Credit]] = {}
    payments: QuerySet[Any, Any] = unapplied_payments(on).filter(customer=customer)
    for payment in payments.order_by("received_on", "pk"):
        name = payment.reference or payment.identity
        row = Credit("payment", name, payment.received_on, payment.left)
        found.setdefault(payment.currency, []).append(row)
    notes: QuerySet[Any, Any] = unapplied_credit_notes(on).filter(customer=customer)
    for note in notes.order_by("issued_on", "pk"):
        found.setdefault(note.currency, []).append(
            Credit("credit_note", note.number, note.issued_on, note.left)
        )
    return found
