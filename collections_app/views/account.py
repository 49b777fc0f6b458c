"""The parts of a customer's page that collecting fills: tabs loaded by address, the timeline, the statement."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.requests import person
from collections_app import selectors, shown
from collections_app.models import Call, Remark
from collections_app.services import remarks
from collections_app.statements import as_pdf, statement_of
from collections_app.timeline import timeline_of
from collections_app.views.common import customer_of, must, said
from lib import clock

PAGE = 25


@login_required
@require_GET
def account_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab of promises and instalments."""
    customer, user = customer_of(request, pk), person(request)
    found = selectors.promises(user).filter(customer=customer).order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    plans = selectors.instalment_plans(user).filter(customer=customer)[:PAGE]
    context: dict[str, Any] = {"customer": customer, "rows": shown.promises(page, user), "page": page}
    context |= {
        "plans": shown.plans(plans),
        "may_promise": policy.may(user, "promise.make", customer.entity_id),
    }
    return render(request, "collections_app/_account_promises.html", context)


@login_required
@require_GET
def account_calls(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab of calls: those to come first."""
    customer = customer_of(request, pk)
    found = Call.objects.filter(customer=customer).select_related("contact", "ended_by", "assigned_to")
    page = Paginator(found.order_by("ended_at", "-pk").reverse(), PAGE).get_page(request.GET.get("page"))
    may = policy.may(request.user, "call.make", customer.entity_id)
    return render(
        request, "collections_app/_account_calls.html", {"customer": customer, "page": page, "may_call": may}
    )


@login_required
@require_GET
def account_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab of letters: reminders, letters about disputes, confirmations."""
    customer = customer_of(request, pk)
    may = policy.may(request.user, "letter.read", customer.entity_id)
    found = selectors.letters_of(person(request), customer)
    page = Paginator(found, PAGE).get_page(request.GET.get("page")) if may else []
    return render(
        request,
        "collections_app/_account_letters.html",
        {"customer": customer, "page": page, "may_read": may},
    )


@login_required
@require_GET
def account_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab of notes."""
    customer = customer_of(request, pk)
    found = Remark.objects.filter(customer=customer).select_related("by").order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    may = policy.may(request.user, "call.make", customer.entity_id)
    return render(
        request, "collections_app/_account_notes.html", {"customer": customer, "page": page, "may_write": may}
    )


@login_required
@require_POST
def account_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note about the customer."""
    customer = customer_of(request, pk)
    must(request, "call.make", customer.entity_id)
    text = request.POST.get("text", "")[:4000]
    said(
        request,
        _("Noted."),
        lambda: remarks.write_remark(customer=customer, text=text, by=person(request), at=clock.now()),
    )
    return redirect(f"{reverse('ledger:customer', args=[pk])}?tab=notes")


@login_required
@require_GET
def account_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened, newest first, a page at a time."""
    customer = customer_of(request, pk)
    before = request.GET.get("before", "")
    found = timeline_of(customer, person(request), int(before) if before.isdecimal() else 0)
    return render(
        request, "collections_app/_account_timeline.html", {"customer": customer, "timeline": found}
    )


@login_required
@require_GET
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement of open items as of a day (`on`, today without one), in the customer's language."""
    customer = customer_of(request, pk)
    today = clock.today(customer.entity.time_zone)
    try:
        on = min(date.fromisoformat(request.GET.get("on", "")), today)
    except ValueError:
        on = today
    language = request.GET.get("language", customer.language)
    language = language if language in ("es", "fr", "en") else "en"
    answer = HttpResponse(as_pdf(statement_of(customer, on), language), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="statement-{customer.pk}-{on.isoformat()}.pdf"'
    return answer
