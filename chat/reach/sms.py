"""SMS: short, only for what waits for somebody, with a link that answers without signing in."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apprise import Apprise
from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from accounts.reach.choices import ESCALATING, ReachChannel, ReachEvent
from accounts.reach.selectors import mobile_of
from chat.reach.carriers import NOBODY, SENT, Outcome, carrier, failed, later
from chat.reach.models import Notification
from chat.reach.words import told, wants_private
from disputes import services as disputes
from lib import gsm
from mailroom.envelope import Envelope, message_id
from mailroom.providers import FileProvider, Unreachable

log = logging.getLogger(__name__)
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
    if not settings.SMS_URL:
        return _to_file(notification, number, text, at)
    # The operator's own address: any service of the library, the number in the place of {to}.
    service = Apprise.instantiate(settings.SMS_URL.replace("{to}", number), suppress_exceptions=True)
    if service is None:
        return failed("SMS_URL is not understood.")
    return SENT if service.notify(body=text) else later(at + AGAIN, "The SMS service did not accept it.")


def text_of(notification: Notification, at: datetime) -> str:
    """The words and the link, in one message or two."""
    words = told(notification, private=wants_private(notification))
    link = words.url
    if notification.question is not None and notification.user is not None:
        secret = disputes.make_link(question=notification.question, person=notification.user, at=at)
        link = disputes.address_of(secret)
    return gsm.shorten(words.together, link)


def _to_file(notification: Notification, number: str, text: str, at: datetime) -> Outcome:
    """The embedded default: a file beside the mails."""
    envelope = Envelope(
        key=f"sms_{notification.key}",
        message_id=message_id(notification.key, "sms.localhost"),
        from_name="SMS",
        from_address="sms@localhost",
        reply_to="",
        to_name=number,
        to_address=f"{number.removeprefix('+')}@sms.localhost",
        subject="SMS",
        text=text,
        html="",
        language=notification.user.language if notification.user else "en",
        entity=notification.entity.code,
        at=at,
    )
    try:
        FileProvider(Path(settings.EMAIL_FILE_PATH)).send(envelope)
    except Unreachable as error:
        return later(at + AGAIN, str(error))
    return SENT
