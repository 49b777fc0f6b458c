"""Promises of payment: made, kept, broken, replaced."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.choices import PromiseStatus
from collections_app.errors import PromiseError
from collections_app.models import Promise
from ledger.models import Invoice

S = PromiseStatus
# A transfer of the promised day is seen on the account some days later.
GRACE = timedelta(days=3)
# Nobody means a day further away than this; it is a typing mistake.
FURTHEST = timedelta(days=365)


@transaction.atomic
def make_promise(
    *, invoice: Invoice, amount: Decimal, promised_on: date, by: User, on: date, at: datetime, note: str = ""
) -> Promise:
    """The customer will pay `amount` of the invoice by `promised_on`. A running promise is replaced.

    Raises PromiseError when more than the open amount is promised, or for a day that is past or too far.
    """
    invoice = Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
    still_open = invoice.amount - invoice.allocated
    if not 0 < amount <= still_open:
        sentence = _("Promise more than zero and at most what is open: %(open)s %(currency)s.")
        raise PromiseError(
            sentence % {"open": still_open, "currency": invoice.currency}, code="promise_amount"
        )
    if not on <= promised_on <= on + FURTHEST:
        raise PromiseError(_("Choose a day from today on, within a year."), code="promise_day")
    Promise.objects.filter(invoice=invoice, status=S.MADE).update(status=S.REPLACED, settled_at=at)
    promise = Promise(
        entity_id=invoice.entity_id,
        customer_id=invoice.customer_id,
        invoice=invoice,
        amount=amount,
        open_before=still_open,
        promised_on=promised_on,
        made_on=on,
        made_by=by,
        made_at=at,
        note=note,
    )
    promise.full_clean()
    promise.save()
    _say(promise, "promise.made", by, at)
    return promise


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

    Never more than is open when it is heard of; nothing when that is nothing.
    """
    invoice = Invoice.objects.select_for_update(no_key=True).filter(pk=invoice_id).first()
    if invoice is None or Promise.objects.filter(offer=offer_id, invoice=invoice).exists():
        return None
    part = min(amount, invoice.amount - invoice.allocated)
    if part <= 0:
        return None
    on = at.astimezone(ZoneInfo(entity.time_zone)).date()
    promise = make_promise(
        invoice=invoice, amount=part, promised_on=max(promised_on, on), by=by, on=on, at=at, note=note
    )
    promise.offer = offer_id
    promise.save(update_fields=["offer"])
    return promise


@transaction.atomic
def review(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """Settle the promises whose outcome is known on `on`: kept once paid in full, broken after day and grace.

    One statement, whatever the number; returns how many were settled. The decision of what to ask does not
    wait for this: it looks at the dates and payments itself.
    """
    running = Promise.objects.filter(entity=entity, status=S.MADE)
    kept = When(
        amount__lte=F("open_before") - F("invoice__amount") + F("invoice__allocated"), then=Value(S.KEPT)
    )
    late = When(promised_on__lt=on - GRACE, then=Value(S.BROKEN))
    outcome = Case(kept, late, default=Value(S.MADE))
    settled = running.annotate(outcome=outcome).exclude(outcome=S.MADE).order_by("pk")
    rows = list(settled.values_list("pk", "outcome"))
    for status in (S.KEPT, S.BROKEN):
        ids = [pk for pk, found in rows if found == status]
        if ids:
            running.filter(pk__in=ids).update(status=status, settled_at=at)
    return len(rows)


def _say(promise: Promise, kind: str, by: User | None, at: datetime) -> None:
    emit(
        stream="customer",
        object_id=promise.customer_id,
        entity_id=promise.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={
            "promise": promise.pk,
            "invoice": promise.invoice_id,
            "amount": str(promise.amount),
            "promised_on": str(promise.promised_on),
        },
    )
