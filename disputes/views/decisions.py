"""Approvals: the inbox, a vote, a request taken back; the rules; promises and requests to billing in lists."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.selectors import entities_for
from disputes import decisions, services
from disputes.errors import FieldErrors
from disputes.forms_outcome import RefuseForm, RulesForm
from disputes.models import Approval
from disputes.views.common import done, find, person, refused
from disputes.views.sheets import fill, posted
from lib import clock
from lib.errors import DomainError

PAGE = 50


def _may(request: HttpRequest) -> dict[str, bool]:
    """Whether the person may look at the limits and rules somewhere."""
    return {"may_see_rules": bool(policy.scope(request.user).entities("dispute.decide"))}


@login_required
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for this person's yes or no."""
    user, at = person(request), clock.now()
    waiting = decisions.inbox(user, at)
    rows = [(one, decisions.steps_of(one)) for one in waiting]
    return render(request, "disputes/approvals.html", {"rows": rows, "here": "approvals", **_may(request)})


@login_required
@require_GET
def my_promises(request: HttpRequest) -> HttpResponse:
    """What this person, or their department, promised."""
    page = Paginator(decisions.my_promises(person(request)), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "on": clock.today(person(request).time_zone),
        "here": "promises",
        **_may(request),
    }
    return render(request, "disputes/my_promises.html", context)


@login_required
@require_GET
def credit_requests(request: HttpRequest) -> HttpResponse:
    """What billing is asked for, the oldest first."""
    rows = decisions.requests_for(person(request)).filter(state="requested")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "on": clock.today(person(request).time_zone),
        "here": "requests",
        **_may(request),
    }
    return render(request, "disputes/credit_requests.html", context)


def _find(request: HttpRequest, pk: int) -> Approval:
    """The request, or 404 when the person may not see its dispute."""
    return get_object_or_404(decisions.approvals_for(person(request)), pk=pk)


@login_required
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes."""
    approval = _find(request, pk)
    try:
        services.vote(approval_id=pk, yes=True, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, approval.dispute_id, error)
    return done(request, approval.dispute_id, _("Approved."))


@login_required
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, and why."""
    approval = _find(request, pk)
    dispute = find(request, approval.dispute_id)

    def do(form: forms.Form) -> object:
        note = form.cleaned_data["note"]
        return services.vote(approval_id=pk, yes=False, by=person(request), at=clock.now(), note=note)

    form = RefuseForm(posted(request))
    return fill(
        request,
        dispute,
        form,
        do,
        title=_("Do not approve"),
        button=_("Do not approve"),
        said=_("Not approved."),
    )


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the request back."""
    approval = _find(request, pk)
    try:
        services.take_back(approval_id=pk, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, approval.dispute_id, error)
    return done(request, approval.dispute_id, _("The request is taken back."))


@login_required
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Who may give up how much, and who must agree above that: everybody in credit reads it, an admin changes it."""
    user = person(request)
    entities = entities_for(user, "dispute.decide").order_by("code")
    wanted = request.GET.get("entity") or request.POST.get("entity") or ""
    if wanted:
        entity = get_object_or_404(entities, pk=wanted if wanted.isdigit() else 0)
    else:
        first = entities.first()
        if first is None:
            raise PermissionDenied
        entity = first
    form = RulesForm(request.POST if request.method == "POST" else None, entity=entity)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_rules(
                entity=entity, limits=form.limits(), rules=form.rules(), by=user, at=clock.now()
            )
            services.set_tolerance(entity=entity, by=user, at=clock.now(), **form.tolerance())
        except FieldErrors as wrong:
            for sentence in wrong.fields.values():
                form.add_error(None, sentence)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(f"{reverse('disputes:approval_rules')}?entity={entity.pk}")
        else:
            messages.success(request, _("Saved. Requests that wait keep the steps they were given."))
            return redirect(f"{reverse('disputes:approval_rules')}?entity={entity.pk}")
    context = {
        "form": form,
        "entity": entity,
        "entities": entities,
        "may_change": entity in entities_for(user, "approval.rules"),
        "here": "rules",
    }
    return render(request, "disputes/approval_rules.html", context, status=422 if form.errors else 200)
