"""Something dies while people talk: what was acknowledged arrives, once and in order, at everybody."""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import WebSocketException

from tests.chat.ear import dial
from tests.chat.stage import Stage, stage
from tests.live import Live

pytestmark = pytest.mark.faults
PATIENCE = 45.0
# `make nightly` kills more often.
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An installation whose parts may be killed."""
    with stage(tmp_path_factory.mktemp("stage")) as one:
        yield one


@dataclass
class Writer:
    """Posts one message after the other, each until it is acknowledged, with the same token."""

    stage: Stage
    name: str
    acknowledged: list[str] = field(default_factory=list)
    refusal: str = ""

    async def write(self, until: asyncio.Event) -> None:
        while not until.is_set():
            key = secrets.token_hex(8)
            end = time.monotonic() + 2 * PATIENCE
            while not await asyncio.to_thread(self._post, key):
                assert time.monotonic() < end, f"{self.name} cannot post any more: {self.refusal}"
                await asyncio.sleep(0.1)
            self.acknowledged.append(key)
            await asyncio.sleep(0.02)

    def _post(self, key: str) -> bool:
        csrf = "c" * 32
        headers = {"Cookie": f"{self.stage.cookies[self.name]}; csrftoken={csrf}", "X-CSRFToken": csrf}
        form = urlencode({"body": f"{self.name} {key}", "client_token": key}).encode()
        address = f"{self.stage.url}/rooms/{self.stage.room}/post/"
        try:
            with urlopen(Request(address, form, headers | {"HX-Request": "true"}), timeout=5) as answer:
                return bool(answer.status == 200)
        except HTTPError as error:
            self.refusal = f"{error.code} {error.read(300)!r}"
        except (URLError, OSError) as error:
            self.refusal = repr(error)
        return False


@dataclass
class Reader:
    """A page: follows the room, notices gaps, comes back after every break."""

    stage: Stage
    name: str
    seen: list[int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    breaks: int = 0

    async def read(self) -> None:
        live = Live(url=self.stage.url, env={}, log=self.stage.var)
        while True:
            with suppress(WebSocketException, OSError, TimeoutError, EOFError):
                async with dial(live, self.stage.cookies[self.name], open_timeout=5) as line:
                    await self._follow(line)
            self.breaks += 1
            await asyncio.sleep(0.2)

    async def _follow(self, line: object) -> None:
        await self._subscribe(line)
        async for text in line:  # type: ignore[attr-defined]
            frame = json.loads(text)
            last = self.seen[-1] if self.seen else self.stage.start
            if frame["type"] != "message" or frame["seq"] <= last:
                continue
            if frame["prev"] > last:
                await self._subscribe(line)
                continue
            self.seen.append(frame["seq"])
            self.bodies.append(frame["body"])

    async def _subscribe(self, line: object) -> None:
        after = self.seen[-1] if self.seen else self.stage.start
        await line.send(json.dumps({"type": "subscribe", "room": self.stage.room, "after": after}))  # type: ignore[attr-defined]


async def until_said(writers: list[Writer], number: int) -> None:
    """Wait until everybody had so many messages acknowledged, and a little longer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and any(len(writer.acknowledged) < number for writer in writers):
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


async def talk(installed: Stage, fault: object) -> tuple[list[Writer], list[Reader]]:
    """Two people write and three pages read while `fault` happens; ends when every page has the newest number."""
    installed.start = int(
        str(installed.sql(f"SELECT last_seq FROM chat_room WHERE id = {installed.room}")[0][0])
    )
    writers = [Writer(installed, "alice"), Writer(installed, "sam")]
    readers = [Reader(installed, name) for name in ("alice", "sam", "alice")]
    listening = [asyncio.create_task(reader.read()) for reader in readers]
    done = asyncio.Event()
    writing = [asyncio.create_task(writer.write(done)) for writer in writers]
    await until_said(writers, 4)
    await fault(installed)  # type: ignore[operator]
    await until_said(writers, max(len(writer.acknowledged) for writer in writers) + 11)
    done.set()
    await asyncio.gather(*writing)
    newest = int(str(installed.sql(f"SELECT last_seq FROM chat_room WHERE id = {installed.room}")[0][0]))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and any(not r.seen or r.seen[-1] < newest for r in readers):
        await asyncio.sleep(0.1)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return writers, readers


def check(installed: Stage, writers: list[Writer], readers: list[Reader]) -> None:
    """Every acknowledged message exactly once, in order, in the database and at every page."""
    rows = installed.sql(
        f"SELECT seq, body FROM chat_message WHERE room_id = {installed.room} AND seq > {installed.start} ORDER BY seq"
    )
    numbers, bodies = [int(str(row[0])) for row in rows], [str(row[1]) for row in rows]
    assert numbers == list(range(installed.start + 1, installed.start + 1 + len(rows)))
    for writer in writers:
        said = [f"{writer.name} {key}" for key in writer.acknowledged]
        assert len(said) > 10
        assert [body for body in bodies if body.startswith(f"{writer.name} ")] == said
    for reader in readers:
        assert reader.seen == numbers
        assert reader.bodies == bodies


async def valkey_dies(installed: Stage) -> None:
    await asyncio.to_thread(installed.kill, "Valkey")
    await asyncio.sleep(4)
    await asyncio.to_thread(installed.revive)


async def test_while_valkey_is_dead_messages_still_arrive_a_little_late(installed: Stage) -> None:
    installed.start = int(
        str(installed.sql(f"SELECT last_seq FROM chat_room WHERE id = {installed.room}")[0][0])
    )
    reader, writer = Reader(installed, "sam"), Writer(installed, "alice")
    listening = asyncio.create_task(reader.read())
    await asyncio.sleep(1)
    await asyncio.to_thread(installed.kill, "Valkey")
    await asyncio.sleep(0.5)
    assert await asyncio.to_thread(writer._post, "while-dead")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not reader.bodies:
        await asyncio.sleep(0.1)
    listening.cancel()
    await asyncio.to_thread(installed.revive)
    assert reader.bodies == ["alice while-dead"]


async def postgres_dies(installed: Stage) -> None:
    await asyncio.to_thread(installed.kill, "PostgreSQL")
    await asyncio.sleep(1)
    await asyncio.to_thread(installed.revive)


async def web_dies(installed: Stage) -> None:
    await asyncio.to_thread(installed.kill_web)
    installed.launch_web()
    await asyncio.to_thread(installed.wait_for_web)


async def test_valkey_killed_during_a_chat_loses_nothing_and_doubles_nothing(installed: Stage) -> None:
    writers, readers = await talk(installed, valkey_dies)
    check(installed, writers, readers)
    assert [reader.breaks for reader in readers] == [0, 0, 0], "the sockets themselves stay open"


async def test_postgresql_killed_and_restarted_during_a_chat_loses_nothing_and_doubles_nothing(
    installed: Stage,
) -> None:
    started = "SELECT pg_postmaster_start_time()"
    before = installed.sql(started)
    writers, readers = await talk(installed, postgres_dies)
    check(installed, writers, readers)
    # Who posts meanwhile mostly waits: the pool hands out no broken connection, and asks for a new one until there is.
    assert installed.sql(started) != before, "the server is another one"


async def test_the_web_process_killed_during_a_chat_loses_nothing_and_doubles_nothing(
    installed: Stage,
) -> None:
    writers, readers = await talk(installed, web_dies)
    check(installed, writers, readers)
    assert all(reader.breaks for reader in readers)


async def test_whatever_dies_one_after_the_other_nothing_is_lost_and_nothing_doubled(
    installed: Stage,
) -> None:
    seed = int(os.environ.get("FAULT_SEED", "0")) or secrets.randbelow(10**6)
    print(f"FAULT_SEED={seed} FAULT_ROUNDS={ROUNDS}")  # noqa: T201
    dice = random.Random(seed)

    async def everything_dies(stage: Stage) -> None:
        for _ in range(ROUNDS):
            await dice.choice((valkey_dies, postgres_dies, web_dies))(stage)
            await asyncio.sleep(dice.random())

    writers, readers = await talk(installed, everything_dies)
    check(installed, writers, readers)
