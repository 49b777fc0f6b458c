"""Calls: done, with what follows from their outcome in the same act; cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from collections_app.choices import CallOutcome, CallReason, CallStatus, PromiseSource
from collections_app.errors import CallError
from collections_app.models import Call, ContactFlag, InstalmentPlan, Promise
from collections_app.services.following import next_call
from collections_app.services.planning import plan_call, say
from collections_app.services.promises import Deed, Said, make_promises
from disputes.models import Dispute
from ledger.models import Contact, Customer, Invoice
from ledger.services import record_contact

__all__ = [
    "Done",
    "NewContact",
    "Result",
    "cancel_call",
    "clear_flag",
    "finish_call",
    "link_dispute",
    "plan_call",
]

S, C = CallStatus, CallOutcome
LONGEST = 4 * 3600


@dataclass(frozen=True, slots=True)
class NewContact:
    """The right person, as somebody said."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call, with what its outcome needs.

    A promise: `parts` of invoices and `promised_on`, or the agreement `instalments` that was made meanwhile. Call back:
    `call_back_at`. Wrong contact: the `right` one, as far as somebody knows.
    """

    outcome: str
    notes: str = ""
    seconds: int | None = None
    parts: tuple[tuple[Invoice, Decimal], ...] = ()
    promised_on: date | None = None
    instalments: InstalmentPlan | None = None
    call_back_at: datetime | None = None
    right: NewContact = field(default_factory=NewContact)


@dataclass(frozen=True, slots=True)
class Done:
    """A call that was made, and what it led to."""

    call: Call
    promises: list[Promise]
    next_call: Call | None


@transaction.atomic
def finish_call(
    *,
    customer: Customer,
    result: Result,
    by: User,
    on: date,
    at: datetime,
    call_id: int | None = None,
    contact: Contact | None = None,
    reason: str = CallReason.OTHER,
) -> Done:
    """Write down what came of a call, and do what follows from it, all or nothing.

    `call_id` is the planned call that was made; without one the call was made without a plan. Other calls to the
    customer that were due stay planned. Raises CallError when it was done meanwhile or the outcome lacks what it needs,
    PromiseError as `make_promises` does.
    """
    _check(result, at)
    call = _held(call_id, customer) if call_id else _unplanned(customer, reason, by, on, at)
    if contact is not None:
        if contact.customer_id != customer.pk:
            raise CallError(_("This contact belongs to another customer."), code="call_contact")
        call.contact = contact
    promised: list[Promise] = []
    if result.outcome == C.PROMISE:
        promised = _promise(call, result, by, on, at)
    call.status, call.outcome, call.notes, call.seconds = S.DONE, result.outcome, result.notes, result.seconds
    call.ended_by, call.ended_at = by, at
    call.full_clean(exclude=["follows", "key"])
    call.save()
    if result.outcome == C.WRONG_CONTACT:
        _flag(call, result, by, at)
    say(call, "call.done", by, at, outcome=str(result.outcome), reason=call.reason)
    return Done(
        call,
        promised,
        next_call(call, result.outcome, result.call_back_at, result.right.name, Deed(by, on, at)),
    )


def _check(result: Result, at: datetime) -> None:
    if result.outcome not in C.values:
        raise CallError(_("Say what came of the call."), code="call_outcome")
    if result.seconds is not None and not 0 <= result.seconds <= LONGEST:
        raise CallError(_("A call takes between no time and four hours."), code="call_seconds")
    if result.outcome == C.CALL_BACK and (result.call_back_at is None or result.call_back_at <= at):
        raise CallError(_("Say when to call back: a moment to come."), code="call_back_at")
    has_promise = bool(result.parts and result.promised_on) or result.instalments is not None
    if result.outcome == C.PROMISE and not has_promise:
        raise CallError(_("Say what they promise, and by which day."), code="call_promise")


def _held(call_id: int, customer: Customer) -> Call:
    call = Call.objects.select_for_update().filter(pk=call_id, customer=customer).first()
    if call is None:
        raise CallError(_("This call belongs to another customer."), code="call_customer")
    if call.status != S.PLANNED:
        raise CallError(_("This call has already ended."), code="call_over")
    return call


def _unplanned(customer: Customer, reason: str, by: User, on: date, at: datetime) -> Call:
    return Call(
        entity_id=customer.entity_id,
        customer=customer,
        reason=reason,
        due_on=on,
        assigned_to=by,
        planned_by=by,
        planned_at=at,
    )


def _promise(call: Call, result: Result, by: User, on: date, at: datetime) -> list[Promise]:
    if result.instalments is not None:
        if result.instalments.customer_id != call.customer_id:
            raise CallError(_("This agreement belongs to another customer."), code="call_instalments")
        call.instalments = result.instalments
        return []
    if result.promised_on is None:
        raise CallError(_("Say what they promise, and by which day."), code="call_promise")
    said = Said(PromiseSource.PHONE, call.contact, "", result.notes[:300])
    made = make_promises(parts=result.parts, promised_on=result.promised_on, by=by, on=on, at=at, said=said)
    if made[0].customer_id != call.customer_id:
        raise CallError(_("This call belongs to another customer."), code="call_customer")
    call.promise_act = made[0].act
    return made


def _flag(call: Call, result: Result, by: User, at: datetime) -> None:
    """The contact is marked as the wrong one; the right one is kept, as far as somebody said who it is."""
    if call.contact is not None:
        flag = ContactFlag(contact=call.contact, note=result.notes[:300], call=call)
        flag.flagged_by, flag.flagged_at = by, at
        ContactFlag.objects.bulk_create([flag], ignore_conflicts=True)
    if result.right.name:
        # With an address somebody is known by it, without one by the name.
        fields: dict[str, Any] = {"phone": result.right.phone} if result.right.phone else {}
        record_contact(customer=call.customer, name=result.right.name, email=result.right.email, **fields)


@transaction.atomic
def cancel_call(*, call: Call, by: User, at: datetime, why: str = "") -> Call:
    """It is not needed any more. Raises CallError when it has ended."""
    call = _held(call.pk, call.customer)
    call.status, call.ended_at, call.ended_by, call.notes = S.CANCELLED, at, by, why
    call.save(update_fields=["status", "ended_at", "ended_by", "notes"])
    say(call, "call.cancelled", by, at, reason=why)
    return call


@transaction.atomic
def link_dispute(*, dispute: Dispute, by: User, at: datetime) -> Call | None:
    """The dispute that a call of today led to: the newest call of the same person to that customer without one."""
    calls = Call.objects.select_for_update().filter(
        customer=dispute.customer_id,
        outcome=C.DISPUTE,
        dispute=None,
        ended_by=by,
        ended_at__gt=at - timedelta(hours=12),
    )
    call = calls.order_by("-ended_at", "-pk").first()
    if call is not None:
        call.dispute = dispute
        call.save(update_fields=["dispute"])
    return call


@transaction.atomic
def clear_flag(*, contact: Contact, at: datetime) -> int:
    """The contact is the right one after all."""
    return ContactFlag.objects.filter(contact=contact, cleared_at=None).update(cleared_at=at)
