"""One notification to one device: encrypted for it, signed by us, and what the push service made of it. No database."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import requests
from django.conf import settings
from pywebpush import WebPushException, webpush

from chat.push.models import PushDevice
from chat.push.outside import session

log = logging.getLogger(__name__)
TIMEOUT = 10.0
# Pauses between attempts, in seconds, when the push service does not say.
BACK_OFF = (5, 20, 60, 180, 480)
LONGEST_WAIT = 600
GONE = {404, 410}
BUSY = {408, 425, 429}


class Ended(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    GONE = "gone"
    LATER = "later"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Note:
    """A notification. `ttl`: how long the push service keeps it; a later one with the same `topic` replaces it."""

    payload: dict[str, Any]
    ttl: int = 3600
    urgency: str = "normal"
    topic: str = ""
    question: int | None = None

    def packed(self) -> dict[str, Any]:
        """As a job carries it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended; `wait` in seconds when the push service named one."""

    ended: Ended
    wait: int = 0
    why: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def send(device: PushDevice, note: Note, at: datetime) -> Result:
    """Send it now. Never raises for what the other side does."""
    headers = {"urgency": note.urgency, **({"topic": note.topic} if note.topic else {})}
    try:
        with session(device.endpoint) as way:
            webpush(
                {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}},
                json.dumps(note.payload, ensure_ascii=False, separators=(",", ":")),
                vapid_private_key=settings.VAPID_PRIVATE_KEY,
                vapid_claims={"sub": settings.VAPID_SUBJECT},
                ttl=note.ttl,
                headers=headers,  # type: ignore[arg-type]
                timeout=TIMEOUT,
                requests_session=way,
            )
    except WebPushException as refusal:
        return _refused(refusal, at)
    except (requests.TooManyRedirects, requests.exceptions.InvalidSchema) as error:
        return Result(Ended.FAILED, why=str(error))
    except (requests.RequestException, OSError) as error:
        return Result(Ended.LATER, why=str(error))
    return Result(Ended.SENT)


def _refused(refusal: WebPushException, at: datetime) -> Result:
    status = getattr(refusal.response, "status_code", 0)
    why = f"{status} {str(refusal)[:200]}"
    if status in GONE:
        return Result(Ended.GONE, why=why)
    if status in BUSY or status >= 500:
        return Result(Ended.LATER, wait_of(refusal.response.headers.get("Retry-After", ""), at), why)
    log.warning("A push service refused a notification: %s", why)
    return Result(Ended.FAILED, why=why)


def wait_of(header: str, at: datetime) -> int:
    """The seconds that a Retry-After asks for, as a number or as a date; 0 when it asks for nothing we understand."""
    if header.isdecimal():
        return min(int(header), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        return 0
    return max(0, min(int((moment - at).total_seconds()), LONGEST_WAIT))


def pause(tries: int, result: Result) -> int | None:
    """How long to wait before the next attempt; None when it was the last one."""
    if tries >= len(BACK_OFF):
        return None
    return result.wait or BACK_OFF[tries]
