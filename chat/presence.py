"""Who is looking at which room, and who is typing. Kept in the broker only, with expiry; nothing is stored."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from functools import lru_cache
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from chat import bus
from chat.audience import TEAM, reader_of
from chat.sink import Sink
from chat.wire import Envelope, encode, envelope, room_topic

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.5
REFRESH_SECONDS = 20.0
FORGET_SECONDS = 60
TYPING_MILLISECONDS = 2_000
NAMES = 12
Person = tuple[str, int, str]


class Presence:
    """This process's share of who is where, merged with the others' through the broker."""

    def __init__(self) -> None:
        self.process = secrets.token_hex(4)
        self.here: dict[int, Counter[Person]] = {}
        self.people: dict[int, list[Person]] = {}
        self.newcomers: dict[int, list[tuple[str, Sink]]] = {}
        self.dirty: set[int] = set()
        self.client: Any = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1
        )

    def come(self, room_id: int, key: str, sink: Sink) -> None:
        """A socket looks at a room; it is told soon who else does."""
        self.here.setdefault(room_id, Counter())[(key, sink.user_id, sink.name)] += 1
        self.newcomers.setdefault(room_id, []).append((key, sink))
        self.dirty.add(room_id)

    def go(self, room_id: int, key: str, sink: Sink) -> None:
        """A socket no longer looks at a room."""
        there = self.here.get(room_id)
        person = (key, sink.user_id, sink.name)
        if there is None or not there[person]:
            return
        there[person] -= 1
        self.dirty.add(room_id)

    def frame(self, room_id: int, key: str, *, head: int | None = None, bare: bool = False) -> str:
        """Who looks at the room, as readers with one key may know it; with `head`, the room's newest number.

        `bare`: nobody, for somebody who does without.
        """
        here = () if bare else self.people.get(room_id, ())
        seen = [(pk, name) for other, pk, name in here if key_knows(key, other)]
        people = sorted(dict(seen).items(), key=lambda person: person[1])
        frame = {
            "type": "presence",
            "room": room_id,
            "count": len(people),
            "people": [{"id": pk, "name": name} for pk, name in people[:NAMES]],
        }
        return encode(frame if head is None else {**frame, "head": head})

    async def run(self) -> None:
        """Write down and announce changes twice a second, and everything every 20 s so that it does not expire."""
        refreshed = time.monotonic()
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if time.monotonic() - refreshed > REFRESH_SECONDS:
                refreshed = time.monotonic()
                self.dirty.update(self.here)
            rooms, self.dirty = self.dirty, set()
            for room_id in rooms:
                try:
                    await self._exchange(room_id)
                except (RedisError, OSError) as error:
                    log.debug("Presence is unknown while the broker is down (%s).", error)

    async def _exchange(self, room_id: int) -> None:
        """Tell the broker who is here, learn who is elsewhere, and announce it when it changed."""
        place, now = f"{bus.channel()}:who:{room_id}", time.time()
        local = self.here.get(room_id, Counter())
        gone = [person for person, count in local.items() if count <= 0]
        for person in gone:
            del local[person]
        pipe = self.client.pipeline(transaction=False)
        if gone:
            pipe.zrem(place, *(self._member(person) for person in gone))
        if local:
            pipe.zadd(place, {self._member(person): now for person in local})
        else:
            self.here.pop(room_id, None)
        pipe.zremrangebyscore(place, 0, now - FORGET_SECONDS)
        pipe.expire(place, 2 * FORGET_SECONDS)
        pipe.zrange(place, 0, -1)
        members = (await pipe.execute())[-1]
        await self._announce(room_id, sorted({_person(member.decode()) for member in members}))

    async def _announce(self, room_id: int, people: list[Person]) -> None:
        """A change goes to everybody through the bus; otherwise only newcomers are told who is here."""
        changed = people != self.people.get(room_id, [])
        self.people[room_id] = people
        newcomers = self.newcomers.pop(room_id, [])
        if changed:
            for key in {TEAM.key, *(person[0] for person in people)}:
                one = Envelope((room_topic(room_id, key),), self.frame(room_id, key))
                await self.client.publish(bus.channel(), one.pack())
        else:
            for key, sink in newcomers:
                sink.push(self.frame(room_id, key))
        if room_id not in self.here:
            self.people.pop(room_id, None)

    async def typing(self, room_id: int, key: str, sink: Sink) -> None:
        """Somebody is typing: told to those who see the same and to the team, at most once in two seconds."""
        once = f"{bus.channel()}:typing:{room_id}:{sink.user_id}"
        frame = {"type": "typing", "room": room_id, "user": {"id": sink.user_id, "name": sink.name}}
        topics = sorted({room_topic(room_id, key), room_topic(room_id, TEAM.key)})
        try:
            if await self.client.set(once, 1, nx=True, px=TYPING_MILLISECONDS):
                await self.client.publish(bus.channel(), envelope(topics, frame).pack())
        except (RedisError, OSError) as error:
            log.debug("Nobody hears who types while the broker is down (%s).", error)

    def _member(self, person: Person) -> str:
        key, user_id, name = person
        return f"{key}|{user_id}|{self.process}|{name}"


@lru_cache(maxsize=4096)
def key_knows(key: str, other: str) -> bool:
    """Whether readers with `key` may know of people with the key `other`."""
    return reader_of(key).knows(reader_of(other))


def _person(member: str) -> Person:
    key, user_id, _process, name = member.split("|", 3)
    return key, int(user_id), name
