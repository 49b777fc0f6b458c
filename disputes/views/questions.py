"""Questions: the inbox, one card, answering, asking, taking back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from disputes import selectors, services
from disputes.choices import Later, Via
from disputes.errors import AlreadyAnswered, EvidenceRefused, FieldErrors
from disputes.forms_questions import AskForm
from disputes.models import Question
from disputes.views.common import back_to, document_of, find, person, refused, sheet
from disputes.views.sheets import fill, posted
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx


@login_required
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """The inbox: what this person is asked, the most urgent first, and what they answered today."""
    user = person(request)
    at = clock.now()
    midnight = at.astimezone(ZoneInfo(user.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    context = {
        "questions": selectors.with_rights(list(selectors.open_questions_for(user, at)), user, at),
        "answered": selectors.with_rights(selectors.answered_since(user, midnight), user, at),
        "laters": Later.choices,
        "may_arrange": bool(policy.scope(user).entities("question.template")),
        "freed": selectors.unblocked_since(user, midnight),
    }
    return render(request, "disputes/questions.html", context)


@login_required
@require_GET
def question_card(request: HttpRequest, pk: int) -> HttpResponse:
    """One question as a card, the same in the inbox, the pop-up and the conversation."""
    return _draw(request, _find(request, pk))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer. The first one wins; a second press of the same person, or of another, is told who it was."""
    question, user = _find(request, pk), person(request)
    via = request.POST.get("via", Via.PAGE)
    via = via if via in (Via.PAGE, Via.POPUP, Via.CHAT) else Via.PAGE
    try:
        services.answer_question(
            question_id=pk,
            value=request.POST.get("value", ""),
            note=request.POST.get("note", "")[:4000],
            by=user,
            at=clock.now(),
            via=via,
            document=document_of(request),
        )
    except (FieldErrors, EvidenceRefused) as wrong:
        return _draw(request, question, problem=str(wrong), typed=request.POST.get("value", ""), status=422)
    except AlreadyAnswered as late:
        same = late.by == user and late.at > clock.now() - timedelta(minutes=1)
        return _draw(
            request, _find(request, pk), problem="" if same else str(late), status=200 if same else 409
        )
    except DomainError as error:
        return _draw(request, _find(request, pk), problem=str(error), status=409)
    return _draw(request, _find(request, pk))


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own answer; the card with the field again, or why it stays."""
    question, user = _find(request, pk), person(request)
    if request.method == "GET":
        shown = selectors.with_rights([question], user, clock.now())[0]
        template = "disputes/_question.html" if is_htmx(request) else "disputes/question.html"
        return render(request, template, {"question": shown, "changing": shown.may_change})
    value, note = request.POST.get("value", ""), request.POST.get("note", "")[:4000]
    try:
        services.change_answer(question_id=pk, value=value, note=note, by=user, at=clock.now())
    except FieldErrors as wrong:
        return _draw(request, question, problem=str(wrong), typed=value, changing=True, status=422)
    except DomainError as error:
        return _draw(request, _find(request, pk), problem=str(error), status=409)
    return _draw(request, _find(request, pk))


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask somebody a question about the dispute, from one of its route (`?template=`) or its reason (`?at_hand=`).

    With `preview` it is only shown, as whoever is asked will see it.
    """
    dispute, user = find(request, pk), person(request)
    template, at_hand = request.GET.get("template", ""), request.GET.get("at_hand", "")
    form = AskForm(posted(request), dispute=dispute, template=template, at_hand=at_hand)
    words = {"title": _("Ask a question"), "button": _("Ask")}
    if request.POST.get("preview") and form.is_valid():
        return sheet(request, dispute, {"form": form, "preview": form.preview(), **words})

    def do(form: forms.Form) -> object:
        return services.ask_question(dispute=dispute, by=user, at=clock.now(), **form.given())  # type: ignore[attr-defined]

    return fill(request, dispute, form, do, said=_("Asked."), **words)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an open question back."""
    question = _find(request, pk)
    try:
        services.withdraw_question(question_id=pk, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, question.dispute_id, error)
    return _draw(request, _find(request, pk))


def _find(request: HttpRequest, pk: int) -> Question:
    return get_object_or_404(selectors.questions_for(person(request)), pk=pk)


def _draw(request: HttpRequest, question: Question, status: int = 200, **more: Any) -> HttpResponse:
    """The card for htmx and for a GET; plain posts are sent to the inbox with the reason."""
    if request.method == "POST" and not is_htmx(request):
        if more.get("problem"):
            messages.error(request, more["problem"])
        else:
            messages.success(request, _("Thank you, your answer is recorded."))
        return redirect(back_to(question))
    context = {"question": selectors.with_rights([question], person(request), clock.now())[0], **more}
    response = render(request, "disputes/_question.html", context, status=status)
    if request.method == "POST" and status == 200:
        # The card of the dispute, when it is on the same page, draws itself again.
        response["HX-Trigger"] = json.dumps({f"live:dispute-{question.dispute_id}": {}})
    return response
