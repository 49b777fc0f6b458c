"""Rooms and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import policy
from accounts.choices import Role
from accounts.models import LegalEntity, User
from chat import bus
from chat.audience import TEAM, Reader, partner
from chat.choices import JoinRoute, RoomKind, Side
from chat.errors import NotTheirContact
from chat.mail.about import about_of
from chat.models import Participant, Room
from chat.services.finding import hide_past, show_past
from disputes.models import Dispute
from ledger.models import Contact, Customer
from mailroom import services as mailroom


def locked_room(room_id: int) -> Room:
    """The room, with its row lock held until the end of the transaction: it gives out the numbers."""
    return Room.objects.select_for_update(no_key=True).get(pk=room_id)


def room_for_dispute(*, dispute: Dispute, at: datetime) -> Room:
    """The room of a dispute, made when it is first asked for."""
    defaults = {"kind": RoomKind.DISPUTE, "entity_id": dispute.entity_id, "created_at": at}
    return Room.objects.get_or_create(dispute=dispute, defaults=defaults)[0]


def room_for_customer(*, customer: Customer, at: datetime) -> Room:
    """The room of a customer, made when it is first asked for."""
    defaults = {"kind": RoomKind.CUSTOMER, "entity_id": customer.entity_id, "created_at": at}
    return Room.objects.get_or_create(customer=customer, defaults=defaults)[0]


@transaction.atomic
def open_team(*, entity: LegalEntity, name: str, by: User, at: datetime, is_private: bool = False) -> Room:
    """A room for a team, with its first participant; raises ValidationError when the name is taken."""
    room = Room(entity=entity, kind=RoomKind.TEAM, name=name.strip(), is_private=is_private, created_at=at)
    room.full_clean()
    room.save()
    join(room=room, user=by, route=JoinRoute.OPENER, at=at)
    return room


@transaction.atomic
def join(
    *, room: Room, user: User, route: JoinRoute | str, at: datetime, after: int | None = None
) -> Participant:
    """Bring a person into the room; who is in already stays as they are.

    A guest sees what is for them behind number `after`: by default nothing of what was said before.
    """
    room = locked_room(room.pk)
    stay = Participant.objects.filter(room=room, user=user, left_at=None).first()
    if stay is not None:
        return stay
    reader = reader_for(user, room.entity_id)
    hidden = 0 if reader == TEAM else room.last_seq if after is None else min(after, room.last_seq)
    stay = Participant(
        room=room,
        user=user,
        route=route,
        side=reader.side,
        party_id=reader.party,
        from_seq=hidden,
        joined_at=at,
    )
    stay.full_clean()
    stay.save()
    show_past(room, stay)
    return stay


@transaction.atomic
def join_contact(
    *, room: Room, contact: Contact, route: JoinRoute | str, at: datetime, after: int | None = None
) -> Participant:
    """Bring a contact of the customer into the room, as `join` does; raises NotTheirContact for another's."""
    room = locked_room(room.pk)
    check_contact(room, contact)
    stay = Participant.objects.filter(room=room, contact=contact, left_at=None).first()
    if stay is not None:
        return stay
    hidden = room.last_seq if after is None else min(after, room.last_seq)
    stay = Participant(
        room=room, contact=contact, route=route, side=Side.CUSTOMER, from_seq=hidden, joined_at=at
    )
    stay.full_clean()
    stay.save()
    return stay


def check_contact(room: Room, contact: Contact) -> None:
    """The contacts of a room are those of the customer it is about."""
    about = room.customer_id or (room.dispute.customer_id if room.dispute else None)
    if about != contact.customer_id:
        raise NotTheirContact


@transaction.atomic
def leave(*, room: Room, user: User, at: datetime) -> bool:
    """Take a person out of the room. What access hung on it ends at once, in every open tab."""
    room = locked_room(room.pk)
    stay = Participant.objects.filter(room=room, user=user, left_at=None).first()
    if stay is None:
        return False
    end_stay(room, stay, at)
    return True


def end_stay(room: Room, stay: Participant, at: datetime) -> None:
    """End a stay in a room whose lock is held: pages, search and live lines forget the room at once."""
    Participant.objects.filter(pk=stay.pk).update(left_at=max(at, stay.joined_at))
    hide_past(room, stay)
    stream, object_id = about_of(room)
    owner = ("contact", stay.contact_id or 0) if stay.user_id is None else ("user", stay.user_id)
    mailroom.revoke_reply_addresses(stream=stream, object_id=object_id, owner=owner, at=at)
    if stay.user_id:
        bus.revoke_after_commit(stay.user_id)


@transaction.atomic
def bring_in(*, room: Room, people: Iterable[tuple[User | None, JoinRoute]], at: datetime) -> None:
    """Let several people join, each with the reason; nobody is skipped, nobody comes in twice."""
    here = set(Participant.objects.filter(room=room, left_at=None).values_list("user_id", flat=True))
    for user, route in people:
        if user is not None and user.pk not in here:
            join(room=room, user=user, route=route, at=at)


def reader_for(user: User, entity_id: int) -> Reader:
    """As which reader a person comes into the rooms of a legal entity: a partner only when they are nothing else."""
    if policy.scope(user).roles_in(entity_id) != frozenset({Role.PARTNER}):
        return TEAM
    return partner(user.memberships.get(entity=entity_id, role=Role.PARTNER).department_id or 0)
