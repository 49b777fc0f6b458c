"""The index of a company's settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts import policy
from disputes.views.common import person


@dataclass(frozen=True, slots=True)
class Entry:
    """A settings page: shown to whoever may do `action` somewhere."""

    name: str
    icon: str
    words: Promise
    note: Promise
    action: str


ENTRIES = (
    Entry(
        "disputes:reasons",
        "tags",
        _("Reasons"),
        _("What customers dispute, in three languages; the route and department of each."),
        "route.edit",
    ),
    Entry(
        "disputes:routes",
        "route",
        _("Routes and question templates"),
        _("The stages of a dispute: who, how long, what is asked; drawn, checked and simulated."),
        "route.edit",
    ),
    Entry(
        "disputes:rules",
        "split",
        _("Rules that choose a route"),
        _("By reason, amount, segment, country and source, with a try on the last 90 days."),
        "route.edit",
    ),
    Entry(
        "disputes:priority_weights",
        "list-ordered",
        _("What makes a dispute urgent"),
        _("How much amount, age, customer and deadline count; seen on the open disputes before it is kept."),
        "dispute.decide",
    ),
    Entry(
        "accounts:calendars",
        "calendar-days",
        _("Calendars and closures"),
        _("Working hours, holidays and closures of each side: what deadlines are counted in."),
        "route.edit",
    ),
    Entry(
        "disputes:approval_rules",
        "shield-check",
        _("Approvals"),
        _("Who must agree to which amounts."),
        "route.edit",
    ),
    Entry(
        "disputes:macros",
        "zap",
        _("Macros"),
        _("Several acts at once, with one name."),
        "route.edit",
    ),
    Entry(
        "disputes:codes",
        "file-check",
        _("Codes of other systems"),
        _("What the codes of e-invoices mean here."),
        "dispute.decide",
    ),
    Entry(
        "mailroom:texts",
        "mail",
        _("Texts of letters"),
        _("The words of each kind of letter, per channel and language, seen before they are kept."),
        "plan.edit",
    ),
    Entry(
        "mailroom:letterhead",
        "file-text",
        _("Paper of the company"),
        _("Logo, address and legal mentions of letters by post, with a look at the page."),
        "plan.edit",
    ),
    Entry(
        "collections_app:paying",
        "credit-card",
        _("Payments on a page"),
        _("Who takes the payments that letters link to."),
        "plan.edit",
    ),
    Entry(
        "ledger:cash_limits",
        "banknote",
        _("Limits of payments"),
        _("What is booked by itself."),
        "ledger.limits",
    ),
    Entry(
        "collections_app:promise_rules",
        "handshake",
        _("Promises and instalments"),
        _("Days of grace, and what each role may accept alone."),
        "promise.rules",
    ),
)


@require_GET
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """Every page of settings the person may open."""
    scope = policy.scope(person(request))
    found = [(entry, _url(entry.name)) for entry in ENTRIES if scope.entities(entry.action)]
    if not found:
        raise PermissionDenied
    return render(request, "disputes/settings.html", {"entries": [pair for pair in found if pair[1]]})


def _url(name: str) -> str:
    """The address, or nothing while that page does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
