"""The address that ends a reader's mails: signed, good for ever, stored nowhere."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

SALT = "reporting.subscriptions.stop"


def address(reader_id: int) -> str:
    """Where the mails of this reader's subscription end, with one click."""
    token = signing.Signer(salt=SALT).sign(str(reader_id))
    return f"{settings.BASE_URL.rstrip('/')}{reverse('reporting:mail_stop', args=[token])}"


def read(token: str) -> int | None:
    """Whose address it is; None for one we never made."""
    try:
        return int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
