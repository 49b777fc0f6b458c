"""Customers and their contacts."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.events import emit
from accounts.models import LegalEntity, User
from ledger.models import Contact, Customer
from lib.text import fold

CUSTOMER_FIELDS = frozenset(
    {
        "tax_id",
        "endpoint",
        "country",
        "language",
        "segment",
        "salesperson",
        "terms_days",
        "credit_limit",
        "email",
        "address",
    }
)


@transaction.atomic
def record_customer(
    *, entity: LegalEntity, code: str, name: str, at: datetime, by: User | None = None, **fields: Any
) -> Customer:
    """A customer of the entity, made or brought up to date by its code.

    `fields` are those of CUSTOMER_FIELDS; what is not given stays as it is.
    """
    unknown = set(fields) - CUSTOMER_FIELDS
    if unknown:
        raise TypeError(f"A customer has no {', '.join(sorted(unknown))}.")
    customer = Customer.objects.select_for_update().filter(entity=entity, code=code).first()
    kind = "customer.changed" if customer else "customer.recorded"
    customer = customer or Customer(entity=entity, code=code, recorded_at=at)
    before = {field: getattr(customer, field) for field in ("name", *fields)}
    customer.name, customer.name_key = name, fold(name)[:250]
    for field, value in fields.items():
        setattr(customer, field, value)
    changed = [field for field in before if before[field] != getattr(customer, field)]
    if customer.pk and not changed:
        return customer
    customer.full_clean()
    customer.save()
    emit(
        stream="customer",
        object_id=customer.pk,
        entity_id=entity.pk,
        kind=kind,
        actor=by,
        at=at,
        data={"fields": sorted(changed)},
    )
    return customer


@transaction.atomic
def record_contact(
    *, customer: Customer, name: str, email: str = "", is_billing: bool = False, **fields: Any
) -> Contact:
    """A person at the customer, made or brought up to date by e-mail address (or by name without one).

    Making somebody the one who gets the reminders takes it from whoever had it.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = {"email": email} if email else {"name": name}
    contact = Contact.objects.filter(customer=customer, **known).first() or Contact(
        customer=customer, **known
    )
    contact.name, contact.email, contact.is_billing = name, email, is_billing or contact.is_billing
    fields.setdefault("language", contact.language if contact.pk else customer.language)
    for field, value in fields.items():
        setattr(contact, field, value)
    if contact.is_billing:
        Contact.objects.filter(customer=customer, is_billing=True).exclude(pk=contact.pk).update(
            is_billing=False
        )
    contact.full_clean()
    contact.save()
    return contact


@transaction.atomic
def mark_undeliverable(*, entity: LegalEntity, email: str, why: str, at: datetime) -> list[Contact]:
    """What was sent to this address came back for good: every contact of the entity who has it says so.

    Told twice it is the same; the customer's timeline says it once.
    """
    rows = Contact.objects.select_for_update(of=("self",)).filter(
        customer__entity=entity, email__iexact=email, undeliverable_since=None
    )
    found = list(rows.exclude(email="").order_by("pk"))
    for contact in found:
        contact.undeliverable_since, contact.undeliverable_why = at, " ".join(why.split())[:300]
        contact.save(update_fields=["undeliverable_since", "undeliverable_why"])
        emit(
            stream="customer",
            object_id=contact.customer_id,
            entity_id=entity.pk,
            kind="contact.undeliverable",
            actor=None,
            at=at,
            data={"contact": contact.pk, "name": contact.name, "email": contact.email, "why": why[:300]},
        )
    return found


@transaction.atomic
def change_contact(*, contact: Contact, **fields: Any) -> Contact:
    """The contact with other `fields`; what is not given stays. Only one gets a customer's reminders."""
    Customer.objects.select_for_update().get(pk=contact.customer_id)
    contact.refresh_from_db()
    if fields.get("email", contact.email) != contact.email:
        contact.undeliverable_since, contact.undeliverable_why = None, ""
    for field, value in fields.items():
        setattr(contact, field, value)
    if contact.is_billing:
        Contact.objects.filter(customer=contact.customer_id, is_billing=True).exclude(pk=contact.pk).update(
            is_billing=False
        )
    contact.full_clean()
    contact.save()
    return contact
