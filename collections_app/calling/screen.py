"""Everything the call screen shows about a customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.selectors import Offices
from collections_app.calling.script import Script, kind_of, script_of
from collections_app.choices import CallStatus
from collections_app.decision.open_items import OpenItem, open_items
from collections_app.models import Call, ContactFlag
from collections_app.services.following import TRIES, unreached, working_day, working_moment
from collections_app.worklist.rows import Row, rows_of, worths
from collections_app.worklist.sql import Wanted, scored
from ledger.models import Contact, Customer
from lib.money import ZERO
from lib.working import Office


@dataclass(frozen=True, slots=True)
class Hours:
    """The customer's clock: their time now, whether they work now, and when they do next."""

    now: datetime
    open: bool
    opens: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, and whether somebody found that it is the wrong one."""

    contact: Contact
    wrong: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What is open in one currency, and its parts."""

    currency: str
    open: Decimal
    overdue: Decimal
    disputed: Decimal
    promised: Decimal


@dataclass(frozen=True, slots=True)
class Screen:
    """The call screen."""

    customer: Customer
    call: Call | None
    people: list[Person]
    chosen: Contact | None
    hours: Hours
    row: Row | None
    items: list[OpenItem]
    sums: list[Sums]
    script: Script
    tries: int
    last: list[Call]
    promise_on: date
    back_at: datetime

    @property
    def parts(self) -> tuple[bool, bool]:
        """Whether anything is disputed, and whether anything is promised: columns that would be empty are left out."""
        return any(item.disputed for item in self.items), any(item.promised for item in self.items)

    @property
    def write_instead(self) -> bool:
        """Whether so many calls reached nobody that another channel is better."""
        return self.tries >= TRIES


def screen_of(*, customer: Customer, user: User, contact_id: int | None, on: date, at: datetime) -> Screen:
    """The screen of one customer; a fixed number of queries."""
    entity = customer.entity
    office = Offices(entity).customer(customer.country)
    items = open_items(customer, on)
    found = scored(
        entity=entity,
        customers=Customer.objects.filter(pk=customer.pk),
        rates=worths(entity, on),
        on=on,
        at=at,
        wanted=Wanted(size=1),
    )
    row = rows_of(found[:1], entity, on)[0] if found else None
    planned = Call.objects.filter(customer=customer, status=CallStatus.PLANNED, due_on__lte=on)
    call = planned.select_related("contact", "step").order_by("due_on", "due_at", "pk").first()
    people = _people(customer)
    chosen = _chosen(people, contact_id, call)
    broken = bool(row and row.facts.broken_at)
    kind = kind_of(call.reason if call else "", items, broken=broken)
    done = Call.objects.filter(customer=customer, status=CallStatus.DONE).select_related(
        "ended_by", "contact"
    )
    return Screen(
        customer=customer,
        call=call,
        people=people,
        chosen=chosen,
        hours=_hours(office, at),
        row=row,
        items=items,
        sums=sums_of(items),
        script=script_of(kind=kind, items=items, customer=customer, contact=chosen, me=user.name, on=on),
        tries=unreached(customer),
        last=list(done.order_by("-ended_at", "-pk")[:5]),
        promise_on=working_day(on + timedelta(days=7), office),
        back_at=working_moment(at + timedelta(hours=3), office).astimezone(ZoneInfo(entity.time_zone)),
    )


def _people(customer: Customer) -> list[Person]:
    flags = ContactFlag.objects.filter(contact__customer=customer, cleared_at=None)
    wrong = set(flags.values_list("contact_id", flat=True))
    people = [Person(one, one.pk in wrong) for one in customer.contacts.all()]
    return sorted(people, key=lambda one: (one.wrong, not one.contact.phone, not one.contact.is_billing))


def _chosen(people: Sequence[Person], contact_id: int | None, call: Call | None) -> Contact | None:
    """Who was asked for, else whom the call is planned with, else the first who is not the wrong one."""
    by_id = {one.contact.pk: one for one in people}
    if contact_id in by_id:
        return by_id[contact_id].contact
    if call and call.contact_id in by_id and not by_id[call.contact_id].wrong:
        return by_id[call.contact_id].contact
    return next((one.contact for one in people if not one.wrong), None)


def _hours(office: Office, at: datetime) -> Hours:
    opens, zone = working_moment(at, office), ZoneInfo(office.time_zone)
    return Hours(at.astimezone(zone), opens <= at, opens.astimezone(zone), office.time_zone)


def sums_of(items: Sequence[OpenItem]) -> list[Sums]:
    """The sums of open items, by currency."""
    found = []
    for currency in sorted({item.currency for item in items}):
        rows = [item for item in items if item.currency == currency]
        parts = (
            [row.open for row in rows],
            [row.overdue for row in rows],
            [row.disputed for row in rows],
            [row.promised for row in rows],
        )
        found.append(Sums(currency, *(sum(part, ZERO) for part in parts)))
    return found
