"""`Idempotency-Key` on every POST of the API: a retry gets the answer of the first try.

The key is claimed before the view runs and the answer is kept after it. Errors of the server (5xx) and "too many
requests" (429) are not kept, so that the same key can be tried again. What can still go wrong: a process that dies
between its commit and the keeping of the answer; the claim then stands for CLAIM_LASTS and the retry runs the view
once more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.models import IdempotentAnswer
from lib import clock
from lib.http import whole_body

CLAIM_LASTS = timedelta(minutes=5)
ANSWER_LASTS = timedelta(days=7)
MAX_KEY = 200
TOO_MANY = 429


class IdempotencyMiddleware:
    """Claims, replays and keeps."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the view, or the one kept from the first try."""
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method != "POST" or not request.path.startswith("/api/"):
            return self.get_response(request)
        if len(key) > MAX_KEY:
            return _problem(400, _("An idempotency key has at most %(n)s characters.") % {"n": MAX_KEY})
        user_id = _user_id(request)
        if user_id is None:
            return self.get_response(request)
        return self._once(request, user_id, key)

    def _once(self, request: HttpRequest, user_id: int, key: str) -> HttpResponseBase:
        try:
            at, fingerprint = clock.now(), _fingerprint(request)
        except RequestDataTooBig:
            return _problem(413, _("The body is too large. Send fewer rows in one call."))
        kept = claim(user_id=user_id, key=key, fingerprint=fingerprint, at=at)
        if kept is not None:
            return _replay(kept, fingerprint)
        mine = IdempotentAnswer.objects.filter(user_id=user_id, key=key)
        try:
            response = self.get_response(request)
        except Exception:
            mine.delete()
            raise
        body = _body(response)
        if response.status_code >= 500 or response.status_code == TOO_MANY or body is None:
            mine.delete()
        else:
            mine.update(status=response.status_code, body=body)
        return response


def claim(*, user_id: int, key: str, fingerprint: str, at: datetime) -> IdempotentAnswer | None:
    """Take the key for this request: None when it is ours, else the row of whoever came first."""
    stale = IdempotentAnswer.objects.filter(
        user_id=user_id, key=key, status=None, created_at__lt=at - CLAIM_LASTS
    )
    if stale.update(fingerprint=fingerprint, created_at=at):
        return None
    row = IdempotentAnswer(user_id=user_id, key=key, fingerprint=fingerprint, created_at=at)
    IdempotentAnswer.objects.bulk_create([row], ignore_conflicts=True)
    kept = IdempotentAnswer.objects.get(user_id=user_id, key=key)
    ours = kept.created_at == at and kept.fingerprint == fingerprint and kept.status is None
    return None if ours else kept


def forget_old_answers(*, at: datetime) -> int:
    """Delete answers nobody will ask for again; how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=at - ANSWER_LASTS).delete()[0]


def _user_id(request: HttpRequest) -> int | None:
    if request.user.is_authenticated:
        return request.user.pk
    key = tokens.key_of(request)
    token = tokens.find(key, at=clock.now()) if key else None
    return token.user_id if token else None


def _fingerprint(request: HttpRequest) -> str:
    # An upload is told apart by its length: its body is streamed and must not be read here.
    upload = (request.content_type or "").startswith("multipart/")
    body = request.headers.get("Content-Length", "").encode() if upload else whole_body(request)
    return hashlib.sha256(request.get_full_path().encode() + b"\0" + body).hexdigest()


def _replay(kept: IdempotentAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        return _problem(422, _("This idempotency key was used for another request. Use a new key."))
    if kept.status is None:
        return _problem(409, _("The first request with this key is still running. Try again in a moment."))
    answer = JsonResponse(kept.body, status=kept.status, safe=False)
    answer["Idempotency-Replayed"] = "true"
    return answer


def _body(response: HttpResponseBase) -> object | None:
    """The JSON of the answer (an empty one is an empty object), or None when it is not JSON."""
    if not isinstance(response, HttpResponse):
        return None
    if not response.content:
        return {}
    try:
        return json.loads(response.content)  # type: ignore[no-any-return]
    except ValueError:
        return None


def _problem(status: int, detail: str) -> JsonResponse:
    body = {
        "type": "urn:zanjar:problem:idempotency",
        "title": "Idempotency-Key",
        "status": status,
        "detail": detail,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")
