"""Sending what is due. No transaction is open while something travels."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.reach.choices import ReachEvent, Reason
from accounts.reach.rules import allowed, limit
from accounts.reach.selectors import wishes_of
from chat.reach.asking import ALWAYS, why_not
from chat.reach.carriers import Outcome, Result, carry, later
from chat.reach.choices import Telling
from chat.reach.models import Notification
from chat.reach.telling import told_today

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=10)
# How long to wait after the first, second... attempt that found nobody answering.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180))
# Told together: several of one room that wait for one person over one channel.
BUNDLED = (ReachEvent.MESSAGE, ReachEvent.MENTION)
RELATED = (
    "entity",
    "user",
    "contact",
    "room__dispute",
    "message__room",
    "question__dispute__entity",
    "dispute",
)
T = Telling


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Send what is due, whoever else does the same; how many went out."""
    due = Notification.objects.filter(status=T.WAITING, send_at__lte=at).order_by("send_at", "pk")
    return sum(send_one(pk=pk, at=at) for pk in list(due.values_list("pk", flat=True)[:limit]))


def send_one(*, pk: int, at: datetime) -> bool:
    """Send one: ask whether it is needed, claim it, commit, carry, mark. A worker that dies between carrying and
    marking leaves it on its way; the sweeper brings it back, and the provider sees the same key again.
    """
    notification = _claim(pk, at)
    if notification is None:
        return False
    try:
        outcome = carry(notification, at)
    except Exception as error:  # one carrier's fault must not stop the others
        log.exception("Telling %s failed.", notification)
        outcome = later(at, type(error).__name__)
    _mark(notification, outcome, at)
    return outcome.result == Result.SENT


@transaction.atomic(durable=True)
def _claim(pk: int, at: datetime) -> Notification | None:
    """The telling, now ours alone, with what is told together with it; None when it is not due or not needed."""
    waiting = Notification.objects.select_for_update(skip_locked=True, of=("self",)).select_related(*RELATED)
    notification = waiting.filter(pk=pk, status=T.WAITING, send_at__lte=at).first()
    if notification is None:
        return None
    reason = why_not(notification, at)
    if reason is not None:
        _end(notification, T.DROPPED, at, why=reason, seen_at=at if reason == Reason.SEEN else None)
        return None
    if notification.user is not None and not _may_go(notification, notification.user, at):
        return None
    _bundle(notification, at)
    fields = {"status": T.SENDING, "claimed_at": at, "attempts": notification.attempts + 1}
    _set(notification, **fields)
    return notification


def _may_go(notification: Notification, user: User, at: datetime) -> bool:
    """Whether quiet hours and the cap of the day allow it now; otherwise it is put off or dropped."""
    if notification.event in ALWAYS:
        return True
    # One at a time for one person: two workers together must not pass the cap.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wishes = wishes_of(user, notification.entity)
    moment, why = allowed(wishes, at, urgent=notification.urgent)
    if moment > at:
        _set(notification, send_at=moment, why=why)
        return False
    told = told_today([user], {user.pk: wishes}, at)[user.pk]
    on_their_way = Notification.objects.filter(user=user, status=T.SENDING).count()
    if told[wishes.day(at)] + on_their_way >= limit(wishes, notification.urgent):
        _end(notification, T.DROPPED, at, why=Reason.CAP)
        return False
    return True


def _bundle(notification: Notification, at: datetime) -> None:
    """Take along what else waits for the same person from the same room over the same channel."""
    if notification.event not in BUNDLED or notification.room_id is None:
        return
    same = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        user=notification.user_id,
        contact=notification.contact_id,
        room=notification.room_id,
        channel=notification.channel,
        event=notification.event,
        status=T.WAITING,
    )
    for other in same.exclude(pk=notification.pk).select_related(*RELATED).order_by("pk"):
        reason = why_not(other, at)
        if reason is None:
            _end(other, T.BUNDLED, at, bundle=notification)
        else:
            _end(other, T.DROPPED, at, why=reason)


def _mark(notification: Notification, outcome: Outcome, at: datetime) -> None:
    """Write down how it ended."""
    if outcome.result == Result.SENT:
        _end(notification, T.SENT, at)
    elif outcome.result == Result.NOBODY:
        _end(notification, T.DROPPED, at, why=Reason.NOBODY)
    elif outcome.result == Result.FAILED:
        _end(notification, T.FAILED, at, why=Reason.REFUSED, detail=(outcome.detail or "?")[:300])
    elif notification.attempts > len(BACK_OFF):
        _end(notification, T.FAILED, at, why=Reason.GAVE_UP, detail=(outcome.detail or "?")[:300])
    else:
        again = max(outcome.again_at or at, at + BACK_OFF[notification.attempts - 1])
        _set(notification, status=T.WAITING, claimed_at=None, send_at=again, detail=outcome.detail[:300])


def _end(notification: Notification, status: Telling, at: datetime, **fields: Any) -> None:
    _set(notification, status=status, ended_at=at, claimed_at=None, **fields)


def _set(notification: Notification, **fields: Any) -> None:
    Notification.objects.filter(pk=notification.pk).update(**fields)
    for name, value in fields.items():
        setattr(notification, name, value)


def sweep(*, at: datetime, older_than: timedelta = STUCK_AFTER) -> int:
    """Bring back what a worker that died had claimed; how many."""
    stuck = Notification.objects.filter(status=T.SENDING, claimed_at__lt=at - older_than)
    return stuck.update(status=T.WAITING, claimed_at=None, send_at=at)
