"""`up` as a person meets it: a process in a terminal, killed in every way there is."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil
import pytest
from django.conf import settings

from tests.live import free_port

pytestmark = pytest.mark.faults
START_SECONDS = 180


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One VAR_DIR for this file. PostgreSQL's user must be able to pass, so it is not pytest's own directory."""
    with TemporaryDirectory(prefix="zanjar-up-") as name:
        yield Path(name)


class Up:
    """A running `manage.py up` and what it has said so far."""

    def __init__(self, var: Path, port: int, **env: str) -> None:
        clean = {
            k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "BASE_URL", "PORT"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=clean | {"VAR_DIR": str(var), "PYTHONUNBUFFERED": "1"} | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.port, self.var = port, var
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._new.put(line)
        self._new.put(None)

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """The first new line that matches; fails with all lines when none comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                line = self._new.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                break
            if line is None:
                break
            self.lines.append(line)
            if re.search(pattern, line):
                return line
        pytest.fail(f"no line matched {pattern!r}:\n{''.join(self.lines)}")

    def children(self) -> list[psutil.Process]:
        """Web, worker and beat."""
        book = json.loads((self.var / "up.json").read_text())
        return [psutil.Process(leader) for leader, _ in book["groups"]]

    def status(self, path: str) -> int:
        """The status of an answer; 0 when there is none."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    def server_pid(self, name: str) -> int:
        file = {"postgres": "postgres/postmaster.pid", "valkey": "valkey/valkey.pid"}[name]
        return int((self.var / file).read_text().split()[0])


@contextmanager
def running(var: Path, **env: str) -> Iterator[Up]:
    """An `up` that has said it runs; ended for certain afterwards."""
    up = Up(var, free_port(), **env)
    try:
        up.wait_for(r"Zanjar runs at http://127\.0\.0\.1:\d+ +\(ready after", START_SECONDS)
        yield up
    finally:
        if up.process.poll() is None:
            up.process.terminate()
        up.process.wait(60)


def soon(true: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not true():
        time.sleep(0.1)
    return true()


def test_it_answers_when_it_says_so_and_a_signal_ends_every_process(var: Path) -> None:
    with running(var) as up:
        assert up.status("/health/ready") == 200
        tree = [
            psutil.Process(up.server_pid("postgres")),
            psutil.Process(up.server_pid("valkey")),
            *up.children(),
        ]
        assert len(tree) == 5
        up.process.send_signal(signal.SIGINT)
        up.wait_for(r"^up +\| stopped")
        assert up.process.wait(30) == 0
        assert soon(lambda: not any(process.is_running() for process in tree))


def test_the_second_start_takes_seconds(var: Path) -> None:
    with running(var) as up:
        (line,) = (line for line in up.lines if "ready after" in line)
        seconds = float(re.findall(r"ready after ([\d.]+) s", line)[0])
        assert not any("migrations applied" in line or "static files" in line for line in up.lines)
        assert seconds < 60  # a few on a machine that does nothing else


def test_a_child_that_dies_is_started_again_and_the_log_says_so(var: Path) -> None:
    with running(var) as up:
        web = up.children()[0]
        web.kill()
        up.wait_for(r"up +\| web ended \(killed by SIGKILL\); starting it again in 1 s")
        assert soon(lambda: up.status("/health/ready") == 200)
        assert up.children()[0].pid != web.pid


@pytest.mark.parametrize(("server", "name"), [("postgres", "PostgreSQL"), ("valkey", "Valkey")])
def test_a_server_that_is_killed_comes_back_and_the_site_recovers(var: Path, server: str, name: str) -> None:
    with running(var) as up:
        os.kill(up.server_pid(server), signal.SIGKILL)
        up.wait_for(rf"up +\| {name} had ended; it runs again")
        assert soon(lambda: up.status("/health/ready") == 200)


def test_kill_9_of_the_supervisor_leaves_no_worker_and_the_next_start_recovers(var: Path) -> None:
    with running(var) as up:
        children = up.children()
        up.process.kill()
        assert soon(lambda: not any(child.is_running() for child in children)), "they end with their parent"
    with running(var) as again:
        assert again.status("/health/ready") == 200


def test_kill_9_of_everything_at_once_is_recovered(var: Path) -> None:
    with running(var) as up:
        everything = [up.process.pid, *(child.pid for child in up.children())]
        everything += [up.server_pid("postgres"), up.server_pid("valkey")]
        for pid in everything:
            os.kill(pid, signal.SIGKILL)
        up.process.wait(10)
    with running(var) as again:
        assert again.status("/health/ready") == 200


def test_a_taken_port_is_said_at_once_with_its_owner_and_the_way_out(var: Path) -> None:
    with running(var) as up, TemporaryDirectory(prefix="zanjar-up-") as other:
        second = Up(Path(other), up.port)
        second.wait_for(
            rf"Port {up.port} is taken by process {up.process.pid} .*make run PORT={up.port + 1}", 30
        )
        assert second.process.wait(30) == 1


def test_a_second_one_on_the_same_data_is_refused(var: Path) -> None:
    with running(var) as up:
        second = Up(var, free_port())
        second.wait_for(rf"already runs from .*process {up.process.pid}, http://127\.0\.0\.1:{up.port}")
        assert second.process.wait(30) == 1


def test_a_command_works_beside_it_and_does_not_stop_its_servers(var: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", "showmigrations", "accounts"]
    with running(var) as up:
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=clean | {"VAR_DIR": str(var)}, capture_output=True, text=True
        )
        assert "[X] 0001" in done.stdout, done.stderr
        assert up.status("/health/ready") == 200
    alone = subprocess.run(
        command, cwd=settings.BASE_DIR, env=clean | {"VAR_DIR": str(var)}, capture_output=True, text=True
    )
    assert "[X] 0001" in alone.stdout, alone.stderr
    assert not (var / "postgres" / "postmaster.pid").exists(), "it stopped what it had started"
