"""Files that come with a message. Vet them first (`vet` asks the scanner; hold no lock then)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from chat.choices import Side
from chat.errors import TooManyFiles
from chat.models import Attachment, Message, Room
from disputes import services as disputes
from disputes.choices import Via
from disputes.evidence import keeping
from disputes.models import Evidence
from disputes.services import Vetted
from ledger.models import Contact

FOLDER = "chat"
MOST_FILES = 10


def vet(files: Sequence[UploadedFile[Any]]) -> tuple[Vetted, ...]:
    """Read and check the files. Raises TooManyFiles, EvidenceRefused, ScannerAway."""
    if len(files) > MOST_FILES:
        raise TooManyFiles(MOST_FILES)
    unique = {one.sha256: one for one in (disputes.vet(file, file.name or "") for file in files)}
    return tuple(unique.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are stored: evidence of the room's dispute, or one of the room's own."""

    file: Vetted
    evidence: Evidence | None = None
    stored_as: str = ""


def keep(
    room: Room, files: Iterable[Vetted], *, by: User | Contact, side: str, at: datetime, via: str = Via.CHAT
) -> list[Kept]:
    """Store the bytes, before the room is locked: disputes come first. What is stored and named by no row is swept
    away after a day.

    In the room of a dispute each is evidence for the team to see; who else sees it there is decided there. What a
    guest sends is kept in the same way: other guests of the dispute know nothing of it.
    """
    kept = []
    for file in files:
        if room.dispute is None:
            stored = str(
                default_storage.save(f"{FOLDER}/{room.pk}/{uuid.uuid4().hex}", ContentFile(file.data))
            )
            kept.append(Kept(file, stored_as=stored))
            continue
        inside = side == Side.INTERNAL
        evidence = disputes.add_evidence(
            dispute=room.dispute,
            file=file,
            name=file.name,
            by=by if inside and isinstance(by, User) else None,
            at=at,
            via=via,
            note="" if inside else str(by),
        )
        kept.append(Kept(file, evidence=evidence))
    return kept


def attach(message: Message, kept: Iterable[Kept]) -> None:
    """Write down which files came with the message."""
    for one in kept:
        if one.evidence is not None:
            Attachment.objects.get_or_create(message=message, evidence=one.evidence)
            continue
        Attachment.objects.create(
            message=message,
            name=one.file.name,
            media_type=one.file.media_type,
            size=one.file.size,
            sha256=one.file.sha256,
            stored_as=one.stored_as,
        )


def detach(message: Message) -> None:
    """The message is deleted: its files leave it. The room's own are destroyed; evidence stays with the dispute."""
    for one in message.attachments.exclude(stored_as=""):
        _destroy_after_commit(one.stored_as)
    message.attachments.all().delete()


def _destroy_after_commit(key: str) -> None:
    transaction.on_commit(lambda: keeping.destroy(key), robust=True)
