"""The rooms over the API: the same rules as on the pages."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from chat import services
from chat.choices import Side
from chat.models import Room
from tests.chat.conftest import say, token
from tests.factories import AT, Cast


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def test_rooms_are_listed_to_those_who_may_read_them(cast: Cast, room: Room) -> None:
    listed = api(cast.sam).get("/api/v1/rooms/").json()["results"]
    assert [row["dispute"] for row in listed] == [room.dispute_id]
    assert api(cast.sofia).get("/api/v1/rooms/").json()["results"] == []
    assert (
        api(cast.sam).get(f"/api/v1/rooms/?dispute={room.dispute_id}").json()["results"][0]["id"] == room.pk
    )


def test_a_message_posted_is_read_back_and_a_retry_is_the_same(cast: Cast, room: Room) -> None:
    given = {"body": "Hello", "client_token": token()}
    first = api(cast.sam).post(f"/api/v1/rooms/{room.pk}/messages/", given)
    again = api(cast.sam).post(f"/api/v1/rooms/{room.pk}/messages/", given)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    read = api(cast.alice).get(f"/api/v1/rooms/{room.pk}/messages/?after={first.json()['seq'] - 1}").json()
    assert [(row["body"], row["author_name"]) for row in read] == [("Hello", "Sam")]
    lines = api(cast.alice).get(f"/api/v1/rooms/{room.pk}/messages/?limit=1").json()
    assert lines[0]["words"] == "Alice opened the dispute: Price, €400.00"


def test_a_stale_reply_is_a_conflict_that_says_what_is_new(cast: Cast, room: Room) -> None:
    newer = say(room, cast.alice, "Wait")
    given = {"body": "Hello", "client_token": token(), "last_seen_seq": room.last_seq}
    answer = api(cast.sam).post(f"/api/v1/rooms/{room.pk}/messages/", given)
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["type"], problem["newest"]) == ("urn:zanjar:problem:stale", newer.seq)


@pytest.mark.parametrize("name", ["mallory", "sofia", "bill"])
def test_a_stranger_gets_404_and_changes_nothing(cast: Cast, room: Room, name: str) -> None:
    client, before = api(getattr(cast, name)), room.messages.count()
    given = {"body": "Hello", "client_token": token()}
    answers = [
        client.get(f"/api/v1/rooms/{room.pk}/"),
        client.get(f"/api/v1/rooms/{room.pk}/messages/"),
        client.post(f"/api/v1/rooms/{room.pk}/messages/", given),
        client.post(f"/api/v1/rooms/{room.pk}/read/", {"seq": 1}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert room.messages.count() == before
    assert room.read_marks.filter(user=getattr(cast, name)).count() == 0


@pytest.mark.parametrize(
    "given",
    [{}, {"body": "x"}, {"body": "x", "client_token": "short"}, {"body": "x", "client_token": "x" * 70}],
)
def test_a_message_of_the_wrong_shape_is_refused(cast: Cast, room: Room, given: dict[str, str]) -> None:
    assert api(cast.sam).post(f"/api/v1/rooms/{room.pk}/messages/", given).status_code == 400


def test_who_may_only_read_gets_403(cast: Cast, room: Room) -> None:
    given = {"body": "Hello", "client_token": token()}
    assert api(cast.fin).post(f"/api/v1/rooms/{room.pk}/messages/", given).status_code == 403


def test_a_guest_reads_their_side_only(cast: Cast, room: Room, paula: User) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    say(room, cast.alice, "Between us")
    say(room, cast.alice, "For the carrier", side=Side.PARTNER)
    read = api(paula).get(f"/api/v1/rooms/{room.pk}/messages/").json()
    assert [row["body"] for row in read] == ["For the carrier"]
