"""One e-mail that waits: read it, and say where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import policy
from disputes import queue, selectors, services
from disputes.mail.proposing import propose
from disputes.models import TakenMail
from disputes.views.common import person
from ledger.models import Customer
from ledger.selectors import customers as customers_for
from lib import clock
from lib.errors import DomainError

FOUND = 10


@login_required
@require_http_methods(["GET", "POST"])
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail, what it seems to be about, and what can be done with it."""
    found = get_object_or_404(
        TakenMail.objects.visible_to(person(request)).select_related("entity", "inbound"), pk=pk
    )
    if found.settled_at is not None:
        return (
            redirect("disputes:detail", found.dispute_id) if found.dispute_id else redirect("disputes:mails")
        )
    error, status = "", 200
    if request.method == "POST":
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        try:
            return act(request, found)
        except DomainError as wrong:
            error, status = str(wrong), 422
    return render(request, "disputes/mail.html", _context(request, found, error), status=status)


def _context(request: HttpRequest, found: TakenMail, error: str) -> dict[str, Any]:
    user = person(request)
    proposal = propose(user, found, clock.today())
    asked = request.GET.get("q", "").strip()
    customer = None if asked else proposal.customer
    narrowed = queue.Filters(view=queue.View.ALL, q=asked, customer=customer.pk if customer else None)
    page = queue.page(user, narrowed, clock.now(), size=FOUND) if asked or customer else None
    named = request.GET.get("customer", "").strip()
    customers = customers_for(user).filter(entity=found.entity_id)
    if named:
        shown = list(customers.filter(name__icontains=named).order_by("name")[:FOUND])
    else:
        shown = [proposal.customer] if proposal.customer else []
    return {
        "mail": found,
        "error": error,
        "proposal": proposal,
        "q": asked,
        "rows": page.rows if page else [],
        "searched": page is not None,
        "named": named,
        "customers": shown,
        "may_write": policy.may(user, "ledger.write", found.entity_id) and bool(found.address),
    }


def _attach(request: HttpRequest, found: TakenMail) -> HttpResponse:
    pk = request.POST.get("dispute", "")
    rows = selectors.disputes_for(person(request)).filter(entity=found.entity_id)
    dispute = get_object_or_404(rows, pk=pk if pk.isdecimal() else 0)
    refused = services.attach_mail(mail=found, dispute=dispute, by=person(request), at=clock.now())
    messages.success(request, _("The e-mail is in %(ref)s now.") % {"ref": dispute.ref})
    for sentence in refused:
        messages.warning(request, sentence)
    return redirect("disputes:detail", dispute.pk)


def _know(request: HttpRequest, found: TakenMail) -> HttpResponse:
    pk = request.POST.get("customer", "")
    rows = customers_for(person(request)).filter(entity=found.entity_id)
    customer: Customer = get_object_or_404(rows, pk=pk if pk.isdecimal() else 0)
    services.know_sender(mail=found, customer=customer, by=person(request), at=clock.now())
    words = _("%(address)s is a contact of %(customer)s now.")
    messages.success(request, words % {"address": found.address, "customer": customer.name})
    return redirect("disputes:mail", found.pk)


def _block(request: HttpRequest, found: TakenMail) -> HttpResponse:
    services.block_mail(mail=found, by=person(request), at=clock.now())
    messages.success(
        request, _("E-mails from %(address)s are refused from now on.") % {"address": found.address}
    )
    return redirect("disputes:mails")


def _aside(request: HttpRequest, found: TakenMail) -> HttpResponse:
    services.settle_mail(mail=found, dispute=None, by=person(request), at=clock.now())
    messages.success(request, _("Put aside."))
    return redirect("disputes:mails")


ACTS: dict[str, Callable[[HttpRequest, TakenMail], HttpResponse]] = {
    "attach": _attach,
    "know": _know,
    "block": _block,
    "aside": _aside,
}
