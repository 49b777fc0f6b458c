"""What the team and the hubs ask about the guests of a room: who is there, and what was shown to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from chat.audience import CUSTOMER, Reader, stays_reading
from chat.choices import MessageKind, Side
from chat.models import Message, Participant, Room
from ledger.models import Contact


def companies_in(room_id: int) -> list[int]:
    """The partner companies that have somebody in the room."""
    here = Participant.objects.filter(room=room_id, left_at=None, side=Side.PARTNER)
    return list(here.order_by("party").values_list("party", flat=True).distinct())


def mail_readers(message: Message) -> QuerySet[Participant]:
    """Those in the room who may read the message and only have mail: contacts, and partners without a password."""
    reading = stays_reading(message.side, message.party_id, message.seq)
    here = Participant.objects.filter(reading, room=message.room_id, left_at=None)
    only_mail = Q(contact__isnull=False) | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return here.filter(only_mail, ~Q(side=Side.INTERNAL)).select_related("user", "contact", "party")


def shared_of(messages: Iterable[Message]) -> dict[int, list[Message]]:
    """For each of the messages the lines by which it is shared now."""
    found: dict[int, list[Message]] = {}
    ids = [message.pk for message in messages if message.kind == MessageKind.TEXT]
    lines = Message.objects.filter(shared__in=ids).exclude(side=Side.INTERNAL).select_related("party")
    for line in lines.order_by("seq"):
        found.setdefault(line.shared_id or 0, []).append(line)
    return found


def taken_back(room_id: int, key: str) -> list[int]:
    """The numbers at which readers with this key were shown a message that was taken back since."""
    lines = Message.objects.filter(room=room_id, kind=MessageKind.SHARED, side=Side.INTERNAL, data__to=key)
    return list(lines.order_by("seq").values_list("seq", flat=True))


def guests_in(room_id: int) -> bool:
    """Whether anybody in the room is not of the team."""
    return Participant.objects.filter(room=room_id, left_at=None).exclude(side=Side.INTERNAL).exists()


def contacts_of(room: Room) -> QuerySet[Contact]:
    """The contacts of the customer that the room is about."""
    customer = room.customer_id or (room.dispute.customer_id if room.dispute else None)
    return Contact.objects.filter(customer=customer)


def contacts_for(room: Room) -> QuerySet[Contact]:
    """Those of them who do not take part yet."""
    here = room.participants.filter(left_at=None, contact__isnull=False).values("contact")
    return contacts_of(room).exclude(pk__in=here)


@dataclass(frozen=True, slots=True)
class Table:
    """The guests of a room who read the same, as the team sees them: what they are called, and who they are."""

    reader: Reader
    name: str
    people: tuple[str, ...]

    @property
    def names(self) -> str:
        """Everybody by name."""
        return ", ".join(self.people)

    @property
    def words(self) -> str:
        """The company or customer, with the people behind it."""
        return self.name if self.people == (self.name,) else f"{self.name}: {self.names}"


def tables(stays: Iterable[Participant]) -> list[Table]:
    """The guests among these stays (with `user`, `contact` and `party`), company by company, the customer last."""
    found: dict[Reader, list[Participant]] = {}
    for stay in stays:
        if stay.side != Side.INTERNAL:
            found.setdefault(Reader(stay.side, stay.party_id), []).append(stay)
    shown = [
        Table(reader, _called(some[0]), tuple(sorted(str(stay.person) for stay in some)))
        for reader, some in found.items()
    ]
    return sorted(shown, key=lambda table: (table.reader == CUSTOMER, table.name))


def _called(stay: Participant) -> str:
    return stay.party.name if stay.party else stay.contact.customer.name if stay.contact else ""
