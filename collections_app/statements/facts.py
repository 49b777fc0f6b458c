"""What a customer had open at the end of a day: invoices with what is disputed of them, and what is not yet placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from collections_app.agreed import agreed_parts
from collections_app.decision.dealing import Share
from disputes.standing import standing_of
from ledger.choices import InvoiceKind
from ledger.models import Customer, Invoice
from ledger.selectors import unapplied_credit_notes, unapplied_payments
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One open invoice. `late` in days past due, negative before; `asked` is what is asked for of it."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    disputed: Decimal
    late: int
    asked: Decimal
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
    def standing(self) -> list[StatementRow]:
        """What is not wholly under review."""
        return [row for row in self.rows if row.payable > 0]

    @property
    def reviewed(self) -> list[StatementRow]:
        """What is, in part or as a whole."""
        return [row for row in self.rows if row.disputed]

    @property
    def asked(self) -> Decimal:
        """What is asked for in all."""
        return sum((row.asked for row in self.rows), ZERO)

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
    """The statement of a customer, one section per currency, the entity's own first."""

    customer: Customer
    on: date
    sections: list[Section]


def statement_of(
    customer: Customer,
    on: date,
    *,
    asked: Mapping[int, Decimal] | None = None,
    currency: str = "",
    share: Share | None = None,
) -> Statement:
    """The customer's open items as of the end of `on`; what may be asked for of each is all that is not disputed.

    With `asked` (by invoice, what a letter of the day `on` asks for), the facts of this moment. With `currency`, one
    section alone. With `share`, the documents that one contact deals with. A fixed number of queries.
    """
    now = asked is not None
    rows = [row for row in _rows(customer, on, now=now) if share is None or share.has(row.pk)]
    disputed = _disputed([row.pk for row in rows], on, now=now)
    agreed = {part.invoice_id for part in agreed_parts([row.pk for row in rows], on)}
    by_currency: dict[str, list[StatementRow]] = {}
    for row in rows:
        claim = min(disputed.get(row.pk, ZERO), row.open_amount)
        late = (on - row.due_on).days
        wanted = row.open_amount - claim if asked is None else asked.get(row.pk, ZERO)
        facts = (row.number, row.issued_on, row.due_on, row.amount, row.open_amount, claim, late, wanted)
        by_currency.setdefault(row.currency, []).append(StatementRow(*facts, instalments=row.pk in agreed))
    credits = _credits(customer, date.max if now else on, share)
    currencies = sorted({*by_currency, *credits}, key=lambda one: (one != customer.entity.currency, one))
    currencies = [one for one in currencies if currency in ("", one)]
    sections = [Section(one, by_currency.get(one, []), credits.get(one, [])) for one in currencies]
    return Statement(customer, on, sections)


def _rows(customer: Customer, on: date, *, now: bool) -> QuerySet[Any, Any]:
    """What was open at the end of the day, or is now of what was issued by then; the oldest due first."""
    invoices: Any = Invoice.objects.filter(customer=customer, kind=InvoiceKind.INVOICE)
    if now:
        found = invoices.open_now().filter(issued_on__lte=on)
    else:
        found = invoices.with_open_as_of(on).filter(open_amount__gt=0)
    rows: QuerySet[Any, Any] = found.order_by("due_on", "pk")
    return rows


def _disputed(invoices: list[int], on: date, *, now: bool) -> dict[int, Decimal]:
    """What was disputed of each at the end of the day, or is now."""
    return standing_of(invoices, None if now else on)


def _credits(customer: Customer, on: date, share: Share | None) -> dict[str, list[Credit]]:
    """What is not placed yet: of a share its credit notes, and the money where it is the usual contact's."""
    found: dict[str, list[Credit]] = {}
    payments: QuerySet[Any, Any] = unapplied_payments(on).filter(customer=customer)
    for payment in payments.order_by("received_on", "pk") if share is None or share.money else ():
        name = payment.reference or payment.identity
        row = Credit("payment", name, payment.received_on, payment.left)
        found.setdefault(payment.currency, []).append(row)
    notes: QuerySet[Any, Any] = unapplied_credit_notes(on).filter(customer=customer)
    for note in notes.order_by("issued_on", "pk"):
        if share is None or share.has(note.pk):
            found.setdefault(note.currency, []).append(
                Credit("credit_note", note.number, note.issued_on, note.left)
            )
    return found
