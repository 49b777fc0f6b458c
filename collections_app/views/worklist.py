"""The collector's day: whom to call first, and why."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import chosen_entity, person
from accounts.selectors import entities_for
from collections_app.choices import CallStatus
from collections_app.models import Call
from collections_app.services import worklist as services
from collections_app.views.common import customer_of, must, said
from collections_app.worklist import rows
from collections_app.worklist.rows import ALL, MINE, TEAM
from lib import clock

# What an address keeps of the list somebody works through; `list` says that they do.
KEPT = ("list", "entity", "whose", "why", "after")
WHYS = ("", "broken", "planned", "late")


def _wanted(given: QueryDict) -> dict[str, Any]:
    whose, why = given.get("whose", MINE), given.get("why", "")
    return {
        "whose": whose if whose in (MINE, TEAM, ALL) else MINE,
        "why": why if why in WHYS else "",
        "after": given.get("after", ""),
    }


@login_required
@require_GET
def work_list(request: HttpRequest) -> HttpResponse:
    """The customers to call, those with most points first."""
    entity = chosen_entity(request, "call.make")
    wanted = _wanted(request.GET)
    page = rows.page(
        user=person(request), entity=entity, on=clock.today(entity.time_zone), at=clock.now(), **wanted
    )
    context = {
        "page": page,
        "entity": entity,
        "entities": list(entities_for(person(request), "call.make").order_by("code")),
        "whose_tabs": _tabs(entity, wanted),
        "chips": _chips(entity, wanted),
        "wanted": wanted,
        "may_pursue": policy.may(request.user, "contentious.act", entity.pk),
        "keep": urlencode({"list": 1, "entity": entity.pk, "whose": wanted["whose"], "why": wanted["why"]}),
        "tomorrow": date.fromordinal(clock.today(entity.time_zone).toordinal() + 1),
    }
    return render(request, "collections_app/worklist.html", context)


def _address(entity: LegalEntity, whose: str, why: str) -> str:
    return f"?{urlencode({'entity': entity.pk, 'whose': whose, 'why': why})}"


def _tabs(entity: LegalEntity, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    names = {MINE: _("Mine"), TEAM: _("The team's"), ALL: _("All")}
    return [
        {
            "url": _address(entity, whose, wanted["why"]),
            "words": words,
            "count": None,
            "here": whose == wanted["whose"],
        }
        for whose, words in names.items()
    ]


def _chips(entity: LegalEntity, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    names = {
        "": _("Everything"),
        "broken": _("Word broken"),
        "planned": _("Call planned"),
        "late": _("Overdue"),
    }
    return [
        {"url": _address(entity, wanted["whose"], why), "words": words, "here": why == wanted["why"]}
        for why, words in names.items()
    ]


@login_required
@require_GET
def work_next(request: HttpRequest) -> HttpResponse:
    """On to the next customer of the list one works through; back to the list at its end."""
    entity, wanted = chosen_entity(request, "call.make"), _wanted(request.GET)
    on, at = clock.today(entity.time_zone), clock.now()
    page = rows.page(user=person(request), entity=entity, on=on, at=at, size=1, **wanted)
    keep = {"list": 1, "entity": entity.pk, "whose": wanted["whose"], "why": wanted["why"]}
    if not page.rows:
        messages.info(request, _("That was the last one of this list."))
        return redirect(f"{reverse('collections_app:worklist')}?{urlencode(keep)}")
    row = page.rows[0]
    keep["after"] = f"{row.facts.score}~{row.customer.pk}"
    return redirect(f"{reverse('collections_app:call', args=[row.customer.pk])}?{urlencode(keep)}")


@login_required
@require_POST
def put_off(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer leaves the person's list until a day."""
    customer = customer_of(request, pk)
    must(request, "call.make", customer.entity_id)
    on = clock.today(customer.entity.time_zone)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        until = on
    said(
        request,
        _("%(name)s is off your list until then.") % {"name": customer.name},
        lambda: services.put_off(customer=customer, until=until, by=person(request), on=on, at=clock.now()),
    )
    if request.POST.get("list") and request.POST.get("next"):
        kept = urlencode({name: request.POST[name] for name in KEPT if request.POST.get(name)})
        return redirect(f"{reverse('collections_app:work_next')}?{kept}")
    return redirect(f"{reverse('collections_app:worklist')}?{urlencode({'entity': customer.entity_id})}")


@login_required
@require_GET
def work_count(request: HttpRequest) -> HttpResponse:
    """How many calls are due for the person: planned for them, or for nobody in their own portfolio."""
    user = person(request)
    entities = entities_for(user, "call.make")
    if not entities:
        raise PermissionDenied
    mine = Q(assigned_to=user) | Q(assigned_to=None, customer__portfolio__collector=user)
    days = [Q(entity=entity, due_on__lte=clock.today(entity.time_zone)) for entity in entities]
    due = Call.objects.filter(mine, reduce(or_, days), status=CallStatus.PLANNED)
    return HttpResponse(str(due.count() or ""))
