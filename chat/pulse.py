"""Keeps a hub alive: the one subscription to the bus, and the beats that repair what the bus lost."""

from __future__ import annotations

import asyncio
import logging
import random
from itertools import islice
from typing import TYPE_CHECKING

import redis.asyncio
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from chat import bus, doorkeeper
from chat.doorkeeper import ask
from chat.sink import GONE
from chat.wire import Envelope, encode, error_frame

if TYPE_CHECKING:
    from chat.hub import Hub

log = logging.getLogger(__name__)
BEAT_SECONDS = 25.0
# While the bus is down, messages come from PostgreSQL at this pace.
BLIND_SECONDS = 2.0
QUIET_SECONDS = 10.0
BACK_OFF = (0.1, 5.0)
# So many people are asked again at every beat, one after the other.
RECHECKED = 50
BUS_ERRORS = (RedisError, OSError, asyncio.TimeoutError)


class Pulse:
    """The background life of one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.bus_up = False
        self.was_up = False
        self.turn = 0
        self.back_off = BACK_OFF[0]

    async def listen(self) -> None:
        """Hear the bus; after any failure, subscribe again with growing pauses."""
        while True:
            try:
                await self._subscription()
            except BUS_ERRORS as error:
                log.warning("The live bus is down (%s); reading from the database.", error)
            except Exception:
                log.exception("Hearing the live bus failed.")
            self.bus_up = False
            await asyncio.sleep(self.back_off * random.uniform(0.5, 1.0))  # noqa: S311  (jitter)
            self.back_off = min(self.back_off * 2, BACK_OFF[1])

    async def _subscription(self) -> None:
        """One subscription, from the connect to the failure that ends it."""
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=None
        )
        pubsub = client.pubsub()
        try:
            await pubsub.subscribe(bus.channel())
            await pubsub.get_message(timeout=5)
            self.back_off, self.bus_up = BACK_OFF[0], True
            self.hub.spawn(self._catch_up(interrupted=self.was_up))
            self.was_up = True
            while True:
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS)
                if message is None:
                    await asyncio.wait_for(pubsub.ping(), 2)
                elif message["type"] == "message":
                    self._deliver(message["data"])
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]
            await client.aclose()

    def _deliver(self, packed: bytes) -> None:
        try:
            self.hub.deliver(Envelope.unpack(packed.decode()))
        except ValueError:
            log.warning("Something that is no frame came over the live bus.")

    async def _catch_up(self, *, interrupted: bool) -> None:
        """What was published before the subscription stood is read from the database; pages load again the rest."""
        await self.hub.heal()
        if interrupted:
            words = _("The live connection was interrupted; what you see is loaded again.")
            self.hub.tell_all(encode(error_frame("missed", words)))

    async def beat(self) -> None:
        """Repair rooms, tell every tab the heads, and ask again who may hear what."""
        due = self.hub.loop.time() + BEAT_SECONDS
        while True:
            await asyncio.sleep(BLIND_SECONDS)
            full = self.hub.loop.time() >= due
            if not self.hub.people or (self.bus_up and not full):
                continue
            try:
                await self.hub.heal()
                if full:
                    due = self.hub.loop.time() + BEAT_SECONDS
                    self._tell_heads()
                    await self._ask_again()
            except DatabaseError as error:
                log.warning("The live beat found no database (%s).", error)

    def _tell_heads(self) -> None:
        for feed in list(self.hub.feeds.values()):
            text = self.hub.presence.frame(feed.room_id, feed.key, head=feed.head)
            bare = self.hub.presence.frame(feed.room_id, feed.key, head=feed.head, bare=True)
            for sink in feed.members:
                sink.push(bare if "presence" in sink.off else text)

    async def _ask_again(self) -> None:
        """Close what has signed out; recheck the next few people."""
        sinks = [sink for mine in self.hub.people.values() for sink in mine]
        ended = await ask(doorkeeper.signed_out, {sink.session_key for sink in sinks if sink.session_key})
        for sink in sinks:
            if sink.session_key in ended:
                sink.close(GONE)
        people = sorted(self.hub.people)
        self.turn = self.turn if self.turn < len(people) else 0
        for user_id in islice(people, self.turn, self.turn + RECHECKED):
            await self.hub.recheck(user_id)
        self.turn += RECHECKED
