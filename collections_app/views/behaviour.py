"""How one customer pays and in which segment they are, as a part of their page; setting it by hand."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.requests import person
from collections_app.forms_segments import PinForm
from collections_app.segmenting import shown
from collections_app.services import pins
from collections_app.views.common import customer_of, must, said
from lib import clock


@login_required
@require_GET
def account_behaviour(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel “How they pay”."""
    customer = shown.explained(customer_of(request, pk))
    standing = shown.standing(customer, customer.entity.currency)
    context = {
        "customer": customer,
        "standing": standing,
        "sentences": shown.behaviour_words(customer),
        "may_read": policy.may(request.user, "plan.read", customer.entity_id),
        "form": PinForm(initial={"segment": standing.segment})
        if policy.may(request.user, "plan.edit", customer.entity_id)
        else None,
    }
    return render(request, "collections_app/_account_behaviour.html", context)


@login_required
@require_POST
def segment_pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the customer in a segment, or let the rules decide again."""
    customer, user = customer_of(request, pk), person(request)
    must(request, "plan.edit", customer.entity_id)
    on, at = clock.today(customer.entity.time_zone), clock.now()
    segment, reason = request.POST.get("segment", ""), request.POST.get("reason", "")
    if request.POST.get("act") == "unpin":
        said(
            request,
            _("The rules decide again."),
            lambda: pins.unpin(customer=customer, by=user, on=on, at=at),
        )
    else:
        said(
            request,
            _("Set. It counts from the next decision on."),
            lambda: pins.pin(customer=customer, segment=segment, reason=reason, by=user, on=on, at=at),
        )
    return redirect(reverse("ledger:customer", args=[pk]))
