"""Promises of payment: in a list, and on a customer's page, where they are noted, approved and taken back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.requests import person
from collections_app import selectors, shown
from collections_app.choices import PromiseStatus
from collections_app.forms import HoldForm, PromiseForm, ReasonForm
from collections_app.models import Promise
from collections_app.services import promises
from collections_app.services.promises import Said
from collections_app.views.common import customer_of, must, refusal, said
from ledger.models import Customer
from lib import clock


@login_required
@require_GET
def promise_list(request: HttpRequest) -> HttpResponse:
    """The promises of the person's customers: those running first shown, by day."""
    if not policy.scope(request.user).entities("ledger.read"):
        raise Http404
    wanted = request.GET.get("status", PromiseStatus.MADE)
    status = wanted if wanted in PromiseStatus.values else PromiseStatus.MADE
    tabs = [
        {"url": f"?status={s.value}", "words": s.label, "count": None, "here": s == status}
        for s in PromiseStatus
    ]
    found = selectors.promises(request.user).filter(status=status)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {"page": page, "rows": shown.promises(page, person(request)), "states": tabs}
    return render(request, "collections_app/promises.html", context)


def context_of(
    request: HttpRequest, customer: Customer, form: PromiseForm | None = None, error: str = ""
) -> dict[str, Any]:
    """Everything the promises of a customer show; the form only for who may fill it."""
    on = clock.today(customer.entity.time_zone)
    invoices = selectors.open_invoices(customer)
    if form is None:
        form = PromiseForm(initial={"promised_on": on})
        form.offer(customer, invoices)
    user = person(request)
    rows = selectors.promises(user).filter(customer=customer).order_by("-promised_on", "-pk")[:50]
    return {
        "customer": customer,
        "rows": shown.promises(rows, user),
        "plans": shown.plans(selectors.instalment_plans(user).filter(customer=customer)[:20]),
        "form": form,
        "hold_form": HoldForm(auto_id="hold_%s"),
        "holds": list(selectors.holds(customer, on)),
        "error": error,
        "has_open": invoices.exists(),
        "may_promise": policy.may(user, "promise.make", customer.entity_id),
        "may_hold": policy.may(user, "plan.run", customer.entity_id),
    }


@login_required
@require_http_methods(["GET", "POST"])
def customer_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's promises, and the form to note one down."""
    customer = customer_of(request, pk)
    if request.method == "GET":
        return render(request, "collections_app/customer.html", context_of(request, customer))
    must(request, "promise.make", customer.entity_id)
    form = PromiseForm(request.POST)
    form.offer(customer, selectors.open_invoices(customer))
    error = refusal(lambda: _promise(request, customer, form)) if form.is_valid() else ""
    if form.is_valid() and not error:
        return redirect("collections_app:customer_promises", pk)
    context = context_of(request, customer, form, error)
    return render(request, "collections_app/customer.html", context, status=422)


def _promise(request: HttpRequest, customer: Customer, form: PromiseForm) -> None:
    data = dict(form.cleaned_data)
    chosen = selectors.parts_of(list(data.pop("invoice")), data.pop("amount"))
    made = promises.make_promises(
        parts=chosen,
        promised_on=data.pop("promised_on"),
        by=person(request),
        on=clock.today(customer.entity.time_zone),
        at=clock.now(),
        said=Said(**data),
    )
    shown.noted(request, made)


def _act(request: HttpRequest, act: uuid.UUID) -> Promise:
    """One promise of an act that the person may see; 404 otherwise."""
    found = selectors.promises(request.user).select_related("entity").filter(act=act).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_POST
def decide(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """Approve promises that wait, or not."""
    found, agree = _act(request, act), request.POST.get("answer") == "yes"
    must(request, "promise.approve", found.entity_id)
    facts: dict[str, Any] = {"on": clock.today(found.entity.time_zone), "at": clock.now()}
    reason = request.POST.get("reason", "").strip()[:300]
    done = _("Approved: the promise holds.") if agree else _("Not approved.")
    said(
        request,
        done,
        lambda: promises.decide_promises(act=act, agree=agree, by=person(request), reason=reason, **facts),
    )
    return redirect("collections_app:customer_promises", found.customer_id)


@login_required
@require_POST
def cancel(request: HttpRequest, act: uuid.UUID) -> HttpResponse:
    """The customer takes their word back, or it was a mistake."""
    found, form = _act(request, act), ReasonForm(request.POST)
    must(request, "promise.make", found.entity_id)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    said(
        request,
        _("The promise no longer holds."),
        lambda: promises.cancel_promises(act=act, by=person(request), at=clock.now(), reason=reason),
    )
    return redirect("collections_app:customer_promises", found.customer_id)
