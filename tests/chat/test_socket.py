"""The socket, in a real web process: what is heard, what was missed, what nobody may hear."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import InvalidStatus

from accounts.models import User
from chat import services
from chat.choices import Side
from chat.models import Room
from tests.chat.conftest import make_dispute, say
from tests.chat.ear import Ear, cookie_of, dial, seqs
from tests.factories import AT, Cast, make_cast
from tests.live import Live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
SILENCE = 0.6


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed, so that the web process sees them."""
    return make_cast()


@pytest.fixture
def room(cast: Cast) -> Room:
    """The room of a live dispute, committed."""
    return Room.objects.get(dispute=make_dispute(cast))


def head(room: Room) -> int:
    room.refresh_from_db()
    return room.last_seq


later = sync_to_async(say)
cookie = sync_to_async(cookie_of)
newest = sync_to_async(head)


async def test_a_message_reaches_everybody_in_the_room_whole(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await cookie(cast.alice)) as one, dial(live, await cookie(cast.sam)) as two:
        ears = [Ear(one), Ear(two)]
        start = await newest(room)
        for ear in ears:
            await ear.say(type="subscribe", room=room.pk, after=start)
            await ear.next("presence")
        await later(room, cast.sam, "Found the order: 9.20 €.")
        for ear in ears:
            frame = await ear.next("message")
            assert (frame["room"], frame["seq"], frame["prev"]) == (room.pk, start + 1, start)
            assert frame["body"] == "Found the order: 9.20 €."
            assert frame["author"] == {"id": cast.sam.pk, "name": "Sam"}


async def test_unread_is_told_to_the_tabs_that_do_not_look_at_the_room(
    live: Live, cast: Cast, room: Room
) -> None:
    async with dial(live, await cookie(cast.alice)) as one, dial(live, await cookie(cast.alice)) as two:
        looking, elsewhere = Ear(one), Ear(two)
        await looking.say(type="subscribe", room=room.pk, after=await newest(room))
        await looking.next("presence")
        await later(room, cast.sam, "News")
        unread = await elsewhere.next("unread")
        assert (unread["room"], unread["head"]) == (room.pk, await newest(room))
        assert "unread" not in [frame["type"] for frame in await looking.collect(SILENCE)]


async def test_whoever_comes_back_gets_what_they_missed_in_order_and_once(
    live: Live, cast: Cast, room: Room
) -> None:
    for number in range(120):
        await later(room, cast.sam, f"Line {number}")
    last = await newest(room)
    async with dial(live, await cookie(cast.alice)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=last - 115)
        await ear.next("message", when=lambda frame: frame["seq"] == last)
        await later(room, cast.sam, "And one more")
        await ear.next("message", when=lambda frame: frame["seq"] == last + 1)
        assert seqs(ear.heard) == list(range(last - 114, last + 2))


async def test_a_client_that_claims_to_have_read_the_future_deafens_nobody(
    live: Live, cast: Cast, room: Room
) -> None:
    async with dial(live, await cookie(cast.alice)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=2_000_000)
        await ear.next("presence")
        message = await later(room, cast.sam)
        assert (await ear.next("message"))["seq"] == message.seq


@pytest.mark.parametrize("name", ["mallory", "sofia", "bill"])
async def test_a_stranger_is_told_the_room_does_not_exist_and_hears_nothing(
    live: Live, cast: Cast, room: Room, name: str
) -> None:
    async with dial(live, await cookie(getattr(cast, name))) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=0)
        refused = await ear.next("error")
        assert (refused["code"], refused["room"]) == ("not_found", room.pk)
        await later(room, cast.sam, "Between us")
        await ear.say(type="read", room=room.pk, seq=1)
        assert await ear.collect(SILENCE) == []


async def test_access_that_ends_is_taken_away_at_once(live: Live, cast: Cast, room: Room) -> None:
    await sync_to_async(services.join)(room=room, user=cast.bill, route="invited", at=AT)
    async with dial(live, await cookie(cast.bill)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=await newest(room))
        await ear.next("presence")
        await later(room, cast.sam, "Bill may know this")
        await ear.next("message")

        def leave_and_talk() -> None:
            services.leave(room=room, user=cast.bill, at=AT)
            say(room, cast.sam, "Bill must not know this")

        await sync_to_async(leave_and_talk)()
        assert (await ear.next("error"))["code"] == "gone"
        assert seqs(await ear.collect(SILENCE)) == []
        assert "Bill must not know this" not in [frame.get("body") for frame in ear.heard]


async def test_a_person_who_keeps_access_loses_nothing_in_a_recheck(
    live: Live, cast: Cast, room: Room
) -> None:
    async with dial(live, await cookie(cast.sam)) as line:
        ear = Ear(line)
        start = await newest(room)
        await ear.say(type="subscribe", room=room.pk, after=start)
        await ear.next("presence")

        def talk_and_leave() -> None:
            say(room, cast.alice, "Before")
            services.leave(room=room, user=cast.sam, at=AT)
            say(room, cast.alice, "After")

        await sync_to_async(talk_and_leave)()
        await ear.next("message", when=lambda frame: frame["body"] == "After")
        assert seqs(ear.heard) == [start + 1, start + 2]


async def test_a_guest_hears_their_side_only_and_no_gap(live: Live, cast: Cast, room: Room) -> None:
    paula = await sync_to_async(partner)(cast, room)
    async with dial(live, await cookie(paula)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")
        await later(room, cast.alice, "Only us")
        first = await later(room, cast.alice, "To the carrier", side=Side.PARTNER)
        await later(room, cast.alice, "Only us again")
        second = await later(room, cast.alice, "To the carrier again", side=Side.PARTNER)
        await ear.next("message", when=lambda frame: frame["seq"] == second.seq)
        assert seqs(ear.heard) == [first.seq, second.seq]
        frames = [frame for frame in ear.heard if frame["type"] == "message"]
        assert frames[1]["prev"] == first.seq


def partner(cast: Cast, room: Room) -> User:
    """A partner who joined after the room had lines."""
    from accounts.choices import Role
    from tests.factories import make_person

    paula = make_person("Paula", cast.entity, Role.PARTNER)
    say(room, cast.alice, "An old word to the carrier", side=Side.PARTNER)
    services.join(room=room, user=paula, route="invited", at=AT)
    return paula


async def test_typing_and_presence_are_heard_by_the_others(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await cookie(cast.alice)) as one, dial(live, await cookie(cast.sam)) as two:
        alice, sam = Ear(one), Ear(two)
        for ear in (alice, sam):
            await ear.say(type="subscribe", room=room.pk, after=await newest(room))
        both = await alice.next("presence", when=lambda frame: frame["count"] == 2)
        assert [person["name"] for person in both["people"]] == ["Alice", "Sam"]
        await sam.say(type="typing", room=room.pk)
        assert (await alice.next("typing"))["user"]["name"] == "Sam"
        await two.close()
        alone = await alice.next("presence", when=lambda frame: frame["count"] == 1)
        assert [person["name"] for person in alone["people"]] == ["Alice"]


async def test_read_marks_travel_to_the_room_and_to_the_readers_other_tabs(
    live: Live, cast: Cast, room: Room
) -> None:
    message = await later(room, cast.alice, "Please look")
    async with dial(live, await cookie(cast.alice)) as one, dial(live, await cookie(cast.sam)) as two:
        alice, sam = Ear(one), Ear(two)
        for ear in (alice, sam):
            await ear.say(type="subscribe", room=room.pk, after=message.seq)
            await ear.next("presence")
        await sam.say(type="read", room=room.pk, seq=message.seq)
        mark = await alice.next("read")
        assert (mark["user"]["name"], mark["seq"]) == ("Sam", message.seq)
        assert (await sam.next("unread"))["mark"] == message.seq


async def test_another_origin_and_no_session_are_refused(live: Live, cast: Cast, room: Room) -> None:
    for attempt in (
        dial(live, await cookie(cast.alice), origin="https://evil.example"),
        dial(live, await cookie(cast.alice), origin=None),
        dial(live),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await attempt.__aenter__()
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"type":"shout"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","room":"1"}',
        '{"type":"read","room":-1}',
    ],
)
async def test_what_makes_no_sense_is_answered_in_words(
    live: Live, cast: Cast, room: Room, text: str
) -> None:
    async with dial(live, await cookie(cast.alice)) as line:
        await line.send(text)
        assert (await Ear(line).next("error"))["code"] == "bad_frame"


async def test_an_oversized_frame_closes_the_socket(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await cookie(cast.alice)) as line:
        await line.send('{"type":"typing","room":1,"x":"' + "y" * 5_000 + '"}')
        assert await Ear(line).closed() == 1009


async def test_a_client_that_never_stops_talking_is_cut_off(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await cookie(cast.alice)) as line:
        for _ in range(60):
            await line.send('{"type":"unsubscribe","room":1}')
        assert await Ear(line).closed() == 1008


def narrow(live: Live) -> socket.socket:
    """A connection whose receive buffer is tiny, so that a pause is felt at the other end soon."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", int(live.url.rsplit(":", 1)[1])))
    line.setblocking(False)
    return line


async def test_a_client_too_slow_to_listen_is_closed_and_resumes_by_number(
    live: Live, cast: Cast, room: Room
) -> None:
    start, count = await newest(room), 150
    slow_line = dial(live, await cookie(cast.alice), sock=narrow(live), max_queue=1)
    async with slow_line as slow, dial(live, await cookie(cast.sam)) as good:
        idle, quick = Ear(slow), Ear(good)
        for ear in (idle, quick):
            await ear.say(type="subscribe", room=room.pk, after=start)
        await quick.next("presence")
        slow.transport.pause_reading()
        last = asyncio.create_task(
            quick.next("message", when=lambda f: f["seq"] == start + count, patience=90)
        )
        await sync_to_async(flood)(room, cast, count)
        await last
        assert seqs(quick.heard) == list(range(start + 1, start + count + 1))
        slow.transport.resume_reading()
        assert await idle.closed() == 1013
        seen = max(seqs(idle.heard), default=start)
        assert seqs(idle.heard) == list(range(start + 1, seen + 1))
        assert seen < start + count
    async with dial(live, await cookie(cast.alice)) as back_again:
        back = Ear(back_again)
        await back.say(type="subscribe", room=room.pk, after=seen)
        await back.next("message", when=lambda frame: frame["seq"] == start + count)
        assert seqs(back.heard) == list(range(seen + 1, start + count + 1))


def flood(room: Room, cast: Cast, count: int) -> None:
    """More text than a socket's buffers and its backlog hold together."""
    for number in range(count):
        say(room, cast.sam, f"{number} " + "\N{SLIGHTLY SMILING FACE}" * 7_900)


async def test_a_reconnect_storm_is_served(live: Live, cast: Cast, room: Room) -> None:
    for number in range(20):
        await later(room, cast.sam, f"Line {number}")
    start, session = await newest(room) - 10, await cookie(cast.alice)

    async def come_back() -> list[int]:
        async with dial(live, session, open_timeout=30) as line:
            ear = Ear(line)
            await ear.say(type="subscribe", room=room.pk, after=start)
            async with asyncio.timeout(30):
                await ear.next("message", when=lambda frame: frame["seq"] == start + 10)
            return seqs(ear.heard)

    answers: list[Any] = await asyncio.gather(*(come_back() for _ in range(100)))
    assert all(answer == list(range(start + 1, start + 11)) for answer in answers)
