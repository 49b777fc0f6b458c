"""Agreements on instalments: laid out, approved, agreed, taken back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.requests import person
from collections_app import instalments_shown, selectors
from collections_app.choices import InstalmentStatus
from collections_app.forms_instalments import InstalmentsForm, given_shares
from collections_app.models import InstalmentPlan
from collections_app.services import agreement, instalments
from collections_app.services.promises import Said
from collections_app.views.common import customer_of, must, refusal, said
from ledger.models import Customer
from lib import clock

S = InstalmentStatus


@login_required
@require_http_methods(["GET", "POST"])
def new_instalments(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay out instalments: `act` is `calculate` (fills the days and amounts, which may be changed) or `propose`."""
    customer = customer_of(request, pk)
    must(request, "promise.make", customer.entity_id)
    on = clock.today(customer.entity.time_zone)
    form = InstalmentsForm(request.POST or None, initial={"first_on": on, "count": 3})
    form.offer(customer, selectors.open_invoices(customer))
    error, status, shares = "", 200, given_shares(request.POST)
    if request.method == "POST":
        status = 422
        if form.is_valid() and request.POST.get("act") == "calculate":
            shares, error = form.calculated()
            status = 422 if error else 200
        elif form.is_valid():
            shares = shares or form.calculated()[0]
            error = refusal(lambda: _propose(request, customer, form, shares))
            if not error:
                plan = InstalmentPlan.objects.filter(customer=customer, made_by=person(request)).latest("pk")
                return redirect("collections_app:instalments", plan.pk)
    context = {"customer": customer, "form": form, "error": error, "shares": shares}
    context["currency"] = form.currency or customer.entity.currency
    return render(request, "collections_app/instalments_new.html", context, status=status)


def _propose(request: HttpRequest, customer: Customer, form: InstalmentsForm, shares: list[Any]) -> None:
    data = form.cleaned_data
    said_by = {name: data[name] for name in ("source", "contact", "said_by", "note")}
    instalments.make_plan(
        parts=form.parts(),
        shares=shares,
        by=person(request),
        on=clock.today(customer.entity.time_zone),
        at=clock.now(),
        said=Said(**said_by),
    )


def _plan(request: HttpRequest, pk: int) -> InstalmentPlan:
    rows = InstalmentPlan.objects.visible_to(request.user).select_related("customer", "entity", "letter")
    return get_object_or_404(rows.select_related("made_by", "decided_by", "agreed_by", "contact"), pk=pk)


@login_required
@require_GET
def instalment_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One agreement: its instalments and where each stands, its invoices, and what can be done."""
    plan, user = _plan(request, pk), person(request)
    on = clock.today(plan.entity.time_zone)
    make = policy.may(user, "promise.make", plan.entity_id)
    approve = policy.may(user, "promise.approve", plan.entity_id) and plan.made_by_id != user.pk
    context = {
        "plan": plan,
        "shown": instalments_shown.of(plan, on),
        "may_decide": approve and plan.status == S.WAITING,
        "may_agree": make and plan.status == S.PROPOSED,
        "may_mail": make and plan.status == S.RUNNING and plan.letter is None,
        "may_cancel": make and plan.status in (S.WAITING, S.PROPOSED, S.RUNNING),
        "words": agreement.write_agreement(plan),
    }
    return render(request, "collections_app/instalments.html", context)


@login_required
@require_POST
def instalments_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse, write down that the customer agreed, send the confirmation, or take it back."""
    plan, act = _plan(request, pk), request.POST.get("act", "")
    must(request, "promise.approve" if act in ("approve", "refuse") else "promise.make", plan.entity_id)
    reason = request.POST.get("reason", "").strip()[:300]
    on, at, by = clock.today(plan.entity.time_zone), clock.now(), person(request)
    facts: dict[str, Any] = {"plan_id": plan.pk, "by": by, "on": on, "at": at}

    def agree() -> None:
        instalments.agree_plan(**facts)
        if request.POST.get("mail"):
            agreement.mail_agreement(plan_id=plan.pk, at=at)

    acts = {
        "approve": (_("Approved."), lambda: instalments.decide_plan(**facts, agree=True)),
        "refuse": (_("Not approved."), lambda: instalments.decide_plan(**facts, agree=False, reason=reason)),
        "agree": (_("The agreement runs: only instalments that are due are asked for."), agree),
        "mail": (
            _("The confirmation is on its way."),
            lambda: agreement.mail_agreement(plan_id=plan.pk, at=at),
        ),
        "cancel": (
            _("The agreement no longer holds."),
            lambda: instalments.cancel_plan(**facts, reason=reason),
        ),
    }
    if act in acts:
        said(request, *acts[act])
    return redirect("collections_app:instalments", pk)
