"""Takes many paths into the ledger: folders are walked, each file goes to the entity it belongs to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import LegalEntity, User
from ledger.answers.take_answers import entity_of_answer
from ledger.bank.booking import entity_of_file
from ledger.intake.archive import is_archive, members
from ledger.intake.batch import import_file
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.einvoices import NAMES, read_einvoices
from ledger.intake.formats import format_of
from ledger.intake.job import Job
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult
from ledger.intake.sellers import entity_by_seller


class NoEntity(Exception):
    """The command cannot know which legal entity is meant. Its text is for the person at the terminal."""


@dataclass(slots=True)
class RunResult:
    """What happened to all files of one command."""

    files: list[FileResult] = field(default_factory=list)
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """The worst of the files: 2 unreadable, 1 some rejected, 0 all in."""
        return max((result.exit_code for result in self.files), default=2)

    def as_json(self) -> dict[str, Any]:
        """The shape of DESIGN.md section 5, with what is worth a word beside it."""
        return {
            "files": [result.as_json() for result in self.files],
            "dry_run": self.dry_run,
            "notices": [notice for result in self.files for notice in result.notices_json()],
        }


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked for, for every file of the command."""

    entity: LegalEntity | None
    how: HowToRead
    at: datetime
    by: User | None
    dry_run: bool


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files to read: folders are walked in order of names, hidden files left out."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            found += [
                p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts)
            ]
        else:
            found.append(path)
    return found


def run_intake(
    *,
    paths: Iterable[Path],
    how: HowToRead,
    at: datetime,
    entity_code: str = "",
    dry_run: bool = False,
    by: User | None = None,
) -> RunResult:
    """Import every file. A dry run does the same in one transaction and takes it back. Raises NoEntity."""
    entity = chosen_entity(entity_code)
    wish = _Wish(entity, how, at, by, dry_run)
    run = RunResult(dry_run=dry_run)
    files = files_of(paths)
    if not dry_run:
        run.files = [result for path in files for result in _results(path, wish)]
        return run
    with transaction.atomic():
        run.files = [result for path in files for result in _results(path, wish)]
        transaction.set_rollback(True)
    return run


def chosen_entity(code: str) -> LegalEntity | None:
    """The entity named, or the only one there is; None when the files must tell. Raises NoEntity."""
    entities = list(LegalEntity.objects.order_by("code"))
    codes = ", ".join(entity.code for entity in entities)
    if code:
        named = next((entity for entity in entities if entity.code.lower() == code.lower()), None)
        if named is None:
            raise NoEntity(f"There is no legal entity {code}. Known: {codes or 'none; open one first'}.")
        return named
    if not entities:
        raise NoEntity("There is no legal entity yet. Open one in the settings, or load the demo company.")
    return entities[0] if len(entities) == 1 else None


def _results(path: Path, wish: _Wish) -> Iterator[FileResult]:
    """The file, or every file of an archive under `archive.zip/member`."""
    try:
        if not is_archive(path):
            yield _one(path, str(path), wish)
            return
        for member in members(path):
            label = f"{path}/{member.name}"
            if member.error:
                yield FileResult(path=label, error=member.error)
            else:
                yield _one(member.path, label, wish)
    except Unreadable as error:
        yield FileResult(path=str(path), error=error)


def _one(path: Path, label: str, wish: _Wish) -> FileResult:
    try:
        owner = wish.entity or _owner(path, wish.how)
    except Unreadable as error:
        return FileResult(path=label, error=error)
    day = wish.at.astimezone(ZoneInfo(owner.time_zone)).date()
    return import_file(
        Job(path, owner, wish.at, day, how=wish.how, by=wish.by, name=label, rehearsal=wish.dry_run)
    )


def _owner(path: Path, how: HowToRead) -> LegalEntity:
    """The entity that issued the e-invoice, or whose account it is. Raises Unreadable when the file does not tell."""
    holder = entity_of_file(path, how.format) or entity_of_answer(path, how.format)
    if holder:
        return holder
    found_format = format_of(path, how.format).name
    if found_format in NAMES:
        for document in read_einvoices(path, found_format, NoticeBook()).chunk.documents:
            found = entity_by_seller(document.seller)
            if found:
                return found
    raise Unreadable("entity_unclear")
