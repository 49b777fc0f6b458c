"""The teams' rooms, and what a person decides about their own list: mute, read, unread, what others see."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from chat import selectors, services
from chat.audience import inner_entities
from chat.forms import DiscretionForm, InviteForm, TeamForm
from chat.models import Discretion, Room
from chat.talk import lists, people
from lib import clock
from lib.errors import DomainError
from lib.htmx import go


@login_required
@require_http_methods(["GET", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """The teams' rooms of the company; a POST opens one."""
    user = _person(request)
    if not inner_entities(user):
        raise Http404
    form = TeamForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            room = services.open_team(by=user, at=clock.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("chat:room", room.pk)
    context = {"channels": lists.channels(user), "form": form}
    return render(request, "chat/channels.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """What one can do with a team's room."""
    user = _person(request)
    room = get_object_or_404(lists.channels(user, mine=True), pk=pk)
    place = selectors.standing(user, pk)
    assert place is not None
    inside = [one for one in people.nameable(user, place, room) if not one.is_department]
    stays = selectors.present(pk).select_related("user").order_by("user__name")
    here = {stay.user_id for stay in stays}
    context = {"room": room, "stays": stays, "others": [one for one in inside if one.pk not in here]}
    return render(request, "chat/channel.html", context)


@login_required
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Come into a team's room."""
    return _act(request, pk, lambda room, user: services.join_team(room=room, by=user, at=clock.now()))


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Go out of a team's room."""
    return _act(
        request,
        pk,
        lambda room, user: services.leave_team(room=room, by=user, at=clock.now()),
        after="chat:channels",
    )


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a colleague into a team's room."""
    form = InviteForm(request.POST)

    def act(room: Room, user: User) -> None:
        person = get_object_or_404(User.objects.filter(is_active=True), pk=form.cleaned_data["person"])
        services.invite_to_team(room=room, person=person, by=user, at=clock.now())

    return _act(request, pk, act, after="chat:channel") if form.is_valid() else redirect("chat:channel", pk)


@login_required
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a team's room another name."""
    name = request.POST.get("name", "")[:100]

    def act(room: Room, user: User) -> None:
        services.rename_team(room=room, name=name, by=user, at=clock.now())

    return _act(request, pk, act, after="chat:channel")


@login_required
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a team's room, or open it again."""
    on = request.POST.get("on") == "on"

    def act(room: Room, user: User) -> None:
        services.archive_team(room=room, by=user, on=on, at=clock.now())

    return _act(request, pk, act, after="chat:channel")


@login_required
@require_POST
def unread(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """This message and what is behind it count as unread again; back to the list."""
    if selectors.standing(_person(request), pk) is None:
        raise Http404
    services.mark_unread(room=Room(pk=pk), user=_person(request), seq=seq, at=clock.now())
    return go(request, "/rooms/")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    services.mark_all_read(user=_person(request), at=clock.now())
    return redirect("chat:rooms")


@login_required
@require_http_methods(["GET", "POST"])
def discretion(request: HttpRequest) -> HttpResponse:
    """What one lets others see while one talks."""
    user = _person(request)
    kept = Discretion.objects.filter(user=user).first() or Discretion(user=user)
    form = DiscretionForm(request.POST if request.method == "POST" else None, instance=kept)
    if request.method == "POST" and form.is_valid():
        services.set_discretion(user=user, **form.cleaned_data)
        notes.success(request, _("Saved."))
        return redirect("chat:discretion")
    return render(request, "chat/discretion.html", {"form": form})


def _act(
    request: HttpRequest, pk: int, act: Callable[[Room, User], object], *, after: str = "chat:room"
) -> HttpResponse:
    """Do it and go on; a refusal is told on the page one comes from."""
    try:
        act(Room(pk=pk), _person(request))
    except Room.DoesNotExist as error:
        raise Http404 from error
    except ValidationError as error:
        notes.error(request, " ".join(error.messages))
    except DomainError as error:
        notes.error(request, str(error))
    return redirect(after) if after == "chat:channels" else redirect(after, pk)


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
