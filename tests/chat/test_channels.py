"""Teams' rooms, the list of conversations, and what people do not let others see."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from chat import selectors, services
from chat.errors import MayNotChange, RoomArchived
from chat.models import Message, Participant, Room
from chat.talk import lists
from tests.chat.conftest import make_dispute, say, token
from tests.chat.ear import Ear, cookie_of, dial
from tests.factories import AT, Cast, make_cast
from tests.live import Live

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def team(cast: Cast) -> Room:
    """A team's room that Alice opened."""
    return services.open_team(entity=cast.entity, name="Carriers", by=cast.alice, at=AT)


def rooms(user: User, show: str = "", text: str = "") -> list[int]:
    return [stay.room_id for stay in lists.narrowed(user, show, text)]


# --- channels ------------------------------------------------------------------------------------------------------
def test_colleagues_find_join_and_leave_a_channel(cast: Cast, team: Room) -> None:
    sam = as_(cast.sam)
    assert sam.get(f"/rooms/{team.pk}/").status_code == 404
    assert "Carriers" in sam.get("/rooms/channels/").content.decode()
    assert sam.post(f"/rooms/channels/{team.pk}/join/").status_code == 302
    assert sam.get(f"/rooms/{team.pk}/").status_code == 200
    assert "Manage" in sam.get("/rooms/channels/").content.decode()
    sam.post(f"/rooms/channels/{team.pk}/leave/")
    assert sam.get(f"/rooms/{team.pk}/").status_code == 404


def test_strangers_and_guests_find_no_channel(cast: Cast, team: Room, paula: User) -> None:
    for who in (cast.mallory, paula):
        assert list(lists.channels(who)) == []
        assert as_(who).post(f"/rooms/channels/{team.pk}/join/").status_code == 404
        assert as_(who).post(f"/api/v1/rooms/{team.pk}/channel/", {"act": "join"}).status_code == 404
    assert Participant.objects.filter(room=team).count() == 1
    with pytest.raises(MayNotChange):
        services.invite_to_team(room=team, person=cast.mallory, by=cast.alice, at=AT)


def test_a_private_channel_is_entered_by_invitation_only(cast: Cast) -> None:
    team = services.open_team(entity=cast.entity, name="Salaries", by=cast.alice, at=AT, is_private=True)
    assert "Salaries" not in as_(cast.sam).get("/rooms/channels/").content.decode()
    assert as_(cast.sam).post(f"/rooms/channels/{team.pk}/join/").status_code == 404
    as_(cast.alice).post(f"/rooms/channels/{team.pk}/invite/", {"person": cast.sam.pk})
    assert selectors.standing(cast.sam, team.pk) is not None
    line = team.messages.get(code="team.invited")
    assert line.data == {"actor": "Alice", "person": "Sam"}


def test_members_rename_and_its_opener_or_a_manager_archives(cast: Cast, team: Room) -> None:
    services.join_team(room=team, by=cast.sam, at=AT)
    services.rename_team(room=team, name="Hauliers", by=cast.sam, at=AT)
    with pytest.raises(MayNotChange):
        services.rename_team(room=team, name="Mine", by=cast.carl, at=AT)
    with pytest.raises(MayNotChange):
        services.archive_team(room=team, by=cast.sam, on=True, at=AT)
    services.open_team(entity=cast.entity, name="Taken", by=cast.alice, at=AT)
    with pytest.raises(ValidationError):
        services.rename_team(room=team, name="Taken", by=cast.sam, at=AT)
    services.archive_team(room=team, by=cast.alice, on=True, at=AT)
    with pytest.raises(RoomArchived):
        say(team, cast.sam, "Too late")
    with pytest.raises(RoomArchived):
        services.join_team(room=team, by=cast.carl, at=AT)
    assert "archived" in as_(cast.sam).get(f"/rooms/{team.pk}/").content.decode()
    team.refresh_from_db()
    fields: dict[str, Any] = {"author": cast.sam, "body": "x", "client_token": token(), "created_at": AT}
    with pytest.raises(IntegrityError, match="message_not_in_archived_room"), transaction.atomic():
        Message.objects.create(room=team, seq=team.last_seq + 1, **fields)
    services.archive_team(room=team, by=cast.alice, on=False, at=AT)
    assert say(team, cast.sam, "Again").body == "Again"


def test_only_teams_have_channels(cast: Cast, room: Room) -> None:
    with pytest.raises(Room.DoesNotExist):
        services.rename_team(room=room, name="Mine", by=cast.alice, at=AT)
    with pytest.raises(IntegrityError, match="room_of_a_team"), transaction.atomic():
        Room.objects.filter(pk=room.pk).update(archived_at=AT)


def test_the_api_does_what_the_pages_do(cast: Cast) -> None:
    alice = as_(cast.alice)
    made = alice.post("/api/v1/rooms/channels/", {"entity": cast.entity.pk, "name": "Prices"})
    assert (made.status_code, made.json()["mine"], made.json()["people"]) == (201, True, 1)
    assert (
        alice.post("/api/v1/rooms/channels/", {"entity": cast.entity.pk, "name": "Prices"}).status_code == 400
    )
    assert (
        alice.post("/api/v1/rooms/channels/", {"entity": cast.other.pk, "name": "Theirs"}).status_code == 404
    )
    url = f"/api/v1/rooms/{made.json()['id']}/channel/"
    for act in ({"act": "invite", "person": cast.sam.pk}, {"act": "rename", "name": "Price lists"}):
        assert alice.post(url, act).status_code == 204
    assert [one["name"] for one in as_(cast.sam).get("/api/v1/rooms/channels/").json()] == ["Price lists"]
    assert as_(cast.sam).post(url, {"act": "archive"}).status_code == 403


# --- the list ------------------------------------------------------------------------------------------------------
def test_the_list_is_narrowed_to_what_is_unread_named_or_called(cast: Cast, room: Room, team: Room) -> None:
    services.join_team(room=team, by=cast.sam, at=AT)
    say(room, cast.alice, "Hello")
    assert rooms(cast.sam, "unread") == [room.pk]
    assert rooms(cast.sam, "mentions") == []
    said = say(team, cast.alice, "@Sam?")
    assert rooms(cast.sam, "mentions") == [team.pk]
    assert (rooms(cast.sam, text="carr"), rooms(cast.sam, text="norte")) == ([team.pk], [room.pk])
    page = as_(cast.sam).get("/rooms/?show=mentions").content.decode()
    assert "Carriers" in page
    assert "Comercial Norte" not in page.split('id="rooms"')[1]
    assert as_(cast.sam).post("/rooms/read/").status_code == 302
    assert rooms(cast.sam, "unread") == rooms(cast.sam, "mentions") == []
    services.mark_unread(room=team, user=cast.sam, seq=said.seq, at=AT)
    assert rooms(cast.sam, "unread") == rooms(cast.sam, "mentions") == [team.pk]
    back = as_(cast.sam).post(f"/rooms/{room.pk}/messages/1/unread/", headers=HTMX)
    assert back["HX-Redirect"] == "/rooms/"


def test_a_muted_room_does_not_count(cast: Cast, room: Room) -> None:
    say(room, cast.alice, "Hello")
    assert selectors.unread_rooms(cast.sam) == 1
    assert as_(cast.sam).post(f"/rooms/{room.pk}/mute/", {"muted": "on"}).status_code == 302
    assert selectors.unread_rooms(cast.sam) == 0
    assert rooms(cast.sam, "unread") == [room.pk]
    assert (
        as_(cast.sam)
        .patch(f"/api/v1/rooms/{room.pk}/mine/", {"muted": False}, "application/json")
        .status_code
        == 204
    )
    assert selectors.unread_rooms(cast.sam) == 1
    assert (
        as_(cast.mallory)
        .patch(f"/api/v1/rooms/{room.pk}/mine/", {"muted": True}, "application/json")
        .status_code
        == 404
    )


# --- off -----------------------------------------------------------------------------------------------------------
def test_who_shows_no_receipts_is_not_shown_any(cast: Cast, room: Room) -> None:
    said = say(room, cast.alice, "Read?")
    for who in (cast.sam, cast.alice):
        services.mark_read(room=room, user=who, seq=said.seq, at=AT)
    sam = as_(cast.sam)
    form = {"presence": "on", "typing": "on"}
    assert sam.post("/rooms/shown/", form).status_code == 302
    assert sam.get("/api/v1/rooms/discretion/").json() == {
        "presence": True,
        "typing": True,
        "receipts": False,
    }
    theirs = as_(cast.alice).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert f"[{cast.sam.pk}, &quot;Sam&quot;" not in theirs
    mine = sam.get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert 'data-marks="[]"' in mine


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
async def test_what_is_off_is_neither_sent_nor_heard(live: Live, transactional_db: None) -> None:
    cast = await sync_to_async(make_cast)()
    dispute = await sync_to_async(make_dispute)(cast)
    room = await Room.objects.aget(dispute=dispute)
    await sync_to_async(services.set_discretion)(user=cast.sam, presence=False, typing=False, receipts=False)
    cookies = [await sync_to_async(cookie_of)(user) for user in (cast.alice, cast.sam, cast.sam)]
    async with dial(live, cookies[0]) as one, dial(live, cookies[1]) as two, dial(live, cookies[2]) as three:
        alice, sam, other = Ear(one), Ear(two), Ear(three)
        for ear in (alice, sam):
            await ear.say(type="subscribe", room=room.pk, after=0)
        await alice.next("presence")
        await sam.say(type="typing", room=room.pk)
        await alice.say(type="typing", room=room.pk)
        said = await sync_to_async(say)(room, cast.alice, "Hello")
        await asyncio.gather(
            *(ear.next("message", when=lambda f: f["seq"] == said.seq) for ear in (alice, sam))
        )
        await sam.say(type="read", room=room.pk, seq=said.seq)
        mark = await other.next("unread", when=lambda frame: "mark" in frame)
        assert mark["mark"] == said.seq, "the other device learns what was read"
        await alice.say(type="read", room=room.pk, seq=said.seq)
        await asyncio.gather(alice.collect(1.0), sam.collect(1.0))
        # The beat still says how far the room is, with nobody in it.
        assert not [f for f in sam.heard if f["type"] in ("typing", "read")]
        assert not [f for f in sam.heard if f["type"] == "presence" and (f["count"] or f["people"])]
        assert not [
            f for f in alice.heard if f["type"] in ("typing", "read") and f["user"]["id"] == cast.sam.pk
        ]
        seen = [person["id"] for f in alice.heard if f["type"] == "presence" for person in f["people"]]
        assert cast.sam.pk not in seen
