"""The call screen: whom to call, what to say, and what came of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import person
from collections_app import selectors
from collections_app.calling.screen import screen_of
from collections_app.choices import CallOutcome, CallReason
from collections_app.forms_calls import CollectorForm, PlanCallForm, ResultForm
from collections_app.models import Call, ContactFlag
from collections_app.services import calls, worklist
from collections_app.services.calls import NewContact, Result
from collections_app.services.following import TRIES, unreached
from collections_app.views.common import customer_of, must, refusal, said
from collections_app.views.worklist import KEPT
from ledger.models import Contact, Customer
from lib import clock, formats


def _kept(request: HttpRequest) -> str:
    """Which list the person works through, as the tail of an address."""
    given = request.POST if request.method == "POST" else request.GET
    return urlencode({name: given[name] for name in KEPT if given.get(name)})


@login_required
@require_http_methods(["GET", "POST"])
def call_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a customer, and write down what came of it."""
    customer = customer_of(request, pk)
    must(request, "call.make", customer.entity_id)
    form, error = None, ""
    if request.method == "POST":
        invoices = selectors.open_invoices(customer)
        form = ResultForm(request.POST, customer=customer, invoices=invoices)
        done: list[calls.Done] = []
        error = refusal(lambda: done.append(_finish(request, customer, form))) if form.is_valid() else ""
        if done:
            return _after(request, customer, done[0], form)
    contact = request.GET.get("contact", "")
    on, at = clock.today(customer.entity.time_zone), clock.now()
    chosen = int(contact) if contact.isdecimal() else None
    screen = screen_of(customer=customer, user=person(request), contact_id=chosen, on=on, at=at)
    plan_form = PlanCallForm(initial={"due_on": on, "reason": CallReason.OVERDUE}, auto_id="plan_%s")
    plan_form.offer(customer)
    context: dict[str, Any] = {"customer": customer, "screen": screen, "form": form, "error": error}
    context |= {"keep": _kept(request), "plan_form": plan_form, "on": on, "kept": _kept_fields(request)}
    return render(request, "collections_app/call.html", context, status=422 if form else 200)


def _kept_fields(request: HttpRequest) -> dict[str, str]:
    given = request.POST if request.method == "POST" else request.GET
    return {name: given[name] for name in KEPT if given.get(name)}


def _finish(request: HttpRequest, customer: Customer, form: ResultForm) -> calls.Done:
    data = form.cleaned_data
    parts: tuple[Any, ...] = ()
    if data["outcome"] == CallOutcome.PROMISE and data["invoice"]:
        parts = tuple(selectors.parts_of(list(data["invoice"]), data["amount"]))
    result = Result(
        outcome=data["outcome"],
        notes=data["notes"],
        seconds=data["seconds"],
        parts=parts,
        promised_on=data["promised_on"],
        call_back_at=form.call_back_at,
        right=NewContact(data["name"], data["phone"], data["email"]),
    )
    return calls.finish_call(
        customer=customer,
        result=result,
        by=person(request),
        on=clock.today(customer.entity.time_zone),
        at=clock.now(),
        call_id=data["call"],
        contact=data["contact"],
        reason=data["reason"] or CallReason.OVERDUE,
    )


def _after(request: HttpRequest, customer: Customer, done: calls.Done, form: ResultForm) -> HttpResponse:
    """On to the new dispute, to the next customer of the list, or back to this one."""
    messages.success(request, _noted(customer, done))
    tries = unreached(customer)
    if tries >= TRIES:
        sentence = _("Nobody answered %(n)d times at %(name)s: write to them instead.")
        messages.warning(request, sentence % {"n": tries, "name": customer.name})
    if done.call.outcome == CallOutcome.DISPUTE:
        chosen = [("invoice", one.pk) for one in form.cleaned_data["invoice"]]
        return redirect(f"{reverse('disputes:new')}?{urlencode(chosen or [('customer', customer.pk)])}")
    if request.POST.get("list"):
        return redirect(f"{reverse('collections_app:work_next')}?{_kept(request)}")
    return redirect("collections_app:call", customer.pk)


def _noted(customer: Customer, done: calls.Done) -> str:
    words = _("%(name)s: %(outcome)s.") % {
        "name": customer.name,
        "outcome": done.call.get_outcome_display().lower(),
    }
    if done.next_call is not None:
        words += " " + _("Next call: %(day)s.") % {"day": formats.day(done.next_call.due_on)}
    if any(one.status == "waiting" for one in done.promises):
        words += " " + _("The promise has to be approved.")
    return words


@login_required
@require_POST
def call_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a call on the worklist."""
    customer = customer_of(request, pk)
    must(request, "call.make", customer.entity_id)
    form = PlanCallForm(request.POST)
    form.offer(customer)
    if form.is_valid():
        said(
            request,
            _("The call is planned."),
            lambda: calls.plan_call(
                customer=customer, at=clock.now(), by=person(request), **form.cleaned_data
            ),
        )
    else:
        messages.error(request, _("Say why and when to call."))
    return redirect("collections_app:call", pk)


@login_required
@require_POST
def call_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned call is not needed."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=pk)
    must(request, "call.make", call.entity_id)
    why = request.POST.get("why", "").strip()[:300]
    said(
        request,
        _("The call is taken off the list."),
        lambda: calls.cancel_call(call=call, by=person(request), at=clock.now(), why=why),
    )
    return redirect("collections_app:call", call.customer_id)


@login_required
@require_POST
def contact_clear(request: HttpRequest, pk: int) -> HttpResponse:
    """The contact is the right one after all."""
    mine = Customer.objects.visible_to(request.user)
    contact = get_object_or_404(Contact.objects.filter(customer__in=mine).select_related("customer"), pk=pk)
    must(request, "call.make", contact.customer.entity_id)
    if not ContactFlag.objects.filter(contact=contact, cleared_at=None).exists():
        raise Http404
    calls.clear_flag(contact=contact, at=clock.now())
    messages.success(request, _("The contact counts again."))
    return redirect("collections_app:call", contact.customer_id)


@login_required
@require_POST
def collector(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the customer into somebody's portfolio."""
    customer = customer_of(request, pk)
    must(request, "portfolio.set", customer.entity_id)
    form = CollectorForm(request.POST)
    form.offer(customer)
    if form.is_valid():
        said(
            request,
            _("Saved."),
            lambda: worklist.set_collector(
                customers=[customer],
                collector=form.cleaned_data["collector"],
                by=person(request),
                at=clock.now(),
            ),
        )
    return redirect("ledger:customer", pk)
