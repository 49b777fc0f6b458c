"""What collecting says about a customer, as a part of their page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import policy
from accounts.requests import person
from collections_app import selectors
from collections_app.calling.screen import sums_of
from collections_app.decision.open_items import open_items
from collections_app.forms_calls import CollectorForm
from collections_app.models import Portfolio
from collections_app.views.common import customer_of
from collections_app.views.promises import context_of
from lib import clock


@login_required
@require_GET
def customer_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Holds, the last promises and the last reminders."""
    customer = customer_of(request, pk)
    context = context_of(request, customer)
    may_read = policy.may(request.user, "plan.read", customer.entity_id)
    notices = (
        selectors.notices(request.user).filter(customer=customer).order_by("-pk")[:3] if may_read else []
    )
    user = person(request)
    manages = policy.may(user, "portfolio.set", customer.entity_id)
    held = Portfolio.objects.select_related("collector").filter(customer=customer).first()
    form = CollectorForm(initial={"collector": held.collector_id if held else None})
    form.offer(customer)
    on = clock.today(customer.entity.time_zone)
    context |= {
        "notices": list(notices),
        "sums": sums_of(open_items(customer, on)),
        "collector": held.collector if held else None,
        "collector_form": form if manages else None,
        "may_call": policy.may(user, "call.make", customer.entity_id),
        "on": on,
    }
    return render(request, "collections_app/_panel.html", context)
