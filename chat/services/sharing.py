"""Showing an earlier message to guests, and taking it back.

A share is a line of the room: it has the next number, so whoever is shown the message hears of it like of any new one,
and sees it at that place. Taking it back makes the line one for the team only.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import policy
from accounts.models import User
from chat import announce, selectors
from chat.audience import TEAM, Reader
from chat.choices import MessageKind, Side
from chat.errors import MayNotPost, NobodyThere, NotShareable
from chat.models import Message, Participant, Room
from chat.services.finding import source_of
from chat.services.posting import Line, append, post_system_line
from chat.services.rooms import locked_room
from disputes import services as disputes


@transaction.atomic
def share_message(*, message: Message, reader: Reader, by: User, at: datetime) -> Message:
    """Show a message to a partner company or to the customer; the line that shows it. Twice is once."""
    _allow(message.room_id, by)
    room = locked_room(message.room_id)
    message = Message.objects.select_related("author", "contact").get(pk=message.pk)
    if message.kind != MessageKind.TEXT or not message.body or reader == TEAM:
        raise NotShareable
    if not people_of(room, reader):
        raise NobodyThere
    before = message.shown_as.filter(side=reader.side, party=reader.party).first()
    if before is not None:
        return before
    times = message.shown_as.filter(data__to=reader.key).count()
    token = f"share:{message.pk}:{reader.key}:{times}"
    facts = {"to": reader.key, "name": name_of(room, reader), "of": str(message.writer), "seq": message.seq}
    line = Line(
        by,
        MessageKind.SHARED,
        Side(reader.side),
        "",
        token,
        at,
        party=reader.party,
        shared=message,
        data=facts,
    )
    return append(room, line)


@transaction.atomic
def take_back(*, line: Message, by: User, at: datetime) -> bool:
    """End a share: pages, API, search and files forget it at once. What went out by mail stays out.

    False when it had ended already.
    """
    _allow(line.room_id, by)
    room = locked_room(line.room_id)
    line = Message.objects.get(pk=line.pk)
    if line.kind != MessageKind.SHARED or line.side == Side.INTERNAL:
        return False
    reader = Reader(line.side, line.party_id)
    Message.objects.filter(pk=line.pk).update(side=Side.INTERNAL, party=None)
    if room.dispute_id:
        disputes.drop_text(dispute_id=room.dispute_id, source=source_of(line))
    facts = {**line.data, "actor": str(by)}
    post_system_line(room=room, code="message.hidden", data=facts, token=f"hide:{line.pk}", at=at)
    transaction.on_commit(lambda: announce.hidden(line, reader), robust=True)
    return True


def people_of(room: Room, reader: Reader) -> list[Participant]:
    """The guests in the room who read as `reader`."""
    here = Participant.objects.filter(room=room, left_at=None, side=reader.side, party=reader.party)
    return list(here.select_related("user", "contact", "party").order_by("pk"))


def name_of(room: Room, reader: Reader) -> str:
    """What these readers are called: a company, or the customer."""
    stays = people_of(room, reader)
    if reader.side == Side.PARTNER:
        return stays[0].party.name if stays and stays[0].party else ""
    return stays[0].contact.customer.name if stays and stays[0].contact else ""


def _allow(room_id: int, by: User) -> None:
    """Only the team decides what guests see."""
    place = selectors.standing(by, room_id)
    if place is None:
        raise Room.DoesNotExist
    entity = Room.objects.values_list("entity", flat=True).get(pk=room_id)
    if place.reader != TEAM or not policy.may(by, "room.share", entity):
        raise MayNotPost
