"""The questions that open by themselves, wherever the person is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chat import selectors
from chat.phone.context import contexts
from disputes.choices import Later
from disputes.decisions import to_approve_count
from disputes.errors import PastDeadline
from disputes.selectors import disputes_for, mails_waiting, next_put_off, open_questions_for
from disputes.services import put_off_question
from lib import clock
from lib.errors import DomainError

# On the inbox itself only what has just come in pops up; the rest is on the page.
FRESH = timedelta(minutes=2)


@login_required
@require_GET
def popups(request: HttpRequest) -> HttpResponse:
    """My open questions as pop-ups, the most urgent first, and the numbers beside the navigation."""
    return _draw(request)


@login_required
@require_POST
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a question off; past its deadline only when that was asked for (`past`)."""
    user, at = cast(User, request.user), clock.now()
    question = get_object_or_404(open_questions_for(user, at), pk=pk)
    chosen, past = request.POST.get("later", ""), bool(request.POST.get("past"))
    try:
        put_off_question(question_id=question.pk, later=chosen, by=user, at=at, past_deadline=past)
    except PastDeadline as sooner:
        return _draw(request, {"past_of": pk, "past_words": str(sooner), "past_later": chosen})
    except DomainError as refusal:
        return _draw(request, {"past_of": pk, "past_words": str(refusal)})
    return _draw(request)


def _draw(request: HttpRequest, more: dict[str, Any] | None = None) -> HttpResponse:
    user, at = cast(User, request.user), clock.now()
    questions = selectors.popups_for(user, at)
    if urlsplit(request.headers.get("HX-Current-URL", "")).path == reverse("disputes:questions"):
        questions = [question for question in questions if at - question.asked_at < FRESH]
    again = next_put_off(user, at)
    context = {
        "questions": questions,
        "around": contexts(user, questions[:1])[questions[0].pk] if questions else None,
        "again_seconds": max(1, int((again - at).total_seconds()) + 1) if again else None,
        "laters": Later.choices,
        **(more or {}),
    }
    response = render(request, "chat/_popups.html", context)
    response["HX-Trigger"] = json.dumps({"live:counts": _counts(user, at)})
    return response


def _counts(user: User, at: datetime) -> dict[str, int]:
    """The numbers beside the navigation (`#count-disputes`...)."""
    unread = selectors.unread_rooms(user)
    return {
        "questions": open_questions_for(user, at).count(),
        "approvals": to_approve_count(user, at),
        "messages": unread,
        "bell": unread,
        "mails": mails_waiting(user),
        "disputes": disputes_for(user).filter(closed_at=None).count(),
    }
