"""What collecting says about a customer, as a part of their page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import policy
from collections_app import selectors
from collections_app.views.common import customer_of
from collections_app.views.promises import context_of


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
    return render(request, "collections_app/_panel.html", {**context, "notices": list(notices)})
