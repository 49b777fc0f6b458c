"""What every test stands on: its own database and broker, no network, no slow hashing.

The servers are those of DATABASE_URL and REDIS_URL, or the embedded ones. Each pytest-xdist worker has
its own database and its own Redis number, so nothing is shared, not even with a running `make run`.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import hypothesis
import pytest
import redis
from django.conf import settings
from django.core.cache import caches
from django.db import connection

from config.celery import app as celery_app
from config.connections import broker_url
from config.embedded import hold
from config.preparation import compile_translations

pytest_plugins = ["tests.live", "tests.factories", "tests.emptying", "tests.ordering"]

# Embedded Valkey has 64 numbered stores; the tests keep clear of those a person may be using.
FIRST_EMBEDDED_NUMBER = 32
# Far beyond what any test takes, even on a busy machine.
PATIENCE = {"lock_timeout": "90s", "idle_in_transaction_session_timeout": "180s"}


# A busy machine is slow at making examples as at everything else: that is no fault of a test.
hypothesis.settings.register_profile(
    "house", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None
)
hypothesis.settings.load_profile("house")


def _redis_url(url: str, worker: str) -> str:
    """The store of this pytest process: `url`'s own number, or the one after it for each xdist worker."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    place = query.get("db", "0") if parts.scheme == "unix" else parts.path.strip("/") or "0"
    base = FIRST_EMBEDDED_NUMBER if settings.EMBEDDED_BROKER else int(place)
    number = base + (1 + int(worker.removeprefix("gw")) if worker else 0)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?{urlencode(query | {'db': number})}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def pytest_configure(config: pytest.Config) -> None:
    """Point this process at its own Redis store and use a fast hasher, before anything connects."""
    url = _redis_url(settings.REDIS_URL, os.environ.get("PYTEST_XDIST_WORKER", ""))
    settings.REDIS_URL = url
    settings.CACHES["default"]["LOCATION"] = url
    settings.CELERY_BROKER_URL = broker_url(url)
    celery_app.conf.update(broker_url=broker_url(url))
    settings.PAY_SANDBOX = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    compile_translations()


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """No test talks to another machine: a connection beyond the loopback interface is an error."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert address[0] in ("127.0.0.1", "::1", "localhost"), f"a test wants to reach {address}"
        real(self, address)

    socket.socket.connect = connect  # type: ignore[assignment, method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    """The servers answer (the embedded ones are started when no others are named); our store is empty."""
    embedded = hold(
        settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER, durable=False
    )
    with embedded if settings.EMBEDDED or settings.EMBEDDED_BROKER else nullcontext():
        with redis.Redis.from_url(settings.REDIS_URL) as store:
            store.flushdb()
        yield
        caches.close_all()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database is made once the servers answer; each xdist worker has its own."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Nobody waits for a lock for ever, and a transaction left behind ends: a mistake fails, it does not hang."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        for limit, length in PATIENCE.items():
            cursor.execute(f"ALTER DATABASE {name} SET {limit} = '{length}'")
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """What one test cached, and its rate limits, are gone before the next."""
    yield
    caches["default"].clear()
