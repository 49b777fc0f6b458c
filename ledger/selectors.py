"""What the ledger tells: rows a person may see, and money not yet placed as of a day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from ledger.choices import InvoiceKind
from ledger.models import Allocation, Customer, Invoice, Payment, PaymentReturn
from ledger.rates import convert
from lib.money import ZERO

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=2)


def customers(user: User | AnonymousUser) -> QuerySet[Customer]:
    """The customers the person may see."""
    return Customer.objects.visible_to(user)


def documents(user: User | AnonymousUser) -> QuerySet[Invoice]:
    """The invoices and credit notes the person may see, with their customer."""
    return Invoice.objects.visible_to(user).select_related("customer")


def payments(user: User | AnonymousUser) -> QuerySet[Payment]:
    """The payments the person may see, with their customer."""
    return Payment.objects.visible_to(user).select_related("customer")


def unapplied_payments(on: date, known_at: datetime | None = None) -> QuerySet[Payment]:
    """Payments received by `on` with `left` > 0: neither placed nor taken back at the end of that day."""
    came = Q(received_on__lte=on) & (Q(recorded_at__lte=known_at) if known_at else Q())
    placed = _placed(on, known_at).filter(payment=OuterRef("pk")).values("payment")
    back = PaymentReturn.objects.filter(returned_on__lte=on, payment=OuterRef("pk")).order_by()
    if known_at:
        back = back.filter(recorded_at__lte=known_at)
    held = F("amount") - _sum(placed) - _sum(back.values("payment"))
    return Payment.objects.filter(came).annotate(left=held).filter(left__gt=0)


def unapplied_credit_notes(on: date, known_at: datetime | None = None) -> QuerySet[Invoice]:
    """Credit notes issued by `on` with `left` > 0: what was not placed on any invoice at the end of that day."""
    issued = Q(issued_on__lte=on) & (Q(recorded_at__lte=known_at) if known_at else Q())
    placed = _placed(on, known_at).filter(credit_note=OuterRef("pk")).values("credit_note")
    notes = Invoice.objects.filter(issued, kind=InvoiceKind.CREDIT_NOTE)
    return notes.annotate(left=F("amount") - _sum(placed)).filter(left__gt=0)


def _placed(on: date, known_at: datetime | None) -> QuerySet[Allocation]:
    placed = Allocation.objects.filter(allocated_on__lte=on).order_by()
    return placed.filter(recorded_at__lte=known_at) if known_at else placed


def _sum(placed: QuerySet[Any, Any]) -> Coalesce:
    total = placed.annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=MONEY), Value(ZERO), output_field=MONEY)


def worth(amount: Decimal, source: str, target: str, on: date) -> Decimal | None:
    """What an amount is worth in another currency on a day; None when no rate of the ten days before is known."""
    found = convert(amount, source, target, on)
    return found.amount if found else None
