"""Telling people of deadlines: before, at and after; and handing over what stays too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.choices import Role
from accounts.models import User
from accounts.reach.choices import ReachChannel, ReachEvent
from accounts.reach.rules import plan
from accounts.reach.selectors import wishes_for
from accounts.selectors import Offices
from disputes.alerts import Alert, due_now, next_after
from disputes.choices import AlertTo, HandedBy, HolderSide
from disputes.models import AlertSent, Dispute, Stay
from disputes.services.common import day_of, lock, moment_for, stage_facts, tell
from disputes.services.handing import Passing, pass_on
from disputes.services.holding import is_away, lead_of, members, replacement
from disputes.services.timing import falling, held
from lib import formats
from mailroom.services import Draft, queue_letter, render, text_for

LETTER = "dispute.late"


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that fell, and whom it is told to now."""

    moment: datetime
    alert: Alert
    people: list[User]


def send_alerts(*, at: datetime, limit: int = 500) -> int:
    """Tell of every deadline whose alert has fallen; how many disputes were told of.

    Harmless twice and from two workers: the dispute is locked and looked at again, and a stay knows what it was told
    of. After a time without workers each person hears of a dispute once, by the latest alert.
    """
    due = Dispute.objects.active().filter(alert_at__lte=at).order_by("alert_at", "pk")
    return sum(_alert(pk, at) for pk in list(due.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _alert(pk: int, at: datetime) -> bool:
    """The alerts of one dispute."""
    dispute = lock(pk)
    if not dispute.is_open or dispute.alert_at is None or dispute.alert_at > at:
        return False
    stay = Stay.objects.get(dispute=dispute, ended_at=None)
    sent = set(AlertSent.objects.filter(stay=stay).values_list("alert", flat=True))
    coming = falling(held(dispute, Offices(dispute.entity)), dispute)
    fallen = due_now(coming, sent, at)
    told = _whom_to_tell(dispute, fallen, day_of(at, dispute.entity))
    rows = [
        AlertSent(stay=stay, alert_id=one.alert.pk, at=at, people=[p.pk for p in one.people]) for one in told
    ]
    AlertSent.objects.bulk_create(rows)
    for one in told:
        if one.people:
            _say(dispute, stay, one, moment_for(dispute, at))
    if not _escalate(dispute, told, at):
        dispute.alert_at = next_after(coming, sent | {one.alert.pk for one in told})
        dispute.save(update_fields=["alert_at"])
    return bool(told)


def _whom_to_tell(dispute: Dispute, fallen: list[tuple[datetime, Alert]], on: date) -> list[Told]:
    """Each person once, by the latest alert that concerns them."""
    heard: set[int] = set()
    told: list[Told] = []
    for moment, alert in reversed(fallen):
        people = [person for person in recipients(dispute, alert.to, on) if person.pk not in heard]
        heard |= {person.pk for person in people}
        told.append(Told(moment, alert, people))
    return told[::-1]


def recipients(dispute: Dispute, to: str, on: date) -> list[User]:
    """Whom an alert goes to that day: deputies instead of the absent, each person once."""
    found = [_at_work(person, dispute, on) for person in _named(dispute, to, on)]
    return list({person.pk: person for person in found if person is not None}.values())


def _named(dispute: Dispute, to: str, on: date) -> Iterable[User]:
    if to.startswith("role:"):
        return members(dispute.entity_id, on, role=to.removeprefix("role:"))
    if to == AlertTo.COORDINATOR or dispute.holder_side != HolderSide.OURS:
        return [dispute.coordinator]
    if to == AlertTo.LEAD:
        lead = lead_of(dispute.holder_user, dispute.holder_department, dispute.entity_id)
        return [lead] if lead and lead.is_active else _managers(dispute, on)
    if to == AlertTo.CREDIT_MANAGER:
        return _managers(dispute, on)
    if dispute.holder_user is not None:
        return [dispute.holder_user]
    team = members(dispute.entity_id, on, department=dispute.holder_department)
    return [person for person in team if not is_away(person, on)] or [dispute.coordinator]


def _managers(dispute: Dispute, on: date) -> list[User]:
    """The credit manager at work who does not have it already; else an administrator, else the coordinator."""
    for role in (Role.CREDIT_MANAGER, Role.ADMIN):
        people = [p for p in members(dispute.entity_id, on, role=role) if p.pk != dispute.holder_user_id]
        if people:
            return people[:1]
    return [dispute.coordinator]


def _at_work(person: User, dispute: Dispute, on: date) -> User | None:
    if not person.is_active:
        return dispute.coordinator
    return replacement(person, dispute.entity_id, on, dispute.coordinator) if is_away(person, on) else person


def _escalate(dispute: Dispute, told: list[Told], at: datetime) -> bool:
    """Hand the dispute over when an alert that fell says so; whether it went to somebody else."""
    ladder = [one for one in told if one.alert.hand_over]
    if not ladder or dispute.holder_side != HolderSide.OURS:
        return False
    on = day_of(at, dispute.entity)
    steps = [ladder[-1].alert.to, AlertTo.CREDIT_MANAGER]
    people = [person for to in steps for person in recipients(dispute, to, on)]
    target = next((person for person in people if person.pk != dispute.holder_user_id), None)
    if target is None:
        return False
    pass_on(dispute, target, Passing(HandedBy.ESCALATION, None), moment_for(dispute, at))
    return True


def _say(dispute: Dispute, stay: Stay, one: Told, at: datetime) -> None:
    """The event, and a letter to each person who has an address."""
    data = {
        "minutes": one.alert.minutes,
        "people": [person.pk for person in one.people],
        "names": [person.name for person in one.people],
        "stage": stage_facts(dispute.stage),
        "ref": dispute.ref,
        "holder": dispute.holder_name,
        "customer_name": dispute.customer.name,
        "due_at": dispute.due_at.isoformat() if dispute.due_at else None,
    }
    tell(dispute, "dispute.late", by=None, at=at, data=data)
    wishes = wishes_for(one.people, dispute.entity)
    for person in one.people:
        step = plan(ReachEvent.DEADLINE, wishes[person.pk], at).step(ReachChannel.EMAIL)
        if step is not None:
            draft = _write(dispute, f"late:{stay.pk}:{one.alert.pk}:{person.pk}", person, at)
            queue_letter(draft=draft, at=at, not_before=step.at)


def _write(dispute: Dispute, key: str, person: User, at: datetime) -> Draft:
    text = text_for(kind=LETTER, language=person.language, entity=dispute.entity)
    with override(text.language):
        values = {
            "recipient": person.name,
            "entity": dispute.entity.name,
            "ref": dispute.ref,
            "customer": dispute.customer.name,
            "amount": formats.money(dispute.amount, dispute.currency),
            "stage": dispute.stage.label,
            "holder": dispute.holder_name,
            "due": formats.moment(dispute.due_at) if dispute.due_at else "",
            "late": _("late") if dispute.due_at and dispute.due_at < at else "",
            "link": f"{settings.BASE_URL.rstrip('/')}/disputes/{dispute.pk}/",
        }
    return Draft(
        entity=dispute.entity,
        key=key,
        kind=LETTER,
        to_address=person.email,
        to_name=person.name,
        words=render(text=text, entity=dispute.entity, values=values),
        about_stream="dispute",
        about_id=dispute.pk,
    )
