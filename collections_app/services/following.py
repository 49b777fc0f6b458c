"""What call follows from a call, and when the customer works."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.selectors import Offices
from collections_app.choices import CallOutcome, CallReason, CallStatus
from collections_app.models import Call
from collections_app.services.planning import plan_call
from collections_app.services.promises import Deed
from ledger.models import Contact, Customer
from lib.working import NeverOpen, Office

S, C = CallStatus, CallOutcome
# After so many calls in a row that reached nobody, another channel is suggested.
TRIES = 3


def next_call(call: Call, outcome: str, call_back_at: datetime | None, right: str, deed: Deed) -> Call | None:
    """The call that follows from this one: at the moment they asked for, or tomorrow when nobody was reached."""
    customer = call.customer
    office = Offices(customer.entity).customer(customer.country)
    if outcome == C.CALL_BACK and call_back_at is not None:
        moment = working_moment(call_back_at, office)
        day = moment.astimezone(ZoneInfo(customer.entity.time_zone)).date()
        return _follow(call, CallReason.CALL_BACK, call.contact, day, deed, moment)
    tries = unreached(customer)
    if outcome in (C.NO_ANSWER, C.MESSAGE) and tries < TRIES:
        tomorrow = working_day(deed.on + timedelta(days=1), office)
        return _follow(call, CallReason.NO_ANSWER, call.contact, tomorrow, deed)
    if outcome == C.WRONG_CONTACT:
        known = Contact.objects.filter(customer=customer, name=right).last() if right else None
        reason = CallReason.OVERDUE if known else CallReason.CONTACT
        return _follow(call, reason, known, working_day(deed.on, office), deed)
    return None


def _follow(
    call: Call,
    reason: CallReason,
    contact: Contact | None,
    day: date,
    deed: Deed,
    moment: datetime | None = None,
) -> Call:
    return plan_call(
        customer=call.customer,
        reason=reason,
        contact=contact,
        due_on=day,
        due_at=moment,
        at=deed.at,
        by=deed.by,
        about=call.about,
        assigned_to=call.assigned_to or deed.by,
        follows=call,
    )


def working_moment(wanted: datetime, office: Office) -> datetime:
    """The wanted moment, or the first at which the customer works after it."""
    try:
        opens, _closes = next(office.openings(wanted))
    except NeverOpen:
        return wanted
    return max(opens, wanted)


def working_day(day: date, office: Office) -> date:
    """The day, or the first after it on which the customer works."""
    for later in range(60):
        if office.works_on(day + timedelta(days=later)):
            return day + timedelta(days=later)
    return day


def unreached(customer: Customer) -> int:
    """How many of the last calls in a row reached nobody."""
    outcomes = Call.objects.filter(customer=customer, status=S.DONE).order_by("-ended_at", "-pk")
    tries = 0
    for outcome in outcomes.values_list("outcome", flat=True)[: TRIES * 4]:
        if outcome not in (C.NO_ANSWER, C.MESSAGE):
            break
        tries += 1
    return tries
