"""What happens next with the invoices of a dispute, shown while somebody closes it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts import policy
from accounts.requests import person
from collections_app.after_dispute import Ending, ending_of_move, foresee
from disputes.choices import Resolution
from disputes.selectors import disputes_for
from disputes.services import Wrong, read_amount
from lib import clock


@login_required
@require_GET
def after_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """The slot of the form; empty for who does not read reminders, and while the form makes no sense."""
    rows = disputes_for(person(request)).select_related("entity", "customer", "route_version__route")
    dispute = get_object_or_404(rows, pk=pk)
    given = request.GET
    if not dispute.is_open or not policy.may(request.user, "plan.read", dispute.entity_id):
        return HttpResponse("")
    if given.get("move"):
        ending = ending_of_move(dispute, given["move"])
    else:
        ending = Ending(given.get("resolution", ""), waits="waits" in given, told="told" in given)
    if ending is None or ending.resolution not in Resolution.values:
        return HttpResponse("")
    try:
        amount = read_amount(given["credit_amount"]) if given.get("credit_amount") else None
    except Wrong:
        return HttpResponse("")
    ending = Ending(ending.resolution, amount, ending.waits, ending.told)
    found = foresee(dispute, ending, clock.today(dispute.entity.time_zone))
    return render(request, "collections_app/_after_dispute.html", {"found": found, "dispute": dispute})
