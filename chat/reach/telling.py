"""What is to be told: one row per person and channel, at the moments that the person's wishes give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import LegalEntity, User
from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from accounts.reach.rules import Wishes, plan, stand_in
from accounts.reach.selectors import away_on, wishes_for
from chat.models import Message, Room
from chat.reach.choices import Telling
from chat.reach.models import Notification
from disputes.models import Dispute, Question
from ledger.models import Contact

# The mails of these are written by the disputes room, with links that answer.
MAILED_ELSEWHERE = frozenset({ReachEvent.QUESTION, ReachEvent.REMINDER, ReachEvent.DEADLINE})


@dataclass(frozen=True, slots=True)
class About:
    """What is told. `key` names it once and for all: `message:17`."""

    event: ReachEvent
    key: str
    entity: LegalEntity
    room: Room | None = None
    message: Message | None = None
    question: Question | None = None
    dispute: Dispute | None = None
    urgent: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def tell(
    *, about: About, people: Iterable[User] = (), contacts: Iterable[Contact] = (), at: datetime
) -> list[Notification]:
    """Plan what each person is told, and when; what was planned already stays as it is.

    Whoever is away is told nothing: their deputy is. Messages of a room are not passed on to deputies, they wait.
    """
    users, instead = _whom(about, people, at)
    wishes = wishes_for(users, about.entity)
    counts = told_today(users, wishes, at)
    rows: list[Notification] = []
    for user in users:
        planned = plan(about.event, wishes[user.pk], at, urgent=about.urgent, told=counts[user.pk])
        for step in planned.steps:
            if step.channel == ReachChannel.EMAIL and about.event in MAILED_ELSEWHERE:
                continue
            row = _row(about, at, f"{about.key}:{user.pk}:{step.channel}")
            row.user, row.instead_of = user, instead.get(user.pk)
            row.channel, row.send_at, row.why = step.channel, step.at, step.why
            rows.append(row)
    for contact in contacts:
        row = _row(about, at, f"{about.key}:contact-{contact.pk}:email")
        row.contact, row.channel = contact, ReachChannel.EMAIL.value
        rows.append(row)
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Notification.objects.filter(key__in=[row.key for row in rows]).order_by("pk"))


def _row(about: About, at: datetime, key: str) -> Notification:
    return Notification(
        entity=about.entity,
        event=about.event,
        key=key,
        room=about.room,
        message=about.message,
        question=about.question,
        dispute=about.dispute,
        urgent=about.urgent[:200],
        data=about.data,
        created_at=at,
        send_at=at,
    )


def _whom(about: About, people: Iterable[User], at: datetime) -> tuple[list[User], dict[int, User]]:
    """Who is told, each once, and instead of whom."""
    given = {user.pk: user for user in people if user.is_active}
    away = away_on(date.fromisoformat(_day(about.entity, at)))
    if about.event == ReachEvent.MESSAGE:
        return [user for pk, user in given.items() if pk not in away], {}
    wanted = {pk: stand_in(pk, away) for pk in given}
    deputies = User.objects.in_bulk([pk for pk in wanted.values() if pk not in given])
    users: dict[int, User] = {}
    instead: dict[int, User] = {}
    for pk, told in wanted.items():
        users[told] = given.get(told) or deputies[told]
        if told != pk and told not in wanted:
            instead[told] = given[pk]
    return list(users.values()), instead


def _day(entity: LegalEntity, at: datetime) -> str:
    return Wishes(zone=entity.time_zone).day(at).isoformat()


def told_today(users: Iterable[User], wishes: dict[int, Wishes], at: datetime) -> dict[int, Counter[date]]:
    """How often each person was told on their days around `at`. One query."""
    counts: dict[int, Counter[date]] = {user.pk: Counter() for user in users}
    told = Notification.objects.filter(
        user__in=counts, status=Telling.SENT, ended_at__gt=at - timedelta(days=2)
    )
    for user_id, ended_at in told.values_list("user", "ended_at"):
        if user_id is not None and ended_at is not None:
            counts[user_id][wishes[user_id].day(ended_at)] += 1
    return counts


def waiting(**about: Any) -> QuerySet[Notification]:
    """What still waits, of a person, a room, a question..."""
    return Notification.objects.filter(status=Telling.WAITING, **about)


def drop_waiting(*, why: Reason, at: datetime, **about: Any) -> int:
    """Take back what still waits: it was seen in the app, or is over. How many."""
    fields: dict[str, Any] = {"status": Telling.DROPPED, "why": why, "ended_at": at}
    if why == Reason.SEEN:
        fields["seen_at"] = at
    return waiting(**about).update(**fields)
