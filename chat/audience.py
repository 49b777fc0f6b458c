"""Who may read what of a room: the one policy behind page, socket, API, search, mail, push and file.

A reader sits on a side: the team, one partner company, or the customer. A message is written for a side, and for
partners for one company or for all of them. The team reads everything; anybody else only what was written for them,
and nothing from before they came. Everything that shows a message asks here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from chat.choices import Side

Person = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Reader:
    """On which side a reader sits; `party` is the department that stands for a partner's company."""

    side: str
    party: int | None = None

    @property
    def key(self) -> str:
        """`internal`, `partner:7` or `customer`: what readers who see the same have in common."""
        return self.side if self.party is None else f"{self.side}:{self.party}"

    def knows(self, other: Reader) -> bool:
        """Whether this reader may know that the other is there."""
        return self.side == Side.INTERNAL or self == other


TEAM, CUSTOMER = Reader(Side.INTERNAL), Reader(Side.CUSTOMER)


def partner(party: int) -> Reader:
    """The readers of one partner company."""
    return Reader(Side.PARTNER, party)


def reader_of(key: str) -> Reader:
    """The reader with this key; ValueError for anything else."""
    side, _, party = key.partition(":")
    if (side == Side.PARTNER) != bool(party) or side not in Side.values:
        raise ValueError(f"no such reader: {key}")
    return Reader(side, int(party) if party else None)


def visible_q(reader: Reader, path: str = "") -> Q:
    """The messages that this reader may see, as a filter; `path` leads from the filtered model to the message.

    From which number on is asked apart: it differs from guest to guest.
    """
    if reader.side == Side.INTERNAL:
        return Q()
    seen = Q(**{f"{path}side": reader.side})
    if reader.side == Side.PARTNER:
        seen &= Q(**{f"{path}party": None}) | Q(**{f"{path}party": reader.party})
    return seen


def readers_of(side: str, party: int | None, present: Iterable[int] = ()) -> list[Reader]:
    """Who may see a message written for this side; `present` are the partner companies in the room."""
    if side == Side.INTERNAL:
        return [TEAM]
    if side == Side.CUSTOMER:
        return [TEAM, CUSTOMER]
    parties = sorted(set(present)) if party is None else [party]
    return [TEAM, *(partner(one) for one in parties)]


def stays_reading(side: str, party: int | None, seq: int) -> Q:
    """The stays in a room whose people may read its message `seq`, written for this side; a filter of Participants."""
    team = Q(side=Side.INTERNAL)
    if side == Side.INTERNAL:
        return team
    guest = Q(side=side, from_seq__lt=seq)
    return team | (guest if party is None else guest & Q(party=party))


def inner_entities(user: Person) -> frozenset[int]:
    """The legal entities where the person reads rooms as one of the team, not as a guest."""
    mine = policy.scope(user)
    allowed = policy.ACTIONS["room.read"] - {Role.PARTNER}
    return frozenset(entity for entity, roles in mine.roles.items() if roles & allowed)


def own_stays(user: Person) -> Q:
    """The person's stays that still open a room: as one of the team, or as a guest of the company they came from."""
    mine = policy.scope(user)
    guest = Q(room__entity__in=mine.entities("room.read"), side=Side.PARTNER, party__in=mine.departments)
    return Q(user=user.pk or 0, left_at=None) & (Q(room__entity__in=inner_entities(user)) | guest)
