"""Where a mail that came in belongs, and who wrote it. Reads only; anything doubtful is a person's to decide.

An address that only one person was given, in a mail from that person's own address, speaks for them. Without it a known
guest is believed on their own side of the matter; a colleague is not, for anybody can write a sender's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from chat.audience import TEAM, Reader
from chat.choices import Side
from chat.mail.about import DISPUTE, ROOM
from chat.models import Participant, Room
from chat.selectors import standing
from chat.services.rooms import room_for_dispute
from disputes.models import Dispute
from ledger.models import Contact
from mailroom.choices import Doubt
from mailroom.models import InboundMail, ReplyToken

# How long after its end a dispute may still be answered by mail.
AFTER_THE_END = timedelta(days=365)
REF = re.compile(r"\bD-0*(\d{1,9})\b", re.IGNORECASE)
Writer = User | Contact


@dataclass(frozen=True, slots=True)
class Place:
    """The room a mail belongs to, who speaks in it, and for whom: a guest for their own side."""

    room: Room
    writer: Writer
    reader: Reader


def place_of(mail: InboundMail, at: datetime) -> Place | Doubt:
    """Where the mail belongs; a doubt when a person has to decide."""
    if mail.reason == Doubt.FORGED:
        return Doubt.FORGED
    if mail.token is not None:
        return _by_token(mail, mail.token, at)
    if not _known(mail.from_address):
        return Doubt.OTHER_SENDER if mail.letter_id else Doubt.UNKNOWN_SENDER
    for room in _named(mail, at):
        place = _as_guest(room, mail.from_address)
        if place is not None:
            return Doubt.EXPIRED if _is_over(room, at) else place
    return Doubt.NO_THREAD


def _by_token(mail: InboundMail, token: ReplyToken, at: datetime) -> Place | Doubt:
    """The owner of the address speaks, when the mail is from their own."""
    writer = _owner(token)
    if writer is None or writer.email.lower() != mail.from_address:
        return Doubt.OTHER_SENDER
    room = _room(token.stream, token.object_id, at)
    if room is None or _is_over(room, at):
        return Doubt.EXPIRED
    if isinstance(writer, Contact):
        here = Participant.objects.filter(room=room, contact=writer, left_at=None).exists()
        return Place(room, writer, Reader(Side.CUSTOMER)) if here else Doubt.NOT_TAKING_PART
    stands = standing(writer, room.pk)
    if stands is None:
        return Doubt.NOT_TAKING_PART
    # Who sits elsewhere since the letter was written does not answer it by mail. A question names no side.
    return Place(room, writer, stands.reader) if token.side in ("", stands.key) else Doubt.NOT_TAKING_PART


def _owner(token: ReplyToken) -> Writer | None:
    if token.owner_kind == "contact":
        return Contact.objects.filter(pk=token.owner_id).first()
    return User.objects.filter(pk=token.owner_id, is_active=True).first()


def _known(address: str) -> bool:
    """Whether anybody here has this address."""
    if not address:
        return False
    people = User.objects.filter(email__iexact=address, is_active=True)
    return people.exists() or Contact.objects.filter(email__iexact=address).exists()


def _named(mail: InboundMail, at: datetime) -> Iterator[Room]:
    """The rooms that the mail may be about: of the letter it answers, of the references in its subject."""
    letter = mail.letter
    if letter is not None and letter.about_id is not None:
        room = _room(letter.about_stream, letter.about_id, at)
        if room is not None:
            yield room
    for number in REF.findall(mail.subject)[:5]:
        rows = Dispute.objects.filter(number=int(number))
        if mail.entity_id:
            rows = rows.filter(entity=mail.entity_id)
        for dispute in rows.order_by("pk")[:5]:
            yield room_for_dispute(dispute=dispute, at=at)


def _as_guest(room: Room, address: str) -> Place | None:
    """Who writes, when they are a guest there: a partner who takes part, or a contact of the customer it is about."""
    person = User.objects.filter(email__iexact=address, is_active=True).first()
    stands = standing(person, room.pk) if person else None
    if person is not None and stands is not None:
        return Place(room, person, stands.reader) if stands.reader != TEAM else None
    about = room.customer_id or (room.dispute.customer_id if room.dispute else None)
    contact = Contact.objects.filter(customer=about, email__iexact=address).order_by("pk").first()
    return Place(room, contact, Reader(Side.CUSTOMER)) if contact and about else None


def _room(stream: str, object_id: int, at: datetime) -> Room | None:
    if stream == ROOM:
        return Room.objects.filter(pk=object_id).first()
    dispute = Dispute.objects.filter(pk=object_id).first() if stream == DISPUTE else None
    return room_for_dispute(dispute=dispute, at=at) if dispute else None


def _is_over(room: Room, at: datetime) -> bool:
    ended = room.dispute.closed_at if room.dispute else None
    return ended is not None and at > ended + AFTER_THE_END
