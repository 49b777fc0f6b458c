"""The folders on disk: which files are complete, claiming one, and putting it away. No database here.

    DROP_DIR/CODE/                 files are put here
    DROP_DIR/CODE/processing/      what is being imported, each file in a folder of its own with a lock
    DROP_DIR/CODE/done/2026-03-16/ what is wholly in, each file with its report
    DROP_DIR/CODE/failed/          what could not be read, or not wholly; with report and rejected rows

A file is claimed by a rename, which only one worker can do, into a folder whose lock that worker holds until the file
is put away. A worker that dies loses its locks: what it left in processing/ is taken up by the next look.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path

from django.utils.translation import gettext as _

PROCESSING, DONE, FAILED = "processing", "done", "failed"
LOCK, TRIES = ".lock", ".tries"
# A file that took so many workers with it is not tried again.
MOST_TRIES = 3
LONGEST_NAME = 200
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload", ".swp", "~")
# A file that nobody touched for so long is complete. Every write and every rename counts as a touch.
SETTLED_SECONDS = 10


class DropError(Exception):
    """The folders cannot be used. The text says which one, and what to do."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that is ours: `home` is its own folder in processing/, `path` the file in it."""

    box: Path
    home: Path
    path: Path

    @property
    def tries(self) -> int:
        """How often the file was taken up, this time included."""
        return (self.home / TRIES).stat().st_size

    @property
    def name(self) -> str:
        """What the file is called, fit to be stored and shown."""
        return readable(self.path.name)


def readable(name: str) -> str:
    """A file name without bytes that are no UTF-8 and without control characters."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def open_box(root: Path, code: str) -> Path:
    """The folder of a legal entity with all that belongs to it, made when it is not there. Raises DropError."""
    box = root / code
    for folder in (root, box, box / PROCESSING, box / DONE, box / FAILED):
        try:
            folder.mkdir(parents=folder == root, exist_ok=True)
            if folder != root:
                _refuse_link(folder)
        except OSError as error:
            raise DropError(why_not(folder, error)) from error
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise DropError(
                _(
                    "%(folder)s cannot be written by the user that runs the worker (%(user)s). Give it the right."
                )
                % {"folder": folder, "user": os.geteuid()}
            )
    return box


def why_not(folder: Path, error: OSError) -> str:
    """Why a folder cannot be used, in words."""
    return _("The folder %(folder)s cannot be used: %(why)s.") % {
        "folder": folder,
        "why": error.strerror or error,
    }


def incoming(box: Path, at: datetime) -> Iterator[Path]:
    """What lies in the folder and is complete, oldest first. Links are among them, to be refused."""
    found = []
    for entry in os.scandir(box):
        name = entry.name
        if name.startswith(".") or name.lower().endswith(UNFINISHED) or entry.is_dir(follow_symlinks=False):
            continue
        with suppress(FileNotFoundError):
            facts = entry.stat(follow_symlinks=False)
            if at.timestamp() - max(facts.st_mtime, facts.st_ctime) >= SETTLED_SECONDS:
                found.append((facts.st_mtime, name))
    return (box / name for _mtime, name in sorted(found))


@contextmanager
def claimed(box: Path, path: Path) -> Iterator[Claim | None]:
    """The file as ours while the context lasts; None when another worker was quicker."""
    home = box / PROCESSING / uuid.uuid4().hex
    home.mkdir()
    with _locked(home) as ours:
        try:
            path.rename(home / path.name)
        except FileNotFoundError:
            ours = False
        yield _tried(Claim(box, home, home / path.name)) if ours else None
        _clear(home)


def left_behind(box: Path) -> list[Path]:
    """The folders in processing/, of workers alive and dead, oldest first."""
    homes = [entry for entry in os.scandir(box / PROCESSING) if entry.is_dir(follow_symlinks=False)]
    return [Path(entry.path) for entry in sorted(homes, key=lambda e: (e.stat().st_mtime, e.name))]


@contextmanager
def taken_up(box: Path, home: Path) -> Iterator[Claim | None]:
    """A file that a dead worker left, as ours; None while its worker lives, and when nothing is in it."""
    if not home.exists():
        yield None
        return
    with _locked(home) as ours:
        files = sorted(p for p in home.iterdir() if not p.name.startswith(".")) if ours else []
        yield _tried(Claim(box, home, files[0])) if files else None
        if ours:
            _clear(home)


def is_plain(path: Path) -> bool:
    """Whether it is a file: no link, no pipe, no device."""
    return stat.S_ISREG(path.lstat().st_mode)


def touched(path: Path) -> tuple[int, int]:
    """Changes when somebody writes to the file."""
    facts = path.lstat()
    return facts.st_size, facts.st_mtime_ns


def place_for(claim: Claim, *, good: bool, day: date) -> Path:
    """The folder in which the file ends."""
    folder = claim.box / DONE / day.isoformat() if good else claim.box / FAILED
    folder.mkdir(exist_ok=True)
    _refuse_link(folder)
    return folder


def free_names(name: str) -> Iterator[str]:
    """The name, then `name-2.csv`, `name-3.csv` and so on; short enough for what is put beside it."""
    stem, dot, suffix = name.partition(".")
    if len(os.fsencode(name)) > LONGEST_NAME:
        suffix = suffix[-20:]
        stem = os.fsdecode(os.fsencode(stem)[: LONGEST_NAME - len(os.fsencode(suffix)) - 8])
    yield f"{stem}{dot}{suffix}"
    for number in count(2):
        yield f"{stem}-{number}{dot}{suffix}"


def give_back(claim: Claim) -> bool:
    """Put the file back where it was put, to be looked at again; False when its name is taken there meanwhile."""
    try:
        os.link(claim.path, claim.box / claim.path.name, follow_symlinks=False)
    except OSError:
        return False
    claim.path.unlink()
    return True


@contextmanager
def _locked(home: Path) -> Iterator[bool]:
    """Whether the folder is ours. The lock goes with the process that holds it."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = True
    except BlockingIOError:
        ours = False
    try:
        yield ours
    finally:
        os.close(descriptor)


def _tried(claim: Claim) -> Claim:
    """Note that the file is taken up once more, before anything can go wrong."""
    with (claim.home / TRIES).open("ab") as tries:
        tries.write(b".")
    return claim


def _refuse_link(folder: Path) -> None:
    """Nothing is read or written through a link that somebody put in the place of a folder."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise DropError(_("%(folder)s is a link. Put a folder in its place.") % {"folder": folder})


def _clear(home: Path) -> None:
    """Take the folder away once its file is put away."""
    if all(entry.name.startswith(".") for entry in os.scandir(home)):
        shutil.rmtree(home, ignore_errors=True)
