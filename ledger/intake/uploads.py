"""Files that people upload: kept, rehearsed, shown, confirmed, imported. Each step is safe to repeat."""

import uuid
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from ledger.choices import BatchStatus
from ledger.errors import LedgerError
from ledger.intake.batch import import_file, rehearse
from ledger.intake.documents import Unreadable
from ledger.intake.job import Job
from ledger.intake.keeping import digest, error_as_data, notices_as_data
from ledger.intake.mapping import TableMapping, styled
from ledger.intake.profiles import mapping_for
from ledger.intake.reading import CSV, HowToRead
from ledger.intake.results import FileResult, money_text
from ledger.intake.scan import TableScan, scan
from ledger.intake.write import lock_entity
from ledger.models import ImportBatch

SAMPLES = 5
SHOWN_REJECTS = 50
INLINE_BYTES = 1 << 20
FOLDER = "imports"
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
PATIENCE = timedelta(minutes=10)


def path_of(batch: ImportBatch) -> Path:
    """Where the upload is kept."""
    return Path(settings.MEDIA_ROOT) / batch.stored_as


def is_small(batch: ImportBatch) -> bool:
    """Whether the file is quick enough to be read while the person waits."""
    return path_of(batch).stat().st_size <= INLINE_BYTES


def receive(*, entity: LegalEntity, upload: "UploadedFile[Any]", by: User, at: datetime) -> ImportBatch:
    """Keep the upload on disk, piece by piece, and note that it came."""
    stored = f"{FOLDER}/{uuid.uuid4().hex}"
    path = Path(settings.MEDIA_ROOT) / stored
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for piece in upload.chunks():
            target.write(piece)
    return ImportBatch.objects.create(
        entity=entity,
        file_name=Path(upload.name or "file").name[-500:].replace("\x00", ""),
        stored_as=stored,
        sha256=digest(path),
        status=BatchStatus.RECEIVED,
        by=by,
        started_at=at,
    )


def preview(*, batch_id: int, at: datetime, mapping: dict[str, Any] | None = None) -> ImportBatch:
    """Rehearse the import and keep what it would do. Only while nothing was written."""
    batch = ImportBatch.objects.select_related("entity").get(pk=batch_id)
    _must_be(batch, BatchStatus.RECEIVED, BatchStatus.PREVIEWED, BatchStatus.UNREADABLE)
    chosen = mapping if mapping is not None else {}
    result = rehearse([_job(batch, at, HowToRead(mapping=chosen))])[0]
    batch.format, batch.error = result.format, result.error.code if result.error else ""
    batch.preview, batch.notices = _shown(result), notices_as_data(result.notices)
    batch.mapping = _table(batch, chosen)
    for name in ("documents", "created", "updated", "unchanged", "rejected"):
        setattr(batch, name, getattr(result, name))
    batch.totals = {currency: money_text(total) for currency, total in result.totals.items()}
    batch.error_facts = error_as_data(result.error) if result.error else {}
    batch.status = BatchStatus.UNREADABLE if result.error else BatchStatus.PREVIEWED
    batch.save()
    return batch


def confirm(*, batch: ImportBatch) -> None:
    """Take the batch for import; the second of two clicks is refused."""
    ready = ImportBatch.objects.filter(pk=batch.pk, status=BatchStatus.PREVIEWED)
    if not ready.update(status=BatchStatus.RUNNING):
        raise LedgerError(_("This import was already confirmed or cancelled."), code="import_not_ready")
    cache.delete(_key(batch.pk))  # the rehearsal's progress is not the import's


def run(*, batch_id: int, at: datetime) -> FileResult | None:
    """Import a confirmed batch. Running it twice, or in two workers at once, imports once."""
    batch = ImportBatch.objects.select_related("entity", "by").get(pk=batch_id)
    with transaction.atomic():
        lock_entity(batch.entity_id)
        batch.refresh_from_db(fields=["status"])
        if batch.status != BatchStatus.RUNNING:
            return None
        mapping = batch.mapping if "columns" in batch.mapping else {}
        result = import_file(_job(batch, at, HowToRead(mapping=mapping), batch))
    cache.delete(_key(batch_id))
    return result


def import_now(*, batch_id: int, at: datetime, dry_run: bool) -> None:
    """Rehearse and, unless it is a dry run, confirm and import in one go. A second call changes nothing."""
    batch = preview(batch_id=batch_id, at=at)
    if dry_run or batch.status != BatchStatus.PREVIEWED:
        return
    confirm(batch=batch)
    run(batch_id=batch_id, at=at)


def cancel(*, batch: ImportBatch, by: User, at: datetime) -> None:
    """Put the upload away; nothing of it was written."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _must_be(batch, BatchStatus.RECEIVED, BatchStatus.PREVIEWED, BatchStatus.UNREADABLE)
        batch.status, batch.finished_at = BatchStatus.CANCELLED, at
        batch.save(update_fields=["status", "finished_at"])
        emit(
            stream="import",
            object_id=batch.pk,
            entity_id=batch.entity_id,
            kind="import.cancelled",
            actor=by,
            at=at,
            data={"file": batch.file_name},
        )
    path_of(batch).unlink(missing_ok=True)


def progress_of(batch_id: int) -> tuple[int, int]:
    """Rows read so far, and rows there are; (0, 0) before the first."""
    found = cache.get(_key(batch_id))
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _must_be(batch: ImportBatch, *allowed: BatchStatus) -> None:
    if batch.status not in allowed:
        raise LedgerError(_("This import is already under way or finished."), code="import_not_ready")


def _key(batch_id: int) -> str:
    return f"import-progress-{batch_id}"


def _job(batch: ImportBatch, at: datetime, how: HowToRead, into: ImportBatch | None = None) -> Job:
    def progress(seen: int, rows: int) -> None:
        cache.set(_key(batch.pk), [seen, rows], timeout=3600)

    return Job(
        path=path_of(batch),
        entity=batch.entity,
        at=at,
        day=at.astimezone(ZoneInfo(batch.entity.time_zone)).date(),
        how=how,
        by=batch.by,
        name=batch.file_name,
        batch=into,
        progress=progress,
    )


def _shown(result: FileResult) -> dict[str, Any]:
    """The first rejects of a rehearsal, to be put in words when shown."""
    rejects = [
        {"line": listed.line, "column": listed.column, "code": listed.code, "params": dict(listed.params)}
        for listed in result.rejects[:SHOWN_REJECTS]
    ]
    return {"rejects": rejects, "payments": result.payments}


def _table(batch: ImportBatch, chosen: dict[str, Any]) -> dict[str, Any]:
    """Header, sample rows and mapping of a table, also of one that could not be read without help."""
    readable = {"", "not_an_invoice_list", "unknown_profile"}
    if batch.error not in readable or batch.format not in {CSV, ""}:
        return {}
    try:
        table = scan(path_of(batch))
    except Unreadable:
        return {}
    mapping = _mapping(batch.entity, table, chosen)
    cells = [[cell[:80] for cell in row.cells] for row in islice(table.read(), SAMPLES) if not row.error]
    look = {
        "encoding": ENCODINGS.get(table.encoding, table.encoding.upper()),
        "delimiter": table.delimiter,
        "rows": table.rows,
    }
    return {"header": list(table.header), "samples": cells, "look": look} | mapping.as_json(table.header)


def _mapping(entity: LegalEntity, table: TableScan, chosen: dict[str, Any]) -> TableMapping:
    if chosen:
        return styled(TableMapping.from_json(chosen, table.header), table.evidence)
    return mapping_for(entity, table)[0]


def forgotten(*, at: datetime) -> list[ImportBatch]:
    """Uploads that have waited for long without a sign of progress."""
    waiting = ImportBatch.objects.filter(
        status__in=[BatchStatus.RECEIVED, BatchStatus.RUNNING], started_at__lt=at - PATIENCE
    ).exclude(stored_as="")
    return [batch for batch in waiting if not cache.get(_key(batch.pk))]
