"""Changing what was said: new words with their trace, deletion, reactions.

Each change gives the message the room's next `rev`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts import policy
from accounts.models import User
from chat import announce, selectors
from chat.audience import Reader
from chat.choices import MessageKind, Side
from chat.errors import DeleteNeedsReason, EmptyMessage, MayNotChange, NotThatSign, VersionChanged
from chat.models import Message, Pin, Reaction, Revision, Room
from chat.reach.messages import tell_named
from chat.selectors import Standing
from chat.services import attaching, naming
from chat.services.finding import make_findable, source_of
from chat.services.posting import checked_words
from chat.services.rooms import locked_room
from chat.services.said import Said
from chat.talk.choices import Emoji
from disputes import services as disputes

EDIT_WINDOW = timedelta(hours=24)


def touch(message: Message, room: Room) -> None:
    """Something about the message changed: the next `rev` of the locked room, and those who read along are told."""
    message.rev = room.rev = room.rev + 1
    Room.objects.filter(pk=room.pk).update(rev=room.rev)
    Message.objects.filter(pk=message.pk).update(rev=message.rev)
    transaction.on_commit(lambda: announce.changed(message.pk), robust=True)


def _touch_shares(message: Message, room: Room) -> None:
    """Guests to whom the message was shown see and find it as it is now."""
    for line in message.shown_as.exclude(side=Side.INTERNAL).order_by("pk"):
        line.shared = message
        make_findable(room, line, message.body)
        if room.dispute_id and not message.body:
            disputes.drop_text(dispute_id=room.dispute_id, source=source_of(line))
        touch(line, room)


def find(place: Standing, seq: int, room: Room) -> Message:
    """A message that the person may see, in the locked room; raises Message.DoesNotExist."""
    message: Message = selectors.messages_for(place).get(seq=seq)
    message.room = room
    return message


def may_edit(message: Message, user: User, at: datetime) -> bool:
    """Whether the person may still change the words: their own, for a day."""
    own = message.author_id == user.pk and message.kind == MessageKind.TEXT
    return own and message.deleted_at is None and at - message.created_at <= EDIT_WINDOW


def may_delete(message: Message, user: User, entity_id: int, at: datetime) -> bool:
    """Whether the person may take the message away: their own for a day, a manager any."""
    if message.kind != MessageKind.TEXT or message.deleted_at is not None:
        return False
    return may_edit(message, user, at) or policy.may(user, "room.moderate", entity_id)


@transaction.atomic
def edit_message(
    *,
    place: Standing,
    seq: int,
    by: User,
    body: str,
    version: int,
    at: datetime,
    chosen: Iterable[str] = (),
    unseen: bool = False,
) -> Message:
    """Put other words in place of the author's own; those before are kept. The same words change nothing.

    `version` is the one the author had on screen. Raises VersionChanged, MayNotChange, MentionUnseen.
    """
    room = locked_room(place.room_id)
    message = find(place, seq, room)
    if not may_edit(message, by, at):
        raise MayNotChange
    body = checked_words(body)
    if body == message.body:
        return message
    if not body and not message.files:
        raise EmptyMessage
    if message.version != version:
        raise VersionChanged
    reader, said = Reader(message.side, message.party_id), Said(chosen=tuple(chosen), unseen=unseen)
    named = naming.find_named(room=room, by=by, place=place, body=body, reader=reader, said=said)
    written = message.edited_at or message.created_at
    Revision.objects.create(message=message, number=message.version, body=message.body, written_at=written)
    message.body, message.version, message.edited_at = body, message.version + 1, at
    message.save(update_fields=["body", "version", "edited_at"])
    naming.unname(message=message, named=named)
    fresh = naming.name(message=message, room=room, named=named, at=at)
    tell_named(message=message, people=fresh, at=at)
    make_findable(room, message, message.body)
    touch(message, room)
    _touch_shares(message, room)
    return message


@transaction.atomic
def delete_message(*, place: Standing, seq: int, by: User, at: datetime, why: str = "") -> Message:
    """Take the words away, everywhere and for good; who did it and when stays. Twice is harmless.

    Of somebody else's message the reason is asked. Raises MayNotChange, DeleteNeedsReason.
    """
    room = locked_room(place.room_id)
    message = find(place, seq, room)
    if message.deleted_at is not None:
        return message
    if not may_delete(message, by, room.entity_id, at):
        raise MayNotChange
    why = why.strip()[:300]
    if message.author_id != by.pk and not why:
        raise DeleteNeedsReason
    message.body, message.deleted_at, message.deleted_by, message.deleted_why = "", at, by, why
    message.save(update_fields=["body", "deleted_at", "deleted_by", "deleted_why"])
    message.revisions.update(body="")
    message.reactions.all().delete()
    message.mentions.all().delete()
    Pin.objects.filter(message=message).delete()
    attaching.detach(message)
    make_findable(room, message, message.body)
    touch(message, room)
    _touch_shares(message, room)
    return message


@transaction.atomic
def react(*, place: Standing, seq: int, by: User, emoji: str, on: bool, at: datetime) -> Message:
    """Put a sign under a message, or take one's own back; twice the same changes nothing."""
    if emoji not in Emoji.values:
        raise NotThatSign
    room = locked_room(place.room_id)
    message = find(place, seq, room)
    allowed = policy.may(by, "room.post", room.entity_id)
    if not allowed or message.deleted_at is not None or message.kind == MessageKind.SYSTEM:
        raise MayNotChange
    mine = Reaction.objects.filter(message=message, user=by, emoji=emoji)
    if mine.exists() == on:
        return message
    if on:
        Reaction.objects.create(message=message, user=by, emoji=emoji, reader=place.key, at=at)
    else:
        mine.delete()
    touch(message, room)
    return message
