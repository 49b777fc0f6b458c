"""What changes calendars and closures, and who leads a department. Deadlines above follow the events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import available_timezones

import holidays
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.calendars import Calendar, Closure, standard_week
from accounts.choices import CalendarSide
from accounts.events import emit
from accounts.models import Department, LegalEntity, Membership, User
from lib.errors import FieldErrors, NotAllowed

STREAM = "calendar"
Hours = list[list[int]]
SPAN = re.compile(r"^(\d{1,2})(?:[:h.](\d{2})?)?\s*[-–—a]\s*(\d{1,2})(?:[:h.](\d{2})?)?$")


@dataclass(frozen=True, slots=True)
class CalendarInput:
    """What a calendar says."""

    name: str
    country: str
    time_zone: str
    side: str = CalendarSide.OURS
    subdivision: str = ""
    week: Sequence[Hours] = field(default_factory=standard_week)
    keeps_holidays: bool = True
    department: Department | None = None
    user: User | None = None


def read_hours(text: str) -> Hours:
    """The hours of a day as people type them: `9:00-14:00, 15:00-18:00`; nothing for a day off."""
    found: Hours = []
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", text))):
        match = SPAN.match(part)
        if match is None:
            raise ValueError(_("Write hours like 9:00-14:00, 15:00-18:00."))
        a, b, c, d = (int(number or 0) for number in match.groups())
        found.append([a * 60 + b, c * 60 + d])
    latest = 0
    for opens, closes in found:
        if not latest <= opens < closes <= 24 * 60:
            raise ValueError(_("Each stretch must end after it starts, and begin after the one before it."))
        latest = closes
    return found


def write_hours(day: Sequence[Sequence[int]]) -> str:
    """The hours of a day as `read_hours` reads them."""
    return ", ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in day)


@transaction.atomic
def save_calendar(
    *, entity: LegalEntity, wanted: CalendarInput, by: User, at: datetime, row: Calendar | None = None
) -> Calendar:
    """Make a calendar or change one. Raises FieldErrors; whose calendar it is never changes afterwards."""
    _allow(by, entity.pk)
    _check(entity, wanted)
    if row is None:
        row = Calendar(entity=entity, side=wanted.side, department=wanted.department, user=wanted.user)
    else:
        row = Calendar.objects.select_for_update().get(pk=row.pk)
    before = facts_of(row) if row.pk else None
    row.name, row.country, row.subdivision = wanted.name.strip(), wanted.country.upper(), wanted.subdivision
    row.time_zone, row.keeps_holidays = wanted.time_zone, wanted.keeps_holidays
    row.week = [[list(span) for span in day] for day in wanted.week]
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise FieldErrors({name: " ".join(said) for name, said in wrong.message_dict.items()}) from None
    row.save()
    after = facts_of(row)
    if before != after:
        _say(row, "calendar.changed", by, at, before=before, after=after)
    return row


@transaction.atomic
def drop_calendar(*, row: Calendar, by: User, at: datetime) -> None:
    """Take a calendar away: its people follow the next wider one. The entity's own stays."""
    _allow(by, row.entity_id)
    if row.is_default:
        raise FieldErrors({"calendar": _("The calendar of the legal entity stays: change it instead.")})
    facts = facts_of(row)
    pk = row.pk
    row.delete()
    row.pk = pk
    _say(row, "calendar.changed", by, at, before=facts, after=None)


@transaction.atomic
def add_closure(
    *,
    calendar: Calendar,
    starts_on: date,
    ends_on: date,
    name: str,
    by: User,
    at: datetime,
    from_time: time | None = None,
) -> Closure:
    """Close on these days, or from an hour on. The same closure twice is one."""
    _allow(by, calendar.entity_id)
    Calendar.objects.select_for_update().get(pk=calendar.pk)
    closure = Closure(
        calendar=calendar, starts_on=starts_on, ends_on=ends_on, name=name.strip(), from_time=from_time
    )
    same = Closure.objects.filter(
        calendar=calendar, starts_on=starts_on, ends_on=ends_on, name=closure.name, from_time=from_time
    ).first()
    if same is not None:
        return same
    if (ends_on - starts_on).days > 366:
        raise FieldErrors({"ends_on": _("A closure lasts a year at most.")})
    try:
        closure.full_clean()
    except ValidationError as wrong:
        said = {name: " ".join(lines) for name, lines in wrong.message_dict.items()}
        raise FieldErrors({"ends_on" if k == "__all__" else k: v for k, v in said.items()}) from None
    closure.save()
    _say(calendar, "calendar.closed", by, at, closure=_closure_facts(closure))
    return closure


@transaction.atomic
def drop_closure(*, closure: Closure, by: User, at: datetime) -> None:
    """Open on these days again."""
    _allow(by, closure.calendar.entity_id)
    facts = _closure_facts(closure)
    if Closure.objects.filter(pk=closure.pk).delete()[0]:
        _say(closure.calendar, "calendar.opened", by, at, closure=facts)


@transaction.atomic
def set_lead(*, department: Department, lead: User | None, by: User, at: datetime) -> Department:
    """Say who leads a department: gets what is late there, and what nobody of the team can take."""
    _allow(by, department.entity_id)
    department = Department.objects.select_for_update().get(pk=department.pk)
    if department.lead_id == (lead.pk if lead else None):
        return department
    if lead is not None and not (lead.is_active and policy.may(lead, "dispute.move", department.entity_id)):
        raise FieldErrors({"lead": _("Choose a person who works on disputes of this legal entity.")})
    before, department.lead = department.lead_id, lead
    department.save(update_fields=["lead"])
    emit(
        stream="department",
        object_id=department.pk,
        entity_id=department.entity_id,
        kind="department.lead",
        actor=by,
        at=at,
        data={"before": before, "after": department.lead_id},
    )
    return department


def _allow(by: User, entity_id: int) -> None:
    if not policy.may(by, "calendar.edit", entity_id):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")


def _check(entity: LegalEntity, wanted: CalendarInput) -> None:
    errors: dict[str, str] = {}
    if not any(wanted.week):
        errors["week"] = _("Give the hours of at least one day.")
    if wanted.time_zone not in available_timezones():
        errors["time_zone"] = _("This is no time zone. Write it like Europe/Madrid.")
    known = holidays.list_supported_countries(include_aliases=True)
    country = wanted.country.upper()
    if wanted.subdivision and wanted.subdivision not in known.get(country, []):
        errors["subdivision"] = _("This country has no such region.")
    if wanted.department and wanted.department.entity_id != entity.pk:
        errors["department"] = _("Choose a department of this legal entity.")
    if wanted.user and not Membership.objects.filter(user=wanted.user, entity=entity).exists():
        errors["user"] = _("Choose a person of this legal entity.")
    if errors:
        raise FieldErrors(errors)


def facts_of(row: Calendar) -> dict[str, Any]:
    """A calendar as its events tell it."""
    names = ("name", "side", "department_id", "user_id", "country", "subdivision", "time_zone")
    return {name: getattr(row, name) for name in names} | {
        "week": [write_hours(day) for day in row.week],
        "keeps_holidays": row.keeps_holidays,
    }


def _closure_facts(closure: Closure) -> dict[str, str]:
    return {
        "name": closure.name,
        "from": closure.starts_on.isoformat(),
        "until": closure.ends_on.isoformat(),
        "from_time": closure.from_time.isoformat("minutes") if closure.from_time else "",
    }


def _say(row: Calendar, kind: str, by: User, at: datetime, **data: Any) -> None:
    emit(
        stream=STREAM,
        object_id=row.pk,
        entity_id=row.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"calendar": row.name, **data},
    )
