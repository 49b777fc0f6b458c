"""Publishes frames to every web process. Best effort on purpose.

Whatever matters is in PostgreSQL before it is published, and hubs notice what they missed (`chat.hub`). So a dead
broker must cost a request nothing: short time-outs, one warning, then silence for a moment before the next try.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from functools import lru_cache

import redis
from django.conf import settings
from django.db import connections, transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.wire import CONTROL, Envelope, Frame, envelope

log = logging.getLogger(__name__)
QUIET_SECONDS = 1.0
TIMEOUT_SECONDS = 0.5
_quiet_until = 0.0


def channel() -> str:
    """The one pub/sub channel of this installation. A broker may be shared, so the name is our own."""
    database = connections["default"].settings_dict["NAME"]
    digest = hashlib.sha256(f"{settings.SECRET_KEY}:{database}".encode()).hexdigest()[:16]
    return f"zanjar:live:{digest}"


@lru_cache(maxsize=4)
def client(url: str) -> redis.Redis:
    """The process's connection pool to the broker."""
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )


def publish(*envelopes: Envelope) -> bool:
    """Send the envelopes, in order; False when the broker did not take them."""
    global _quiet_until
    if not envelopes or time.monotonic() < _quiet_until:
        return not envelopes
    try:
        pipe = client(settings.REDIS_URL).pipeline(transaction=False)
        for one in envelopes:
            # A room nobody is in has no topics for its unread frame.
            if not one.topics:
                continue
            pipe.publish(channel(), one.pack())
        pipe.execute()
    except (redis.RedisError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("The live bus is down (%s); clients catch up from the database.", error)
        return False
    return True


def publish_after_commit(topics: Iterable[str], frame: Frame) -> None:
    """Send `frame` once the running transaction is safe, or now when there is none."""
    one = envelope(topics, frame)
    transaction.on_commit(lambda: _send(one), robust=True)


def revoke_after_commit(user_id: int) -> None:
    """Tell every hub to ask again what this person may hear."""
    publish_after_commit((CONTROL,), {"type": "revoke", "user": user_id})


def _send(one: Envelope) -> None:
    publish(one)
