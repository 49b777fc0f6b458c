"""Contacts by the thousand, made or brought up to date by customer and e-mail address (by name without one)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from ledger.bulk.reading import Row, with_customers
from ledger.bulk.sheet import CREATED, UNCHANGED, UPDATED, Sheet
from ledger.models import Contact, Customer

FIELDS = ("name", "email", "phone", "role", "language")
Key = tuple[int, str, str]
UPDATE = """
UPDATE ledger_contact c SET name = r.name, email = r.email, phone = r.phone,
  undeliverable_since = CASE WHEN c.email = r.email THEN c.undeliverable_since END,
  undeliverable_why = CASE WHEN c.email = r.email THEN c.undeliverable_why ELSE '' END,
  role = r.role, language = r.language, is_billing = r.is_billing
FROM jsonb_to_recordset(%s) AS r(id bigint, name text, email text, phone text, role text, language text,
    is_billing bool)
WHERE c.id = r.id
"""


def take_contacts(sheet: Sheet, rows: Iterable[Row]) -> None:
    """Making somebody the one who gets the reminders takes it from whoever had it."""
    good = [pair for pair in with_customers(sheet, rows) if _named(sheet, pair[0])]
    book = Book({customer.pk for _row, customer in good})
    told = [(row, book.merge(row.data, customer)) for row, customer in good]
    book.one_billing([contact for row, contact in told if row.data.get("is_billing")])
    before = {contact.pk for _row, contact in told if contact.pk is not None}
    changed = book.write()
    for row, contact in told:
        status = UNCHANGED if contact.pk in before else CREATED
        sheet.done(row.index, UPDATED if contact.pk in changed else status, contact.pk)
        before.add(contact.pk)
        changed.discard(contact.pk)


def _named(sheet: Sheet, row: Row) -> bool:
    if row.data.get("email") or row.data.get("name"):
        return True
    sheet.refuse(row.index, "contact_of_nobody", "name")
    return False


class Book:
    """The contacts of some customers, with those that a call adds."""

    def __init__(self, customers: set[int]) -> None:
        list(Customer.objects.select_for_update(no_key=True).filter(pk__in=customers).order_by("pk"))
        self.contacts = list(Contact.objects.filter(customer__in=customers).order_by("pk"))
        self.was = {contact.pk: _values(contact) for contact in self.contacts}
        self._known: dict[Key, Contact] = {}
        for contact in self.contacts:
            self._learn(contact)

    def merge(self, data: dict[str, Any], customer: Customer) -> Contact:
        """The contact that a row speaks of, with what it says; a new one when nobody knows it."""
        email = str(data.get("email") or "").lower()
        key = (customer.pk, "email", email) if email else (customer.pk, "name", str(data["name"]))
        contact = self._known.get(key)
        if contact is None:
            contact = Contact(customer=customer, language=customer.language)
            self.contacts.append(contact)
        for name in FIELDS:
            if name in data:
                setattr(contact, name, data[name])
        contact.name = contact.name or contact.email
        self._learn(contact)
        return contact

    def one_billing(self, wanted: list[Contact]) -> None:
        """The last one named gets the reminders of its customer, and nobody else there."""
        chosen = {contact.customer_id: contact for contact in wanted}
        for contact in self.contacts:
            if contact.customer_id in chosen:
                contact.is_billing = contact is chosen[contact.customer_id]

    def write(self) -> set[int]:
        """Write what is new or changed; which known ones changed.

        The reminders are taken away before they are given, for the database lets only one have them.
        """
        changed = [c for c in self.contacts if c.pk is not None and self.was[c.pk] != _values(c)]
        silent = [contact.pk for contact in changed if not contact.is_billing]
        Contact.objects.filter(pk__in=silent, is_billing=True).update(is_billing=False)
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, [json.dumps([_values(contact) for contact in changed])])
        fresh = [contact for contact in self.contacts if contact.pk is None]
        Contact.objects.bulk_create(fresh, batch_size=2000)
        return {contact.pk for contact in changed}

    def _learn(self, contact: Contact) -> None:
        self._known.setdefault((contact.customer_id, "name", contact.name), contact)
        if contact.email:
            self._known.setdefault((contact.customer_id, "email", contact.email.lower()), contact)


def _values(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in ("id", "is_billing", *FIELDS)}
