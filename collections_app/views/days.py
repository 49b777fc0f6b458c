"""The day's reminders: what would go, what went, one notice, the letter before it goes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app import selectors, tasks
from collections_app.choices import Door, Reason, Why
from collections_app.models import Notice
from collections_app.paying import links
from collections_app.pictures import drawn
from collections_app.services import dunning
from collections_app.services.day import CustomerRow
from collections_app.services.day import preview as preview_day
from collections_app.services.rehearsing import send_test
from ledger.models import Customer
from lib import clock
from lib.frames import framed
from lib.money import ZERO
from mailroom.choices import Channel
from mailroom.services import framed_html

SHOWN = 100
TONES = {
    "to_approve": "warn",
    "decided": "info",
    "queued": "info",
    "sending": "info",
    "sent": "ok",
    "withdrawn": "mute",
    "failed": "bad",
}
ICONS = {
    "to_approve": "stamp",
    "decided": "clock",
    "queued": "clock",
    "sending": "send",
    "sent": "check",
    "withdrawn": "undo-2",
    "failed": "triangle-alert",
}


def entity_of(request: HttpRequest) -> tuple[LegalEntity, list[LegalEntity]]:
    """The entity of the address, or the person's first, and all they may choose from; 404 without any."""
    mine = list(selectors.entities(request.user))
    code = request.GET.get("entity") or request.POST.get("entity")
    found = [entity for entity in mine if not code or entity.code == code]
    if not found:
        raise Http404
    return found[0], mine


def _on(request: HttpRequest, entity: LegalEntity) -> date:
    """The day of the address, today in the entity's time zone without one."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.today(entity.time_zone)


@login_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What would go and what went on a day, customer by customer, with the reason for everything that does not."""
    entity, mine = entity_of(request)
    on, now = _on(request, entity), clock.today(entity.time_zone)
    rows = preview_day(entity=entity, on=on)
    going = [row for row in rows if row.outcome == "send"]
    went = list(selectors.day_of(entity, on))
    # A customer who had a message is done with, but for messages of their own to others.
    had = {(notice.customer_id, notice.currency, part) for notice in went for part in (0, notice.part)}
    resting = [
        row for row in rows if row.outcome != "send" and (row.customer.pk, row.currency, row.part) not in had
    ]
    due = {row.step.pk for row in going if row.step}
    context = {
        "entity": entity,
        "entities": mine,
        "on": on,
        "is_today": on == now,
        "going": going[:SHOWN],
        "going_more": max(0, len(going) - SHOWN),
        "resting": resting[:SHOWN],
        "resting_more": max(0, len(resting) - SHOWN),
        "untold": any(row.why == Why.UNTOLD for row in resting),
        "went": [_badge(notice) for notice in went[:SHOWN]],
        "went_more": max(0, len(went) - SHOWN),
        "sums": _sums(going, resting, entity),
        "plans": [drawn(plan, due) for plan in selectors.plans(request.user).filter(entity=entity)],
        "to_release": selectors.to_release(entity).count(),
        "may_run": policy.may(request.user, "plan.run", entity.pk),
    }
    return render(request, "collections_app/today.html", context)


def _sums(going: list[CustomerRow], resting: list[CustomerRow], entity: LegalEntity) -> dict[str, Any]:
    """The figures at the top, in the entity's currency; other currencies are counted beside it."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in going:
        sums["asked"] += row.asked if row.currency == entity.currency else ZERO
    for row in [*going, *resting]:
        if row.currency == entity.currency:
            sums["disputed"] += row.all.disputed
            sums["promised"] += row.all.promised
    foreign = sum(row.currency != entity.currency for row in going)
    return {
        **sums,
        "letters": len(going),
        "foreign": foreign,
        "asked": sums["asked"],
        "disputed": sums["disputed"],
    }


def _badge(notice: Notice) -> dict[str, Any]:
    reason = Reason(notice.reason).label if notice.reason else ""
    return {"notice": notice, "tone": TONES[notice.status], "icon": ICONS[notice.status], "reason": reason}


@login_required
@require_http_methods(["GET", "POST"])
def run(request: HttpRequest) -> HttpResponse:
    """Ask once more, then decide the day and hand its notices to the workers."""
    entity, _mine = entity_of(request)
    if not policy.may(request.user, "plan.run", entity.pk):
        raise PermissionDenied
    on = clock.today(entity.time_zone)
    if request.method == "GET":
        rows = [row for row in preview_day(entity=entity, on=on) if row.outcome == "send"]
        waiting = selectors.under_way(entity)
        context = {
            "entity": entity,
            "on": on,
            "rows": rows,
            "waiting": waiting,
            "sums": _sums(rows, [], entity),
        }
        return render(request, "collections_app/run.html", context)
    done = dunning.decide(entity=entity, on=on, at=clock.now(), door=Door.PAGE, by=cast(User, request.user))
    ids = dunning.waiting(run=done)
    tasks.send_soon(ids)
    words = ngettext("%(n)d reminder is on its way.", "%(n)d reminders are on their way.", len(ids))
    messages.success(request, words % {"n": len(ids)} if ids else _("Nothing was left to send."))
    return redirect(f"{reverse('collections_app:notices')}?entity={entity.code}")


@login_required
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: the decision about each invoice, and the letter as it was sent."""
    found = get_object_or_404(selectors.notices(request.user), pk=pk)
    lines = list(found.lines.select_related("invoice", "step"))
    rows = [{"line": line, "why": Why(line.why).label} for line in lines]
    page = ""
    if found.letter is not None and found.letter.channel == Channel.PORTAL:
        page = links.address(
            links.make(
                customer_id=found.customer_id, currency=found.currency, on=found.on, notice_id=found.pk
            )
        )
    return render(request, "collections_app/notice.html", {**_badge(found), "rows": rows, "page": page})


def _letter(request: HttpRequest, pk: int) -> selectors.Preview:
    customers = Customer.objects.select_related("entity").filter(entity__in=selectors.entities(request.user))
    customer = get_object_or_404(customers, pk=pk)
    currency = request.GET.get("currency", customer.entity.currency)
    part = request.GET.get("part", "")
    letter = selectors.preview_letter(
        customer=customer,
        currency=currency,
        on=_on(request, customer.entity),
        part=int(part) if part.isdecimal() else 0,
    )
    if letter is None:
        raise Http404
    return letter


@login_required
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter a customer would get, as it would read now."""
    letter = _letter(request, pk)
    query = request.GET.urlencode()
    body = f"{reverse('collections_app:preview_body', args=[pk])}?{query}"
    context = {"letter": letter, "body_url": body if letter.words.html else "", "query": query}
    return render(request, "collections_app/preview.html", context)


@login_required
@require_GET
def preview_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same letter on paper, for a step that goes by post."""
    letter = _letter(request, pk)
    if not letter.by_post:
        raise Http404
    answer = HttpResponse(selectors.preview_paper(letter, clock.now()), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="letter.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def preview_test(request: HttpRequest, pk: int) -> HttpResponse:
    """The same letter to oneself."""
    letter, by = _letter(request, pk), cast(User, request.user)
    send_test(reminder=letter.reminder, words=letter.words, by=by, at=clock.now())
    messages.success(request, _("A test letter is on its way to %(address)s.") % {"address": by.email})
    return redirect(f"{reverse('collections_app:preview', args=[pk])}?{request.GET.urlencode()}")


@login_required
@require_GET
@xframe_options_sameorigin
def preview_body(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of that letter, for the frame of its page."""
    words = _letter(request, pk).words
    return framed(framed_html(words.html, words.transfer))
