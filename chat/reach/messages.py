"""Messages: whom they concern is thought of after they were posted, so that posting stays fast."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.reach.choices import ReachEvent
from chat.audience import stays_reading
from chat.choices import MessageKind, Side
from chat.models import Message, Mute, Participant, Untold
from chat.reach.telling import About, tell
from ledger.models import Contact


def tell_of_messages(*, at: datetime, limit: int = 200) -> int:
    """Plan who is told of what was posted meanwhile; how many messages. Safe from two workers at once."""
    ids = list(Untold.objects.order_by("pk").values_list("pk", flat=True)[:limit])
    return sum(_tell_of(pk, at) for pk in ids)


@transaction.atomic
def _tell_of(pk: int, at: datetime) -> bool:
    untold = Untold.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if untold is None:
        return False
    message = Message.objects.select_related("room__entity", "room__dispute").get(pk=pk)
    stays = _stays(message)
    people = _people(message, stays)
    named = User.objects.filter(mentions__message=message, is_active=True).exclude(pk=message.author_id or 0)
    tell_named(message=message, people=named.order_by("pk"), at=message.created_at)
    others = [person for person in people if person not in set(named)]
    about = _about(message, ReachEvent.MESSAGE)
    tell(about=about, people=others, contacts=_contacts(message, stays), at=message.created_at)
    untold.delete()
    return True


def tell_named(*, message: Message, people: Iterable[User], at: datetime) -> None:
    """Plan how those whom a message names are told; somebody who was told already is not told again."""
    tell(about=_about(message, ReachEvent.MENTION), people=people, at=at)


def _about(message: Message, event: ReachEvent) -> About:
    room = message.room
    return About(
        event=event,
        key=f"{event.value}:{message.pk}",
        entity=room.entity,
        room=room,
        message=message,
        dispute=room.dispute,
    )


def _stays(message: Message) -> QuerySet[Participant]:
    """Those who take part and may read it; what was shown to guests is news to them only."""
    reading = stays_reading(message.side, message.party_id, message.seq)
    stays = Participant.objects.filter(reading, room=message.room_id, left_at=None)
    return stays.exclude(side=Side.INTERNAL) if message.kind == MessageKind.SHARED else stays


def _people(message: Message, stays: QuerySet[Participant]) -> list[User]:
    """Its readers with a login, but its author and whoever muted the room."""
    muted = Mute.objects.filter(room=message.room_id).values("user")
    people = User.objects.filter(pk__in=stays.exclude(user__in=muted).values("user"), is_active=True)
    return list(people.exclude(pk=message.author_id or 0).order_by("pk"))


def _contacts(message: Message, stays: QuerySet[Participant]) -> list[Contact]:
    """Its readers at the customer's, but its author."""
    there = Contact.objects.filter(pk__in=stays.exclude(contact=None).values("contact")).exclude(email="")
    return list(there.exclude(pk=message.contact_id or 0).order_by("pk"))
