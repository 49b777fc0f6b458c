"""What the hub asks of the database: who may hear what, and what somebody missed.

The functions are plain; `ask` runs them on a few threads of their own, so that sockets never wait for web requests
and a storm of reconnects cannot take more than `THREADS` database connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.contrib.sessions.models import Session

from accounts import policy
from accounts.models import User
from chat import audience, guests, selectors, services
from chat.feed import Change, Line
from chat.models import Message, Room
from chat.selectors import Standing
from chat.talk import discretion
from chat.talk.frames import as_change, frames
from chat.wire import encode, entity_topic, user_topic
from lib import clock

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 4
pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")


async def ask(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `function` on one of the hub's threads, with a healthy database connection."""
    hop: Any = DatabaseSyncToAsync(function, thread_sensitive=False, executor=pool)
    answer: T = await hop(*args, **kwargs)
    return answer


@dataclass(frozen=True, slots=True)
class Audience:
    """What a person may hear: topics of their own, and the rooms they asked for; `off`: what they do without."""

    topics: frozenset[str]
    rooms: Mapping[int, Standing]
    off: frozenset[str] = frozenset()


def hearing(user_id: int, room_ids: Iterable[int] = ()) -> Audience | None:
    """What the person may hear now; None when they may not sign in any more. Reads everything afresh."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    wide = policy.scope(user).wide("dispute.read")
    topics = {user_topic(user.pk), *(entity_topic(pk) for pk in wide)}
    places = ((room_id, selectors.standing(user, room_id)) for room_id in room_ids)
    return Audience(
        frozenset(topics),
        {room_id: place for room_id, place in places if place},
        discretion.switched_off(user),
    )


def signed_out(session_keys: Iterable[str]) -> set[str]:
    """Those of the sessions that have ended."""
    keys = set(session_keys)
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    return keys - set(alive.values_list("session_key", flat=True))


def lines_after(room_id: int, key: str, after: int, floor: int, limit: int) -> list[Line]:
    """The next messages behind `after` and `floor` for readers with one key, encoded. The first follows `after`."""
    reader = audience.reader_of(key)
    here = Message.objects.filter(room=room_id, seq__gt=max(after, floor))
    seen = here.filter(audience.visible_q(reader))
    page = list(selectors.with_words(seen).order_by("seq")[:limit])
    return [Line(message.seq, frame["prev"], encode(frame)) for message, frame in frames(page, reader, after)]


def changes_after(room_id: int, key: str, floor: int, rev: int, limit: int) -> list[Change]:
    """What changed behind `rev` in the messages behind `floor`, for readers with one key, encoded."""
    reader = audience.reader_of(key)
    page = selectors.changes_after(Standing(room_id, reader, floor, 0), rev, limit)
    found: list[Change] = []
    for message, frame in frames(page, reader, 0):
        found.append(Change(message.rev, message.seq, encode(as_change(frame, rev))))
        rev = message.rev
    return found


def revs(room_ids: Iterable[int]) -> dict[int, int]:
    """The newest change of each room."""
    return dict(Room.objects.filter(pk__in=list(room_ids)).values_list("pk", "rev"))


def heads(rooms: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The newest number of each room for each reader key."""
    found = selectors.heads_of((room_id, audience.reader_of(key)) for room_id, key in rooms)
    return {(room_id, reader.key): head for (room_id, reader), head in found.items()}


def taken_back(room_id: int, key: str) -> list[int]:
    """What these readers were shown once and may not read any more."""
    return guests.taken_back(room_id, key) if key != audience.TEAM.key else []


def read(user_id: int, room_id: int, seq: int) -> bool:
    """Move the person's read mark, if they may read the room."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or selectors.standing(user, room_id) is None:
        return False
    room = Room.objects.get(pk=room_id)
    return services.mark_read(room=room, user=user, seq=seq, at=clock.now())
