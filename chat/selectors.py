"""What the chat room knows, for whoever may know it. Every read of a room starts at `rooms_for`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from accounts.written import KEPT, Asker, Written, given_keys, write
from chat.choices import SEEN_FROM, MessageKind, RoomKind, Side
from chat.models import Message, Participant, ReadMark, Room
from disputes.models import Question
from disputes.selectors import disputes_for, open_questions_for, with_rights
from ledger.selectors import customers

Person = User | AnonymousUser
# Participants with `mark` (read up to) and `unread` (messages of others behind it).
Stays = QuerySet[Any]
POPUPS = 20
COUNTED = (MessageKind.TEXT, MessageKind.QUESTION)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a room: on which side, from which number on, and its newest number for that side."""

    room_id: int
    side: str
    floor: int
    head: int
    takes_part: bool = False


def inner_entities(user: Person) -> frozenset[int]:
    """The legal entities where the person reads rooms as one of the team, not as a guest."""
    mine = policy.scope(user)
    allowed = policy.ACTIONS["room.read"] - {Role.PARTNER}
    return frozenset(entity for entity, roles in mine.roles.items() if roles & allowed)


def rooms_for(user: Person) -> QuerySet[Room]:
    """The rooms the person may read: of what they see, and where they take part. A guest: only the latter."""
    inner = inner_entities(user)
    present = Participant.objects.filter(room=OuterRef("pk"), user_id=user.pk or 0, left_at=None)
    subject = Q(kind=RoomKind.DISPUTE, dispute__in=disputes_for(user)) | Q(
        kind=RoomKind.CUSTOMER, customer__in=customers(user)
    )
    part = Q(entity__in=policy.scope(user).entities("room.read")) & Q(Exists(present))
    return Room.objects.filter(Q(entity__in=inner) & subject | part)


def standing(user: Person, room_id: int) -> Standing | None:
    """How the person stands to this room; None when it does not exist for them. The same rule as `rooms_for`."""
    stays = Participant.objects.filter(room=room_id, user_id=user.pk or 0, left_at=None)
    stay = stays.select_related("room").first()
    if stay is None or stay.room.entity_id not in policy.scope(user).entities("room.read"):
        room = rooms_for(user).filter(pk=room_id).only("entity_id", "last_seq").first()
        return Standing(room.pk, Side.INTERNAL, 0, room.last_seq) if room else None
    if stay.room.entity_id in inner_entities(user):
        return Standing(room_id, Side.INTERNAL, 0, stay.room.last_seq, takes_part=True)
    if stay.side == Side.INTERNAL:
        return None
    return Standing(room_id, stay.side, stay.from_seq, head_of(room_id, stay.side), takes_part=True)


def head_of(room_id: int, side: str) -> int:
    """The newest number that a side can see; 0 in an empty room."""
    seen = Message.objects.filter(room=room_id, side__in=SEEN_FROM[side])
    return int(seen.aggregate(head=Max("seq"))["head"] or 0)


def heads_of(rooms: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """`head_of` for many rooms and sides, in at most one query a side."""
    wanted: dict[str, list[int]] = {}
    for room_id, side in rooms:
        wanted.setdefault(side, []).append(room_id)
    heads: dict[tuple[int, str], int] = {}
    for side, ids in wanted.items():
        if side == Side.INTERNAL:
            rows: Iterable[tuple[int, int]] = Room.objects.filter(pk__in=ids).values_list("pk", "last_seq")
        else:
            seen = Message.objects.filter(room__in=ids, side__in=SEEN_FROM[side])
            rows = seen.values("room").annotate(head=Max("seq")).order_by().values_list("room", "head")
        heads.update({(pk, side): head for pk, head in rows})
    return heads


def messages_for(place: Standing) -> QuerySet[Message]:
    """The messages of the room that this standing lets one see, oldest first."""
    seen = Message.objects.filter(room=place.room_id, side__in=SEEN_FROM[place.side], seq__gt=place.floor)
    return seen.select_related("author").order_by("seq")


def messages_after(place: Standing, after: int, limit: int) -> list[Message]:
    """The next messages behind number `after`."""
    return list(messages_for(place).filter(seq__gt=after)[:limit])


def messages_before(place: Standing, before: int, limit: int) -> list[Message]:
    """The last messages in front of number `before`, oldest first."""
    return list(messages_for(place).filter(seq__lt=before).order_by("-seq")[:limit])[::-1]


def read_up_to(user: Person, room_id: int) -> int:
    """The number up to which the person has read the room."""
    mark = ReadMark.objects.filter(room=room_id, user_id=user.pk or 0).values_list("seq", flat=True).first()
    return mark or 0


def _readable() -> QuerySet[Message]:
    """For use below a query of Participants: the messages of the room that the participant may see."""
    seen = Q()
    for side, sides in SEEN_FROM.items():
        seen |= Q(side__in=sides) & Q(reader=side)
    reader = ExpressionWrapper(OuterRef("side"), output_field=CharField())
    here = Message.objects.annotate(reader=reader).filter(seen, room=OuterRef("room"))
    return here.filter(seq__gt=OuterRef("from_seq"))


def _unread() -> Subquery:
    """Of a Participant row with `mark`: how many messages of others lie behind it."""
    behind = (
        _readable()
        .filter(Q(author=None) | ~Q(author=OuterRef("user")), kind__in=COUNTED, seq__gt=OuterRef("mark"))
        .order_by()
        .values("room")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Subquery(behind, output_field=IntegerField())


def present(room_id: int) -> Stays:
    """Who is in the room now, with their read mark (`mark`) and unread count (`unread`)."""
    return _counted(Participant.objects.filter(room=room_id, left_at=None))


def my_rooms(user: Person) -> Stays:
    """The rooms the person takes part in, with `mark`, `unread` and the last words they may see. One query."""
    mine = _counted(Participant.objects.filter(user_id=user.pk or 0, left_at=None))
    latest = _readable().filter(kind__in=COUNTED).order_by("-seq")
    related = ("room__dispute__customer", "room__dispute__reason", "room__customer")
    rooms: Stays = (
        mine.filter(room__in=rooms_for(user))
        .annotate(
            latest_at=Coalesce(Subquery(latest.values("created_at")[:1]), F("room__created_at")),
            latest_body=Subquery(latest.values("body")[:1]),
            latest_author=Subquery(latest.values("author__name")[:1]),
        )
        .select_related(*related)
        .order_by("-latest_at", "-pk")
    )
    return rooms


def _counted(stays: QuerySet[Participant]) -> Stays:
    mark = ReadMark.objects.filter(room=OuterRef("room"), user=OuterRef("user")).values("seq")[:1]
    return stays.annotate(mark=Coalesce(Subquery(mark), 0)).annotate(unread=Coalesce(_unread(), 0))


def unread_rooms(user: Person) -> int:
    """In how many of their rooms somebody wrote what the person has not read."""
    return my_rooms(user).filter(unread__gt=0).order_by().count()


def unread_in(user: User, disputes: Iterable[int]) -> dict[int, int]:
    """How many messages the person has not read yet, of those disputes where there are any."""
    return dict(_unread_written(Asker(user)).ask(keys=list(disputes)))


@lru_cache(maxsize=KEPT)
def _unread_written(asker: Asker) -> Written:
    here = policy.scope(asker.user).entities("room.read")
    mine = Participant.objects.filter(user=asker.user, left_at=None, room__entity__in=here)
    mine = mine.filter(room__dispute__in=given_keys())
    return write(_counted(mine).filter(unread__gt=0).values_list("room__dispute", "unread"))


def seen_by(room_id: int, seq: int) -> list[str]:
    """The names of those in the room who have read up to `seq`."""
    rows = present(room_id).filter(mark__gte=seq).select_related("user").order_by("user__name")
    return [str(stay.user) for stay in rows]


def wrote_since(place: Standing, user: Person, after: int) -> QuerySet[Message]:
    """What others said behind number `after`; a reply written meanwhile may be stale."""
    return messages_for(place).filter(seq__gt=after, kind__in=COUNTED).exclude(author_id=user.pk)


def popups_for(user: User, at: datetime) -> list[Question]:
    """The open questions that wait for the person, the most urgent first."""
    return with_rights(list(open_questions_for(user, at)[:POPUPS]), user, at)


def last_words(user: User, dispute_id: int, count: int = 2) -> list[Message]:
    """The last few messages of a dispute's room that the person may read."""
    room = Room.objects.filter(dispute=dispute_id).values_list("pk", flat=True).first()
    place = standing(user, room) if room else None
    if place is None:
        return []
    said = messages_for(place).filter(kind=MessageKind.TEXT).order_by("-seq")[:count]
    return list(said)[::-1]
