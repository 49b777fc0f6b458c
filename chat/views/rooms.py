"""Rooms and their threads. Every form works as a plain POST with a redirect, and with htmx as a fragment."""

from __future__ import annotations

from typing import cast

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chat import pages, selectors, services
from chat.audience import inner_entities
from chat.errors import MentionUnseen, StaleReply
from chat.forms import MessageForm, ReadForm
from chat.models import Room
from chat.selectors import Standing
from chat.talk import lists
from disputes.selectors import disputes_for
from ledger.selectors import customers
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx

ROOMS_A_PAGE = 30


@login_required
@require_GET
def rooms(request: HttpRequest) -> HttpResponse:
    """My conversations, newest word first, with what is unread."""
    show = request.GET.get("show", "") if request.GET.get("show") in lists.SHOWS else ""
    text = request.GET.get("q", "").strip()[:100]
    found = lists.narrowed(_person(request), show, text)
    page = Paginator(found, ROOMS_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "show": show, "q": text, "team": inner_entities(_person(request))}
    return render(request, "chat/rooms.html", context)


@login_required
@require_GET
def room(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation, as a page of its own or, for htmx, as a part of another page."""
    return _draw(request, _place(request, pk))


@login_required
@require_GET
def room_for_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversation about a dispute, for its page."""
    dispute = get_object_or_404(disputes_for(_person(request)), pk=pk)
    return _draw(request, _place(request, services.room_for_dispute(dispute=dispute, at=clock.now()).pk))


@login_required
@require_GET
def room_for_customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The conversation about a customer, for its page."""
    customer = get_object_or_404(customers(_person(request)), pk=pk)
    return _draw(request, _place(request, services.room_for_customer(customer=customer, at=clock.now()).pk))


@login_required
@require_GET
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of a thread: the messages behind `?after=` or in front of `?before=`."""
    place = _place(request, pk)
    try:
        after, before = (
            int(request.GET[name]) if name in request.GET else None for name in ("after", "before")
        )
    except ValueError:
        return HttpResponseBadRequest("after and before are numbers")
    if after is not None:
        context = pages.newer(_person(request), place, after)
    else:
        context = pages.older(_person(request), place, before)
    return render(request, "chat/_messages.html", context)


@login_required
@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something. 409 when somebody wrote meanwhile: what is new is shown, the draft stays."""
    place, user = _place(request, pk), _person(request)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("the message has the wrong shape")
    seen = form.cleaned_data["last_seen_seq"]
    try:
        reader = form.reader(place.reader)
    except ValueError:
        return HttpResponseBadRequest("nobody reads as this")
    try:
        said = services.post_message(
            room=Room(pk=pk),
            by=user,
            body=form.cleaned_data["body"],
            client_token=form.token(),
            at=clock.now(),
            side=reader.side,
            party=reader.party,
            last_seen_seq=seen,
            said=form.said(request.FILES.getlist("files")),
        )
    except DomainError as error:
        return _refused(request, place, error, seen)
    if not is_htmx(request):
        return redirect("chat:room", pk)
    context = pages.newer(user, place, said.seq - 1 if seen is None else min(seen, said.seq - 1))
    return render(request, "chat/_posted.html", context | {"room_pk": pk, "seen": said.seq})


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the read mark (pages do it over the socket; this is for programs and for a closed socket)."""
    _place(request, pk)
    form = ReadForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("seq is a number")
    services.mark_read(room=Room(pk=pk), user=_person(request), seq=form.cleaned_data["seq"], at=clock.now())
    return HttpResponse(status=204)


def _refused(request: HttpRequest, place: Standing, error: DomainError, seen: int | None) -> HttpResponse:
    """The message was not taken: say why beside the draft, and show what is new."""
    user = _person(request)
    stale, unseen = isinstance(error, StaleReply), isinstance(error, MentionUnseen)
    if not is_htmx(request):
        notes.error(request, str(error))
        context = pages.room(user, place) | {
            "draft": request.POST.get("body", ""),
            "stale": stale,
            "unseen": unseen,
            "chosen_to": request.POST.get("to", ""),
        }
        return render(request, "chat/room.html", context, status=error.status)
    context = pages.newer(user, place, seen) if stale and seen is not None else {"rows": []}
    context |= {
        "error": error,
        "stale": stale,
        "unseen": unseen,
        "room_pk": place.room_id,
        "seen": error.facts.get("newest"),
    }
    # 409 whatever the refusal, so that htmx shows the words.
    response = render(request, "chat/_refused.html", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = f"#composer-note-{place.room_id}", "innerHTML"
    return response


def _draw(request: HttpRequest, place: Standing) -> HttpResponse:
    wanted = {name: _number(request, name) for name in ("at", "reply")}
    context = pages.room(_person(request), place, **wanted)
    return render(request, "chat/_room.html" if is_htmx(request) else "chat/room.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    """A message's number from the address; None for anything else."""
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _place(request: HttpRequest, pk: int) -> Standing:
    """How the person stands to the room; 404 when it does not exist for them."""
    place = selectors.standing(_person(request), pk)
    if place is None:
        raise Http404
    return place


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
