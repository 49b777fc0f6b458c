"""The piece of the payment page that belongs to this room: why was less paid?"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from disputes import guess as guessing
from disputes import selectors
from disputes.draft import may_dispute
from disputes.models import DisputeLine, Reason
from disputes.services import Wrong, disputable, read_amount
from disputes.views.common import person
from lib import clock
from lib.money import ZERO


@require_GET
@login_required
def short_payment(request: HttpRequest) -> HttpResponse:
    """A choice of reasons (`dispute_reason`) with the guessed one chosen and its quote; nothing is written."""
    wanted = request.GET.get("invoice", "")
    user = person(request)
    invoice = get_object_or_404(may_dispute(user), pk=wanted if wanted.isdigit() else 0)
    reasons = list(Reason.objects.filter(entity=invoice.entity_id, active=True).exclude(route=None))
    found = guessing.guess(request.GET.get("text", ""), [reason.code for reason in reasons])
    amount = _amount(request.GET.get("amount", ""))
    room = disputable([invoice], clock.today(invoice.entity.time_zone))[invoice.pk]
    lines = DisputeLine.objects.filter(invoice=invoice, closed_on=None)
    context = {
        "invoice": invoice,
        "reasons": reasons,
        "found": found,
        "amount": amount,
        "covered": amount is not None and room < amount,
        "already": selectors.disputes_for(user).filter(pk__in=lines.values("dispute")).order_by("pk"),
    }
    return render(request, "disputes/_short_payment.html", context)


def _amount(text: str) -> Decimal | None:
    try:
        amount = read_amount(text)
    except Wrong:
        return None
    return amount if amount > ZERO else None
