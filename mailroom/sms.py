"""Sending an SMS: through the service that SMS_URL names, or as a file beside the mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from apprise import Apprise
from django.conf import settings

from mailroom.envelope import Envelope, message_id
from mailroom.providers.base import Refused, Unreachable
from mailroom.providers.files import FileProvider


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """One SMS. `number` in international form; the same `key` twice is the same message."""

    key: str
    number: str
    text: str
    entity: str
    language: str


def send_sms(message: ShortMessage, *, at: datetime) -> None:
    """Hand it over; raises Refused when SMS_URL cannot be used, Unreachable when the service did not take it."""
    if not settings.SMS_URL:
        _to_file(message, at)
        return
    # The operator's own address: any service of the library, the number in the place of {to}.
    service = Apprise.instantiate(settings.SMS_URL.replace("{to}", message.number), suppress_exceptions=True)
    if service is None:
        raise Refused("SMS_URL is not understood.")
    if not service.notify(body=message.text):
        raise Unreachable("The SMS service did not accept it.")


def _to_file(message: ShortMessage, at: datetime) -> None:
    """The embedded default."""
    envelope = Envelope(
        key=f"sms_{message.key}",
        message_id=message_id(message.key, "sms.localhost"),
        from_name="SMS",
        from_address="sms@localhost",
        reply_to="",
        to_name=message.number,
        to_address=f"{message.number.removeprefix('+')}@sms.localhost",
        subject="SMS",
        text=message.text,
        html="",
        language=message.language,
        entity=message.entity,
        at=at,
    )
    FileProvider(Path(settings.EMAIL_FILE_PATH)).send(envelope)
