"""Promises of payment: made, approved where they are beyond their maker's limits, cancelled."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.choices import InstalmentStatus, PromiseSource, PromiseStatus
from collections_app.errors import PromiseError
from collections_app.models import InstalmentInvoice, Promise
from collections_app.models.promises import RUNNING
from collections_app.services.limits import within
from ledger.models import Contact, Invoice
from lib.errors import NotAllowed
from lib.money import ZERO

S = PromiseStatus
# Nobody means a day further away than this; it is a typing mistake.
FURTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Said:
    """How a promise came: over which way, from whom at the customer, with what words."""

    source: str = PromiseSource.PHONE
    contact: Contact | None = None
    said_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who writes it down, on which day and when."""

    by: User
    on: date
    at: datetime
    act: uuid.UUID = field(default_factory=uuid.uuid4)


@transaction.atomic
def make_promises(
    *,
    parts: Sequence[tuple[Invoice, Decimal]],
    promised_on: date,
    by: User,
    on: date,
    at: datetime,
    said: Said | None = None,
) -> list[Promise]:
    """The customer will pay these parts of their invoices by `promised_on`: one promise each, in one act.

    Running promises for the same invoices are replaced. Beyond the limits of `by` all of them wait for an approval
    and hold nothing back meanwhile. Raises PromiseError when more than the open amount is promised, for invoices of
    several customers, and for a day that is past or too far.
    """
    said = said or Said()
    amounts = {invoice.pk: amount for invoice, amount in parts}
    if not amounts or len(amounts) != len(parts):
        raise PromiseError(_("Choose what is promised, each invoice once."), code="promise_parts")
    locked = Invoice.objects.select_for_update(no_key=True).filter(pk__in=amounts).order_by("pk")
    invoices = list(locked.select_related("entity"))
    if len({(invoice.customer_id, invoice.currency) for invoice in invoices}) != 1:
        sentence = _("Promises of one act are for invoices of one customer and currency.")
        raise PromiseError(sentence, code="promise_customers")
    if said.contact and said.contact.customer_id != invoices[0].customer_id:
        raise PromiseError(_("This contact belongs to another customer."), code="promise_contact")
    first, total = invoices[0], sum(amounts.values(), ZERO)
    alone = within(
        user=by, entity=first.entity, amount=total, currency=first.currency, until=promised_on, on=on
    )
    status = S.MADE if alone else S.WAITING
    deed = Deed(by, on, at)
    return [_make(invoice, amounts[invoice.pk], promised_on, status, deed, said) for invoice in invoices]


def _make(
    invoice: Invoice, amount: Decimal, promised_on: date, status: str, deed: Deed, said: Said
) -> Promise:
    """One promise; the caller holds the invoice."""
    still_open = invoice.amount - invoice.allocated
    if not 0 < amount <= still_open:
        sentence = _("Promise more than zero and at most what is open: %(open)s %(currency)s.")
        raise PromiseError(
            sentence % {"open": still_open, "currency": invoice.currency}, code="promise_amount"
        )
    if not deed.on <= promised_on <= deed.on + FURTHEST:
        raise PromiseError(_("Choose a day from today on, within a year."), code="promise_day")
    _not_in_instalments(invoice)
    _replace(invoice, status, deed.at)
    promise = Promise(
        entity_id=invoice.entity_id,
        customer_id=invoice.customer_id,
        invoice=invoice,
        act=deed.act,
        amount=amount,
        open_before=still_open,
        promised_on=promised_on,
        made_on=deed.on,
        made_by=deed.by,
        made_at=deed.at,
        note=said.note,
        source=said.source,
        contact=said.contact,
        said_by=said.said_by,
        status=status,
    )
    promise.full_clean()
    promise.save()
    kind = "promise.made" if status == S.MADE else "promise.asked"
    tell(promise, kind, deed.by, deed.at)
    return promise


def _not_in_instalments(invoice: Invoice) -> None:
    if InstalmentInvoice.objects.filter(invoice=invoice, plan__status=InstalmentStatus.RUNNING).exists():
        sentence = _("%(number)s is already paid in instalments.") % {"number": invoice.number}
        raise PromiseError(sentence, code="promise_instalments")


def _replace(invoice: Invoice, status: str, at: datetime) -> None:
    """A new word takes the place of the old one; one that waits replaces only what waits."""
    gone = [S.WAITING] if status == S.WAITING else [S.MADE, S.WAITING]
    Promise.objects.filter(invoice=invoice, status__in=gone).update(status=S.REPLACED, settled_at=at)


def make_promise(
    *,
    invoice: Invoice,
    amount: Decimal,
    promised_on: date,
    by: User,
    on: date,
    at: datetime,
    note: str = "",
    said: Said | None = None,
) -> Promise:
    """As `make_promises`, for one invoice."""
    said = said or Said(note=note)
    (promise,) = make_promises(
        parts=[(invoice, amount)], promised_on=promised_on, by=by, on=on, at=at, said=said
    )
    return promise


def _locked(act: uuid.UUID, *statuses: str) -> list[Promise]:
    """The act's promises in these states, their invoices held first (as everywhere)."""
    ids = Promise.objects.filter(act=act).values("invoice")
    list(Invoice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = Promise.objects.select_for_update(of=("self",)).filter(act=act, status__in=statuses)
    return list(rows.select_related("invoice", "entity").order_by("pk"))


@transaction.atomic
def decide_promises(
    *, act: uuid.UUID, agree: bool, by: User, on: date, at: datetime, reason: str = ""
) -> list[Promise]:
    """Say yes or no to promises that wait. From a yes on they hold reminders back.

    Raises NotAllowed for who asked or has no such say, PromiseError when nothing waits or the day has passed.
    """
    rows = _locked(act, S.WAITING)
    if not rows:
        raise PromiseError(_("Nothing here waits for an approval any more."), code="promise_decided")
    first, total = rows[0], sum((row.amount for row in rows), ZERO)
    if any(row.made_by_id == by.pk for row in rows):
        raise NotAllowed(_("Somebody else has to approve what you asked for."), code="promise_own")
    may = policy.may(by, "promise.approve", first.entity_id)
    enough = not agree or within(
        user=by,
        entity=first.entity,
        amount=total,
        currency=first.invoice.currency,
        until=first.promised_on,
        on=on,
    )
    if not (may and enough):
        raise NotAllowed(_("This is beyond what you may agree to."), code="promise_limit")
    if agree and first.promised_on < on:
        raise PromiseError(_("The promised day has passed."), code="promise_day")
    if not agree and not reason:
        raise PromiseError(_("Say why it is not approved."), code="promise_reason")
    for row in rows:
        row.decided_by, row.decided_at = by, at
        if agree:
            _not_in_instalments(row.invoice)
            Promise.objects.filter(invoice=row.invoice, status=S.MADE).update(
                status=S.REPLACED, settled_at=at
            )
            row.status = S.MADE
        else:
            row.status, row.settled_at, row.reason = S.REFUSED, at, reason
        row.full_clean()
        row.save()
        tell(row, "promise.made" if agree else "promise.refused", by, at)
    return rows


@transaction.atomic
def cancel_promises(*, act: uuid.UUID, by: User, at: datetime, reason: str) -> list[Promise]:
    """The word is taken back, with the reason; what is left of it is asked for again from the next decision on."""
    if not reason:
        raise PromiseError(_("Say why the promise no longer holds."), code="promise_reason")
    rows = _locked(act, *RUNNING)
    if not rows:
        raise PromiseError(_("This promise has already ended."), code="promise_over")
    for row in rows:
        row.status, row.settled_at, row.reason = S.CANCELLED, at, reason
        row.full_clean()
        row.save()
        tell(row, "promise.cancelled", by, at)
    return rows


@transaction.atomic
def promise_with_offer(
    *,
    offer_id: int,
    invoice_id: int,
    amount: Decimal,
    promised_on: date,
    by: User,
    entity: LegalEntity,
    at: datetime,
    note: str,
) -> Promise | None:
    """What an accepted offer leaves to pay of an invoice, promised for its day; once per offer and invoice.

    Never more than is open when it is heard of; nothing when that is nothing, or while the invoice is paid in
    instalments. The offer was agreed by its own rules:
    no limit of promises applies.
    """
    invoice = Invoice.objects.select_for_update(no_key=True).filter(pk=invoice_id).first()
    if invoice is None or Promise.objects.filter(offer=offer_id, invoice=invoice).exists():
        return None
    part = min(amount, invoice.amount - invoice.allocated)
    in_instalments = InstalmentInvoice.objects.filter(invoice=invoice, plan__status=InstalmentStatus.RUNNING)
    if part <= 0 or in_instalments.exists():
        return None
    on = at.astimezone(ZoneInfo(entity.time_zone)).date()
    day = min(max(promised_on, on), on + FURTHEST)
    promise = _make(invoice, part, day, S.MADE, Deed(by, on, at), Said(note=note))
    promise.offer = offer_id
    promise.save(update_fields=["offer"])
    return promise


def tell(promise: Promise, kind: str, by: User | None, at: datetime, **more: object) -> None:
    """Write what became of a promise into the customer's stream."""
    emit(
        stream="customer",
        object_id=promise.customer_id,
        entity_id=promise.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={
            "promise": promise.pk,
            "act": str(promise.act),
            "invoice": promise.invoice_id,
            "amount": str(promise.amount),
            "promised_on": str(promise.promised_on),
            **({"reason": promise.reason} if promise.reason else {}),
            **more,
        },
    )
