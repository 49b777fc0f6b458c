"""What customers' systems say: the list of all answers, and the piece of an invoice's page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import policy
from disputes import selectors
from disputes.models import DisputeLine
from disputes.told_shown import shown
from disputes.views.common import person
from ledger import selectors as ledger
from ledger.models import InvoiceAnswer

PAGE = 25
STATES = ("all", "disputed", "accepted", "waiting")
REFUSED = ("UQ", "CA", "RE", "206", "207", "208", "210", "213", "221", "501")
ACCEPTED = ("AP", "PD", "205", "211", "212")


@require_GET
@login_required
def answers(request: HttpRequest) -> HttpResponse:
    """Every answer that came, the newest first, with what became of it."""
    user = person(request)
    state = request.GET.get("state", "all")
    state = state if state in STATES else "all"
    text = request.GET.get("q", "").strip()[:80]
    rows = InvoiceAnswer.objects.visible_to(user).select_related("invoice__customer", "entity")
    rows = rows.filter(narrowed(state)).order_by("-recorded_at", "-id")
    if text:
        rows = rows.filter(document_number__icontains=text)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    words = {
        "all": _("All"),
        "disputed": _("Contested"),
        "accepted": _("Accepted or paid"),
        "waiting": _("Invoice not recorded"),
    }
    here = reverse("disputes:answers")
    context = {
        "page": page,
        "rows": shown(page.object_list),
        "text": text,
        "state": state,
        "parts": [
            {"url": f"{here}?state={name}", "words": words[name], "count": None, "here": name == state}
            for name in STATES
        ],
        "may_map": bool(policy.scope(user).entities("dispute.decide")),
    }
    return render(request, "disputes/answers.html", context)


def narrowed(state: str) -> Q:
    """The rows of a tab of the list."""
    return {
        "disputed": Q(status_code__in=REFUSED),
        "accepted": Q(status_code__in=ACCEPTED) & ~Q(standard="peppol_mlr"),
        "waiting": Q(invoice=None),
    }.get(state, Q())


@require_GET
@login_required
def for_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """What the customer's system says about an invoice, and the disputes on it; nothing when there is neither."""
    user = person(request)
    invoice = get_object_or_404(ledger.documents(user), pk=pk)
    lines = DisputeLine.objects.filter(invoice=invoice)
    found = selectors.with_people(selectors.disputes_for(user)).filter(pk__in=lines.values("dispute"))
    context = {
        "invoice": invoice,
        "rows": shown(InvoiceAnswer.objects.filter(invoice=invoice).select_related("invoice").order_by("pk")),
        "disputes": found.order_by("-pk"),
    }
    response = render(request, "disputes/_for_invoice.html", context)
    if not context["rows"] and not context["disputes"]:
        response["HX-Reswap"] = "delete"
    return response
