"""The letters about disputes: one came to somebody, waits for their approval, or was closed; about promises that were
broken. And the test."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import override

from accounts.reach.choices import ReachEvent
from chat.reach.letters import letter
from chat.reach.models import Notification
from chat.reach.words import told
from mailroom import services as mailroom

KIND = "reach"


@letter(ReachEvent.HANDOVER)
@letter(ReachEvent.APPROVAL)
@letter(ReachEvent.CLOSED)
@letter(ReachEvent.PROMISE)
@letter(ReachEvent.TRIAL)
def write(notification: Notification, at: datetime) -> mailroom.Draft | None:
    """A few words and the link."""
    user = notification.user
    if user is None:
        return None
    text = mailroom.text_for(kind=KIND, language=user.language, entity=notification.entity)
    with override(text.language), timezone.override(ZoneInfo(user.time_zone)):
        words = told(notification)
        values = {"recipient": user.name, "headline": words.title, "text": words.text, "link": words.url}
        rendered = mailroom.render(text=text, entity=notification.entity, values=values)
    return mailroom.Draft(
        entity=notification.entity,
        key=f"reach:{notification.key}"[:120],
        kind=KIND,
        to_address=user.email,
        to_name=user.name,
        words=rendered,
        about_stream="dispute" if notification.dispute_id else "",
        about_id=notification.dispute_id,
        reserved=True,
    )
