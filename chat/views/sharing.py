"""Showing one earlier message to guests, and taking it back: each after a page that says exactly what will be seen."""

from __future__ import annotations

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chat import guests, services
from chat.choices import MessageKind, Side
from chat.forms_people import ShareForm
from chat.models import Message, Room
from chat.views.doors import person, team_room
from lib import clock
from lib.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Choose who will see the message."""
    room = team_room(request, pk, "room.share")
    texts = room.messages.filter(kind=MessageKind.TEXT).select_related("author", "contact")
    message = get_object_or_404(texts, seq=seq)
    stays = room.participants.filter(left_at=None).select_related("user", "contact__customer", "party")
    readers = [(table.reader, table.words) for table in guests.tables(stays)]
    form = ShareForm(request.POST if request.method == "POST" else None, readers=readers)
    if request.method == "POST" and form.is_valid():
        try:
            line = services.share_message(
                message=message, reader=form.reader(), by=person(request), at=clock.now()
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            notes.success(request, _("%(name)s sees this message now.") % {"name": line.data["name"]})
            return redirect("chat:room", pk)
    return _draw(request, "chat/share.html", room, message, {"form": form, "readers": readers})


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """End a share, by the number of its line."""
    room = team_room(request, pk, "room.share")
    lines = room.messages.filter(kind=MessageKind.SHARED).exclude(side=Side.INTERNAL)
    line = get_object_or_404(lines.select_related("shared__author", "shared__contact"), seq=seq)
    if request.method == "POST":
        services.take_back(line=line, by=person(request), at=clock.now())
        notes.success(
            request, _("%(name)s does not see this message any more.") % {"name": line.data["name"]}
        )
        return redirect("chat:room", pk)
    return _draw(request, "chat/take_back.html", room, line.told, {"line": line})


def _draw(
    request: HttpRequest, template: str, room: Room, message: Message, more: dict[str, object]
) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"room": room, "message": message, **more}, status=status)
