"""The teams' own rooms: coming and going, inviting, renaming, archiving."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from accounts import policy
from accounts.models import User
from chat.audience import TEAM
from chat.choices import JoinRoute, RoomKind, Side
from chat.errors import MayNotChange, RoomArchived
from chat.models import Participant, Room
from chat.services.posting import post_system_line
from chat.services.rooms import join, leave, locked_room, reader_for


def _team(room_id: int) -> Room:
    """The locked room of a team; raises Room.DoesNotExist for any other."""
    room = locked_room(room_id)
    if room.kind != RoomKind.TEAM:
        raise Room.DoesNotExist
    return room


def _inside(user: User, room: Room) -> bool:
    return Participant.objects.filter(room=room, user=user, left_at=None, side=Side.INTERNAL).exists()


def _tell(room: Room, code: str, by: User, at: datetime, **facts: str) -> None:
    told = {"actor": str(by), **facts}
    post_system_line(room=room, code=code, data=told, token=f"team:{secrets.token_hex(12)}", at=at)


@transaction.atomic
def join_team(*, room: Room, by: User, at: datetime) -> Participant:
    """Come into a team's room that is open to the company."""
    room = _team(room.pk)
    ours = policy.may(by, "room.read", room.entity_id) and reader_for(by, room.entity_id) == TEAM
    if not ours or (room.is_private and not _inside(by, room)):
        raise Room.DoesNotExist
    if room.archived_at is not None:
        raise RoomArchived
    return join(room=room, user=by, route=JoinRoute.INVITED, at=at)


@transaction.atomic
def leave_team(*, room: Room, by: User, at: datetime) -> bool:
    """Go out of a team's room."""
    return leave(room=_team(room.pk), user=by, at=at)


@transaction.atomic
def invite_to_team(*, room: Room, person: User, by: User, at: datetime) -> Participant:
    """Bring a colleague into a team's room; a line says who did."""
    room = _team(room.pk)
    theirs = policy.may(person, "room.read", room.entity_id)
    if not _inside(by, room) or not theirs or reader_for(person, room.entity_id) != TEAM:
        raise MayNotChange
    if room.archived_at is not None:
        raise RoomArchived
    before = _inside(person, room)
    stay = join(room=room, user=person, route=JoinRoute.INVITED, at=at)
    if not before:
        _tell(room, "team.invited", by, at, person=str(person))
    return stay


@transaction.atomic
def rename_team(*, room: Room, name: str, by: User, at: datetime) -> Room:
    """Give a team's room another name. Raises ValidationError when it is taken or empty."""
    room = _team(room.pk)
    if not _inside(by, room):
        raise MayNotChange
    name = name.strip()
    if name == room.name:
        return room
    room.name = name
    room.full_clean()
    room.save(update_fields=["name"])
    _tell(room, "team.renamed", by, at, name=name)
    return room


@transaction.atomic
def archive_team(*, room: Room, by: User, on: bool, at: datetime) -> Room:
    """Close a team's room, to be read only, or open it again: whoever opened it, or a manager."""
    room = _team(room.pk)
    opened = Participant.objects.filter(room=room, user=by, route=JoinRoute.OPENER).exists()
    if not _inside(by, room) or not (opened or policy.may(by, "room.moderate", room.entity_id)):
        raise MayNotChange
    if (room.archived_at is not None) == on:
        return room
    if not on:
        Room.objects.filter(pk=room.pk).update(archived_at=None)
    _tell(room, "team.archived" if on else "team.restored", by, at)
    if on:
        Room.objects.filter(pk=room.pk).update(archived_at=at)
    room.refresh_from_db()
    return room
