"""What changed reaches every open page, and whoever was away; nobody hears of what they may not see."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from chat import selectors, services
from chat.choices import Side
from chat.models import Message, Room
from tests.chat.conftest import make_dispute, say
from tests.chat.ear import Ear, cookie_of, dial
from tests.factories import AT, Cast, make_cast
from tests.live import Live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
SILENCE = 0.8


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed, so that the web process sees them."""
    return make_cast()


@pytest.fixture
def room(cast: Cast) -> Room:
    """The room of a live dispute, committed."""
    return Room.objects.get(dispute=make_dispute(cast))


def change(message: Message, by: User, body: str) -> Message:
    place = selectors.standing(by, message.room_id)
    assert place is not None
    version = Message.objects.get(pk=message.pk).version
    return services.edit_message(place=place, seq=message.seq, by=by, body=body, version=version, at=AT)


def sign(message: Message, by: User, on: bool = True) -> Message:
    place = selectors.standing(by, message.room_id)
    assert place is not None
    return services.react(place=place, seq=message.seq, by=by, emoji="👍", on=on, at=AT)


def remove(message: Message, by: User) -> Message:
    place = selectors.standing(by, message.room_id)
    assert place is not None
    return services.delete_message(place=place, seq=message.seq, by=by, at=AT)


later, cookie = sync_to_async(say), sync_to_async(cookie_of)
edit, react, delete = sync_to_async(change), sync_to_async(sign), sync_to_async(remove)
join = sync_to_async(services.join)


def bodies(frames: list[dict[str, Any]]) -> list[str]:
    """What changed, as a page keeps it: the same change may come twice (bus, and the beat that repairs it)."""
    kept = {(frame["seq"], frame["rev"]): frame["body"] for frame in frames if frame["type"] == "changed"}
    return list(kept.values())


async def changes(ear: Ear, count: int) -> list[dict[str, Any]]:
    """The next `count` different changes, each once."""
    kept: dict[int, dict[str, Any]] = {}
    while len(kept) < count:
        frame = await ear.next("changed")
        kept.setdefault(frame["rev"], frame)
    return list(kept.values())


async def test_a_change_reaches_every_open_page_whole(live: Live, cast: Cast, room: Room) -> None:
    said = await later(room, cast.sam, "Nine twenty")
    async with dial(live, await cookie(cast.alice)) as one, dial(live, await cookie(cast.sam)) as two:
        ears = [Ear(one), Ear(two)]
        for ear in ears:
            await ear.say(type="subscribe", room=room.pk, after=said.seq, rev=0)
            await ear.next("presence")
        await edit(said, cast.sam, "Nine forty")
        await react(said, cast.alice)
        await delete(said, cast.sam)
        for ear in ears:
            first, second, third = await changes(ear, 3)
            assert (first["seq"], first["body"], first["version"]) == (said.seq, "Nine forty", 2)
            assert second["reactions"] == [
                {"emoji": "👍", "people": [{"id": cast.alice.pk, "name": "Alice"}]}
            ]
            assert (third["body"], third["reactions"], third["deleted"]["by"]["name"]) == ("", [], "Sam")
            assert [frame["rev"] for frame in (first, second, third)] == [1, 2, 3]


async def test_who_was_away_gets_what_changed_and_nothing_else(live: Live, cast: Cast, room: Room) -> None:
    old, kept = await later(room, cast.sam, "Old words"), await later(room, cast.sam, "Kept")
    rev = (await edit(old, cast.sam, "Newer words")).rev
    await edit(old, cast.sam, "Newest words")
    fresh = await later(room, cast.sam, "Fresh")
    await react(fresh, cast.alice)
    async with dial(live, await cookie(cast.alice)) as one:
        ear = Ear(one)
        await ear.say(type="subscribe", room=room.pk, after=kept.seq, rev=rev)
        heard = await ear.collect(SILENCE)
    assert bodies(heard) == [
        "Newest words",
        "Fresh",
    ]  # the second twice: new, with its sign, is also a change
    fresh_frames = [frame for frame in heard if frame["type"] == "message"]
    assert [(frame["body"], len(frame["reactions"])) for frame in fresh_frames] == [("Fresh", 1)]
    async with dial(live, await cookie(cast.alice)) as one:
        ear = Ear(one)
        await ear.say(type="subscribe", room=room.pk, after=fresh.seq, rev=rev + 2)
        assert bodies(await ear.collect(SILENCE)) == []


async def test_a_guest_hears_only_of_changes_to_what_they_see(
    live: Live, cast: Cast, room: Room, paula: User
) -> None:
    before = await later(room, cast.sam, "Before she came", side=Side.PARTNER)
    await join(room=room, user=paula, route="invited", at=AT)
    inside, outside = (
        await later(room, cast.sam, "Inside"),
        await later(room, cast.sam, "For her", side=Side.PARTNER),
    )
    async with dial(live, await cookie(paula)) as one:
        ear = Ear(one)
        await ear.say(type="subscribe", room=room.pk, after=outside.seq, rev=0)
        await ear.next("presence")
        for message, words in ((before, "Before, changed"), (inside, "Inside, changed"), (outside, "Hers")):
            await edit(message, cast.sam, words)
        heard = await ear.collect(SILENCE)
    assert bodies(heard) == ["Hers"]
    assert {frame["reply"] for frame in heard if frame["type"] == "changed"} == {None}
    async with dial(live, await cookie(paula)) as one:
        ear = Ear(one)
        await ear.say(type="subscribe", room=room.pk, after=outside.seq, rev=0)
        assert bodies(await ear.collect(SILENCE)) == ["Hers"]
