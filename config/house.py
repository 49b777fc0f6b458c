"""Opens the house: servers, tables, files, processes, and the words on the screen when it really answers."""

import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import psutil
from django.conf import settings
from django.db import connections

from config import demonstration, preparation
from config.ask import web_is_ready
from config.embedded import Hold
from config.port import PortTaken, listen
from config.supervisor import Child, Supervisor, end_leftovers, say

ANSWER_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `up`."""

    port: int
    bind: str
    workers: int
    demo: bool


class House:
    """One running Zanjar."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.began = time.monotonic()
        self.hold = Hold(settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER)
        self.book = settings.VAR_DIR / "up.json"
        self.children: list[Child] = []

    @property
    def address(self) -> str:
        """Where people find it: BASE_URL when that is set, else what we listen on."""
        if "BASE_URL" in os.environ:
            return str(settings.BASE_URL)
        return f"http://{_local(self.wishes.bind)}:{self.wishes.port}"

    def run(self) -> None:
        """Open, stay open until told to stop, close."""
        signal.signal(signal.SIGTERM, _interrupt)
        with ExitStack() as stack:
            stack.enter_context(self._alone())
            listener = stack.enter_context(self._listener())
            stack.callback(self.hold.drop)
            self._prepare()
            connections.close_all()
            supervisor = Supervisor(self._children(listener.fileno()), self.hold.heal)
            signal.signal(signal.SIGTERM, supervisor.stop_soon)
            signal.signal(signal.SIGINT, supervisor.stop_soon)
            supervisor.run(lambda: self._announce(supervisor))
        say("up", "stopped")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One house per VAR_DIR; what a killed one left behind is ended first."""
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / "up.lock").open("w") as lock:
            self._lock(lock)
            left = json.loads(self.book.read_text()) if self.book.exists() else {"groups": []}
            if end_leftovers([(leader, created) for leader, created in left["groups"]]):
                say("up", "ended the processes that an earlier, killed start had left")
            self._write_book([])
            yield
            self.book.unlink(missing_ok=True)

    def _lock(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = json.loads(self.book.read_text()) if self.book.exists() else {}
            raise PortTaken(
                f"Zanjar already runs from {settings.VAR_DIR} "
                f"(process {other.get('pid', '?')}, {other.get('address', 'starting')}). "
                "Stop it, or choose other data: make run VAR_DIR=..."
            ) from error

    def _write_book(self, groups: list[tuple[int, float]]) -> None:
        """Who we are and what we started, for the next start."""
        facts = {"pid": os.getpid(), "address": self.address, "groups": groups}
        half = self.book.with_suffix(".new")
        half.write_text(json.dumps(facts))
        half.replace(self.book)

    def _listener(self) -> socket.socket:
        return listen(self.wishes.bind, self.wishes.port)

    def _prepare(self) -> None:
        """Servers, tables, translations, static files, demo data: each said only when there was something to do."""
        for name in self.hold.take():
            say("up", f"{name} started")
        if count := preparation.migrate():
            say("up", f"{count} migrations applied")
        if count := preparation.compile_translations():
            say("up", f"{count} translation files compiled")
        if preparation.collect_static_files():
            say("up", "static files collected")
        if self.wishes.demo and demonstration.database_is_empty():
            say("up", "making the demo company (once)")
            demonstration.make_demo()

    def _children(self, descriptor: int) -> list[Child]:
        """The processes of the tree, the web first."""
        env = {"PORT": str(self.wishes.port), "PYTHONUNBUFFERED": "1"}
        env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(settings.BASE_DIR)}
        web = {"LISTEN_FD": str(descriptor)}
        names = ["web"] if self.wishes.workers < 2 else [f"web-{n + 1}" for n in range(self.wishes.workers)]
        children = [
            Child(
                name, [sys.executable, "-m", "config.web"], env | web, pass_fds=(descriptor,), note=self._note
            )
            for name in names
        ]
        for name in ("worker", "beat"):
            children.append(Child(name, [sys.executable, "-m", "config.jobs", name], env, note=self._note))
        self.children = children
        return children

    def _note(self) -> None:
        """Write down what runs, each time a process was started."""
        groups = []
        for child in self.children:
            if child.process is not None and psutil.pid_exists(child.process.pid):
                groups.append((child.process.pid, psutil.Process(child.process.pid).create_time()))
        self._write_book(groups)

    def _announce(self, supervisor: Supervisor) -> None:
        """Say the address and the demo logins once the site really answers."""
        host, port = _local(self.wishes.bind), self.wishes.port
        end = time.monotonic() + ANSWER_SECONDS
        while not supervisor.stops:
            if web_is_ready(host, port):
                for line in self._welcome():
                    say("up", line)
                return
            if time.monotonic() > end:
                say("up", f"{host}:{port} is not ready yet; the lines above should say why")
                end = time.monotonic() + ANSWER_SECONDS
            time.sleep(0.1)

    def _welcome(self) -> list[str]:
        """The last lines of a start."""
        lines = ["", f"Zanjar runs at {self.address}   (ready after {time.monotonic() - self.began:.1f} s)"]
        try:
            lines += demonstration.demo_logins()
        finally:
            connections.close_all()
        return [*lines, "Ctrl-C stops everything.", ""]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _local(bind: str) -> str:
    """How this machine reaches itself when it listens on `bind`."""
    any_address = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return any_address.get(bind, f"[{bind}]" if ":" in bind else bind)
