"""A test over every channel, and another attempt at what failed."""

from __future__ import annotations

from datetime import datetime

from accounts.models import LegalEntity, User
from accounts.reach.choices import ReachEvent, Reason
from chat.models import Notification
from chat.reach.choices import Telling
from chat.reach.sending import send_one
from chat.reach.telling import About, tell


def try_channels(*, user: User, entity: LegalEntity, at: datetime) -> list[str]:
    """Tell the person something at once, whatever the hour; the channels it went to. Once a minute."""
    about = About(event=ReachEvent.TRIAL, key=f"trial:{at:%Y%m%d%H%M}", entity=entity, urgent="trial")
    rows = tell(about=about, people=[user], at=at)
    for row in rows:
        send_one(pk=row.pk, at=at)
    return [row.channel for row in rows]


def try_again(*, notification: Notification, at: datetime) -> bool:
    """Put what failed back into the queue; whether it is still needed is asked as always."""
    failed = Notification.objects.filter(pk=notification.pk, status=Telling.FAILED)
    fields = {
        "status": Telling.WAITING,
        "ended_at": None,
        "attempts": 0,
        "send_at": at,
        "why": Reason.PLANNED,
    }
    return bool(failed.update(**fields, detail=""))
