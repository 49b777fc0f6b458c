"""Pins, drafts and the search over conversations."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chat import selectors, services
from chat.forms import DraftForm, PinForm
from chat.models import Room
from chat.selectors import Standing
from chat.talk import keeping, searching
from chat.views.messages import do
from lib import clock


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What was said, in one conversation (`?room=`) or in all of them."""
    user, text = cast(User, request.user), request.GET.get("q", "").strip()
    number, before = (_number(request, name) for name in ("room", "before"))
    room = None
    if number is not None:
        room = (
            selectors.rooms_for(user)
            .select_related("dispute__customer", "customer")
            .filter(pk=number)
            .first()
        )
        if room is None:
            raise Http404
    hits, more = searching.search(user, text, number, before)
    context = {"q": text, "room": room, "hits": hits, "more": more, "asked": bool(searching.words_of(text))}
    return render(request, "chat/search.html", context)


@login_required
@require_POST
def pin(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Put a message at the top of its room, or take it down."""
    return do(request, pk, seq, PinForm(request.POST), services.pin)


@login_required
@require_GET
def pins(request: HttpRequest, pk: int) -> HttpResponse:
    """The pinned messages of a room, as they stand at its top."""
    place = _place(request, pk)
    return render(request, "chat/_pins.html", {"pins": keeping.pins(place), "room": Room(pk=pk)})


@login_required
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being written."""
    place, form = _place(request, pk), DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("the draft has the wrong shape")
    services.keep_draft(place=place, user=cast(User, request.user), at=clock.now(), **form.cleaned_data)
    return HttpResponse(status=204)


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _place(request: HttpRequest, pk: int) -> Standing:
    place = selectors.standing(cast(User, request.user), pk)
    if place is None:
        raise Http404
    return place
