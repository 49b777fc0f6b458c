"""The triage queue: list and pane."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from disputes import queue as rules
from disputes import selectors, services
from disputes.forms import FilterForm
from disputes.models import Dispute
from disputes.views.common import card_context, find, person
from lib import clock
from lib.errors import DomainError


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The list of a saved view, filtered, with the chosen dispute beside it."""
    user, at = person(request), clock.now()
    form = FilterForm(request.GET, user=user)
    filters = form.filters()
    page = rules.page(user, filters, at)
    counts = rules.counts(user, at)
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "page": page,
        "views": _tabs(counts, filters.view),
        "totals": rules.totals(user, filters, at),
        "chips": form.chips(),
        "keep": urlencode(form.kept()),
        "since": at.isoformat(),
        "may_open": bool(policy.scope(user).entities("dispute.open")),
        "may_handle": bool(policy.scope(user).wide("dispute.move")),
    }
    opened = request.GET.get("open", "")
    if opened.isdigit():
        context |= {"opened": int(opened), **card_context(request, find(request, int(opened)))}
    return render(request, "disputes/queue.html", context)


def _tabs(counts: dict[str, int], here: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{urlencode({'view': view.value})}",
            "words": view.label,
            "count": counts.get(view.value),
            "here": view == here,
        }
        for view in rules.View
    ]


@login_required
@require_GET
def fresh(request: HttpRequest) -> HttpResponse:
    """How many disputes came since the page was drawn: a strip that shows them when pressed, never by itself."""
    since = _moment(request.GET.get("since", ""))
    rows = selectors.disputes_for(person(request)).filter(closed_at=None)
    new = rows.filter(opened_at__gt=since).count() if since else 0
    return render(request, "disputes/_fresh.html", {"new": new, "since": request.GET.get("since", "")})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on the chosen disputes. A refusal of one does not stop the others; the list says which."""
    user, at = person(request), clock.now()
    ids = [int(pk) for pk in request.POST.getlist("dispute") if pk.isdigit()]
    act = BULK.get(request.POST.get("act", ""))
    done = 0
    for dispute in selectors.disputes_for(user).filter(pk__in=ids).order_by("pk"):
        if act is None:
            break
        try:
            act(dispute, user, at)
            done += 1
        except DomainError as error:
            messages.error(request, f"{dispute.ref}: {error}")
    if done:
        messages.success(
            request, ngettext("%(n)s dispute changed.", "%(n)s disputes changed.", done) % {"n": done}
        )
    elif not ids:
        messages.error(request, _("Choose at least one dispute."))
    kept = urlencode(parse_qsl(request.POST.get("keep", "")))
    return redirect(f"{reverse('disputes:list')}?{kept}")


def _take(dispute: Dispute, user: Any, at: datetime) -> None:
    services.assign(dispute=dispute, user=user, by=user, at=at)


def _ask_sales(dispute: Dispute, user: Any, at: datetime) -> None:
    services.make_move(dispute=dispute, move_code="ask_sales", by=user, at=at)


def _ask_customer(dispute: Dispute, user: Any, at: datetime) -> None:
    services.make_move(dispute=dispute, move_code="ask_customer", by=user, at=at)


BULK = {"take": _take, "ask_sales": _ask_sales, "ask_customer": _ask_customer}
