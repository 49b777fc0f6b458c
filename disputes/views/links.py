"""A personal link to answer one question without signing in. A GET only ever shows; scanners of mail may fetch it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from disputes import services
from disputes.errors import EvidenceRefused, FieldErrors
from disputes.services import Origin, Seen, State
from disputes.views.common import document_of
from lib import clock
from lib.errors import DomainError
from lib.throttle import within

PRESSES = 60  # a minute, from one address

Page = Callable[[HttpRequest, str], HttpResponse]


def unseen(view: Page) -> Page:
    """No search engine keeps the page, and no page it leads to learns its address."""

    @wraps(view)
    def shown(request: HttpRequest, secret: str) -> HttpResponse:
        response = view(request, secret)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return shown


# The secret in the address is the right itself: a form elsewhere that knows it needs no cookie of ours, so there is
# nothing a CSRF token would protect; and the page has to work where cookies do not.
@csrf_exempt
@never_cache
@unseen
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the question; a POST answers it, once."""
    origin = Origin(request.META.get("REMOTE_ADDR", ""), request.headers.get("User-Agent", ""))
    if not within(f"answer-link:{origin.address}", limit=PRESSES, seconds=60):
        return render(None, "disputes/link_busy.html", status=429)  # type: ignore[arg-type]
    seen = services.look_at(secret=secret, at=clock.now())
    if seen is None:
        raise Http404
    person = seen.link.person
    with override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        if request.method == "POST":
            return _answer(request, secret, seen, origin)
        status = 200 if seen.state in (State.OPEN, State.USED) else 410
        return _draw(seen, status=status, chosen=request.GET.get("answer", ""))


def _answer(request: HttpRequest, secret: str, seen: Seen, origin: Origin) -> HttpResponse:
    value, note = request.POST.get("value", ""), request.POST.get("note", "")[:4000]
    at = clock.now()
    try:
        document = document_of(request) if seen.state == State.OPEN else None
        services.answer_by_link(
            secret=secret, value=value, note=note, at=at, origin=origin, document=document
        )
    except (FieldErrors, EvidenceRefused) as wrong:
        return _draw(seen, status=422, problem=str(wrong), typed=value, note=note)
    except DomainError as error:
        now = services.look_at(secret=secret, at=at)
        return _draw(now or seen, status=409, problem=str(error))
    # Loading the page again then shows the answer instead of sending it twice.
    return redirect("disputes:by_link", secret)


def _draw(seen: Seen, *, status: int = 200, chosen: str = "", **more: Any) -> HttpResponse:
    """The page, without the shell of the app: no session, no script."""
    question = seen.question
    options = question.options
    context = {
        "seen": seen,
        "person": seen.link.person,
        "question": question,
        "dispute": question.dispute,
        "options": options,
        "chosen": next((one for one in options if one["value"] == chosen), None),
        "answer": getattr(question, "answer", None) if not question.is_open else None,
        "inbox": reverse("disputes:questions") + f"#question-{question.pk}",
        **more,
    }
    return render(None, "disputes/link.html", context, status=status)  # type: ignore[arg-type]
