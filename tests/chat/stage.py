"""A whole installation of its own (PostgreSQL, Valkey, one web process) whose parts a test may kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from config.embedded import Hold
from tests.live import free_port, stop, wait_until_up


@dataclass
class Stage:
    """The running installation. `seed` holds the room, its newest number and two people's cookies."""

    var: Path
    port: int = field(default_factory=free_port)
    room: int = 0
    start: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    web: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.servers = Hold(self.var, postgres=True, valkey=True, durable=True)
        self.env = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        self.env |= {
            "VAR_DIR": str(self.var),
            "BASE_URL": self.url,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the web process says."""
        return self.var / "web.log"

    def prepare(self) -> None:
        """Start the servers, make the tables, bring in the people."""
        self.servers.take()
        self._run("manage.py", "migrate", "--verbosity", "0")
        self._run("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        seed = json.loads(self._run("-m", "tests.chat.seed").splitlines()[-1])
        self.room, self.start, self.cookies = seed["room"], seed["start"], seed["cookies"]

    def launch_web(self) -> None:
        """Start the web process. From the main thread: it dies with the thread that started it (config.leash)."""
        assert threading.current_thread() is threading.main_thread()
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "config.web"]
            self.web = subprocess.Popen(command, env=self.env, cwd=settings.BASE_DIR, stdout=out, stderr=out)

    def wait_for_web(self) -> None:
        """Wait until the web process answers."""
        assert self.web is not None
        wait_until_up(f"{self.url}/health/live", self.web, self.log)

    def kill_web(self) -> None:
        """The web process dies without a word."""
        assert self.web is not None
        self.web.kill()
        self.web.wait()

    def kill(self, name: str) -> None:
        """A server ("PostgreSQL", "Valkey") dies without a word."""
        server = next(server for server in self.servers.servers if server.name == name)
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def revive(self) -> None:
        """Start again whatever died."""
        self.servers.heal()

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """What the database itself says."""
        postgres = self.servers.servers[0]
        with postgres.connect("zanjar") as connection:  # type: ignore[union-attr]
            return list(connection.execute(statement).fetchall())

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=self.env, cwd=settings.BASE_DIR, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@contextmanager
def stage(var: Path) -> Iterator[Stage]:
    """An installation under `var`, taken down at the end."""
    one = Stage(var)
    try:
        one.prepare()
        one.launch_web()
        one.wait_for_web()
        yield one
    finally:
        if one.web is not None:
            stop(one.web)
        one.servers.drop()
