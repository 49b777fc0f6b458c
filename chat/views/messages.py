"""One message: what can be done with it, as a sheet over the thread or as a page of its own, and the doing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from chat import pages, selectors, services
from chat.choices import MessageKind
from chat.errors import MentionUnseen
from chat.forms import DeleteForm, EditForm, ReactForm
from chat.models import Message
from chat.selectors import Standing
from chat.talk import quoted as quoting
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx


@login_required
@require_GET
def message(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Everything about one message: its earlier words, and what the person may do with it."""
    return _draw(request, _place(request, pk), seq, {})


@login_required
@require_GET
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Some messages (`?seq=4&seq=9`) as they are now, for a page that shows them already."""
    try:
        seqs = [int(seq) for seq in request.GET.getlist("seq")]
    except ValueError:
        return HttpResponseBadRequest("seq is a number")
    context = pages.some(_person(request), _place(request, pk), seqs)
    return render(request, "chat/_messages.html", context)


@login_required
@require_GET
def quoted(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """What the mail that a message came by quoted; for who may read the message itself, not a share of it."""
    one = selectors.messages_for(_place(request, pk)).filter(seq=seq, kind=MessageKind.TEXT).first()
    text = quoting.text_of(one) if one else ""
    if not text:
        raise Http404
    return render(request, "chat/_quoted.html", {"text": text})


@login_required
@require_POST
def react(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Put a sign under a message, or take one's own back."""
    return do(request, pk, seq, ReactForm(request.POST), services.react)


@login_required
@require_POST
def edit(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Put other words in place of one's own."""

    def change(*, chosen: str, **given: Any) -> Message:
        return services.edit_message(chosen=tuple(chosen.split()), **given)

    return do(request, pk, seq, EditForm(request.POST), change)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Take the words of a message away."""
    return do(request, pk, seq, DeleteForm(request.POST), services.delete_message)


def do(
    request: HttpRequest, pk: int, seq: int, form: forms.Form, act: Callable[..., Message]
) -> HttpResponse:
    """Do it; the page hears `talk:changed` and draws the message again. A refusal is told in the sheet, as 409."""
    place = _place(request, pk)
    if not form.is_valid():
        return HttpResponseBadRequest("the form has the wrong shape")
    try:
        act(place=place, seq=seq, by=_person(request), at=clock.now(), **form.cleaned_data)
    except Message.DoesNotExist as error:
        raise Http404 from error
    except DomainError as error:
        more = {"error": error, "unseen": isinstance(error, MentionUnseen), "words": request.POST.get("body")}
        return _draw(request, place, seq, more, status=409)
    if not is_htmx(request):
        return redirect(f"{reverse('chat:room', args=[pk])}?at={seq}")
    done = {"talk:changed": {"room": pk, "seq": seq}}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(done)})


def _draw(
    request: HttpRequest, place: Standing, seq: int, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = pages.message(_person(request), place, seq, clock.now())
    if context is None:
        raise Http404
    name = "chat/_message_sheet.html" if is_htmx(request) else "chat/message.html"
    response = render(request, name, context | more, status=status)
    if is_htmx(request) and status == 409:
        response["HX-Retarget"], response["HX-Reswap"] = f"#talk-sheet-{place.room_id}", "innerHTML"
    return response


def _place(request: HttpRequest, pk: int) -> Standing:
    """How the person stands to the room; 404 when it does not exist for them."""
    place = selectors.standing(_person(request), pk)
    if place is None:
        raise Http404
    return place


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
