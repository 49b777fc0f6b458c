"""Where mails that came in lie whole: in Django's storage, as long as INBOUND_KEEP_DAYS says."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from mailroom.choices import InboundStatus
from mailroom.models import InboundMail

FOLDER = "inbound"


def keep(raw: bytes, at: datetime) -> str:
    """Store a mail under a new key."""
    return str(default_storage.save(f"{FOLDER}/{at:%Y-%m}/{uuid.uuid4().hex}.eml", ContentFile(raw)))


def drop(key: str) -> None:
    """The stored mail is gone; harmless when there is none."""
    if key:
        default_storage.delete(key)


def raw_of(mail: InboundMail) -> bytes:
    """The whole mail as it came, or nothing once it is no longer kept."""
    if not mail.raw_as:
        return b""
    try:
        with default_storage.open(mail.raw_as, "rb") as stream:
            return bytes(stream.read())
    except OSError:
        return b""


def forget_old_mail(*, at: datetime) -> int:
    """Delete whole mails that were kept long enough, and files that no row names; how many mails.

    What was said stays, and so do the files that were put into disputes.
    """
    limit = at - timedelta(days=settings.INBOUND_KEEP_DAYS)
    old = (
        InboundMail.objects.exclude(raw_as="").filter(received_at__lt=limit).exclude(status=InboundStatus.NEW)
    )
    gone = 0
    for pk, key in old.values_list("pk", "raw_as")[:1000]:
        drop(key)
        gone += InboundMail.objects.filter(pk=pk, raw_as=key).update(raw_as="")
    _sweep_strays(at)
    return gone


def _sweep_strays(at: datetime) -> None:
    """Files of mails whose row was never written: a process died in between."""
    try:
        months, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for month in sorted(months)[-2:]:
        names = default_storage.listdir(f"{FOLDER}/{month}")[1]
        keys = {f"{FOLDER}/{month}/{name}" for name in names}
        named = set(InboundMail.objects.filter(raw_as__in=keys).values_list("raw_as", flat=True))
        for key in keys - named:
            if default_storage.get_modified_time(key) < at - timedelta(days=1):
                drop(key)
