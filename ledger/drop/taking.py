"""Looks into the folders and imports what is complete. Any number of workers may look at the same time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.events import emit
from accounts.models import LegalEntity
from ledger.choices import BatchSource
from ledger.drop import folder
from ledger.drop.folder import Claim, DropError
from ledger.drop.report import put_away
from ledger.intake.archive import is_archive, members
from ledger.intake.batch import import_file
from ledger.intake.documents import Unreadable
from ledger.intake.job import Job
from ledger.intake.keeping import digest, note_unreadable
from ledger.intake.results import FileResult
from ledger.models import ImportBatch

log = logging.getLogger(__name__)
# In the place of the digest of what was not opened.
NOT_READ = hashlib.sha256().hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that was put into the folder: of which legal entity, what came of it, and where it lies now."""

    entity: LegalEntity
    name: str
    results: list[FileResult]
    path: Path

    @property
    def exit_code(self) -> int:
        """As that of `intake`: 0 all in, 1 some rows rejected, 2 unreadable."""
        return max((result.exit_code for result in self.results), default=2)

    def as_json(self) -> dict[str, Any]:
        """The shape of DESIGN.md section 5."""
        return report_of(self.results) | {"moved_to": str(self.path)}


def look(*, at: datetime) -> Iterator[Taken]:
    """Import every complete file of every legal entity. Raises DropError when the folders cannot be used."""
    problems = []
    for entity in LegalEntity.objects.order_by("code"):
        try:
            yield from _look_into(entity, at)
        except DropError as error:
            problems.append(str(error))
    if problems:
        raise DropError(" ".join(problems))


def report_of(results: list[FileResult]) -> dict[str, Any]:
    """The report of the command for these files."""
    return {
        "files": [result.as_json() for result in results],
        "dry_run": False,
        "notices": [notice for result in results for notice in result.notices_json()],
    }


def _look_into(entity: LegalEntity, at: datetime) -> Iterator[Taken]:
    box = folder.open_box(settings.DROP_DIR, entity.code)
    try:
        for home in folder.left_behind(box):
            with folder.taken_up(box, home) as claim:
                yield from _take(claim, entity, at)
        for path in folder.incoming(box, at):
            with folder.claimed(box, path) as claim:
                yield from _take(claim, entity, at)
    except OSError as error:
        raise DropError(folder.why_not(box, error)) from error


def _take(claim: Claim | None, entity: LegalEntity, at: datetime) -> Iterator[Taken]:
    """Import the file, put it away with its report, and say so when something is wrong with it."""
    if claim is None:
        return
    with translation.override(entity.language):
        before = folder.touched(claim.path)
        results = list(_results(claim, entity, at))
        if folder.touched(claim.path) != before and folder.give_back(claim):
            log.warning("%s was still being written; it is looked at again.", claim.name)
            return
        code = max((result.exit_code for result in results), default=2)
        target = folder.place_for(claim, good=code == 0, day=_day(entity, at))
        path = put_away(claim, target, results, report_of(results))
        if code:
            _alarm(claim, entity, at, results)
    yield Taken(entity, claim.name, results, path)


def _results(claim: Claim, entity: LegalEntity, at: datetime) -> Iterator[FileResult]:
    """The file, or every file of an archive."""
    if not folder.is_plain(claim.path):
        yield _refused(claim.name, entity, at, Unreadable("not_a_plain_file"))
        return
    if claim.tries > folder.MOST_TRIES:
        yield _refused(claim.name, entity, at, Unreadable("drop_gave_up", tries=folder.MOST_TRIES))
        return
    try:
        if not is_archive(claim.path):
            yield import_file(_job(claim.path, claim.name, entity, at))
            return
        for member in members(claim.path):
            label = f"{claim.name}/{member.name}"
            if member.error:
                yield _refused(label, entity, at, member.error)
            else:
                yield import_file(_job(member.path, label, entity, at))
    except Unreadable as error:
        yield _refused(claim.name, entity, at, error)


def _refused(label: str, entity: LegalEntity, at: datetime, error: Unreadable) -> FileResult:
    """A file that is not even opened; it is listed among the imports all the same."""
    result = FileResult(path=label, error=error)
    note_unreadable(_job(Path(label), label, entity, at, sha256=NOT_READ), result)
    return result


def _job(path: Path, label: str, entity: LegalEntity, at: datetime, sha256: str = "") -> Job:
    batch = ImportBatch(
        entity=entity,
        file_name=label[-500:],
        sha256=sha256 or digest(path),
        source=BatchSource.DROP,
        started_at=at,
    )
    return Job(path=path, entity=entity, at=at, day=_day(entity, at), name=label, batch=batch)


def _day(entity: LegalEntity, at: datetime) -> date:
    return at.astimezone(ZoneInfo(entity.time_zone)).date()


@transaction.atomic
def _alarm(claim: Claim, entity: LegalEntity, at: datetime, results: list[FileResult]) -> None:
    """An event, so that somebody hears of it; the import itself is in the list of imports."""
    for result in results:
        if result.exit_code and result.batch_id:
            emit(
                stream="import",
                object_id=result.batch_id,
                entity_id=entity.pk,
                kind="drop.failed",
                actor=None,
                at=at,
                data={"file": claim.name, "rejected": result.rejected, "unreadable": bool(result.error)},
            )
    log.warning("%s of %s did not come in wholly; see its report.", claim.name, entity.code)
