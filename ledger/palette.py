"""The customers and invoices of the palette. Reads only."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.palette import MOST, Group, Hit, add_finder
from ledger import lists
from ledger.models import Customer, Invoice
from lib import formats


def find(user: User, text: str, at: datetime) -> list[Group]:
    """Customers by name, documents latest first; nothing without words."""
    if not text:
        return []
    owing = lists.customers(user, text, None, at.date()).order_by("name_key", "pk")
    wanted = lists.InvoiceFilter(text=text, state="all")
    documents = (
        lists.invoices(user, wanted, at.date()).select_related("customer").order_by("-issued_on", "-pk")
    )
    return [
        Group(_("Customers"), [_customer(one) for one in owing[:MOST]]),
        Group(_("Invoices"), [_document(one) for one in documents[:MOST]]),
    ]


def _customer(one: Customer) -> Hit:
    return Hit(reverse("ledger:customer", args=[one.pk]), "building-2", one.name, one.code)


def _document(one: Invoice) -> Hit:
    more = f"{one.customer.name} · {formats.money(one.amount, one.currency)}"
    return Hit(reverse("ledger:invoice", args=[one.pk]), "file-text", one.number, more)


add_finder(find, 2)
