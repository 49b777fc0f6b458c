"""Addresses by which one person answers one thing: random, kept as a digest, taken back when they leave."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import LegalEntity
from accounts.services import token_digest
from mailroom.models import ReplyToken

# Small letters and digits only: mail servers may change the case of an address.
_TOKEN = re.compile(r"\+([a-z2-7]{32})@")


def make_reply_address(
    *, entity: LegalEntity, stream: str, object_id: int, owner: tuple[str, int], side: str, at: datetime
) -> str:
    """A new address for `owner` ("user" or "contact", and its id) about one thing; nothing when answers have no way in.

    The secret exists only in what is returned.
    """
    local, _at, domain = str(settings.REPLY_ADDRESS).partition("@")
    if not domain:
        return ""
    secret = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    kind, owner_id = owner
    ReplyToken.objects.create(
        entity=entity,
        digest=token_digest(secret),
        stream=stream,
        object_id=object_id,
        owner_kind=kind,
        owner_id=owner_id,
        side=side,
        created_at=at,
    )
    return f"{local}+{secret}@{domain}"


def token_in(recipients: Iterable[str]) -> ReplyToken | None:
    """The token in any of these addresses that still holds."""
    digests = [token_digest(match[1]) for one in recipients if (match := _TOKEN.search(one.lower()))]
    live = ReplyToken.objects.filter(digest__in=digests, revoked_at=None)
    return live.select_related("entity").order_by("-pk").first() if digests else None


def revoke_reply_addresses(*, stream: str, object_id: int, owner: tuple[str, int], at: datetime) -> int:
    """The addresses of somebody about one thing open nothing any more; how many there were."""
    kind, owner_id = owner
    mine = ReplyToken.objects.filter(
        stream=stream, object_id=object_id, owner_kind=kind, owner_id=owner_id, revoked_at=None
    )
    return mine.update(revoked_at=Greatest(Value(at), F("created_at")))
