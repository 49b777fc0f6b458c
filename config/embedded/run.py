"""What both servers need: a child that outlives its parent, a safe look at a process id, a way to stop it."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

# Kept so that a server started here is reaped when it ends while we live.
_started: list[subprocess.Popen[bytes]] = []


class ServerError(Exception):
    """An embedded server cannot be started or stopped; the sentence says why and what to do."""


def launch(
    command: Sequence[str], *, log: Path, cwd: Path, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that neither Ctrl-C nor our end reaches it."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            start_new_session=True,
            **identity(user),
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"},
        )
    _started.append(process)
    return process


def identity(user: str | None) -> dict[str, Any]:
    """The arguments that make a child run as `user`, and with none of our groups: ours if it is None."""
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def reap() -> None:
    """Collect servers of ours that have ended, so that their process ids are free."""
    _started[:] = [process for process in _started if process.poll() is None]


def find(pid: int | None, mark: str) -> psutil.Process | None:
    """The live process `pid`, if `mark` stands in its command line: a number alone may be somebody else's by now."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        words = process.cmdline()
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if alive and any(mark in word for word in words) else None


def wait_until(true: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Whether `true` came true within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(step)
    return true()


def has_ended(process: psutil.Process) -> bool:
    """Whether it runs no more. One whose parent, another process of ours, has not reaped it yet has ended too."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(process: psutil.Process, first: signal.Signals, seconds: float = 20) -> None:
    """Ask `process` to stop with the signal `first`; kill it and its children when it does not in time."""
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.send_signal(first)
        if not wait_until(lambda: has_ended(process), seconds):
            for each in family:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            wait_until(lambda: all(has_ended(each) for each in family), 5)
    reap()


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
