"""Where a mail that came in belongs, and who wrote it. Reads only; anything doubtful is a person's to decide.

An address that only one person was given, in a mail from that person's own address, speaks for them. Without it a known
guest is believed on their own side of the matter; a colleague is not, for anybody can write a sender's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from chat.choices import Side
from chat.models import Room
from chat.selectors import Standing, standing
from chat.services.rooms import room_for_dispute
from disputes.models import Dispute
from mailroom.choices import Doubt
from mailroom.models import InboundMail

DISPUTE, ROOM = "dispute", "room"
# How long after its end a dispute may still be answered by mail.
AFTER_THE_END = timedelta(days=365)
REF = re.compile(r"\bD-0*(\d{1,9})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """The room a mail belongs to, and who speaks in it, on which side."""

    room: Room
    writer: User
    side: str


def place_of(mail: InboundMail, at: datetime) -> Place | Doubt:
    """Where the mail belongs; a doubt when a person has to decide."""
    if mail.reason == Doubt.FORGED:
        return Doubt.FORGED
    if mail.token is not None:
        return _by_token(mail, at)
    writer = _writer(mail.from_address)
    if writer is None:
        return Doubt.OTHER_SENDER if mail.letter_id else Doubt.UNKNOWN_SENDER
    room = _by_letter(mail, at) or _by_subject(mail, writer, at)
    if room is None:
        return Doubt.NO_THREAD
    here = standing(writer, room.pk)
    if here is None or here.side == Side.INTERNAL:
        return Doubt.NO_THREAD
    return Place(room, writer, here.side)


def _by_token(mail: InboundMail, at: datetime) -> Place | Doubt:
    token = mail.token
    assert token is not None
    writer = User.objects.filter(pk=token.owner_id, is_active=True).first()
    if writer is None or writer.email.lower() != mail.from_address:
        return Doubt.OTHER_SENDER
    room = _room(token.stream, token.object_id, at)
    if room is None or _is_over(room, at):
        return Doubt.EXPIRED
    here = standing(writer, room.pk)
    if here is None:
        return Doubt.NOT_TAKING_PART
    return Place(room, writer, _side(here, token.side))


def _side(here: Standing, given: str) -> str:
    """A guest speaks on their own side, a colleague on the one the letter they answer was about."""
    return given if here.side == Side.INTERNAL else here.side


def _writer(address: str) -> User | None:
    return User.objects.filter(email__iexact=address, is_active=True).first() if address else None


def _by_letter(mail: InboundMail, at: datetime) -> Room | None:
    letter = mail.letter
    if letter is None or letter.about_id is None:
        return None
    return _room(letter.about_stream, letter.about_id, at)


def _by_subject(mail: InboundMail, writer: User, at: datetime) -> Room | None:
    """The dispute whose reference stands in the subject, of those the writer takes part in."""
    for number in REF.findall(mail.subject)[:5]:
        rows = Dispute.objects.filter(number=int(number))
        if mail.entity_id:
            rows = rows.filter(entity=mail.entity_id)
        for dispute in rows.order_by("pk")[:5]:
            room = room_for_dispute(dispute=dispute, at=at)
            if standing(writer, room.pk) is not None:
                return room
    return None


def _room(stream: str, object_id: int, at: datetime) -> Room | None:
    if stream == ROOM:
        return Room.objects.filter(pk=object_id).first()
    dispute = Dispute.objects.filter(pk=object_id).first() if stream == DISPUTE else None
    return room_for_dispute(dispute=dispute, at=at) if dispute else None


def _is_over(room: Room, at: datetime) -> bool:
    ended = room.dispute.closed_at if room.dispute else None
    return ended is not None and at > ended + AFTER_THE_END
