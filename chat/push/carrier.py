"""Tellings that go to browsers and phones: what each says, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.reach.choices import ReachChannel, ReachEvent
from chat.models import Notification
from chat.push import services
from chat.push.payload import as_read_by, plain_note, trial_note
from chat.push.sending import BACK_OFF, Ended, Note, Result
from chat.reach.carriers import NOBODY, SENT, Outcome, carrier, failed, later
from chat.reach.words import told
from disputes.models import Dispute
from lib import formats

LONGEST = 300


@carrier(ReachChannel.PUSH)
def carry_push(notification: Notification, at: datetime) -> Outcome:
    """Push it to every device of its person. Asked again with the same key, it takes its own place on the screen."""
    user = notification.user
    if user is None:
        return NOBODY
    if notification.question is not None:
        results = services.tell_question(notification.question, user, occasion=str(notification.pk), at=at)
    else:
        results = services.tell(user, note_of(notification, user, at), at=at)
    return outcome_of(results, at)


def outcome_of(results: list[Result], at: datetime) -> Outcome:
    """One device that was reached is enough; the others are tried again by jobs of their own."""
    ended = {result.ended for result in results}
    if Ended.SENT in ended:
        return SENT
    if Ended.LATER in ended:
        waits = [result.wait for result in results if result.ended == Ended.LATER]
        return later(at + timedelta(seconds=max(*waits, BACK_OFF[0])), results[0].why[:200])
    if Ended.FAILED in ended:
        return failed(next(result.why for result in results if result.ended == Ended.FAILED)[:200])
    return NOBODY


def note_of(notification: Notification, user: User, at: datetime) -> Note:
    """What a telling without a question says; in private only that there is something."""
    if notification.event == ReachEvent.TRIAL:
        return trial_note(user, at)
    dispute = notification.dispute or (notification.room.dispute if notification.room else None)
    url = reverse("disputes:detail", args=[dispute.pk]) if dispute else reverse("chat:rooms")
    if notification.room and not dispute:
        url = reverse("chat:room", args=[notification.room.pk])
    customer = notification.data.get("customer")
    if customer and not dispute:
        url = reverse("ledger:customer", args=[customer])
    with as_read_by(user):
        title, body = _words(notification, dispute)
        if services.is_private(user, notification.entity_id):
            title, body = "Zanjar", str(ReachEvent(notification.event).label)
    tag = f"room-{notification.room_id}" if notification.room_id else f"telling-{notification.pk}"
    return plain_note(user, title=title, body=body, url=url, tag=tag, at=at)


def _words(notification: Notification, dispute: Dispute | None) -> tuple[str, str]:
    """Title and body, in the active language."""
    event = ReachEvent(notification.event)
    message = notification.message
    if event == ReachEvent.PROMISE:
        words = told(notification)
        return words.title, words.text
    place = _about(dispute) if dispute else str(notification.room or "Zanjar")
    if message is None:
        return str(event.label), place
    author = message.writer.name if message.writer else _("The customer")
    more = notification.bundled.count()
    if more:
        body = ngettext("%(n)d new message", "%(n)d new messages", more + 1) % {"n": more + 1}
        return place, f"{body}\n{author}: {message.body[:LONGEST]}"
    if event == ReachEvent.MENTION:
        return _("%(name)s names you") % {"name": author}, f"{place}\n{message.body[:LONGEST]}"
    return f"{author} · {place}", message.body[:LONGEST]


def _about(dispute: Dispute) -> str:
    money = formats.money(dispute.amount, dispute.currency)
    return f"{dispute.customer.name} · {money}"
