"""One hub per process: it knows who listens to what and hands every frame to the right sockets.

It trusts only numbers: a message names the one before it, and `heal` compares the heads of all rooms with
PostgreSQL, so that nothing depends on the bus having delivered (`chat.pulse` keeps both going).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Coroutine, Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from chat import doorkeeper
from chat.doorkeeper import Audience, ask
from chat.feed import PAGE, Arrival, Change, Feed, Line
from chat.flights import Flights
from chat.presence import Presence
from chat.pulse import Pulse
from chat.selectors import Standing
from chat.sink import GONE, RESTARTING, Sink
from chat.wire import CONTROL, Envelope, encode, error_frame, hidden_frame, room_topic

log = logging.getLogger(__name__)
Held = dict[tuple[Sink, int], Arrival | None]


# The frames that somebody who switched it off does without, by how they begin.
BEGINNINGS = {
    "presence": '{"type":"presence"',
    "typing": '{"type":"typing"',
    "receipts": '{"type":"read"',
}


def does_without(off: frozenset[str], text: str) -> bool:
    """Whether the frame is of a kind that is switched off."""
    return any(text.startswith(BEGINNINGS[name]) for name in off)


class Hub:
    """The sockets of this process, by topic. Everything here runs in one event loop."""

    _current: ClassVar[Hub | None] = None

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.feeds: dict[str, Feed] = {}
        self.listeners: dict[str, set[Sink]] = {}
        self.people: dict[int, set[Sink]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.reading: Flights[list[Line]] = Flights()
        self.rereading: Flights[list[Change]] = Flights()
        self.presence = Presence()
        self.pulse = Pulse(self)
        self.spawn(self.pulse.listen())
        self.spawn(self.pulse.beat())
        self.spawn(self.presence.run())

    @classmethod
    def current(cls) -> Hub:
        """The hub of the running event loop, started on first use."""
        if cls._current is None or cls._current.loop is not asyncio.get_running_loop():
            cls._current = cls()
        return cls._current

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work` beside everything else; a failure is logged, and the next beat repairs what it left."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("Live work failed; the next beat repairs it.", exc_info=task.exception())

    # --- coming and going -----------------------------------------------------------------------
    def enter(self, sink: Sink, heard: Audience) -> None:
        """A socket opened: it hears its person's own topics."""
        self.people.setdefault(sink.user_id, set()).add(sink)
        sink.off = heard.off
        self._tune(sink, heard.topics)

    def exit(self, sink: Sink) -> None:
        """A socket closed."""
        for room_id in list(sink.rooms):
            self.unsubscribe(sink, room_id)
        self._tune(sink, ())
        mine = self.people.get(sink.user_id, set())
        mine.discard(sink)
        if not mine:
            self.people.pop(sink.user_id, None)

    async def subscribe(self, sink: Sink, place: Standing, after: int, rev: int | None = None) -> None:
        """Send the socket what it missed in the room since `after`, then everything new, then what changed since
        `rev` in what it had."""
        self.unsubscribe(sink, place.room_id)
        topic = room_topic(place.room_id, place.key)
        feed = self.feeds.setdefault(topic, Feed(place.room_id, place.key))
        sink.rooms[place.room_id], sink.floors[place.room_id] = topic, place.floor
        # A client may claim any number; one beyond the head would deafen the whole feed.
        arrival = feed.expect(sink, min(after, place.head), place.floor)
        try:
            admitted = await feed.admit(sink, arrival, self.fetch)
        except BaseException:
            self.unsubscribe(sink, place.room_id)
            raise
        if admitted:
            gone = await ask(doorkeeper.taken_back, place.room_id, place.key)
            if gone:
                sink.push(encode(hidden_frame(place.room_id, gone)))
            if "presence" not in sink.off:
                self.presence.come(place.room_id, place.key, sink)
            await self._tell_changes(sink, feed, place, rev)

    async def _tell_changes(self, sink: Sink, feed: Feed, place: Standing, rev: int | None) -> None:
        """To one who listens already: what is published meanwhile comes by itself, maybe twice."""
        if feed.rev is None:
            revs = await ask(doorkeeper.revs, [place.room_id])
            feed.rev = revs.get(place.room_id, 0) if feed.rev is None else feed.rev
        changes = [] if rev is None else [Change(rev, 0, "")]
        while changes:
            changes = await self.changes(place.room_id, place.key, place.floor, changes[-1].rev)
            for change in changes:
                await sink.say(change.text)

    def unsubscribe(self, sink: Sink, room_id: int) -> None:
        """The socket no longer listens to the room."""
        topic = sink.rooms.pop(room_id, None)
        sink.floors.pop(room_id, None)
        feed = self.feeds.get(topic or "")
        if feed is None:
            return
        feed.leave(sink)
        self.presence.go(room_id, feed.key, sink)
        if feed.empty:
            del self.feeds[room_topic(room_id, feed.key)]

    def _tune(self, sink: Sink, topics: Collection[str]) -> None:
        """Let the socket hear exactly these topics, besides its rooms."""
        for topic in sink.topics.difference(topics):
            there = self.listeners[topic]
            there.discard(sink)
            if not there:
                del self.listeners[topic]
        for topic in topics:
            self.listeners.setdefault(topic, set()).add(sink)
        sink.topics = set(topics)

    async def fetch(self, room_id: int, key: str, after: int, floor: int, limit: int) -> list[Line]:
        """The next lines of a room for one reader key, from the database; once for all who ask the same now."""
        wanted = (room_id, key, after, floor, limit)
        return await self.reading.join(wanted, lambda: ask(doorkeeper.lines_after, *wanted))

    async def changes(self, room_id: int, key: str, floor: int, rev: int) -> list[Change]:
        """What changed behind `rev` in a room for one reader key; once for all who ask the same now."""
        wanted = (room_id, key, floor, rev)
        return await self.rereading.join(wanted, lambda: ask(doorkeeper.changes_after, *wanted, PAGE))

    # --- frames ---------------------------------------------------------------------------------
    def hearing(self, topic: str) -> Iterable[Sink]:
        """The sockets that listen to a topic now."""
        feed = self.feeds.get(topic)
        return feed.members if feed is not None else self.listeners.get(topic, ())

    def deliver(self, one: Envelope) -> None:
        """Hand a frame from the bus to those who listen; start a repair when a message is missing."""
        if one.topics == (CONTROL,):
            self._obey(json.loads(one.text))
        elif one.seq:
            line = Line(one.seq, one.prev, one.text)
            for topic in one.topics:
                feed = self.feeds.get(topic)
                if feed is not None and not feed.hear(line):
                    self.spawn(feed.fill(self.fetch))
        elif one.about:
            for topic in one.topics:
                feed = self.feeds.get(topic)
                if feed is not None:
                    feed.amend(one.about, one.text)
        else:
            for sink in {sink for topic in one.topics for sink in self.hearing(topic)}:
                if one.beside not in sink.rooms and not (sink.off and does_without(sink.off, one.text)):
                    sink.push(one.text)

    def tell_all(self, text: str) -> None:
        """Send a frame to every socket of the process."""
        for sinks in list(self.people.values()):
            for sink in sinks:
                sink.push(text)

    async def heal(self) -> None:
        """Compare the heads of all feeds with PostgreSQL and forward what the bus lost."""
        known = [(feed.room_id, feed.key) for feed in self.feeds.values() if feed.head is not None]
        heads = await ask(doorkeeper.heads, known) if known else {}
        for feed in list(self.feeds.values()):
            head = heads.get((feed.room_id, feed.key), 0)
            if feed.head is not None and head > feed.head:
                feed.heard = max(feed.heard, head)
                await feed.fill(self.fetch)
        await self._heal_changes()

    async def _heal_changes(self) -> None:
        """Send again what changed since the last time; who has it already drops it."""
        known = [feed for feed in self.feeds.values() if feed.rev is not None]
        revs = await ask(doorkeeper.revs, {feed.room_id for feed in known}) if known else {}
        for feed in known:
            while feed.rev is not None and revs.get(feed.room_id, 0) > feed.rev:
                changes = await self.changes(feed.room_id, feed.key, 0, feed.rev)
                for change in changes:
                    feed.amend(change.seq, change.text)
                feed.rev = changes[-1].rev if len(changes) == PAGE else revs[feed.room_id]

    # --- access ---------------------------------------------------------------------------------
    def _obey(self, order: dict[str, Any]) -> None:
        if order["type"] == "hide":
            feed = self.feeds.get(room_topic(order["room"], order["key"]))
            if feed is not None:
                feed.hide(order["seq"], encode(hidden_frame(order["room"], [order["seq"]])))
        elif order["type"] == "revoke" and order["user"] in self.people:
            # Held now, not when the task starts: the very next frame may be one they must not hear.
            self.spawn(self._settle(order["user"], self._held(order["user"], hold=True)))

    async def recheck(self, user_id: int) -> None:
        """Ask again what a person may hear and take the rest away."""
        await self._settle(user_id, self._held(user_id, hold=False))

    def _held(self, user_id: int, *, hold: bool) -> Held:
        """The rooms a person listens to in this process; with `hold`, nothing is sent to them from now on."""
        return {
            (sink, room_id): self.feeds[topic].hold(sink) if hold else None
            for sink in self.people.get(user_id, ())
            for room_id, topic in sink.rooms.items()
        }

    async def _settle(self, user_id: int, held: Held) -> None:
        sinks = list(self.people.get(user_id, ()))
        try:
            heard = await ask(doorkeeper.hearing, user_id, {room_id for _sink, room_id in held})
        except Exception:
            # Access is not sure: let them come back and be asked again.
            for sink in sinks:
                sink.close(RESTARTING)
            raise
        for sink in sinks:
            if heard is None:
                sink.close(GONE)
            elif sink in self.people.get(user_id, ()):
                self._show_or_hide(sink, heard.off)
                self._tune(sink, heard.topics)
        for (sink, room_id), arrival in held.items():
            self._restore(sink, room_id, heard.rooms.get(room_id) if heard else None, arrival)

    def _show_or_hide(self, sink: Sink, off: frozenset[str]) -> None:
        """The person may have switched off, or on again, that others see where they look."""
        before, sink.off = sink.off, off
        if ("presence" in before) == ("presence" in off):
            return
        act = self.presence.go if "presence" in off else self.presence.come
        for room_id, topic in sink.rooms.items():
            act(room_id, self.feeds[topic].key, sink)

    def _restore(self, sink: Sink, room_id: int, place: Standing | None, arrival: Arrival | None) -> None:
        """After a recheck: let the socket go on listening to the room, or take the room away."""
        topic = sink.rooms.get(room_id)
        if topic is None:
            return
        if place is None or room_topic(room_id, place.key) != topic:
            self.unsubscribe(sink, room_id)
            sink.push(
                encode(error_frame("gone", _("You no longer take part in this conversation."), room=room_id))
            )
        elif arrival is not None:
            self.spawn(self._readmit(sink, self.feeds[topic], place, arrival))

    async def _readmit(self, sink: Sink, feed: Feed, place: Standing, arrival: Arrival) -> None:
        """Let a held socket listen again, and tell it what changed meanwhile."""
        sink.floors[place.room_id] = place.floor
        if await feed.admit(sink, arrival, self.fetch):
            await self._tell_changes(sink, feed, place, arrival.rev)
