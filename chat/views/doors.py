"""How the pages about a room's guests are entered: by the team, who may invite or share."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest

from accounts import policy
from accounts.models import User
from chat import selectors
from chat.audience import TEAM
from chat.models import Room
from chat.selectors import Standing


def person(request: HttpRequest) -> User:
    """Who asks."""
    return cast(User, request.user)


def place_of(request: HttpRequest, pk: int) -> Standing:
    """How the person stands to the room; 404 when it does not exist for them."""
    place = selectors.standing(person(request), pk)
    if place is None:
        raise Http404
    return place


def team_room(request: HttpRequest, pk: int, action: str) -> Room:
    """The room for one of the team who may do `action`; for anybody else the page does not exist."""
    place = place_of(request, pk)
    room = Room.objects.select_related("entity", "dispute__customer", "dispute__reason", "customer").get(
        pk=pk
    )
    if place.reader != TEAM or not policy.may(person(request), action, room.entity_id):
        raise Http404
    return room
