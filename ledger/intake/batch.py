"""Takes one file into the ledger: read, stage, decide, write, in one transaction."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction

from accounts.events import emit
from accounts.models import LegalEntity, User
from ledger.choices import BatchStatus
from ledger.intake import match, write
from ledger.intake.documents import Reject, Unreadable
from ledger.intake.profiles import keep_profile
from ledger.intake.reading import HowToRead, Reading, open_reading
from ledger.intake.results import FileResult, Listed, money_text
from ledger.intake.sellers import Sellers
from ledger.intake.settle import settle
from ledger.intake.stage import SEPARATOR, Stage
from ledger.models import ImportBatch, RejectedRow

CHANGES_PER_EVENT = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One file and where it goes. `at` is the moment, `day` the entity's day; `batch` a row made before (upload)."""

    path: Path
    entity: LegalEntity
    at: datetime
    day: date
    how: HowToRead = field(default_factory=HowToRead)
    by: User | None = None
    name: str = ""
    batch: ImportBatch | None = None
    progress: Progress | None = None

    @property
    def label(self) -> str:
        """The file's name as people know it."""
        return self.name or str(self.path)

    @property
    def file_name(self) -> str:
        """The label without its folders."""
        return Path(self.label).name[-500:]


def import_file(job: Job) -> FileResult:
    """Read the file into the ledger. An unreadable file comes back as a result with `error`; nothing of it is in."""
    result = FileResult(path=job.label)
    try:
        with transaction.atomic():
            _import(job, result)
    except Unreadable as error:
        result = FileResult(path=job.label, format=result.format, error=error)
        _note_unreadable(job, result)
    except (DataError, IntegrityError) as error:
        detail = str(error).splitlines()[0]
        result = FileResult(
            path=job.label, format=result.format, error=Unreadable("not_accepted", detail=detail)
        )
        _note_unreadable(job, result)
    return result


def rehearse(jobs: list[Job]) -> list[FileResult]:
    """Import the files one after the other, report, and take everything back: nothing is written."""
    with transaction.atomic():
        results = [import_file(job) for job in jobs]
        transaction.set_rollback(True)
    return results


def _import(job: Job, result: FileResult) -> None:
    reading = open_reading(job.path, job.entity, job.how, job.day)
    result.format = reading.format
    write.lock_entity(job.entity.pk)
    batch = _batch(job, reading)
    result.batch_id = batch.pk
    stage, sellers = Stage(), Sellers(job.entity, reading.notices)
    seen = 0
    for chunk in reading.chunks():
        stage.add(sellers.ours(chunk))
        _keep_rejects(batch, reading, chunk.rejects, result)
        seen += len(chunk.documents) + len(chunk.rejects)
        if job.progress:
            job.progress(seen, reading.rows)
    stage.close()
    _write(job, batch, reading, result)
    _finish(job, batch, reading, result)


def _write(job: Job, batch: ImportBatch, reading: Reading, result: FileResult) -> None:
    """Match, decide and write what was staged, and count it."""
    entity = job.entity
    terms = int(entity.settings.get("default_terms_days", write.DEFAULT_TERMS))
    target = write.Target(entity.pk, batch.pk, terms, job.at, job.day)
    unknown = match.find_customers(entity_id=entity.pk, language=entity.language, at=job.at)
    assumed = write.write_documents(target)
    result.payments = settle(target)
    if unknown:
        reading.notices.add("salesperson_unknown", 0, unknown)
    if assumed:
        reading.notices.add("due_assumed", 0, assumed, days=terms)
    counts = write.counts()
    result.created, result.updated = (counts.get(name, (0, 0))[0] for name in ("created", "updated"))
    repeated, first = counts.get("same_in_file", (0, 0))
    result.unchanged = counts.get("unchanged", (0, 0))[0] + repeated
    if repeated:
        reading.notices.add("same_in_file", first, repeated)
    refused = (
        Reject(line, code, "", params, tuple(raw.split(SEPARATOR)))
        for line, code, params, raw in write.refused()
    )
    for piece in _pieces(refused, write.PIECE):
        _keep_rejects(batch, reading, piece, result)
    result.totals = write.totals()
    result.notices = list(reading.notices)


def _finish(job: Job, batch: ImportBatch, reading: Reading, result: FileResult) -> None:
    """Close the batch, say so, and remember how the file was read."""
    result.rejects.sort(key=lambda listed: listed.line)
    if reading.mapping and reading.scan and not reading.profile and result.documents > result.rejected:
        batch.profile = keep_profile(
            entity=job.entity, header=reading.header, mapping=reading.mapping, file_name=job.label, at=job.at
        )
    summary = {
        name: getattr(result, name) for name in ("documents", "created", "updated", "unchanged", "rejected")
    }
    for name, value in summary.items():
        setattr(batch, name, value)
    batch.totals = {currency: money_text(total) for currency, total in result.totals.items()}
    batch.status = BatchStatus.PARTLY if result.rejected else BatchStatus.DONE
    batch.mapping["notices"] = notices_as_data(result)
    batch.finished_at = job.at
    batch.save()
    for changes in _pieces(write.changes(), CHANGES_PER_EVENT):
        _emit(job, batch, "import.changed", {"changes": changes})
    _emit(job, batch, "import.finished", {"file": batch.file_name, "payments": result.payments, **summary})


def _emit(job: Job, batch: ImportBatch, kind: str, data: dict[str, Any]) -> None:
    emit(
        stream="import",
        object_id=batch.pk,
        entity_id=job.entity.pk,
        kind=kind,
        actor=job.by,
        at=job.at,
        data=data,
    )


def _pieces(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The rows in lists of at most `size`."""
    source = iter(rows)
    while piece := list(islice(source, size)):
        yield piece


def notices_as_data(result: FileResult) -> list[dict[str, Any]]:
    """The notices as plain JSON, to be put in words when read."""
    return [
        {"code": notice.code, "line": notice.line, "count": notice.count, "params": dict(notice.params)}
        for notice in result.notices
    ]


def _batch(job: Job, reading: Reading) -> ImportBatch:
    batch = job.batch or ImportBatch(
        entity=job.entity,
        file_name=job.file_name,
        sha256=digest(job.path),
        by=job.by,
        started_at=job.at,
    )
    batch.format, batch.profile, batch.status = reading.format, reading.profile, BatchStatus.RUNNING
    batch.mapping = (
        reading.mapping.as_json(reading.header) | {"header": list(reading.header)} if reading.mapping else {}
    )
    batch.error = ""
    batch.save()
    batch.rejects.all().delete()
    return batch


def _keep_rejects(batch: ImportBatch, reading: Reading, rejects: list[Reject], result: FileResult) -> None:
    """Keep every reject with what its row said."""
    rows = []
    for reject in rejects:
        result.list_reject(Listed(reject.line, reject.column, reject.code, reject.params))
        extra = (f"+{number}" for number in range(1, 1 + max(0, len(reject.raw) - len(reading.header))))
        names = [*reading.header, *extra]
        rows.append(
            RejectedRow(
                batch=batch,
                line=reject.line or None,
                column=reject.column[:120],
                code=reject.code,
                facts=dict(reject.params),
                raw=[
                    [name, cell.replace("\x00", "")[:2000]]
                    for name, cell in zip(names, reject.raw, strict=False)
                ],
            )
        )
    RejectedRow.objects.bulk_create(rows, batch_size=1000)


def _note_unreadable(job: Job, result: FileResult) -> None:
    """Keep that the file came and could not be read."""
    error = result.error
    if error is None or error.code in {"no_such_file", "not_permitted"}:
        return
    batch = job.batch or ImportBatch(
        entity=job.entity, file_name=job.file_name, sha256="", by=job.by, started_at=job.at
    )
    with suppress(Unreadable):
        batch.sha256 = batch.sha256 or digest(job.path)
    batch.status, batch.error, batch.finished_at = BatchStatus.UNREADABLE, error.code, job.at
    batch.mapping = {"error": {"line": error.line, "column": error.column, "params": dict(error.params)}}
    batch.save()
    result.batch_id = batch.pk


def digest(path: Path) -> str:
    """SHA-256 of the file as it is, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
