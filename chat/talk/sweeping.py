"""Takes away files of rooms that no message names: posts that were cut off, retries that came twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from chat.models import Attachment
from chat.services.attaching import FOLDER

GRACE = timedelta(days=1)


def sweep(*, at: datetime) -> int:
    """Delete stray files that are older than a day; how many. Harmless twice."""
    gone = 0
    try:
        folders, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    for folder in folders:
        for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            key = f"{FOLDER}/{folder}/{name}"
            named = Attachment.objects.filter(stored_as=key.removesuffix(".png")).exists()
            if not named and default_storage.get_modified_time(key) < at - GRACE:
                default_storage.delete(key)
                gone += 1
    return gone
