"""Pins of a room, and drafts of its people."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from accounts import policy
from accounts.models import User
from chat.choices import MessageKind, Side
from chat.errors import MayNotChange, TooManyPins
from chat.models import BODY_LIMIT, Draft, Message, Pin, Room
from chat.selectors import Standing
from chat.services.changing import find
from chat.services.posting import post_system_line
from chat.services.rooms import locked_room

MOST_PINS = 20


@transaction.atomic
def pin(*, place: Standing, seq: int, by: User, on: bool, at: datetime) -> Message:
    """The team puts a message at the top of the room, or takes it down; a line says so. Twice changes nothing."""
    room = locked_room(place.room_id)
    message = find(place, seq, room)
    inside = place.side == Side.INTERNAL and policy.may(by, "room.post", room.entity_id)
    if not inside or message.kind == MessageKind.SYSTEM or (on and message.deleted_at is not None):
        raise MayNotChange
    pinned = Pin.objects.filter(message=message)
    if pinned.exists() == on:
        return message
    if on:
        if Pin.objects.filter(message__room=room).count() >= MOST_PINS:
            raise TooManyPins(MOST_PINS)
        Pin.objects.create(message=message, by=by, at=at)
    else:
        pinned.delete()
    told = {"actor": str(by), "seq": seq}
    code = "message.pinned" if on else "message.unpinned"
    post_system_line(room=room, code=code, data=told, token=f"pin:{secrets.token_hex(12)}", at=at)
    return message


@transaction.atomic
def keep_draft(
    *,
    place: Standing,
    user: User,
    body: str,
    at: datetime,
    reply_to: int | None = None,
    client_token: str = "",
) -> bool:
    """Keep what the person is writing, or nothing for no words. Words that were sent meanwhile are no draft."""
    body = body.replace("\x00", "")[:BODY_LIMIT]
    room = Room.objects.select_for_update(no_key=True).get(pk=place.room_id)
    sent = client_token and Message.objects.filter(author=user, client_token=client_token).exists()
    if sent or not body.strip():
        Draft.objects.filter(room=room, user=user).delete()
        return False
    given = {"body": body, "reply_to": reply_to, "at": at}
    Draft.objects.update_or_create(room=room, user=user, defaults=given)
    return True
