"""One open socket, seen from the side that sends.

`push` never waits: where the server takes whole frames (config.frames) the one encoded for all goes straight into the
transport; elsewhere it drives the server's `send` by hand. Only when the transport is full does a task of its own
finish the job, while a bounded backlog grows; a client that stays too slow is closed with 1013 and resumes by `seq`.
So ten thousand idle sockets have no task and no queue here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from websockets.frames import Frame, Opcode

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
# Takes a whole frame; False when the transport is full.
Write = Callable[[bytes], bool]
BACKLOG_FRAMES = 256
BACKLOG_CHARS = 262_144
PARTING_SECONDS = 10.0
TOO_SLOW, GONE, RESTARTING = 1013, 4401, 1012


@lru_cache(maxsize=64)
def frame_of(text: str) -> bytes:
    """The text as a web socket frame of the server, encoded once for all who get it."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class Resumed(Awaitable[None]):
    """A coroutine that was already run up to its first wait, made awaitable again."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self.coroutine = coroutine
        self.waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait for what the coroutine waits for, then run it to its end."""
        try:
            yield self.waits_for
        except BaseException:
            self.coroutine.close()
            raise
        yield from self.coroutine.__await__()


@dataclass(eq=False, slots=True)
class Sink:
    """A socket: who listens, to which topics, and what still has to be sent."""

    send: Send
    user_id: int
    name: str = ""
    session_key: str = ""
    write: Write | None = None
    topics: set[str] = field(default_factory=set)
    rooms: dict[int, str] = field(default_factory=dict)
    # Of a guest's rooms: the number up to which they may see nothing.
    floors: dict[int, int] = field(default_factory=dict)
    # What the person neither shows nor sees: presence, typing, receipts.
    off: frozenset[str] = frozenset()
    backlog: deque[str] | None = None
    backlog_chars: int = 0
    drainer: asyncio.Task[None] | None = None
    closing: int = 0
    expire: Callable[[], object] | None = None

    def push(self, text: str) -> None:
        """Send `text` soon, in order; drops it when the socket is closing."""
        if self.closing:
            return
        if self.drainer is not None:
            self._keep(text)
            return
        if self.write is not None and self._written(self.write, text):
            return
        sending = self.send({"type": "websocket.send", "text": text})
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return
        except Exception:
            # The server says so in its own way when the client is gone; its reader ends the socket.
            self.closing = GONE
            return
        self.backlog = deque()
        self.drainer = asyncio.get_running_loop().create_task(self._drain(Resumed(sending, waits_for)))

    def _written(self, write: Write, text: str) -> bool:
        """Whether the frame needs nothing more: it is in the transport, or the client is gone."""
        try:
            return write(frame_of(text))
        except Exception:
            # Its reader ends the socket.
            self.closing = GONE
            return True

    async def say(self, text: str) -> None:
        """Send `text` and wait until the transport has it."""
        if not self.closing:
            await self.send({"type": "websocket.send", "text": text})

    def close(self, code: int) -> None:
        """Close soon; what was not sent yet is dropped."""
        if self.closing:
            return
        self.closing = code
        if self.drainer is None:
            self.drainer = asyncio.get_running_loop().create_task(self._part())
        elif self.expire is not None:
            asyncio.get_running_loop().call_later(PARTING_SECONDS, self.expire)

    def _keep(self, text: str) -> None:
        """Put `text` behind the others, or give the client up when it is too far behind."""
        assert self.backlog is not None
        self.backlog_chars += len(text)
        if len(self.backlog) >= BACKLOG_FRAMES or self.backlog_chars > BACKLOG_CHARS:
            self.backlog.clear()
            self.close(TOO_SLOW)
            return
        self.backlog.append(text)

    async def _drain(self, first: Awaitable[None]) -> None:
        """Finish the frame under way, then the backlog, then the close that was asked for meanwhile."""
        try:
            await first
            while self.backlog and not self.closing:
                text = self.backlog.popleft()
                self.backlog_chars -= len(text)
                await self.send({"type": "websocket.send", "text": text})
        except Exception:
            self.closing = self.closing or GONE
            return
        self.backlog, self.backlog_chars, self.drainer = None, 0, None
        if self.closing:
            await self._part()

    async def _part(self) -> None:
        try:
            await self.send({"type": "websocket.close", "code": self.closing})
        except Exception:
            self.closing = self.closing or GONE
