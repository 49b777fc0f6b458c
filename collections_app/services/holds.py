"""Holds: a person stops reminders, and lifts the stop."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from collections_app.errors import PromiseError
from collections_app.models import Hold
from ledger.models import Customer, Invoice


@transaction.atomic
def set_hold(
    *,
    customer: Customer,
    reason: str,
    by: User,
    on: date,
    at: datetime,
    invoice: Invoice | None = None,
    until: date | None = None,
) -> Hold:
    """No reminders for the customer, or for one of their invoices, until `until` (or until it is lifted)."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    if until and until < on:
        raise PromiseError(_("Choose a day from today on."), code="hold_day")
    if invoice and invoice.customer_id != customer.pk:
        raise PromiseError(_("This invoice belongs to another customer."), code="hold_invoice")
    expired = Hold.objects.filter(customer=customer, invoice=invoice, lifted_at=None, until__lt=on)
    expired.update(lifted_at=at)
    hold = Hold(
        entity_id=customer.entity_id,
        customer=customer,
        invoice=invoice,
        reason=reason,
        until=until,
        set_by=by,
        set_at=at,
    )
    hold.full_clean()
    hold.save()
    return hold


def lift_hold(*, hold: Hold, by: User, at: datetime) -> None:
    """Reminders go on from the next decision; lifting twice is harmless."""
    Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=at, lifted_by=by)
