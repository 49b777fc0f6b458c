"""`/ws/`: the ear of a page. What is stored is posted over HTTP; up here come only wishes and signs of life.

Mounted by the porch behind the origin check and the session (`scope["user"]`). Frames are JSON objects:
up `subscribe` (room, after), `unsubscribe` (room), `typing` (room), `read` (room, seq); down as in docs/realtime.md.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error as DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from chat import doorkeeper
from chat.doorkeeper import ask
from chat.hub import Hub
from chat.sink import GONE, RESTARTING, Sink
from chat.wire import encode, error_frame, key_of

log = logging.getLogger(__name__)
FRAME_CHARS = 2_048
ROOMS = 50
# A burst of so many frames, then so many a second.
BURST, RATE = 30, 5.0
TOO_BIG, TOO_MANY = 1009, 1008
NUMBER_LIMIT = 2**31

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Any]


class BadFrame(Exception):
    """The frame cannot be understood; the sentence says why."""


class Bucket:
    """Lets `BURST` frames through, then `RATE` a second."""

    __slots__ = ("left", "since")

    def __init__(self) -> None:
        self.left, self.since = float(BURST), time.monotonic()

    def take(self) -> bool:
        """Whether one more frame may pass now."""
        now = time.monotonic()
        self.left = min(float(BURST), self.left + (now - self.since) * RATE)
        self.since = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One socket, from connect to disconnect."""
    if (await receive())["type"] != "websocket.connect":
        return
    user = scope["user"]
    if not user.is_authenticated:
        await send({"type": "websocket.close", "code": GONE})
        return
    translation.activate(user.language)
    session = scope.get("session")
    sink = Sink(
        send=_bare(send),
        user_id=user.pk,
        name=str(user),
        session_key=getattr(session, "session_key", "") or "",
        write=(scope.get("extensions") or {}).get("zanjar.frame", {}).get("write"),
    )
    try:
        heard = await ask(doorkeeper.hearing, sink.user_id)
    except DatabaseError:
        heard = None
    await send({"type": "websocket.accept"})
    if heard is None:
        await send({"type": "websocket.close", "code": RESTARTING})
        return
    hub = Hub.current()
    hub.enter(sink, heard)
    task = asyncio.current_task()
    sink.expire = task.cancel if task else None
    try:
        await _read(hub, sink, receive)
    except asyncio.CancelledError:
        if not sink.closing:
            raise
    finally:
        hub.exit(sink)
        if sink.drainer is not None and not sink.drainer.done():
            sink.drainer.cancel()


def _bare(send: Send) -> Send:
    """The server's own `send`. The session layer around it looks at every frame for cookies to save, which only
    answers of HTTP can carry; past it, a frame costs about half."""
    return getattr(getattr(send, "__self__", None), "real_send", send)


async def _read(hub: Hub, sink: Sink, receive: Receive) -> None:
    """Do what the client asks until it goes."""
    bucket = Bucket()
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text") or ""
        if sink.closing:
            continue
        if len(text) > FRAME_CHARS or event.get("bytes"):
            sink.close(TOO_BIG)
        elif not bucket.take():
            sink.close(TOO_MANY)
        else:
            await _obey(hub, sink, text)


async def _obey(hub: Hub, sink: Sink, text: str) -> None:
    """One frame from the client; whatever is wrong with it is answered with an `error` frame."""
    try:
        kind, room_id, number, rev = _parsed(text)
        if kind == "subscribe":
            await _subscribe(hub, sink, room_id, number, rev)
        else:
            await ACTS[kind](hub, sink, room_id, number)
    except BadFrame as error:
        sink.push(encode(error_frame("bad_frame", str(error))))
    except DatabaseError:
        log.warning("A socket found no database and is asked to come back.")
        sink.close(RESTARTING)


def _parsed(text: str) -> tuple[str, int, int, int | None]:
    """Type, room, number (`after` or `seq`, 0 when absent) and `rev` (or None) of a frame."""
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise BadFrame(_("This is not JSON.")) from error
    if not isinstance(frame, dict) or frame.get("type") not in {"subscribe", *ACTS}:
        raise BadFrame(_("This type of frame is not known here."))
    rev = frame.get("rev")
    numbers = frame.get("room"), frame.get("after", frame.get("seq", 0)), 0 if rev is None else rev
    for number in numbers:
        if type(number) is not int or not 0 <= number < NUMBER_LIMIT:
            raise BadFrame(_("Room, after, seq and rev must be whole numbers."))
    return frame["type"], numbers[0], numbers[1], rev  # type: ignore[return-value]


async def _subscribe(hub: Hub, sink: Sink, room_id: int, after: int, rev: int | None) -> None:
    if len(sink.rooms) >= ROOMS and room_id not in sink.rooms:
        raise BadFrame(_("A page can follow at most %(limit)d conversations.") % {"limit": ROOMS})
    heard = await ask(doorkeeper.hearing, sink.user_id, [room_id])
    place = heard.rooms.get(room_id) if heard else None
    if place is None:
        hub.unsubscribe(sink, room_id)
        sink.push(
            encode(error_frame("not_found", _("This conversation does not exist for you."), room=room_id))
        )
        return
    await hub.subscribe(sink, place, after, rev)


async def _unsubscribe(hub: Hub, sink: Sink, room_id: int, _number: int) -> None:
    hub.unsubscribe(sink, room_id)


async def _typing(hub: Hub, sink: Sink, room_id: int, _number: int) -> None:
    if room_id in sink.rooms and "typing" not in sink.off:
        await hub.presence.typing(room_id, key_of(sink.rooms[room_id]), sink)


async def _mark_read(_hub: Hub, sink: Sink, room_id: int, seq: int) -> None:
    if room_id in sink.rooms:
        await ask(doorkeeper.read, sink.user_id, room_id, seq)


ACTS: dict[str, Callable[[Hub, Sink, int, int], Awaitable[None]]] = {
    "unsubscribe": _unsubscribe,
    "typing": _typing,
    "read": _mark_read,
}
