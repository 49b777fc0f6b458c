"""Takes away what is stored and named by no row: uploads that were cut off, evidence of what is kept no longer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from disputes.evidence.keeping import FOLDER
from disputes.models import Evidence

GRACE = timedelta(days=1)
log = logging.getLogger(__name__)


def sweep(*, at: datetime) -> int:
    """Delete stray files that are older than a day; how many. Harmless twice."""
    gone = 0
    for key in _stored():
        if default_storage.get_modified_time(key) < at - GRACE and not _is_named(key):
            default_storage.delete(key)
            gone += 1
    if gone:
        log.info("%s stray evidence files were deleted", gone)
    return gone


def _stored() -> Iterator[str]:
    """Every key under the folder of evidence."""
    try:
        folders, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for folder in folders:
        for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            yield f"{FOLDER}/{folder}/{name}"


def _is_named(key: str) -> bool:
    return bool(Evidence.objects.filter(stored_as=key.removesuffix(".png")).exists())
