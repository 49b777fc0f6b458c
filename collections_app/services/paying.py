"""Payments on a page: what may be paid now, the order of a payer, and booking it once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity
from collections_app.choices import Grouping, NoticeStatus, PayStatus
from collections_app.decision.book import Book
from collections_app.decision.dealing import share_of
from collections_app.decision.items import Item, items
from collections_app.decision.sql import Scope
from collections_app.errors import PayRefused
from collections_app.models import Notice, PayOrder
from collections_app.paying.links import LIFE, Link
from collections_app.paying.providers import provider_of
from ledger import references
from ledger import services as ledger
from ledger.models import Customer, Invoice
from lib.money import ZERO
from mailroom.choices import Channel
from mailroom.models import Letter
from mailroom.services import mark_read

BANK_DAY_METHOD = "online"
MOST_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer is asked to pay at this moment, invoice by invoice."""

    customer: Customer
    currency: str
    items: tuple[Item, ...]

    @property
    def total(self) -> Decimal:
        """The sum of it."""
        return sum((due_of(item) for item in self.items), ZERO)

    @property
    def reference(self) -> str:
        """The reference for a transfer: of the one invoice, else of the customer."""
        one = references.of_invoice(self.items[0].number) if len(self.items) == 1 else ""
        return one or references.of_customer(self.customer.pk)


def due_of(item: Item) -> Decimal:
    """What is neither disputed nor promised of an open invoice."""
    return max(item.open - item.disputed - item.promised, ZERO)


def asked_now(*, link: Link, on: date) -> Asked | None:
    """What the link's customer owes today: what is due, and what its notice named, less disputed and promised.

    Of a notice to a contact, what that contact deals with. None when the customer is gone. Held reminders hold back
    letters, not a payer.
    """
    customer = Customer.objects.select_related("entity").filter(pk=link.customer_id).first()
    if customer is None:
        return None
    notice = _notice_of(link)
    named = set(notice.invoice_ids) if notice else set()
    share = share_of(notice) if notice else None
    book = Book.of(customer.entity)
    found = items(Scope(book, on, customer.pk, link.currency)) if book.rules else []
    asked = [
        item
        for item in found
        if due_of(item)
        and (item.invoice_id in named or (item.late >= 0 and (share is None or share.has(item.invoice_id))))
    ]
    return Asked(customer, link.currency, tuple(asked))


def _notice_of(link: Link) -> Notice | None:
    """The notice whose letter the link stood in; None for a link of another letter."""
    mine = Notice.objects.filter(customer=link.customer_id)
    return mine.filter(pk=link.notice_id).first() if link.notice_id else None


def messages_for(*, link: Link, on: date) -> list[Letter]:
    """What was written to the customer of the link on their page in its currency within the life of a link, newest
    first."""
    mine = Notice.objects.filter(customer=link.customer_id, currency=link.currency, status=NoticeStatus.SENT)
    notice = _notice_of(link)
    if notice and notice.grouping == Grouping.CONTACT:
        mine = mine.filter(contact=notice.contact_id)
    rows = Letter.objects.filter(
        channel=Channel.PORTAL, pk__in=mine.filter(on__gt=on - LIFE).values("letter")
    )
    return list(rows.order_by("-pk")[:MOST_MESSAGES])


def read_messages(*, messages: Sequence[Letter], at: datetime) -> None:
    """The customer has the page before them: what they had not read is read."""
    for letter in messages:
        if letter.read_at is None:
            mark_read(message_id=letter.message_id, at=at)


@transaction.atomic
def open_order(*, link: Link, token: str, on: date, at: datetime) -> PayOrder:
    """The payer sets out to pay all that is asked now. Raises PayRefused when nothing is, or nobody takes it."""
    asked = asked_now(link=link, on=on)
    if asked is None or not asked.items:
        raise PayRefused(_("Nothing is to be paid at the moment."), code="nothing_asked")
    entity: LegalEntity = asked.customer.entity
    provider = provider_of(entity)
    if provider is None:
        raise PayRefused(
            _("Payments on this page are not possible. Please pay by transfer."), code="no_provider"
        )
    return PayOrder.objects.create(
        key=secrets.token_urlsafe(32),
        entity=entity,
        customer=asked.customer,
        notice_id=link.notice_id or None,
        provider=provider.code,
        amount=asked.total,
        currency=link.currency,
        reference=asked.reference,
        parts=[{"invoice": item.invoice_id, "amount": str(due_of(item))} for item in asked.items],
        token=token,
        created_at=at,
    )


@transaction.atomic
def settle(*, order: PayOrder, link: Link, on: date, at: datetime) -> PayOrder:
    """The payer paid: the money is received and placed on the invoices of the order, once however often it is said.

    Raises PayRefused when something else was paid or disputed meanwhile, so that nobody pays twice.
    """
    # The customer first, as every receipt of money does: two orders of one customer wait for each other.
    Customer.objects.select_for_update().get(pk=order.customer_id)
    order = (
        PayOrder.objects.select_for_update(of=("self",)).select_related("customer", "entity").get(pk=order.pk)
    )
    if order.status == PayStatus.PAID:
        return order
    if order.status != PayStatus.OPEN:
        raise PayRefused(_("This payment was given up. Open the link of the letter again."), code="given_up")
    asked = asked_now(link=link, on=on)
    due = {item.invoice_id: due_of(item) for item in asked.items} if asked else {}
    if any(due.get(part["invoice"], ZERO) < Decimal(part["amount"]) for part in order.parts):
        raise PayRefused(
            _("What is to be paid has changed meanwhile. Nothing was charged."), code="order_is_old"
        )
    payment = ledger.record_payment(
        customer=order.customer,
        received_on=on,
        amount=order.amount,
        currency=order.currency,
        identity=f"{order.provider}:{order.key}",
        reference=order.reference,
        method=BANK_DAY_METHOD,
        at=at,
    )
    for part in sorted(order.parts, key=lambda part: int(part["invoice"])):
        invoice = Invoice.objects.get(pk=part["invoice"])
        day = max(on, invoice.issued_on)
        ledger.allocate(invoice=invoice, payment=payment, amount=Decimal(part["amount"]), on=day, at=at)
    order.payment, order.status, order.ended_at = payment, PayStatus.PAID, at
    order.save(update_fields=["payment", "status", "ended_at"])
    _tell(order, at)
    return order


@transaction.atomic
def give_up(*, order: PayOrder, at: datetime) -> bool:
    """The payer went back, or what is asked has changed; False when it was paid or given up before."""
    mine = PayOrder.objects.filter(pk=order.pk, status=PayStatus.OPEN)
    return bool(mine.update(status=PayStatus.GIVEN_UP, ended_at=at))


def _tell(order: PayOrder, at: datetime) -> None:
    emit(
        stream="customer",
        object_id=order.customer_id,
        entity_id=order.entity_id,
        kind="payment.online",
        actor=None,
        at=at,
        data={
            "payment": order.payment_id,
            "amount": str(order.amount),
            "currency": order.currency,
            "provider": order.provider,
            "reference": order.reference,
            "notice": order.notice_id,
        },
    )
