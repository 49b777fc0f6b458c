"""The real application in processes of its own, and a real Chromium, for tests that need them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Live:
    """A running application: its address, its environment and where it logs."""

    url: str
    env: dict[str, str]
    log: Path


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 180) -> None:
    """Return once `url` answers; fail with the log's end when the process dies or time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, politely first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def database_url() -> str:
    """The address of the test database this process uses."""
    parts = connection.settings_dict
    host, port = parts["HOST"], parts["PORT"]
    who = quote(parts["USER"]) + (f":{quote(parts['PASSWORD'])}" if parts["PASSWORD"] else "")
    if host.startswith("/"):
        return f"postgres://{who}@/{parts['NAME']}?{urlencode({'host': host})}"
    return f"postgres://{who}@{host or '127.0.0.1'}:{port or 5432}/{parts['NAME']}"


@pytest.fixture(scope="session")
def live(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """The web process of `up` on the test database, with hashed static files.

    A test that uses it needs `transactional_db`: rows must be committed to be seen.
    """
    var = tmp_path_factory.mktemp("live")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "PAY_SANDBOX": "1",
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(var),
        "BASE_URL": url,
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "EMAIL_URL": settings.EMAIL_URL,
        "VAPID_PRIVATE_KEY": settings.VAPID_PRIVATE_KEY,
        # Where a test may stand up a push service.
        "PUSH_INSIDE": f"127.0.0.1:{free_port()}",
    }
    log = var / "web.log"
    command = [sys.executable, "-m", "config.web"]
    with log.open("wb") as out:
        web = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=out, stderr=out)
        try:
            wait_until_up(f"{url}/health/live", web, log)
            yield Live(url=url, env=env, log=log)
        finally:
            stop(web)
            with django_db_blocker.unblock():
                end_other_sessions()


def end_other_sessions() -> None:
    """Nobody but this process's own connection stays in the test database, or it could not be dropped.

    A page driven from Playwright's loop reads through a connection of its own, which ends with the loop.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def jobs(live: Live) -> Iterator[Path]:
    """A Celery worker beside `live`, for tests that wait for a job; its log file."""
    log = live.log.with_name("worker.log")
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "threads", "-c", "2"]
    with log.open("wb") as out:
        command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        worker = subprocess.Popen(command, env=live.env, cwd=settings.BASE_DIR, stdout=out, stderr=out)
        try:
            yield log
        finally:
            stop(worker)


def chromium_path() -> str | None:
    """Where Chromium is: CHROMIUM, the system's, or none."""
    named = os.environ.get("CHROMIUM")
    return named or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium. Without one the test is skipped, or fails where REQUIRE_BROWSER=1 asks for it.

    Playwright keeps an event loop running in this thread, which Django's guard takes for an async caller:
    while the module lasts the guard is off, and no module mixes these tests with async ones.
    """
    path = chromium_path()
    if path is None:
        words = "There is no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path."
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # The machine may be busy: a page gets the time it needs, a wrong one fails all the same.
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
