"""A feed against a bus that loses, swaps and repeats: every listener gets every message once and in order."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.feed import PAGE, Feed, Line
from chat.sink import TOO_SLOW, Sink


@dataclass
class Wire:
    """The sending end of a socket; it can be clogged."""

    frames: list[Any] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def send(self, event: dict[str, Any]) -> None:
        await self.open.wait()
        if event["type"] == "websocket.close":
            self.codes.append(event["code"])
        else:
            self.frames.append(json.loads(event["text"]))


@dataclass
class Store:
    """The database: what is committed so far."""

    seqs: list[int] = field(default_factory=list)

    def line(self, seq: int) -> Line:
        place = self.seqs.index(seq)
        return Line(seq, self.seqs[place - 1] if place else 0, str(seq))

    async def fetch(self, _room: int, _key: str, after: int, floor: int, limit: int) -> list[Line]:
        await asyncio.sleep(0)
        found = [seq for seq in self.seqs if seq > max(after, floor)][:limit]
        await asyncio.sleep(0)
        return [self.line(seq) for seq in found]


async def come(feed: Feed, store: Store, after: int = 0) -> Wire:
    wire = Wire()
    sink = Sink(send=wire.send, user_id=1)
    await feed.admit(sink, feed.expect(sink, after), store.fetch)
    return wire


async def calm() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_newcomer_gets_all_pages_and_what_was_said_meanwhile() -> None:
    store, feed = Store(list(range(1, 2 * PAGE + 10))), Feed(1, "internal")
    coming = asyncio.create_task(come(feed, store))
    await asyncio.sleep(0)
    for seq in range(2 * PAGE + 10, 2 * PAGE + 15):
        store.seqs.append(seq)
        assert feed.hear(store.line(seq))
        await asyncio.sleep(0)
    assert (await coming).frames == store.seqs


async def test_what_is_said_between_the_reading_and_the_joining_is_not_overlooked() -> None:
    store, feed = Store([1, 2]), Feed(1, "internal")
    await come(feed, store)
    said = False

    async def read_then_hear(*question: int) -> list[Line]:
        nonlocal said
        lines = await store.fetch(*question)  # type: ignore[arg-type]
        if not said:
            said = True
            store.seqs.append(3)
            feed.hear(store.line(3))
        return lines

    wire = Wire()
    sink = Sink(send=wire.send, user_id=2)
    await feed.admit(sink, feed.expect(sink, 0), read_then_hear)
    assert wire.frames == [1, 2, 3]


async def test_a_listener_who_is_held_hears_nothing_until_admitted_again_and_then_everything() -> None:
    store, feed = Store([1, 2]), Feed(1, "internal")
    wire = await come(feed, store)
    sink = next(iter(feed.members))
    arrival = feed.hold(sink)
    store.seqs.append(3)
    feed.hear(store.line(3))
    assert wire.frames == [1, 2]
    await feed.admit(sink, arrival, store.fetch)
    assert wire.frames == [1, 2, 3]


async def test_an_admission_that_was_called_off_sends_nothing_more() -> None:
    store, feed = Store([1, 2, 3]), Feed(1, "internal")
    wire = Wire()
    sink = Sink(send=wire.send, user_id=1)
    arrival = feed.expect(sink, 0)
    feed.leave(sink)
    assert not await feed.admit(sink, arrival, store.fetch)
    assert wire.frames == []
    assert feed.empty


async def test_a_clogged_socket_keeps_order_and_is_given_up_when_it_stays_clogged() -> None:
    wire = Wire()
    sink = Sink(send=wire.send, user_id=1)
    sink.push("1")
    wire.open.clear()
    for number in range(2, 6):
        sink.push(str(number))
    assert wire.frames == [1]
    wire.open.set()
    await calm()
    assert wire.frames == [1, 2, 3, 4, 5]
    wire.open.clear()
    for number in range(6, 400):
        sink.push(str(number))
    assert sink.closing == TOO_SLOW
    assert not sink.backlog
    wire.open.set()
    await calm()
    assert wire.codes == [TOO_SLOW]
    assert wire.frames[-1] <= 6


HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(["say", "lose", "repeat", "swap", "come", "skip", "wait"]), st.integers(0, 50)),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(happenings=HAPPENINGS)
def test_whatever_the_bus_does_everybody_hears_everything_once_and_in_order(
    happenings: list[tuple[str, int]],
) -> None:
    asyncio.run(play(happenings))


@dataclass
class Play:
    """A feed, its store, and what is under way."""

    store: Store = field(default_factory=Store)
    feed: Feed = field(default_factory=lambda: Feed(1, "partner:7"))
    late: list[Line] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    coming: list[asyncio.Task[Wire]] = field(default_factory=list)
    filling: list[asyncio.Task[None]] = field(default_factory=list)
    number: int = 0

    async def step(self, what: str, chance: int) -> None:
        """`skip` is a number this side never sees; `swap` delivers the last two the wrong way round."""
        seqs = self.store.seqs
        if what in ("say", "lose", "swap", "skip"):
            self.number += 1
        if what in ("say", "lose", "swap"):
            seqs.append(self.number)
            self.late.append(self.store.line(self.number))
        if what == "say" or (what == "swap" and len(self.late) > 1):
            for _ in range(1 if what == "say" else 2):
                self.hear(self.late.pop())
        elif what == "lose":
            self.late.pop()
        elif what == "repeat" and seqs:
            self.hear(self.store.line(seqs[chance % len(seqs)]))
        elif what == "come":
            self.starts.append(seqs[chance % len(seqs)] if seqs else 0)
            self.coming.append(asyncio.create_task(come(self.feed, self.store, self.starts[-1])))
        elif what == "wait":
            for _ in range(chance % 7):
                await asyncio.sleep(0)

    def hear(self, line: Line) -> None:
        """The bus delivers; a hole starts a repair."""
        if not self.feed.hear(line):
            self.filling.append(asyncio.create_task(self.feed.fill(self.store.fetch)))


async def play(happenings: list[tuple[str, int]]) -> None:
    """Let it all happen, then the beat, which compares the head with the database."""
    on = Play()
    for what, chance in happenings:
        await on.step(what, chance)
    wires = list(zip(on.starts, await asyncio.gather(*on.coming), strict=True))
    await asyncio.gather(*on.filling)
    if on.store.seqs and on.feed.head is not None and on.store.seqs[-1] > on.feed.head:
        on.feed.heard = max(on.feed.heard, on.store.seqs[-1])
        await on.feed.fill(on.store.fetch)
    await calm()
    for start, wire in wires:
        assert wire.frames == [seq for seq in on.store.seqs if seq > start]
