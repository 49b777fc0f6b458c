"""Customers: the list, and one customer's account."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.selectors import entities_for
from ledger import lists, selectors
from ledger.limits_shown import credit_used
from ledger.models import InvoiceFile
from ledger.paging import page_by
from ledger.rates_shown import together
from ledger.views.common import number, person, today

TABS = (
    "invoices",
    "disputes",
    "payments",
    "promises",
    "calls",
    "letters",
    "contacts",
    "notes",
    "files",
    "timeline",
)
# The tabs that rooms above fill, by the names of their addresses.
FILLED = {
    "disputes": "disputes:for_customer",
    "promises": "collections_app:account_promises",
    "calls": "collections_app:account_calls",
    "letters": "collections_app:account_letters",
    "notes": "collections_app:account_notes",
    "timeline": "collections_app:account_timeline",
}
PAGE = 25


@require_GET
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Who owes us, by name; searched by name, code or tax id."""
    text, entity = request.GET.get("q", "").strip()[:100], number(request, "entity")
    rows = lists.customers(request.user, text, entity, today(request))
    context = {
        "page": page_by(rows, ("name_key", "id"), request.GET.get("after", "")),
        "text": text,
        "entity": entity,
        "entities": entities_for(request.user, "ledger.read"),
    }
    return render(request, "ledger/customers.html", context)


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: terms, aging, and what was billed, paid and disputed."""
    rows = selectors.customers(request.user).select_related("entity", "salesperson")
    customer = get_object_or_404(rows, pk=pk)
    on = today(request)
    tab = request.GET.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    aging = lists.aging(customer, on)
    context = {
        "customer": customer,
        "aging": aging,
        "together": together(
            [(row["currency"], row["total"]) for row in aging], customer.entity.currency, on
        ),
        "on": on,
        "limit": credit_used(customer, aging, on),
        "filled": _address(FILLED.get(tab, ""), pk),
        "tab": tab,
        "parts": _tabs(pk, tab),
    }
    if tab == "invoices":
        wanted = lists.InvoiceFilter(customer=pk, state="all")
        documents = lists.invoices(person(request), wanted, on).order_by("-issued_on", "-id")
        context["page"] = Paginator(documents, PAGE).get_page(request.GET.get("page"))
    elif tab == "payments":
        payments = customer.payments.annotate(left=F("amount") - F("allocated") - F("returned")).order_by(
            "-received_on", "-id"
        )
        context["page"] = Paginator(payments, PAGE).get_page(request.GET.get("page"))
    elif tab == "contacts":
        context["contacts"] = customer.contacts.all()
    elif tab == "files":
        files = InvoiceFile.objects.filter(invoice__customer=customer).select_related("invoice")
        context["page"] = Paginator(files.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/customer.html", context)


def _tabs(pk: int, tab: str) -> list[dict[str, Any]]:
    here = reverse("ledger:customer", args=[pk])
    words = {
        "invoices": _("Invoices"),
        "payments": _("Payments"),
        "contacts": _("Contacts"),
        "disputes": _("Disputes"),
        "promises": _("Promises"),
        "calls": _("Calls"),
        "letters": _("Letters"),
        "notes": _("Notes"),
        "files": _("Files"),
        "timeline": _("Timeline"),
    }
    return [
        {"url": f"{here}?tab={name}", "words": words[name], "count": None, "here": name == tab}
        for name in TABS
    ]


def _address(name: str, pk: int) -> str:
    """The address of a room above; empty while there is none."""
    try:
        return reverse(name, args=[pk]) if name else ""
    except NoReverseMatch:
        return ""
