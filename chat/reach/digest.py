"""The day in one letter: open questions, disputes in one's hands, conversations not read. Nothing when nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import LegalEntity, User
from accounts.reach.choices import ReachChannel, ReachEvent
from accounts.reach.models import ReachWishes
from accounts.reach.selectors import away_on
from accounts.selectors import Offices
from chat import selectors
from chat.models import Notification
from chat.reach.letters import letter
from chat.reach.words import room_name
from disputes.selectors import disputes_for, open_questions_for
from lib import formats
from mailroom import services as mailroom
from mailroom.rendering import Table, Values

KIND = "digest"
ROWS = 8
# A letter whose hour passed longer ago (the jobs did not run) is not sent any more that day.
LATE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Day:
    """What one person's letter says."""

    questions: Table
    waits: Table
    talk: Table

    def __bool__(self) -> bool:
        return bool(self.questions or self.waits or self.talk)


def plan_digests(*, at: datetime) -> int:
    """Put today's letter of everybody whose hour has come into the queue; how many. Harmless when repeated."""
    made = 0
    offices: dict[int, Offices] = {}
    people = User.objects.filter(is_active=True, memberships__isnull=False).distinct().order_by("pk")
    kept = ReachWishes.objects.in_bulk()
    away = away_on(at.date())
    for user in people.prefetch_related("memberships__entity"):
        wishes = kept.get(user.pk) or ReachWishes(user=user)
        day = _due_on(user, wishes, at)
        if day is None or user.pk in away:
            continue
        entity = min((one.entity for one in user.memberships.all()), key=lambda one: one.pk)
        office = offices.setdefault(entity.pk, Offices(entity)).ours(user.pk)
        if office.works_on(day):
            made += _plan(user, entity, day, at)
    return made


def _due_on(user: User, wishes: ReachWishes, at: datetime) -> date | None:
    """The person's own day, when the hour of their letter has come on it; None before, long after, and without."""
    if not wishes.digest:
        return None
    zone = ZoneInfo(user.time_zone)
    day = at.astimezone(zone).date()
    hour = datetime.combine(day, time(wishes.digest_at.hour, wishes.digest_at.minute), zone)
    return day if hour <= at < hour + LATE else None


def _plan(user: User, entity: LegalEntity, day: date, at: datetime) -> int:
    key = f"digest:{user.pk}:{day.isoformat()}"
    if Notification.objects.filter(key=key).exists() or not day_of(user, at):
        return 0
    row = Notification(
        entity=entity,
        user=user,
        event=ReachEvent.DIGEST,
        channel=ReachChannel.EMAIL,
        key=key,
        created_at=at,
        send_at=at,
    )
    return len(Notification.objects.bulk_create([row], ignore_conflicts=True))


def day_of(user: User, at: datetime) -> Day:
    """What waits for the person, in the language that is active. Five queries."""
    return Day(_questions(user, at), _disputes(user), _talk(user))


def _more(rows: list[tuple[str, str]], count: int) -> tuple[str, ...]:
    left = count - len(rows)
    return (
        (ngettext("and %(count)s more", "and %(count)s more", left) % {"count": left}, "") if left > 0 else ()
    )


def _questions(user: User, at: datetime) -> Table:
    found = open_questions_for(user, at)
    rows = [
        (f"{one.words} ({one.dispute.customer.name})", formats.moment(one.due_at) if one.due_at else "")
        for one in found[:ROWS]
    ]
    return Table(
        head=(_("Question"), _("Answer by")), rows=tuple(rows), foot=_more(rows, _count(found, rows))
    )


def _disputes(user: User) -> Table:
    mine = disputes_for(user).filter(holder_user=user, closed_at=None)
    found = mine.select_related("customer").order_by("due_at", "pk")
    rows = [
        (
            f"{one.ref} {one.customer.name}, {formats.money(one.amount, one.currency)}",
            formats.moment(one.due_at) if one.due_at else "",
        )
        for one in found[:ROWS]
    ]
    return Table(head=(_("Dispute"), _("Due")), rows=tuple(rows), foot=_more(rows, _count(found, rows)))


def _talk(user: User) -> Table:
    found = selectors.my_rooms(user).filter(unread__gt=0)
    rows = [(room_name(stay.room), str(stay.unread)) for stay in found[:ROWS]]
    foot = _more(rows, _count(found, rows))
    return Table(head=(_("Conversation"), _("New")), rows=tuple(rows), right=frozenset({1}), foot=foot)


def _count(found: QuerySet[Any], rows: list[tuple[str, str]]) -> int:
    return found.order_by().count() if len(rows) == ROWS else len(rows)


@letter(ReachEvent.DIGEST)
def write(notification: Notification, at: datetime) -> mailroom.Draft | None:
    """The letter as it stands when it goes."""
    user = notification.user
    if user is None:
        return None
    text = mailroom.text_for(kind=KIND, language=user.language, entity=notification.entity)
    with override(text.language), timezone.override(ZoneInfo(user.time_zone)):
        day = day_of(user, at)
        if not day:
            return None
        values: Values = {
            "recipient": user.name,
            "day": formats.day(at.astimezone(ZoneInfo(user.time_zone)).date(), "long"),
            "questions": day.questions,
            "waits": day.waits,
            "talk": day.talk,
            "link": settings.BASE_URL + reverse("accounts:home"),
        }
        rendered = mailroom.render(text=text, entity=notification.entity, values=values)
    return mailroom.Draft(
        entity=notification.entity,
        key=f"reach:{notification.key}",
        kind=KIND,
        to_address=user.email,
        to_name=user.name,
        words=rendered,
        reserved=True,
    )
