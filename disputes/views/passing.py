"""“Not me” and “later”: what else the person asked can do with a question. And reminding them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from disputes import selectors, services
from disputes.choices import Later
from disputes.errors import FieldErrors, PastDeadline
from disputes.forms_questions import ForwardForm
from disputes.models import Question
from disputes.views.common import person, refused
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx


@login_required
@require_http_methods(["GET", "POST"])
def forward(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the question to a colleague, and say why."""
    question, user, at = _mine(request, pk), person(request), clock.now()
    form = ForwardForm(request.POST if request.method == "POST" else None, question=question)
    if form.is_bound and form.is_valid():
        try:
            done = services.forward_question(question_id=pk, by=user, at=at, **form.cleaned_data)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return redirect("disputes:questions")
        else:
            messages.success(request, _("%(name)s is asked now.") % {"name": done.asked_of.name})
            return redirect("disputes:questions")
    context = {"question": question, "form": form}
    return render(request, "disputes/forward.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the question off; past its deadline only when that was asked for (`past`)."""
    question, user, at = _mine(request, pk), person(request), clock.now()
    chosen, past = request.POST.get("later", ""), bool(request.POST.get("past"))
    try:
        services.put_off_question(question_id=pk, later=chosen, by=user, at=at, past_deadline=past)
    except PastDeadline as sooner:
        return _draw(request, question, problem=str(sooner), past_later=chosen)
    except DomainError as refusal:
        return _draw(request, question, problem=str(refusal))
    if is_htmx(request):
        response = HttpResponse()
        response["HX-Trigger"] = "live:question"
        return response
    messages.success(request, _("The question comes back later."))
    return redirect("disputes:questions")


@login_required
@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind the person asked, now."""
    question = get_object_or_404(selectors.questions_for(person(request)), pk=pk)
    try:
        services.remind_now(question_id=pk, by=person(request), at=clock.now())
    except DomainError as refusal:
        return refused(request, question.dispute_id, refusal)
    messages.success(request, _("%(name)s was reminded") % {"name": question.asked_of.name})
    if is_htmx(request):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect("disputes:detail", question.dispute_id)


def _mine(request: HttpRequest, pk: int) -> Question:
    """A question this person may answer; 404 for anybody else."""
    user = person(request)
    question = get_object_or_404(selectors.questions_for(user), pk=pk)
    if not services.may_answer(question, question.dispute, user, clock.now()):
        raise Http404
    return question


def _draw(request: HttpRequest, question: Question, **more: Any) -> HttpResponse:
    """The card with what stands against it; a page of its own without scripts."""
    shown = selectors.with_rights([question], person(request), clock.now())[0]
    context = {"question": shown, "inbox": True, "laters": Later.choices, **more}
    template = "disputes/_question.html" if is_htmx(request) else "disputes/question.html"
    return render(request, template, context, status=409)
