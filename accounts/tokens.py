"""API tokens: finding whose a key is."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest

from accounts.models import ApiToken
from accounts.services import token_digest

KEYWORDS = ("token", "bearer")
# How stale "last used" may be: one write a minute is enough for a person to judge by.
USE_NOTED_EVERY = timedelta(minutes=1)


def key_of(request: HttpRequest) -> str:
    """The key in `Authorization: Token ...`, or nothing."""
    keyword, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if keyword.lower() in KEYWORDS else ""


def find(key: str, *, at: datetime) -> ApiToken | None:
    """The token of this key, if it still opens something; notes that it was used."""
    live = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at)) & Q(user__is_active=True)
    token = ApiToken.objects.filter(live, digest=token_digest(key)).select_related("user").first()
    if token and (token.last_used_at is None or at - token.last_used_at > USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token
