"""A real web process and real sockets, for tests of what travels."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from tests.live import Live

PATIENCE = 8.0


def cookie_of(user: User) -> str:
    """The Cookie header of a fresh session of this person."""
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def dial(live: Live, cookie: str = "", **more: Any) -> Any:
    """A connection attempt to `/ws/` with our own origin."""
    headers = {"Cookie": cookie} if cookie else {}
    more.setdefault("origin", live.url)
    address = live.url.replace("http", "ws", 1) + "/ws/"
    return connect(address, additional_headers=headers, compression=None, **more)


@dataclass
class Ear:
    """One open socket and everything it heard."""

    socket: ClientConnection
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def next(
        self,
        kind: str,
        *,
        when: Callable[[dict[str, Any]], bool] = lambda _: True,
        patience: float = PATIENCE,
    ) -> dict[str, Any]:
        """The next frame of this type; fails after a while."""
        async with asyncio.timeout(patience):
            while True:
                frame: dict[str, Any] = json.loads(await self.socket.recv())
                self.heard.append(frame)
                if frame["type"] == kind and when(frame):
                    return frame

    async def collect(self, seconds: float) -> list[dict[str, Any]]:
        """What comes in the next `seconds`."""
        frames: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    frames.append(json.loads(await self.socket.recv()))
        except (TimeoutError, ConnectionClosed):
            return frames
        finally:
            self.heard += frames

    async def closed(self) -> int:
        """The code with which the server closes; fails when it does not."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    self.heard.append(json.loads(await self.socket.recv()))
            except ConnectionClosed as end:
                return end.rcvd.code if end.rcvd else 1006


def seqs(frames: list[dict[str, Any]]) -> list[int]:
    """The numbers of the messages among the frames."""
    return [frame["seq"] for frame in frames if frame["type"] == "message"]
