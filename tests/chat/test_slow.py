"""A client that is too slow costs a bounded amount of memory, is closed, comes back and gets what it missed."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from chat import bus
from chat.models import Room
from chat.sink import BACKLOG_CHARS, BACKLOG_FRAMES, GONE, TOO_SLOW, Sink, frame_of
from chat.wire import envelope, user_topic
from tests.chat.conftest import make_dispute, say
from tests.chat.ear import Ear, cookie_of, dial, seqs
from tests.factories import make_cast
from tests.live import Live

PATIENCE = 30.0


class Wire:
    """A server's two doors: `write` takes a frame while there is room, `send` waits for room."""

    def __init__(self, room: int) -> None:
        self.room, self.closed = room, 0
        self.got: list[bytes] = []
        self.free = asyncio.Event()
        if room:
            self.free.set()

    def write(self, frame: bytes) -> bool:
        """Take it, or say that there is no room."""
        if not self.room:
            return False
        self.room -= 1
        if not self.room:
            self.free.clear()
        self.got.append(frame)
        return True

    async def send(self, event: dict[str, Any]) -> None:
        """Take it as soon as there is room."""
        await self.free.wait()
        if event["type"] == "websocket.close":
            self.closed = event["code"]
        else:
            self.got.append(frame_of(event["text"]))

    def drain(self) -> None:
        """The client reads again."""
        self.room = 10_000
        self.free.set()


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("direct", [True, False])
async def test_frames_keep_their_order_when_the_transport_fills_and_empties(direct: bool) -> None:
    wire = Wire(3)
    sink = Sink(send=wire.send, user_id=1, write=wire.write if direct else None)
    for number in range(20):
        sink.push(f"frame {number}")
    await _settle()
    wire.drain()
    await _settle()
    sink.push("last")
    await _settle()
    assert wire.got == [frame_of(f"frame {number}") for number in range(20)] + [frame_of("last")]
    assert not sink.closing


@pytest.mark.parametrize("size", [10, 5_000])
async def test_what_waits_for_a_slow_client_is_bounded(size: int) -> None:
    wire = Wire(0)
    sink = Sink(send=wire.send, user_id=1, write=wire.write)
    held = 0
    for number in range(5_000):
        sink.push(f"{number:<{size}}")
        held = max(held, sink.backlog_chars)
        assert len(sink.backlog or ()) <= BACKLOG_FRAMES
    assert held <= BACKLOG_CHARS + size
    assert sink.closing == TOO_SLOW
    wire.drain()
    await _settle()
    assert wire.closed == TOO_SLOW


async def test_a_client_that_is_gone_is_noticed() -> None:
    def gone(_frame: bytes) -> bool:
        raise ConnectionResetError

    wire = Wire(0)
    sink = Sink(send=wire.send, user_id=1, write=gone)
    sink.push("anything")
    assert sink.closing == GONE


@pytest.mark.parametrize("text", ["", "x", "é" * 62 + "x", "é" * 63, "x" * 65_535, "€" * 40_000])
def test_a_frame_says_how_long_it_is(text: str) -> None:
    frame, data = frame_of(text), text.encode()
    head = 2 if len(data) < 126 else 4 if len(data) < 65_536 else 10
    assert frame[0] == 0x81
    assert frame[head:] == data
    length = frame[1] if head == 2 else int.from_bytes(frame[2:head], "big")
    assert length == len(data)


def _sleepy_socket(live: Live) -> socket.socket:
    """A connection with next to no room on the reader's side."""
    address = urlsplit(live.url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((address.hostname or "", address.port or 0))
    return raw


def _flood(user: User) -> None:
    for number in range(300):
        bus.publish(
            envelope((user_topic(user.pk),), {"type": "pad", "number": number, "words": "x" * 50_000})
        )
        # Slow enough for a client that reads, whatever else the machine does.
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
@pytest.mark.services
async def test_a_sleeping_client_is_closed_and_comes_back_whole(live: Live) -> None:
    cast = await sync_to_async(make_cast)()
    dispute = await sync_to_async(make_dispute)(cast)
    room = await Room.objects.aget(dispute=dispute)
    cookie = await sync_to_async(cookie_of)(cast.alice)
    raw = await asyncio.to_thread(_sleepy_socket, live)
    async with (
        dial(live, cookie, sock=raw, max_queue=1, max_size=None) as asleep,
        dial(live, cookie) as awake,
    ):
        await asleep.send(f'{{"type": "subscribe", "room": {room.pk}, "after": 0}}')
        ear = Ear(awake)
        await ear.say(type="subscribe", room=room.pk, after=room.last_seq)
        flood = asyncio.create_task(sync_to_async(_flood)(cast.alice))
        await ear.next("pad", when=lambda frame: frame["number"] == 299, patience=PATIENCE)
        await flood
        assert [frame["number"] for frame in ear.heard if frame["type"] == "pad"] == list(range(300))
        await sync_to_async(say)(room, cast.sam, "While you slept")
        slow = Ear(asleep)
        assert await slow.closed() in (TOO_SLOW, 1006)
        got = max(seqs([frame for frame in slow.heard if frame["type"] == "message"]), default=0)
    async with dial(live, cookie) as again:
        back = Ear(again)
        await back.say(type="subscribe", room=room.pk, after=got)
        last = await back.next("message", when=lambda frame: frame["body"] == "While you slept")
        heard = seqs([frame for frame in slow.heard + back.heard if frame["type"] == "message"])
        assert heard == list(range(1, last["seq"] + 1))
