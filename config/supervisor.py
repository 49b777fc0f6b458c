"""Keeps the processes of `up` running as one tree with one log, and ends them together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

GRACE_SECONDS = 10
HEALTHY_AFTER_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30
TICK_SECONDS = 0.2
_printing = threading.Lock()


def say(who: str, line: str) -> None:
    """One line of the one log, with the name of who says it."""
    with _printing:
        sys.stdout.write(f"{who:<8}| {line}\n")
        sys.stdout.flush()


@dataclass
class Child:
    """One process of the tree: what to run, and what became of it."""

    name: str
    command: list[str]
    env: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    note: Callable[[], None] = lambda: None
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    pause: float = 1.0
    next_start: float = 0.0
    pumps: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start it as the leader of its own group (Ctrl-C reaches the supervisor alone) and pass on its lines."""
        self.process = subprocess.Popen(
            self.command,
            env=os.environ | self.env,
            pass_fds=self.pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.started_at = time.monotonic()
        pump = threading.Thread(target=self._pump, args=[self.process], daemon=True)
        pump.start()
        self.pumps = [pump]
        self.note()

    def _pump(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            say(self.name, line.rstrip())

    def look(self, now: float) -> None:
        """Restart it if it has died, after a pause that doubles while it keeps dying."""
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        if now - self.started_at > HEALTHY_AFTER_SECONDS:
            self.pause = 1.0
        say("up", f"{self.name} ended ({_ending(code)}); starting it again in {self.pause:.0f} s")
        self.signal(signal.SIGKILL)  # what it may have left of its group
        self.process, self.next_start = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_gone(self) -> bool:
        """Whether nothing of it runs."""
        return self.process is None or self.process.poll() is not None


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


class Supervisor:
    """Runs `children` until asked to stop; `heal` starts embedded servers again and names those it had to."""

    def __init__(self, children: list[Child], heal: Callable[[], list[str]]) -> None:
        self.children = children
        self.heal = heal
        self.stops = 0

    def stop_soon(self, *_: object) -> None:
        """Ask it to stop; asked twice, it does not wait. Fit for a signal handler."""
        self.stops += 1

    def run(self, on_start: Callable[[], None]) -> None:
        """Start everything, keep it running, return when everything has ended. `on_start` runs beside it."""
        for child in self.children:
            child.start()
        threading.Thread(target=on_start, daemon=True).start()
        try:
            while not self.stops:
                self._look()
                time.sleep(TICK_SECONDS)
        finally:
            self._end()

    def _look(self) -> None:
        for name in self.heal():
            say("up", f"{name} had ended; it runs again")
        for child in self.children:
            child.look(time.monotonic())

    def _end(self) -> None:
        """The last started ends first: no new jobs, then the running ones, then the pages."""
        say("up", "stopping")
        deadline = time.monotonic() + GRACE_SECONDS
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        while time.monotonic() < deadline and self.stops < 2:
            if all(child.is_gone() for child in self.children):
                break
            time.sleep(TICK_SECONDS / 4)
        for child in self.children:
            if not child.is_gone():
                say("up", f"{child.name} does not end; killing it")
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait(5)
            for pump in child.pumps:
                pump.join(1)


def end_leftovers(groups: list[tuple[int, float]]) -> int:
    """Kill process groups that an earlier, killed supervisor left: (leader, its start time). How many."""
    ended = 0
    for leader, created in groups:
        try:
            process = psutil.Process(leader)
            if abs(process.create_time() - created) > 1:
                continue
            os.killpg(leader, signal.SIGKILL)
            process.wait(5)
            ended += 1
        except (psutil.Error, ProcessLookupError, PermissionError):
            continue
    return ended
