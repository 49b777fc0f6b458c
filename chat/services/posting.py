"""Putting lines into a room: lock the room, give the next number, insert, announce after commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import policy
from accounts.models import User
from chat import announce, selectors
from chat.audience import Reader
from chat.choices import JoinRoute, MessageKind, Side
from chat.errors import (
    EmptyMessage,
    MayNotPost,
    MessageTooLong,
    NobodyThere,
    NoSuchParent,
    RoomArchived,
    StaleReply,
    TokenReused,
)
from chat.mail.telling import tell_mail_readers
from chat.models import BODY_LIMIT, Draft, Message, Room, Untold
from chat.selectors import Standing
from chat.services.attaching import Kept, attach, keep
from chat.services.finding import make_findable
from chat.services.naming import find_named, name
from chat.services.reading import advance
from chat.services.rooms import check_contact, join, join_contact, locked_room
from chat.services.said import NOTHING_MORE, Said
from disputes import services as disputes
from disputes.models import Question
from ledger.models import Contact


@dataclass(frozen=True, slots=True)
class Line:
    """A message without its place in the room."""

    author: User | None
    kind: MessageKind
    side: Side
    body: str
    token: str
    at: datetime
    party: int | None = None
    contact: Contact | None = None
    shared: Message | None = None
    question: Question | None = None
    code: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    reply_to: Message | None = None
    files: int = 0


@transaction.atomic
def post_message(
    *,
    room: Room,
    by: User,
    body: str,
    client_token: str,
    at: datetime,
    side: Side | str = Side.INTERNAL,
    party: int | None = None,
    last_seen_seq: int | None = None,
    said: Said = NOTHING_MORE,
) -> Message:
    """Say something in a room. The same token again is the same message, however often it is sent.

    `side` and `party` (a partner company; none: every partner in the room) say for whom; a guest writes to their own.
    `last_seen_seq` is the last number the author had on screen; when others wrote behind it, StaleReply. Raises
    Room.DoesNotExist for a room that does not exist for the person.
    """
    body = _checked(body, client_token, said)
    place = selectors.standing(by, room.pk)
    if place is None:
        raise Room.DoesNotExist
    kept = _kept(room.pk, place, by, said, at)
    room = locked_room(room.pk)
    before = Message.objects.filter(author=by, client_token=client_token).select_related("author").first()
    if before is not None:
        return _same(before, room, body)
    reader = _addressed(by, room, place, Side(side), party)
    if room.archived_at is not None:
        raise RoomArchived
    if last_seen_seq is not None:
        _refuse_stale(place, by, last_seen_seq)
    named = find_named(room=room, by=by, place=place, body=body, reader=reader, said=said)
    line = Line(
        by,
        MessageKind.TEXT,
        Side(reader.side),
        body,
        client_token,
        at,
        party=reader.party,
        reply_to=_parent(place, said.reply_to),
        files=len(kept),
    )
    message = append(room, line)
    attach(message, kept)
    name(message=message, room=room, named=named, at=at)
    if not place.takes_part:
        join(room=room, user=by, route=JoinRoute.WROTE, at=at)
    advance(room=room, user=by, seq=message.seq, at=at)
    Draft.objects.filter(room=room, user=by).delete()
    return message


@transaction.atomic
def post_from_contact(
    *,
    room: Room,
    contact: Contact,
    body: str,
    client_token: str,
    at: datetime,
    said: Said = NOTHING_MORE,
) -> Message:
    """What a contact of the customer wrote: the team and the customer's side read it, and who wrote is in the room.

    The same token again is the same message. Raises NotTheirContact for somebody of another customer.
    """
    body = _checked(body, client_token, said)
    there = Room.objects.select_related("dispute").get(pk=room.pk)
    check_contact(there, contact)
    _wake(room.pk, at)
    kept = keep(there, said.files, by=contact, side=Side.CUSTOMER, at=at, via=said.via)
    room = locked_room(room.pk)
    before = Message.objects.filter(contact=contact, client_token=client_token).first()
    if before is not None:
        return _same(before, room, body)
    join_contact(room=room, contact=contact, route=JoinRoute.WROTE, at=at)
    line = Line(
        None, MessageKind.TEXT, Side.CUSTOMER, body, client_token, at, contact=contact, files=len(kept)
    )
    message = append(room, line)
    attach(message, kept)
    return message


@transaction.atomic
def post_system_line(*, room: Room, code: str, data: dict[str, Any], token: str, at: datetime) -> Message:
    """Write down what happened (`code`, with facts in `data`); the same token again changes nothing."""
    return _once(room, Line(None, MessageKind.SYSTEM, Side.INTERNAL, "", token, at, code=code, data=data))


@transaction.atomic
def post_question(*, room: Room, question: Question, reader: Reader, token: str, at: datetime) -> Message:
    """Put the card of a question into the room, for its reader; the same token again changes nothing."""
    line = Line(
        question.asked_by,
        MessageKind.QUESTION,
        Side(reader.side),
        question.text,
        token,
        at,
        party=reader.party,
        question=question,
    )
    return _once(room, line)


def _once(room: Room, line: Line) -> Message:
    room = locked_room(room.pk)
    before = Message.objects.filter(author=line.author, client_token=line.token).first()
    return before or append(room, line)


def append(room: Room, line: Line) -> Message:
    """The next message of a room whose lock is held, announced after commit."""
    message = Message(
        room=room,
        seq=room.last_seq + 1,
        author=line.author,
        contact=line.contact,
        shared=line.shared,
        kind=line.kind,
        side=line.side,
        party_id=line.party,
        body=line.body,
        question=line.question,
        code=line.code,
        data=line.data,
        client_token=line.token,
        created_at=line.at,
        reply_to=line.reply_to,
        files=line.files,
    )
    room.last_seq = message.seq
    Room.objects.filter(pk=room.pk).update(last_seq=message.seq)
    message.save(force_insert=True)
    make_findable(room, message, message.told.body)
    if message.kind in (MessageKind.TEXT, MessageKind.SHARED):
        Untold.objects.create(message=message)
    tell_mail_readers(message)
    transaction.on_commit(lambda: announce.message(message), robust=True)
    return message


def _wake(room_id: int, at: datetime) -> None:
    """The customer speaks: a dispute that was put aside is back. Before the room is locked: disputes come first."""
    dispute_id = Room.objects.filter(pk=room_id).values_list("dispute", flat=True).first()
    if dispute_id is not None:
        disputes.wake(dispute_id=dispute_id, by=None, at=at, why="customer")


def checked_words(body: str) -> str:
    """The words without blanks around them; raises MessageTooLong."""
    body = body.replace("\x00", "").strip()
    if len(body) > BODY_LIMIT:
        raise MessageTooLong(BODY_LIMIT)
    return body


def _checked(body: str, client_token: str, said: Said | None = None) -> str:
    body = checked_words(body)
    if not body and not (said and said.files):
        raise EmptyMessage
    if not 8 <= len(client_token) <= 64:
        raise TokenReused
    return body


def _kept(room_id: int, place: Standing, by: User, said: Said, at: datetime) -> list[Kept]:
    """The files with their bytes stored; what a transaction that fails leaves behind is swept away."""
    if not said.files:
        return []
    room = Room.objects.select_related("dispute").get(pk=room_id)
    if not policy.may(by, "room.post", room.entity_id):
        raise MayNotPost
    return keep(room, said.files, by=by, side=place.side, at=at, via=said.via)


def _parent(place: Standing, seq: int | None) -> Message | None:
    """The message answered, which its author must be able to see."""
    if seq is None:
        return None
    parent = selectors.messages_for(place).filter(seq=seq).exclude(kind=MessageKind.SYSTEM).first()
    if parent is None:
        raise NoSuchParent
    return parent


def _same(before: Message, room: Room, body: str) -> Message:
    """The message a retry is about; a token cannot serve twice."""
    changed = before.version > 1 or before.deleted_at is not None
    if before.room_id != room.pk or (before.body != body and not changed):
        raise TokenReused
    return before


def _addressed(by: User, room: Room, place: Standing, side: Side, party: int | None) -> Reader:
    """Whom it is for: a guest writes to their own side, the team to any that is in the room."""
    if not policy.may(by, "room.post", room.entity_id):
        raise MayNotPost
    if place.side != Side.INTERNAL:
        return place.reader
    if party is not None and (side != Side.PARTNER or party not in selectors.companies_in(room.pk)):
        raise NobodyThere
    return Reader(side, party)


def _refuse_stale(place: Standing, by: User, seen: int) -> None:
    missed = list(selectors.wrote_since(place, by, seen).values_list("seq", flat=True)[:100])
    if missed:
        raise StaleReply(newest=missed[-1], missed=len(missed))
