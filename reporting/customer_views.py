"""The figures of one customer, as a part of their page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts import policy
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError
from reporting.reports.dso import dso_figures, measures
from reporting.reports.table import Options
from reporting.selectors.frame import make_frame


@require_GET
@login_required
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """DSO, dispute DSO and average days delinquent of the customer; nothing for who reads no reports."""
    rows = Customer.objects.visible_to(request.user).select_related("entity")
    customer = get_object_or_404(rows, pk=pk)
    if not policy.may(request.user, "report.read", customer.entity_id):
        return HttpResponse("")
    on = clock.today(customer.entity.time_zone)
    frame = make_frame(customer.entity, on, user=request.user, filters={"customer": customer.pk})
    try:
        _position, _sales, family = dso_figures(frame, Options())
    except DomainError:
        # No rate of the day for one of the currencies: the page says that itself.
        return HttpResponse("")
    context = {"family": family, "shown": measures(family), "on": on}
    return render(request, "reporting/_customer_figures.html", context)
