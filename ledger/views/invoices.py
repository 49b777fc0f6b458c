"""Invoices and credit notes: the list, and one document."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.selectors import entities_for
from ledger import lists, selectors, services
from ledger.choices import InvoiceKind
from ledger.models import Allocation, Contact
from ledger.paging import page_by
from ledger.rates_shown import worth
from ledger.views.common import number, person, today
from lib import clock


@require_GET
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Documents by issue date, newest first, with what is still open."""
    state, bucket = request.GET.get("state", "open"), request.GET.get("bucket", "")
    wanted = lists.InvoiceFilter(
        text=request.GET.get("q", "").strip()[:100],
        state=state if state in lists.STATES else "open",
        bucket=bucket if bucket in {name for name, _first, _last in lists.BUCKETS} else "",
        customer=number(request, "customer"),
        entity=number(request, "entity"),
    )
    on = today(request)
    rows = lists.invoices(request.user, wanted, on)
    words = {
        "open": _("Open"),
        "overdue": _("Overdue"),
        "paid": _("Paid"),
        "credit_notes": _("Credit notes"),
        "all": _("All"),
    }
    context = {
        "page": page_by(rows, ("-issued_on", "-id"), request.GET.get("after", "")),
        "totals": lists.totals(rows),
        "wanted": wanted,
        "on": on,
        "states": [(name, words[name]) for name in lists.STATES],
        "entities": entities_for(request.user, "ledger.read"),
        "customer": selectors.customers(request.user).filter(pk=wanted.customer).first()
        if wanted.customer
        else None,
    }
    return render(request, "ledger/invoices.html", context)


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: its facts, its lines, and what was placed on it."""
    rows = selectors.documents(request.user).select_related(
        "customer__salesperson", "corrects", "entity", "batch", "contact"
    )
    invoice = get_object_or_404(rows, pk=pk)
    left = invoice.amount - invoice.allocated
    credit = invoice.kind == InvoiceKind.CREDIT_NOTE
    placed = Allocation.objects.filter(**{"credit_note" if credit else "invoice": invoice})
    on = today(request)
    context = {
        "invoice": invoice,
        "is_credit": credit,
        "left": left,
        "lines": invoice.lines.all(),
        "files": invoice.files.all(),
        "placed": placed.select_related("payment", "credit_note", "invoice", "by"),
        "corrections": invoice.corrections.all(),
        "on": on,
        "worth": worth(invoice, left, on),
        "days_late": (on - invoice.due_on).days,
        "contacts": invoice.customer.contacts.all()
        if policy.may(request.user, "ledger.write", invoice.entity_id)
        else [],
        "may_dispute": not credit
        and left > 0
        and policy.may(request.user, "dispute.open", invoice.entity_id),
    }
    return render(request, "ledger/invoice.html", context)


@require_POST
@login_required
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who at the customer deals with the document; without a choice, nobody."""
    invoice = get_object_or_404(selectors.documents(request.user), pk=pk)
    if not policy.may(request.user, "ledger.write", invoice.entity_id):
        raise PermissionDenied
    word = request.POST.get("contact", "")
    chosen = int(word) if word.isascii() and word.isdigit() and len(word) < 18 else None
    if word and chosen is None:
        raise Http404
    one = (
        get_object_or_404(Contact.objects.filter(customer=invoice.customer_id), pk=chosen) if chosen else None
    )
    services.choose_contact(document=invoice, contact=one, at=clock.now(), by=person(request))
    words = _("%(name)s deals with this document from now on.") if one else _("Nobody is named any more.")
    messages.success(request, words % {"name": one.name} if one else words)
    return redirect("ledger:invoice", pk=pk)
