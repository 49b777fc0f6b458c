"""The questions that open by themselves, wherever the person is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chat import selectors, services
from disputes.models import Question
from disputes.selectors import disputes_for, open_questions_for
from lib import clock
from lib.htmx import is_htmx

# On the inbox itself only what has just come in pops up; the rest is on the page.
FRESH = timedelta(minutes=2)
MORNING = 9


@login_required
@require_GET
def popups(request: HttpRequest) -> HttpResponse:
    """My open questions as pop-ups, the most urgent first, and the numbers beside the navigation."""
    return _draw(request)


@login_required
@require_POST
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a pop-up off: `minutes`, or until tomorrow morning where the person lives (minutes=0)."""
    user = cast(User, request.user)
    question = get_object_or_404(Question.objects.filter(asked_of=user, status="open"), pk=pk)
    minutes = request.POST.get("minutes", "30")
    until = _until(user, int(minutes) if minutes.isdigit() else 30, clock.now())
    services.put_off(question=question, by=user, until=until)
    return _draw(request) if is_htmx(request) else redirect("disputes:questions")


def _draw(request: HttpRequest) -> HttpResponse:
    user, at = cast(User, request.user), clock.now()
    questions = selectors.popups_for(user, at)
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == reverse("disputes:questions"):
        questions = [question for question in questions if at - question.asked_at < FRESH]
    again = selectors.next_popup(user, at)
    context = {
        "questions": questions,
        "words": selectors.last_words(user, questions[0].dispute_id) if questions else [],
        "again_seconds": max(1, int((again - at).total_seconds()) + 1) if again else None,
    }
    response = render(request, "chat/_popups.html", context)
    response["HX-Trigger"] = json.dumps({"live:counts": _counts(user, at)})
    return response


def _counts(user: User, at: datetime) -> dict[str, int]:
    """The numbers beside the navigation (`#count-disputes`...)."""
    unread = selectors.unread_rooms(user)
    return {
        "questions": open_questions_for(user, at).count(),
        "messages": unread,
        "bell": unread,
        "disputes": disputes_for(user).filter(closed_at=None).count(),
    }


def _until(user: User, minutes: int, at: datetime) -> datetime:
    """The moment `minutes` from now (at most a day); for 0, nine o'clock tomorrow in the person's time zone."""
    if minutes:
        return at + timedelta(minutes=min(minutes, 24 * 60))
    local = at.astimezone(ZoneInfo(user.time_zone)) + timedelta(days=1)
    return local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
