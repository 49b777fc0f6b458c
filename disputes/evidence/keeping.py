"""Where the bytes of evidence lie: in Django's storage, each row's under a key of its own, so that destroying one
never takes another's. A file is stored before its row is committed: a row never points at nothing, and a file whose row
did not make it is swept away after a day.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from disputes.errors import EvidenceRefused
from disputes.evidence import kinds, scanning

FOLDER = "evidence"
PIECE = 256 * 1024
Source = bytes | IO[bytes] | Any


@dataclass(frozen=True, slots=True)
class Vetted:
    """A file that may be kept: not empty, not too large, of a known kind, clean."""

    data: bytes
    name: str
    media_type: str
    sha256: str

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.data)


def vet(file: Source, name: str) -> Vetted:
    """Read and check a file. Raises EvidenceRefused or ScannerAway. Asks the scanner, so hold no lock meanwhile."""
    data = _read(file)
    if not data:
        raise EvidenceRefused(_("This file is empty."), code="evidence_empty")
    media_type = kinds.sniff(data, name)
    scanning.scan(data)
    digest = hashlib.sha256(data).hexdigest()
    return Vetted(data, kinds.clean_name(name, media_type), media_type, digest)


def _read(file: Source) -> bytes:
    bound = settings.EVIDENCE_MAX_BYTES
    data = file if isinstance(file, bytes) else file.read(bound + 1)
    if len(data) > bound:
        raise EvidenceRefused(too_large(), code="evidence_too_large")
    return bytes(data)


def too_large() -> str:
    """The sentence about a file that is larger than allowed."""
    size = settings.EVIDENCE_MAX_BYTES // (1024 * 1024)
    return _("This file is larger than %(bound)s MB.") % {"bound": size}


def store(dispute_id: int, data: bytes) -> str:
    """Keep the bytes under a new key."""
    return str(default_storage.save(f"{FOLDER}/{dispute_id}/{uuid.uuid4().hex}", ContentFile(data)))


def destroy(key: str) -> None:
    """The bytes and their preview are gone; harmless when they are gone already."""
    for name in filter(None, (key, key and preview_key(key))):
        default_storage.delete(name)


def preview_key(key: str) -> str:
    """Where the preview of a stored file is kept."""
    return f"{key}.png"


def open_stored(key: str) -> IO[bytes]:
    """The stored bytes as a stream; raises OSError when they are not there."""
    return default_storage.open(key, "rb")  # type: ignore[return-value]


def exists(key: str) -> bool:
    """Whether anything is stored under the key."""
    return bool(default_storage.exists(key))


def digest_of(key: str) -> tuple[str, int] | None:
    """SHA-256 and length of what is stored, or None when nothing is."""
    state, size = hashlib.sha256(), 0
    with suppress(OSError), open_stored(key) as stream:
        for piece in pieces(stream):
            state.update(piece)
            size += len(piece)
        return state.hexdigest(), size
    return None


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that never fill the memory."""
    while piece := stream.read(PIECE):
        yield piece
