"""Two questions a load balancer asks: is the process alive, and may it be sent work?"""

from collections.abc import Callable

from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from accounts import checking
from config.celery import HEARTBEAT_KEY

STALE_AFTER_SECONDS = 120


def database_answers() -> bool:
    """The database answers and has every migration."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def broker_answers() -> bool:
    """The broker takes a value and gives it back."""
    cache.set("health", "here", timeout=10)
    return bool(cache.get("health") == "here")


def jobs_run() -> bool:
    """Beat and a worker did something in the last two minutes."""
    last = cache.get(HEARTBEAT_KEY)
    return last is not None and timezone.now().timestamp() - last < STALE_AFTER_SECONDS


def books_are_right() -> bool:
    """The last check of the books found nothing (or there was none yet)."""
    last = checking.latest()
    return last is None or bool(last.ok)


# Jobs late do not make the pages unusable: they are shown, and do not take the process out of service.
CHECKS: dict[str, tuple[Callable[[], bool], bool]] = {
    "database": (database_answers, True),
    "broker": (broker_answers, True),
    "jobs": (jobs_run, False),
    "books": (books_are_right, False),
}


def check(name: str) -> bool:
    """Whether the named part works; an unreachable server is a no, not an error."""
    try:
        return CHECKS[name][0]()
    except (Error, RedisError, OSError):
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        return False


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, 503 when one does not; says which."""
    parts = {name: check(name) for name in CHECKS}
    healthy = all(parts[name] for name, (_, needed) in CHECKS.items() if needed)
    answer = {"status": "ok" if healthy else "unavailable"} | {
        k: "ok" if v else "no" for k, v in parts.items()
    }
    return JsonResponse(answer, status=200 if healthy else 503)
