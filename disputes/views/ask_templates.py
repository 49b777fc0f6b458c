"""The settings of questions kept at hand: a list by reason, and a form for each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from disputes import services
from disputes.errors import FieldErrors
from disputes.forms_questions import TemplateForm
from disputes.models import AskTemplate, Reason
from disputes.views.common import person
from lib import clock


def _reasons(request: HttpRequest) -> Any:
    """The reasons whose questions this person may arrange; 403 for who may nowhere."""
    entities = policy.scope(person(request)).entities("question.template")
    if not entities:
        raise PermissionDenied
    return Reason.objects.filter(entity__in=entities, active=True).select_related("entity")


@require_http_methods(["GET", "POST"])
@login_required
def ask_templates(request: HttpRequest) -> HttpResponse:
    """Every question at hand, by reason; a POST adds the usual ones to the reasons that have none."""
    if request.method == "POST":
        made = services.add_usual_questions(by=person(request), at=clock.now())
        messages.success(
            request,
            ngettext("%(n)s question is added.", "%(n)s questions are added.", made) % {"n": made},
        )
        return redirect("disputes:ask_templates")
    reasons = _reasons(request).prefetch_related("ask_templates").order_by("entity__code", "position", "code")
    several = len({reason.entity_id for reason in reasons}) > 1
    usual = {entry["code"] for entry in services.catalogue.reasons()}
    bare = any(reason.code in usual and not reason.ask_templates.all() for reason in reasons)
    context = {"reasons": reasons, "several": several, "bare": bare}
    return render(request, "disputes/ask_templates.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def ask_template(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a question to a reason, or change one."""
    reasons = _reasons(request)
    row = get_object_or_404(AskTemplate.objects.filter(reason__in=reasons), pk=pk) if pk else None
    wanted = request.GET.get("reason", "")
    reason = row.reason if row else get_object_or_404(reasons, pk=wanted if wanted.isdigit() else 0)
    form = TemplateForm(request.POST if request.method == "POST" else None, row=row)
    if form.is_bound and form.is_valid():
        try:
            services.set_template(
                reason=reason, wanted=form.wanted(), by=person(request), at=clock.now(), row=row
            )
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(form.field_for(name), sentence)
        else:
            messages.success(request, _("Saved. It is proposed when somebody asks about such a dispute."))
            return redirect("disputes:ask_templates")
    context = {"form": form, "reason": reason, "row": row}
    return render(request, "disputes/ask_template.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def drop_ask_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question away."""
    row = get_object_or_404(AskTemplate.objects.filter(reason__in=_reasons(request)), pk=pk)
    services.drop_template(row=row, by=person(request), at=clock.now())
    messages.success(request, _("The question is gone from the list. What was asked with it stays."))
    return redirect("disputes:ask_templates")
