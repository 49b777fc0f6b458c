"""Keeps the row of an import: opened, its rejects, its notices, closed. Every kind of file uses the same."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from accounts.events import emit
from ledger.choices import BatchStatus
from ledger.intake.documents import Notice, Reject, Unreadable
from ledger.intake.job import Job
from ledger.intake.results import FileResult, Listed, money_text
from ledger.models import ImportBatch, MappingProfile, RejectedRow

COUNTS = ("documents", "created", "updated", "unchanged", "rejected")


def open_batch(
    job: Job, *, format: str, profile: MappingProfile | None = None, mapping: dict[str, Any] | None = None
) -> ImportBatch:
    """The row of this import, running: the upload's own, or a new one."""
    batch = job.batch or ImportBatch(
        entity=job.entity,
        file_name=job.file_name,
        sha256=digest(job.path),
        by=job.by,
        started_at=job.at,
    )
    batch.format, batch.profile, batch.status = format, profile, BatchStatus.RUNNING
    batch.mapping, batch.preview, batch.notices = mapping or {}, {}, []
    batch.error, batch.error_facts = "", {}
    batch.save()
    batch.rejects.all().delete()
    return batch


def keep_rejects(
    batch: ImportBatch, header: Sequence[str], rejects: Iterable[Reject], result: FileResult
) -> None:
    """Keep every reject with what its row said, and count it."""
    rows = []
    for reject in rejects:
        result.list_reject(Listed(reject.line, reject.column, reject.code, reject.params))
        extra = (f"+{number}" for number in range(1, 1 + max(0, len(reject.raw) - len(header))))
        names = [*header, *extra]
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


def close_batch(job: Job, batch: ImportBatch, result: FileResult, **said: Any) -> None:
    """Write the outcome into the row and say that the import is finished; `said` goes into the event."""
    result.rejects.sort(key=lambda listed: listed.line)
    summary = {name: getattr(result, name) for name in COUNTS}
    for name, value in summary.items():
        setattr(batch, name, value)
    batch.totals = {currency: money_text(total) for currency, total in result.totals.items()}
    batch.status = BatchStatus.PARTLY if result.rejects else BatchStatus.DONE
    batch.notices = notices_as_data(result.notices)
    batch.statements = result.statements
    batch.finished_at = job.at
    batch.save()
    tell(job, batch, "import.finished", {"file": batch.file_name, **said, **summary})


def tell(job: Job, batch: ImportBatch, kind: str, data: dict[str, Any]) -> None:
    """An event in the import's stream."""
    emit(
        stream="import",
        object_id=batch.pk,
        entity_id=job.entity.pk,
        kind=kind,
        actor=job.by,
        at=job.at,
        data=data,
    )


def note_unreadable(job: Job, result: FileResult) -> None:
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
    batch.error_facts = error_as_data(error)
    batch.save()
    result.batch_id = batch.pk


def pieces(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The rows in lists of at most `size`."""
    source = iter(rows)
    while piece := list(islice(source, size)):
        yield piece


def notices_as_data(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """The notices as plain JSON, to be put in words when read."""
    return [
        {"code": notice.code, "line": notice.line, "count": notice.count, "params": dict(notice.params)}
        for notice in notices
    ]


def error_as_data(error: Unreadable) -> dict[str, Any]:
    """Where and why a file could not be read, as plain JSON."""
    return {"line": error.line, "column": error.column, "params": dict(error.params)}


def digest(path: Path) -> str:
    """SHA-256 of the file as it is, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
