"""Imports that take too long for a request. Ids in, nothing out; each can run twice."""

import logging

from celery import shared_task

from ledger.answers.attach import attach_waiting
from ledger.drop.folder import DropError
from ledger.drop.taking import look
from ledger.errors import LedgerError
from ledger.intake import uploads
from lib.clock import now

log = logging.getLogger(__name__)


@shared_task(name="ledger.preview_import")
def preview_import(batch_id: int) -> None:
    """Rehearse an upload; one that was previewed, confirmed or cancelled meanwhile is left alone."""
    try:
        uploads.preview(batch_id=batch_id, at=now())
    except LedgerError:
        return


@shared_task(name="ledger.run_import")
def run_import(batch_id: int) -> None:
    """Import a confirmed upload."""
    uploads.run(batch_id=batch_id, at=now())


@shared_task(name="ledger.import_upload")
def import_upload(batch_id: int, dry_run: bool) -> None:
    """Import an upload of the API without a person who confirms."""
    try:
        uploads.import_now(batch_id=batch_id, at=now(), dry_run=dry_run)
    except LedgerError:
        return


@shared_task(name="ledger.sweep_imports")
def sweep_imports() -> None:
    """Take up uploads whose task was lost with its worker or broker."""
    for batch in uploads.forgotten(at=now()):
        (run_import if batch.status == "running" else preview_import).delay(batch.pk)


@shared_task(name="ledger.attach_answers")
def attach_answers() -> None:
    """Give answers that wait for their invoice to it, should both have come in at the same moment."""
    attach_waiting(entity_id=None, at=now())


@shared_task(name="ledger.look_into_drop_folder")
def look_into_drop_folder() -> None:
    """Import what was put into the watched folder."""
    try:
        for _taken in look(at=now()):
            pass
    except DropError as error:
        log.error("%s", error)
