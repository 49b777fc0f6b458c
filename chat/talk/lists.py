"""The lists of rooms: a person's own, narrowed; and the teams' rooms of their company."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from chat.audience import inner_entities
from chat.choices import RoomKind
from chat.models import Mention, Participant, Room
from chat.selectors import Stays, my_rooms

SHOWS = ("unread", "mentions")


def narrowed(user: User, show: str = "", text: str = "") -> Stays:
    """My rooms: those with something unread, those where I am named behind my read mark, those of this name."""
    stays = my_rooms(user)
    if show == "unread":
        stays = stays.filter(unread__gt=0)
    elif show == "mentions":
        named = Mention.objects.filter(
            user=user, message__room=OuterRef("room"), message__seq__gt=OuterRef("mark")
        )
        stays = stays.filter(Exists(named))
    for word in text.split()[:6]:
        stays = stays.filter(
            Q(room__name__icontains=word)
            | Q(room__customer__name__icontains=word)
            | Q(room__dispute__customer__name__icontains=word)
        )
    return stays


def channels(user: User, *, mine: bool = False) -> QuerySet[Room]:
    """The teams' rooms the person is in or may come into, with `people` and whether they are in (`mine`); only those
    they are in with `mine`."""
    present = Participant.objects.filter(room=OuterRef("pk"), left_at=None, user=user)
    rooms = Room.objects.filter(kind=RoomKind.TEAM, entity__in=inner_entities(user))
    found: QuerySet[Room] = rooms.annotate(
        mine=Exists(present), people=Count("participants", filter=Q(participants__left_at=None))
    )
    seen = Q(Exists(present)) if mine else Q(Exists(present)) | Q(is_private=False, archived_at=None)
    return found.filter(seen).order_by("archived_at", "name", "pk")
