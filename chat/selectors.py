"""What the chat room knows, for whoever may know it. Every read of a room starts at `rooms_for`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Case,
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
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.written import KEPT, Asker, Written, given_keys, write
from chat.audience import TEAM, Reader, inner_entities, own_stays, visible_q
from chat.choices import MessageKind, RoomKind, Side
from chat.guests import companies_in as companies_in
from chat.guests import mail_readers as mail_readers
from chat.models import Message, Mute, Participant, ReadMark, Room
from disputes.models import Question
from disputes.selectors import disputes_for, open_questions_for, with_rights
from ledger.selectors import customers

Person = User | AnonymousUser
# Participants with `mark` (read up to) and `unread` (messages of others behind it).
Stays = QuerySet[Any]
POPUPS = 20
COUNTED = (MessageKind.TEXT, MessageKind.QUESTION)
# In a query of `_readable`: a message shared with guests is new to them, and a line of its own to nobody else.
COUNTS = Q(kind__in=COUNTED) | (Q(kind=MessageKind.SHARED) & ~Q(reader=Side.INTERNAL))
WRITERS = ("shared__author__name", "shared__contact__name", "author__name", "contact__name")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a room: as which reader, from which number on, and its newest number for them."""

    room_id: int
    reader: Reader
    floor: int
    head: int
    takes_part: bool = False

    @property
    def side(self) -> str:
        """On which side of the table they sit."""
        return self.reader.side

    @property
    def key(self) -> str:
        """What they have in common with those who see the same."""
        return self.reader.key


def rooms_for(user: Person) -> QuerySet[Room]:
    """The rooms the person may read: of what they see, and where they take part. A guest: only the latter."""
    present = Participant.objects.filter(own_stays(user), room=OuterRef("pk"))
    subject = Q(kind=RoomKind.DISPUTE, dispute__in=disputes_for(user)) | Q(
        kind=RoomKind.CUSTOMER, customer__in=customers(user)
    )
    return Room.objects.filter(Q(entity__in=inner_entities(user)) & subject | Q(Exists(present)))


def standing(user: Person, room_id: int) -> Standing | None:
    """How the person stands to this room; None when it does not exist for them. The same rule as `rooms_for`."""
    stay = Participant.objects.filter(own_stays(user), room=room_id).select_related("room").first()
    if stay is None:
        room = rooms_for(user).filter(pk=room_id).only("entity_id", "last_seq").first()
        return Standing(room.pk, TEAM, 0, room.last_seq) if room else None
    if stay.room.entity_id in inner_entities(user):
        return Standing(room_id, TEAM, 0, stay.room.last_seq, takes_part=True)
    reader = Reader(stay.side, stay.party_id)
    return Standing(room_id, reader, stay.from_seq, head_of(room_id, reader), takes_part=True)


def head_of(room_id: int, reader: Reader) -> int:
    """The newest number that a reader can see; 0 in an empty room."""
    seen = Message.objects.filter(visible_q(reader), room=room_id)
    return int(seen.aggregate(head=Max("seq"))["head"] or 0)


def heads_of(rooms: Iterable[tuple[int, Reader]]) -> dict[tuple[int, Reader], int]:
    """`head_of` for many rooms and readers, in at most one query a side."""
    wanted: dict[str, set[tuple[int, Reader]]] = {}
    for room_id, reader in rooms:
        wanted.setdefault(reader.side, set()).add((room_id, reader))
    heads: dict[tuple[int, Reader], int] = {}
    for side, pairs in wanted.items():
        ids = {room_id for room_id, _reader in pairs}
        if side == Side.INTERNAL:
            rows = Room.objects.filter(pk__in=ids).values_list("pk", "last_seq")
            heads.update({(pk, TEAM): head for pk, head in rows})
            continue
        found = Message.objects.filter(room__in=ids, side=side).values("room", "party")
        newest: dict[tuple[int, int | None], int] = {
            (room, party): head
            for room, party, head in found.annotate(head=Max("seq"))
            .order_by()
            .values_list("room", "party", "head")
        }
        for room_id, reader in pairs:
            theirs = (newest.get((room_id, party), 0) for party in (None, reader.party))
            heads[room_id, reader] = max(theirs)
    return {pair: head for pair, head in heads.items() if head}


def with_words(messages: QuerySet[Message]) -> QuerySet[Message]:
    """The same messages with what they show: who wrote them, and the earlier ones they share (seldom: asked apart)."""
    return messages.select_related("author", "contact", "party", "deleted_by").prefetch_related(
        "shared__author", "shared__contact", "shared__deleted_by"
    )


def messages_for(place: Standing) -> QuerySet[Message]:
    """The messages of the room that this standing lets one see, oldest first."""
    seen = Message.objects.filter(visible_q(place.reader), room=place.room_id, seq__gt=place.floor)
    return with_words(seen).order_by("seq")


def rev_before(room_id: int, reader: Reader, rev: int) -> int:
    """The last change in front of `rev` that a reader can see; 0 when there is none."""
    seen = Message.objects.filter(visible_q(reader), room=room_id, rev__gt=0, rev__lt=rev)
    return seen.order_by("-rev").values_list("rev", flat=True).first() or 0


def changes_after(place: Standing, rev: int, limit: int) -> list[Message]:
    """The messages that changed behind `rev`, in the order of their last change."""
    return list(messages_for(place).filter(rev__gt=rev).order_by("rev")[:limit])


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
    """For use below a query of `_counted` Participants: the messages of the room that the participant may see."""
    reader = ExpressionWrapper(OuterRef("seen_as"), output_field=CharField())
    theirs = Q(side=F("reader"), seq__gt=OuterRef("from_seq"))
    theirs &= Q(party=None) | Q(party=OuterRef("party"))
    here = Message.objects.annotate(reader=reader).filter(room=OuterRef("room"))
    return here.filter(Q(reader=Side.INTERNAL) | theirs)


def _unread() -> Subquery:
    """Of a Participant row with `mark`: how many messages of others lie behind it."""
    behind = (
        _readable()
        .filter(Q(author=None) | ~Q(author=OuterRef("user")), COUNTS, seq__gt=OuterRef("mark"))
        .order_by()
        .values("room")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Subquery(behind, output_field=IntegerField())


def present(room_id: int) -> Stays:
    """Who is in the room now, with their read mark (`mark`) and unread count (`unread`)."""
    return _counted(Participant.objects.filter(room=room_id, left_at=None).annotate(seen_as=F("side")))


def my_rooms(user: Person) -> Stays:
    """The rooms the person takes part in, with `mark`, `unread` and the last words they may see. One query."""
    mine = _counted(_stays_of(user))
    latest = _readable().filter(COUNTS).order_by("-seq")
    related = ("room__dispute__customer", "room__dispute__reason", "room__customer")
    rooms: Stays = (
        mine.annotate(
            muted=Exists(Mute.objects.filter(room=OuterRef("room"), user=OuterRef("user"))),
            latest_at=Coalesce(Subquery(latest.values("created_at")[:1]), F("room__created_at")),
            latest_body=Subquery(latest.values(words=Coalesce("shared__body", "body"))[:1]),
            latest_author=Subquery(latest.values(name=Coalesce(*WRITERS))[:1]),
        )
        .select_related(*related)
        .order_by("-latest_at", "-pk")
    )
    return rooms


def _stays_of(user: Person) -> QuerySet[Participant]:
    """The person's stays, each with the side it is read from: one of the team reads as such wherever they came in."""
    team = Case(When(room__entity__in=inner_entities(user), then=Value(Side.INTERNAL)), default=F("side"))
    return Participant.objects.filter(own_stays(user)).annotate(seen_as=team)


def _counted(stays: QuerySet[Participant]) -> Stays:
    mark = ReadMark.objects.filter(room=OuterRef("room"), user=OuterRef("user")).values("seq")[:1]
    return stays.annotate(mark=Coalesce(Subquery(mark), 0)).annotate(unread=Coalesce(_unread(), 0))


def unread_rooms(user: Person) -> int:
    """In how many of their rooms somebody wrote what the person has not read."""
    return my_rooms(user).filter(unread__gt=0, muted=False).order_by().count()


def unread_in(user: User, disputes: Iterable[int]) -> dict[int, int]:
    """How many messages the person has not read yet, of those disputes where there are any."""
    return dict(_unread_written(Asker(user)).ask(keys=list(disputes)))


@lru_cache(maxsize=KEPT)
def _unread_written(asker: Asker) -> Written:
    mine = _stays_of(asker.user).filter(room__dispute__in=given_keys())
    return write(_counted(mine).filter(unread__gt=0).values_list("room__dispute", "unread"))


def messages_visible_to(user: Person) -> QuerySet[Message]:
    """Every line the person may read, of all their rooms; `words_visible_to` adds what was shared with them."""
    rooms = rooms_for(user).values("pk")
    team = Q(room__entity__in=inner_entities(user), room__in=rooms)
    stays = Participant.objects.filter(own_stays(user), room=OuterRef("room"), from_seq__lt=OuterRef("seq"))
    theirs = stays.filter(side=OuterRef("side"))
    guest = ~Q(side=Side.INTERNAL) & (
        Q(party=None) & Exists(theirs) | Q(Exists(theirs.filter(party=OuterRef("party"))))
    )
    seen: QuerySet[Message] = Message.objects.filter(team | guest)
    return seen


def words_visible_to(user: Person) -> QuerySet[Message]:
    """The messages whose words and files the person may read: of the lines they see, and of those shared with them."""
    lines = messages_visible_to(user)
    return Message.objects.filter(Q(pk__in=lines.values("pk")) | Q(pk__in=lines.values("shared")))


def message_visible_to(place: Standing, message: Message) -> bool:
    """Whether this standing lets one read the message, in its own place or where it was shared."""
    return messages_for(place).filter(Q(pk=message.pk) | Q(shared=message.pk)).exists()


def seen_by(room_id: int, seq: int) -> list[str]:
    """The names of those in the room who have read up to `seq`."""
    rows = (
        present(room_id)
        .filter(mark__gte=seq, user__isnull=False)
        .select_related("user")
        .order_by("user__name")
    )
    return [str(stay.user) for stay in rows]


def wrote_since(place: Standing, user: Person, after: int) -> QuerySet[Message]:
    """What others said behind number `after`; a reply written meanwhile may be stale."""
    return messages_for(place).filter(seq__gt=after, kind__in=COUNTED).exclude(author_id=user.pk)


def first_unread(user: Person, place: Standing, mark: int) -> int | None:
    """The number of the first message of somebody else behind the read mark."""
    return wrote_since(place, user, mark).values_list("seq", flat=True).first()


def popups_for(user: User, at: datetime) -> list[Question]:
    """The open questions that wait for the person, the most urgent first."""
    return with_rights(list(open_questions_for(user, at)[:POPUPS]), user, at)
