"""Agreements on instalments: made, approved, agreed with the customer, cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import User
from collections_app.choices import INSTALMENTS_OPEN, InstalmentStatus, PromiseStatus
from collections_app.errors import PromiseError
from collections_app.models import Instalment, InstalmentInvoice, InstalmentPlan, Promise
from collections_app.schedules import MOST, Share
from collections_app.services.limits import within
from collections_app.services.promises import Said, tell
from ledger.models import Invoice
from lib.errors import NotAllowed
from lib.money import ZERO

S = InstalmentStatus
# The last instalment is at most this far away.
FURTHEST = timedelta(days=5 * 366)


@transaction.atomic
def make_plan(
    *,
    parts: Sequence[tuple[Invoice, Decimal]],
    shares: Sequence[Share],
    by: User,
    on: date,
    at: datetime,
    said: Said | None = None,
) -> InstalmentPlan:
    """These parts of a customer's invoices are to be paid by these instalments, in order of their days.

    Within the limits of `by` it waits for the customer to agree, beyond them for an approval first. Raises PromiseError
    when the instalments do not add up to the parts, for more than is open, for days that are past, not in order or too
    far, for invoices of several customers, and for one that is already paid in instalments.
    """
    said = said or Said()
    amounts = {invoice.pk: amount for invoice, amount in parts}
    invoices = _held(amounts, len(parts))
    _check_shares(shares, sum(amounts.values(), ZERO), on)
    first = invoices[0]
    if said.contact and said.contact.customer_id != first.customer_id:
        raise PromiseError(_("This contact belongs to another customer."), code="promise_contact")
    total = sum(amounts.values(), ZERO)
    last = shares[-1].due_on
    alone = within(user=by, entity=first.entity, amount=total, currency=first.currency, until=last, on=on)
    plan = InstalmentPlan(
        entity_id=first.entity_id,
        customer_id=first.customer_id,
        currency=first.currency,
        amount=total,
        status=S.PROPOSED if alone else S.WAITING,
        made_by=by,
        made_on=on,
        made_at=at,
        note=said.note,
        source=said.source,
        contact=said.contact,
        said_by=said.said_by,
    )
    plan.full_clean()
    plan.save()
    for invoice in invoices:
        _cover(plan, invoice, amounts[invoice.pk])
    upto = ZERO
    for number, share in enumerate(shares, start=1):
        upto += share.amount
        row = Instalment(plan=plan, number=number, due_on=share.due_on, amount=share.amount, upto=upto)
        row.full_clean(exclude=["plan"])
        row.save()
    say(plan, "instalments.made" if alone else "instalments.asked", by, at)
    return plan


def _held(amounts: dict[int, Decimal], count: int) -> list[Invoice]:
    """The invoices, held, of one customer and currency, the oldest due first."""
    if not amounts or len(amounts) != count:
        raise PromiseError(_("Choose what is promised, each invoice once."), code="promise_parts")
    locked = Invoice.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=amounts)
    invoices = list(locked.select_related("entity").order_by("pk"))
    if len({(invoice.customer_id, invoice.currency) for invoice in invoices}) != 1:
        sentence = _("An agreement is about invoices of one customer and currency.")
        raise PromiseError(sentence, code="promise_customers")
    return sorted(invoices, key=lambda one: (one.due_on, one.pk))


def _check_shares(shares: Sequence[Share], total: Decimal, on: date) -> None:
    days = [share.due_on for share in shares]
    if not 1 <= len(shares) <= MOST:
        raise PromiseError(
            _("Between 1 and %(most)d instalments.") % {"most": MOST}, code="instalments_count"
        )
    if days != sorted(set(days)) or days[0] < on or days[-1] > on + FURTHEST:
        sentence = _("Each instalment has a later day than the one before, from today on, within five years.")
        raise PromiseError(sentence, code="instalments_days")
    if any(share.amount <= 0 for share in shares):
        raise PromiseError(_("Each instalment is more than zero."), code="instalments_amount")
    given = sum((share.amount for share in shares), ZERO)
    if given != total:
        sentence = _("The instalments add up to %(given)s, and %(total)s is to be paid.")
        raise PromiseError(sentence % {"given": given, "total": total}, code="instalments_sum")


def _cover(plan: InstalmentPlan, invoice: Invoice, amount: Decimal) -> None:
    still_open = invoice.amount - invoice.allocated
    if not 0 < amount <= still_open:
        sentence = _("Promise more than zero and at most what is open: %(open)s %(currency)s.")
        facts = {"open": still_open, "currency": invoice.currency}
        raise PromiseError(sentence % facts, code="promise_amount")
    if InstalmentInvoice.objects.filter(invoice=invoice, live=True).exists():
        sentence = _("%(number)s is already paid in instalments.") % {"number": invoice.number}
        raise PromiseError(sentence, code="instalments_twice")
    InstalmentInvoice.objects.create(plan=plan, invoice=invoice, amount=amount, open_before=still_open)


def hold_plan(pk: int, *statuses: str) -> InstalmentPlan:
    """The agreement, its invoices and itself held, in one of these states. Raises PromiseError in any other."""
    ids = InstalmentInvoice.objects.filter(plan=pk).values("invoice")
    list(Invoice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = InstalmentPlan.objects.select_for_update(of=("self",)).select_related("entity", "customer")
    plan = rows.get(pk=pk)
    if plan.status not in statuses:
        words = _("The agreement stands at: %(state)s.") % {"state": plan.get_status_display()}
        raise PromiseError(words, code="instalments_state")
    return plan


@transaction.atomic
def decide_plan(
    *, plan_id: int, agree: bool, by: User, on: date, at: datetime, reason: str = ""
) -> InstalmentPlan:
    """Say yes or no to an agreement beyond its maker's limits. Who asked for it may not."""
    plan = hold_plan(plan_id, S.WAITING)
    if plan.made_by_id == by.pk:
        raise NotAllowed(_("Somebody else has to approve what you asked for."), code="promise_own")
    last = plan.instalments.order_by("-number")[0].due_on
    enough = not agree or within(
        user=by, entity=plan.entity, amount=plan.amount, currency=plan.currency, until=last, on=on
    )
    if not (enough and policy.may(by, "promise.approve", plan.entity_id)):
        raise NotAllowed(_("This is beyond what you may agree to."), code="promise_limit")
    if not agree and not reason:
        raise PromiseError(_("Say why it is not approved."), code="promise_reason")
    plan.decided_by, plan.decided_at = by, at
    if agree:
        plan.status = S.PROPOSED
    else:
        _end(plan, S.REFUSED, on, at, reason)
    _save(plan)
    say(plan, "instalments.approved" if agree else "instalments.refused", by, at)
    return plan


@transaction.atomic
def agree_plan(*, plan_id: int, by: User, on: date, at: datetime) -> InstalmentPlan:
    """The customer agrees: it runs from now on. Promises for its invoices are replaced by it."""
    plan = hold_plan(plan_id, S.PROPOSED)
    if plan.instalments.order_by("number")[0].due_on < on:
        sentence = _("The day of the first instalment has passed. Make a new agreement.")
        raise PromiseError(sentence, code="instalments_late")
    running = Promise.objects.select_for_update().filter(
        invoice__in=plan.invoices.values("invoice"), status__in=[PromiseStatus.MADE, PromiseStatus.WAITING]
    )
    for promise in running.order_by("pk"):
        promise.status, promise.settled_at = PromiseStatus.REPLACED, at
        promise.reason = _("Paid in instalments.")
        promise.save(update_fields=["status", "settled_at", "reason"])
        tell(promise, "promise.replaced", by, at)
    plan.status, plan.agreed_on, plan.agreed_at, plan.agreed_by = S.RUNNING, on, at, by
    _save(plan)
    say(plan, "instalments.agreed", by, at)
    return plan


@transaction.atomic
def cancel_plan(*, plan_id: int, by: User, on: date, at: datetime, reason: str) -> InstalmentPlan:
    """The agreement no longer holds: what is open of it is asked for again from the next decision on."""
    if not reason:
        raise PromiseError(_("Say why the agreement no longer holds."), code="promise_reason")
    plan = hold_plan(plan_id, *INSTALMENTS_OPEN)
    _end(plan, S.CANCELLED, on, at, reason)
    _save(plan)
    say(plan, "instalments.cancelled", by, at)
    return plan


def _end(plan: InstalmentPlan, status: InstalmentStatus, on: date, at: datetime, reason: str) -> None:
    plan.status, plan.ended_on, plan.ended_at, plan.reason = status, on, at, reason


def _save(plan: InstalmentPlan) -> None:
    plan.full_clean()
    plan.save()


def say(plan: InstalmentPlan, kind: str, by: User | None, at: datetime, **more: object) -> None:
    """Write what became of an agreement into the customer's stream."""
    data = {"plan": plan.pk, "amount": str(plan.amount), "currency": plan.currency}
    emit(
        stream="customer",
        object_id=plan.customer_id,
        entity_id=plan.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={**data, **({"reason": plan.reason} if plan.reason else {}), **more},
    )
