"""An archive that somebody uploads becomes one import for each of its files."""

import shutil
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import LegalEntity, User
from ledger.choices import BatchStatus
from ledger.intake import uploads
from ledger.intake.archive import Member, is_archive, members
from ledger.intake.documents import Unreadable
from ledger.intake.keeping import digest, error_as_data
from ledger.models import ImportBatch

# More files than this go through the command or the drop folder.
MAX_UPLOADED = 200


def receive_all(
    *, entity: LegalEntity, upload: "UploadedFile[Any]", by: User, at: datetime
) -> list[ImportBatch]:
    """Keep the upload; of an archive, each of its files. Those that cannot be read at all say so already."""
    batch = uploads.receive(entity=entity, upload=upload, by=by, at=at)
    path = uploads.path_of(batch)
    made: list[ImportBatch] = []
    try:
        if not is_archive(path):
            return [batch]
        with transaction.atomic():
            for member in members(path, MAX_UPLOADED):
                made.append(_received(batch, member, at))
    except Unreadable as error:
        for one in made:
            uploads.path_of(one).unlink(missing_ok=True)
        _refuse(batch, error, at)
        return [batch]
    batch.delete()
    path.unlink(missing_ok=True)
    return made


def _received(whole: ImportBatch, member: Member, at: datetime) -> ImportBatch:
    """The row and the kept copy of one file of the archive."""
    stored = f"{uploads.FOLDER}/{uuid.uuid4().hex}"
    shutil.copyfile(member.path, Path(settings.MEDIA_ROOT) / stored)
    batch = ImportBatch.objects.create(
        entity=whole.entity,
        file_name=f"{whole.file_name}/{member.name}"[-500:].replace("\x00", ""),
        stored_as=stored,
        sha256=digest(member.path),
        status=BatchStatus.RECEIVED,
        by=whole.by,
        started_at=at,
    )
    if member.error:
        _refuse(batch, member.error, at)
    return batch


def _refuse(batch: ImportBatch, error: Unreadable, at: datetime) -> None:
    batch.status, batch.error, batch.finished_at = BatchStatus.UNREADABLE, error.code, at
    batch.error_facts = error_as_data(error)
    batch.save()
