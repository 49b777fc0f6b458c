"""SMS: short, only for what waits for somebody, with a link that answers without signing in."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import override

from accounts.reach.choices import ESCALATING, ReachChannel, ReachEvent
from accounts.reach.selectors import mobile_of
from chat.reach.carriers import NOBODY, SENT, Outcome, carrier, failed, later
from chat.reach.models import Notification
from chat.reach.words import told, wants_private
from disputes import services as disputes
from lib import gsm
from mailroom.providers import Refused, ShortMessage, Unreachable, send_sms

AGAIN = timedelta(minutes=2)


@carrier(ReachChannel.SMS)
def carry_sms(notification: Notification, at: datetime) -> Outcome:
    """Send one short message. A link that answers a question is made for this attempt and kept by nobody."""
    user = notification.user
    if user is None or notification.event not in (*ESCALATING, ReachEvent.TRIAL):
        return NOBODY
    number = mobile_of(user, notification.entity.country)
    if not number:
        return NOBODY
    with override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        text = text_of(notification, at)
    message = ShortMessage(
        key=notification.key,
        number=number,
        text=text,
        entity=notification.entity.code,
        language=user.language,
    )
    try:
        send_sms(message, at=at)
    except Refused as error:
        return failed(str(error))
    except Unreachable as error:
        return later(at + AGAIN, str(error))
    return SENT


def text_of(notification: Notification, at: datetime) -> str:
    """The words and the link, in one message or two."""
    words = told(notification, private=wants_private(notification))
    link = words.url
    if notification.question is not None and notification.user is not None:
        secret = disputes.make_link(question=notification.question, person=notification.user, at=at)
        link = disputes.address_of(secret)
    return gsm.shorten(words.together, link)
