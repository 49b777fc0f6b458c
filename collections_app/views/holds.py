"""Stopping the reminders of a customer, and letting them go on."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import person
from collections_app.forms import HoldForm
from collections_app.models import Hold
from collections_app.services import holds
from collections_app.views.common import customer_of, must, said
from ledger.models import Customer
from lib import clock


@login_required
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the customer's reminders."""
    customer = customer_of(request, pk)
    must(request, "plan.run", customer.entity_id)
    form = HoldForm(request.POST)
    on, at = clock.today(customer.entity.time_zone), clock.now()
    if form.is_valid():
        said(
            request,
            _("The reminders to this customer are stopped."),
            lambda: holds.set_hold(customer=customer, by=person(request), on=on, at=at, **form.cleaned_data),
        )
    else:
        messages.error(request, _("Say why the reminders stop."))
    return redirect("collections_app:customer_promises", pk)


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the reminders go on."""
    mine = Customer.objects.visible_to(request.user)
    found = get_object_or_404(Hold.objects.filter(customer__in=mine), pk=pk)
    must(request, "plan.run", found.entity_id)
    holds.lift_hold(hold=found, by=person(request), at=clock.now())
    messages.success(request, _("The reminders go on from the next run."))
    return redirect("collections_app:customer_promises", found.customer_id)
