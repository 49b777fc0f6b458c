"""A new dispute: one page, one form; its buttons find and add invoices, calculate, and open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import policy
from disputes import draft as drafts
from disputes import services
from disputes.draft import Draft
from disputes.errors import FieldErrors
from disputes.models import Dispute, Reason
from disputes.views.common import person
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError
from lib.htmx import go


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a dispute. `?invoice=` (several) or `?customer=` starts it; `act` says which button was pressed."""
    user = person(request)
    if not policy.scope(user).entities("dispute.open"):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET
    act = data.get("act", "")
    ids = [*data.getlist("invoice"), *data.getlist("add")]
    gone = data.get("drop", "")
    draft = drafts.read(user, data, [pk for pk in ids if pk != gone], clock.today())
    if draft.customer is None and data.get("customer", "").isdigit():
        visible = policy.rows(user, "dispute.open", salesperson="salesperson")
        draft.customer = get_object_or_404(Customer.objects.filter(visible), pk=data["customer"])
    status = 200
    if request.method == "POST" and act == "open":
        dispute = _open(request, draft)
        if dispute is not None:
            messages.success(request, _("Dispute %(ref)s is open.") % {"ref": dispute.ref})
            return go(request, reverse("disputes:detail", args=[dispute.pk]))
        status = 422
    return _draw(request, draft, status)


def _draw(request: HttpRequest, draft: Draft, status: int) -> HttpResponse:
    user = person(request)
    context: dict[str, Any] = {
        "draft": draft,
        "found": drafts.find_invoices(user, draft, clock.today()),
        "already": drafts.open_already(user, draft) if draft.invoices else [],
        "reasons": drafts.reasons(draft, user),
        "checked": status == 422,
    }
    return render(request, "disputes/new.html", context, status=status)


def _open(request: HttpRequest, draft: Draft) -> Dispute | None:
    """Open it, or put the sentences where they belong and return None."""
    reason = _reason(draft)
    if not draft.invoices:
        draft.errors["invoices"] = _("Choose at least one invoice.")
    if reason is None:
        draft.errors["reason"] = _("Choose why the customer does not pay.")
    if draft.problems or reason is None or draft.customer is None:
        return None
    lines, sources = drafts.inputs(draft)
    try:
        return services.open_dispute(
            customer=draft.customer,
            lines=lines,
            reason=reason,
            by=person(request),
            at=clock.now(),
            statement=draft.statement,
        )
    except FieldErrors as wrong:
        for path, sentence in wrong.fields.items():
            place = path.split(".")[1] if path.startswith("lines.") else ""
            if place:
                sources[int(place)].error = sentence
            else:
                draft.errors[path] = sentence
    except DomainError as error:
        draft.errors["form"] = str(error)
    return None


def _reason(draft: Draft) -> Reason | None:
    if draft.customer is None:
        return None
    return Reason.objects.filter(entity=draft.customer.entity_id, code=draft.reason, active=True).first()
