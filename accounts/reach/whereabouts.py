"""Who is in the app right now. Each page says so every minute while somebody uses it; kept in the broker only.

A page that nobody touches says that it is idle: an unattended desktop is nobody.
"""

from __future__ import annotations

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
# A page reports every minute; a little patience for the network.
FORGET_SECONDS = 75


def _key(user_id: int) -> str:
    return f"reach:here:{user_id}"


def report(user_id: int, *, tab: str, active: bool) -> None:
    """A page of the person is in use, or no longer."""
    try:
        if active:
            cache.set(_key(user_id), tab, FORGET_SECONDS)
        elif cache.get(_key(user_id)) == tab:
            cache.delete(_key(user_id))
    except (RedisError, OSError) as error:
        log.debug("Nobody knows who is in the app while the broker is down (%s).", error)


def is_here(user_id: int) -> bool:
    """Whether the person used a page within the last minute. Not known: they did not."""
    try:
        return cache.get(_key(user_id)) is not None
    except (RedisError, OSError):
        return False
