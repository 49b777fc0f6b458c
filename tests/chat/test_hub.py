"""The hub in this process, with the real database and bus: access, and messages the bus lost."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from chat import bus, doorkeeper, services
from chat.audience import TEAM
from chat.doorkeeper import ask
from chat.hub import Hub
from chat.models import Message, Room
from chat.selectors import Standing
from chat.sink import GONE, Sink
from chat.wire import CONTROL, Envelope, envelope, message_frame, room_topic
from tests.chat.conftest import make_dispute, say
from tests.factories import AT, Cast, make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed."""
    return make_cast()


@pytest.fixture
def room(cast: Cast) -> Room:
    """The room of a live dispute, committed."""
    return Room.objects.get(dispute=make_dispute(cast))


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A hub of this event loop; its threads give their database connections back."""
    one = Hub()
    yield one
    for task in list(one.tasks):
        task.cancel()
    await asyncio.gather(*one.tasks, return_exceptions=True)
    await one.presence.client.aclose()
    together = threading.Barrier(doorkeeper.THREADS)

    def close() -> None:
        together.wait(10)
        connections.close_all()

    await asyncio.gather(*(ask(close) for _ in range(doorkeeper.THREADS)))


class Tab:
    """A listener in the hub, without a socket."""

    def __init__(self, hub: Hub, user_id: int) -> None:
        self.hub, self.frames, self.codes = hub, [], []  # type: tuple[Hub, list[dict[str, Any]], list[int]]
        self.sink = Sink(send=self.take, user_id=user_id)

    async def take(self, event: dict[str, Any]) -> None:
        """What the server would send."""
        if event["type"] == "websocket.close":
            self.codes.append(event["code"])
        else:
            self.frames.append(json.loads(event["text"]))

    async def enter(self, room: Room) -> None:
        """Open and follow the room from its newest message."""
        heard = await ask(doorkeeper.hearing, self.sink.user_id, [room.pk])
        assert heard is not None
        self.hub.enter(self.sink, heard)
        await self.hub.subscribe(self.sink, heard.rooms[room.pk], heard.rooms[room.pk].head)

    def bodies(self) -> list[str]:
        """What was heard."""
        return [frame["body"] for frame in self.frames if frame["type"] == "message"]


async def until(true: Any) -> None:
    async with asyncio.timeout(6):
        while not true():
            await asyncio.sleep(0.02)


def packed(message: Message) -> Envelope:
    prev = message.seq - 1
    topic = room_topic(message.room_id, "internal")
    return envelope((topic,), message_frame(message, prev=prev), seq=message.seq, prev=prev)


quiet = sync_to_async(say)


async def test_the_frame_right_behind_a_revocation_is_not_heard(
    hub: Hub, cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync_to_async(services.join)(room=room, user=cast.bill, route="invited", at=AT)
    tab = Tab(hub, cast.bill.pk)
    await tab.enter(room)
    monkeypatch.setattr(bus, "publish", lambda *envelopes: True)
    await sync_to_async(services.leave)(room=room, user=cast.bill, at=AT)
    message = await quiet(room, cast.sam, "Bill must not know this")
    # Both arrive in one breath: nothing else runs between them.
    hub.deliver(envelope((CONTROL,), {"type": "revoke", "user": cast.bill.pk}))
    hub.deliver(packed(message))
    await until(lambda: any(frame["type"] == "error" for frame in tab.frames))
    assert tab.bodies() == []


async def test_whoever_may_stay_hears_what_was_held_back(hub: Hub, cast: Cast, room: Room) -> None:
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    message = await quiet(room, cast.alice, "Held back")
    hub.deliver(envelope((CONTROL,), {"type": "revoke", "user": cast.sam.pk}))
    hub.deliver(packed(message))
    await until(lambda: tab.bodies() == ["Held back"])
    await asyncio.sleep(0.3)
    assert tab.bodies() == ["Held back"]


async def test_a_person_who_may_no_longer_sign_in_is_cut_off(hub: Hub, cast: Cast, room: Room) -> None:
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    cast.sam.is_active = False
    await cast.sam.asave(update_fields=["is_active"])
    hub.deliver(envelope((CONTROL,), {"type": "revoke", "user": cast.sam.pk}))
    await until(lambda: tab.codes == [GONE])


async def test_a_message_the_bus_lost_is_found_by_the_beat(
    hub: Hub, cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    monkeypatch.setattr(bus, "publish", lambda *envelopes: False)
    await quiet(room, cast.alice, "Lost on the way")
    assert tab.bodies() == []
    await hub.heal()
    assert tab.bodies() == ["Lost on the way"]


async def test_a_message_the_bus_lost_is_found_by_the_next_one(
    hub: Hub, cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    monkeypatch.setattr(bus, "publish", lambda *envelopes: False)
    await quiet(room, cast.alice, "Lost")
    second = await quiet(room, cast.alice, "Heard")
    hub.deliver(packed(second))
    await until(lambda: tab.bodies() == ["Lost", "Heard"])


async def test_what_is_no_frame_harms_nobody(hub: Hub, cast: Cast, room: Room) -> None:
    for nonsense in (b"", b"x", b"a b\n{}", b"a 1 2\n{}", b"\xff\xfe"):
        hub.pulse._deliver(nonsense)
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    assert tab.codes == []


async def test_a_change_the_bus_lost_is_found_by_the_beat(
    hub: Hub, cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await quiet(room, cast.alice, "Old words")
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    monkeypatch.setattr(bus, "publish", lambda *envelopes: True)
    place = Standing(room.pk, TEAM, 0, said.seq)
    change = {"place": place, "seq": said.seq, "by": cast.alice, "version": 1, "at": AT}
    await sync_to_async(services.edit_message)(body="New words", **change)
    await hub.heal()
    await hub.heal()
    await until(lambda: any(frame["type"] == "changed" for frame in tab.frames))
    assert [frame["body"] for frame in tab.frames if frame["type"] == "changed"] == ["New words"]


async def test_a_change_while_access_was_asked_again_is_not_lost(hub: Hub, cast: Cast, room: Room) -> None:
    said = await quiet(room, cast.alice, "Old words")
    tab = Tab(hub, cast.sam.pk)
    await tab.enter(room)
    held = hub._held(cast.sam.pk, hold=True)
    place = Standing(room.pk, TEAM, 0, said.seq)
    change = {"place": place, "seq": said.seq, "by": cast.alice, "version": 1, "at": AT}
    await sync_to_async(services.edit_message)(body="New words", **change)
    await hub.heal()
    assert [frame for frame in tab.frames if frame["type"] == "changed"] == []
    await hub._settle(cast.sam.pk, held)
    await until(lambda: any(frame["type"] == "changed" for frame in tab.frames))
