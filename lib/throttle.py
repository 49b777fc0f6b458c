"""How many requests a person or token may make. Counted in the cache; while that is away, everybody is let through."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:
    # DRF reads this setting while it loads its views.
    from rest_framework.views import APIView

log = logging.getLogger(__name__)


class PerPerson(UserRateThrottle):
    """DRF's own throttle, which stands aside when it cannot count: a lost cache is no reason to refuse work."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the request may go on."""
        try:
            return bool(super().allow_request(request, view))
        except (RedisError, OSError) as error:
            log.warning("The cache is away, requests are not counted: %s", error)
            return True


def within(key: str, *, limit: int, seconds: int) -> bool:
    """Count one more press under `key`; False once there were more than `limit` within `seconds`."""
    try:
        cache.add(f"within:{key}", 0, seconds)
        return bool(cache.incr(f"within:{key}") <= limit)
    except ValueError:  # It ended between the two calls.
        return True
    except (RedisError, OSError) as error:
        log.warning("The cache is away, presses are not counted: %s", error)
        return True
