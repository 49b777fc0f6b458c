"""Files that people upload: kept, rehearsed, shown, confirmed, imported. Each step is safe to repeat."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from ledger.choices import BatchStatus
from ledger.errors import LedgerError
from ledger.intake import running
from ledger.intake.batch import import_file, rehearse
from ledger.intake.documents import Unreadable
from ledger.intake.job import Job
from ledger.intake.keeping import digest, error_as_data, notices_as_data
from ledger.intake.preview import shown, table_of
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult, money_text
from ledger.intake.running import Cancelled
from ledger.intake.source import head_of
from ledger.intake.tables import kept_open
from ledger.intake.write import lock_entity
from ledger.intake.xlsx_package import workbook_kind
from ledger.models import ImportBatch

# What is read while the person waits; a workbook is packed, ten times or more.
INLINE_BYTES, INLINE_WORKBOOK = 1 << 20, 1 << 17
FOLDER = "imports"
NOT_WRITTEN = (BatchStatus.RECEIVED, BatchStatus.PREVIEWED, BatchStatus.UNREADABLE)
PATIENCE = timedelta(minutes=10)


def path_of(batch: ImportBatch) -> Path:
    """Where the upload is kept."""
    return Path(settings.MEDIA_ROOT) / batch.stored_as


def is_small(batch: ImportBatch) -> bool:
    """Whether the file is quick enough to be read while the person waits."""
    path = path_of(batch)
    try:
        packed = path.stat().st_size > min(INLINE_WORKBOOK, INLINE_BYTES) and workbook_kind(head_of(path))
    except Unreadable:
        return True
    return not packed and path.stat().st_size <= INLINE_BYTES


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
    """Rehearse the import and keep what it would do. Only while nothing was written; a stop puts the upload away."""
    batch = ImportBatch.objects.select_related("entity").get(pk=batch_id)
    _must_be(batch, *NOT_WRITTEN)
    chosen = dict(mapping if mapping is not None else batch.mapping)
    found: dict[str, Any] = {}
    running.begin(batch.pk)
    try:
        with kept_open():
            job = _job(batch, at, HowToRead(mapping=chosen))
            result = rehearse([job], lambda result: found.update(shown(result)))[0]
            code = result.error.code if result.error else ""
            table, look = table_of(path_of(batch), batch.entity, result.format, code, chosen)
    except Cancelled:
        _stopped(batch, at)
        return batch
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("entity").get(pk=batch_id)
        if batch.status in NOT_WRITTEN:
            batch.mapping, batch.preview = table, found | ({"look": look} if look else {})
            _keep_outcome(batch, result)
            batch.save()
    running.end(batch.pk)
    return batch


def _keep_outcome(batch: ImportBatch, result: FileResult) -> None:
    """What the rehearsal said, into the row."""
    batch.format, batch.error = result.format, result.error.code if result.error else ""
    batch.notices = notices_as_data(result.notices)
    for name in ("documents", "created", "updated", "unchanged", "rejected"):
        setattr(batch, name, getattr(result, name))
    batch.totals = {currency: money_text(total) for currency, total in result.totals.items()}
    batch.statements = result.statements
    batch.error_facts = error_as_data(result.error) if result.error else {}
    batch.status = BatchStatus.UNREADABLE if result.error else BatchStatus.PREVIEWED


def look_again(*, batch: ImportBatch, mapping: dict[str, Any]) -> None:
    """Keep what the person says about the columns; the next rehearsal reads the file that way."""
    ready = ImportBatch.objects.filter(pk=batch.pk, status__in=NOT_WRITTEN)
    if not ready.update(mapping=mapping, status=BatchStatus.RECEIVED):
        raise LedgerError(_("This import is already under way or finished."), code="import_not_ready")
    running.end(batch.pk)


def confirm(*, batch: ImportBatch) -> None:
    """Take the batch for import; the second of two clicks is refused."""
    ready = ImportBatch.objects.filter(pk=batch.pk, status=BatchStatus.PREVIEWED)
    if not ready.update(status=BatchStatus.RUNNING):
        raise LedgerError(_("This import was already confirmed or cancelled."), code="import_not_ready")
    running.end(batch.pk)  # the rehearsal's progress is not the import's


def run(*, batch_id: int, at: datetime) -> FileResult | None:
    """Import a confirmed batch. Running it twice, or in two workers at once, imports once. A stop writes nothing."""
    batch = ImportBatch.objects.select_related("entity", "by").get(pk=batch_id)
    try:
        with transaction.atomic():
            lock_entity(batch.entity_id)
            batch.refresh_from_db(fields=["status"])
            if batch.status != BatchStatus.RUNNING:
                return None
            job = _job(batch, at, HowToRead(mapping=batch.mapping), batch)
            running.stop_if_wanted(batch_id)
            result = import_file(job)
            running.stop_if_wanted(batch_id)
    except Cancelled:
        _stopped(batch, at)
        return None
    running.end(batch_id)
    return result


def import_now(*, batch_id: int, at: datetime, dry_run: bool) -> None:
    """Rehearse and, unless it is a dry run, confirm and import in one go. A second call changes nothing."""
    batch = preview(batch_id=batch_id, at=at)
    if dry_run or batch.status != BatchStatus.PREVIEWED:
        return
    confirm(batch=batch)
    run(batch_id=batch_id, at=at)


def cancel(*, batch: ImportBatch, by: User, at: datetime) -> bool:
    """Put the upload away, or stop it while it runs: then it ends at its next piece and nothing is written.

    Whether it has ended already. Raises LedgerError when there is nothing to stop any more.
    """
    state = ImportBatch.objects.values_list("status", flat=True).get(pk=batch.pk)
    if state == BatchStatus.RUNNING:  # its row is locked by the one who imports: only a wish can reach them
        running.wish_to_stop(batch.pk)
        return False
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _must_be(batch, *NOT_WRITTEN)
        if running.is_alive(batch.pk):
            running.wish_to_stop(batch.pk)
        _put_away(batch, by, at)
    path_of(batch).unlink(missing_ok=True)
    return True


def _stopped(batch: ImportBatch, at: datetime) -> None:
    """The end of an import that was stopped on its way."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("by").get(pk=batch.pk)
        if batch.status in {BatchStatus.RUNNING, *NOT_WRITTEN}:
            _put_away(batch, batch.by, at)
    running.end(batch.pk)
    path_of(batch).unlink(missing_ok=True)


def _put_away(batch: ImportBatch, by: User | None, at: datetime) -> None:
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


def _must_be(batch: ImportBatch, *allowed: BatchStatus) -> None:
    if batch.status not in allowed:
        raise LedgerError(_("This import is already under way or finished."), code="import_not_ready")


def _job(batch: ImportBatch, at: datetime, how: HowToRead, into: ImportBatch | None = None) -> Job:
    return Job(
        path=path_of(batch),
        entity=batch.entity,
        at=at,
        day=at.astimezone(ZoneInfo(batch.entity.time_zone)).date(),
        how=how,
        by=batch.by,
        name=batch.file_name,
        batch=into,
        progress=lambda seen, rows: running.note_progress(batch.pk, seen, rows),
    )


def forgotten(*, at: datetime) -> list[ImportBatch]:
    """Uploads that have waited for long without a sign of progress."""
    waiting = ImportBatch.objects.filter(
        status__in=[BatchStatus.RECEIVED, BatchStatus.RUNNING], started_at__lt=at - PATIENCE
    ).exclude(stored_as="")
    return [batch for batch in waiting if not running.is_alive(batch.pk)]
