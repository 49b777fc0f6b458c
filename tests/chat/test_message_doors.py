"""One message at its doors: page, sheet, API; and what a thread with everything on it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat import selectors, services
from chat.choices import Side
from chat.models import Message, Room
from chat.services import Said
from lib import clock
from tests.chat.conftest import say, token
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_sheet_offers_what_the_person_may_do(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "Mine", at=clock.now())
    url = f"/rooms/{room.pk}/messages/{said.seq}/"
    mine = as_(cast.sam).get(url, headers=HTMX).content.decode()
    assert "<html" not in mine
    assert f"{url}edit/" in mine
    manager = as_(cast.alice).get(url).content.decode()
    assert "<html" in manager
    assert f"{url}edit/" not in manager
    assert f"{url}delete/" in manager
    reader = as_(cast.fin).get(url, headers=HTMX).content.decode()
    assert not any(f"{url}{act}/" in reader for act in ("react", "edit", "delete"))


def test_every_door_changes_a_message(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "One", at=clock.now())
    page, sam = f"/rooms/{room.pk}/messages/{said.seq}/", as_(cast.sam)
    api = f"/api/v1/rooms/{room.pk}/messages/{said.seq}/"
    plain = sam.post(f"{page}edit/", {"body": "Two", "version": 1})
    assert plain["Location"] == f"/rooms/{room.pk}/?at={said.seq}"
    live = sam.post(f"{page}react/", {"emoji": "👍", "on": "on"}, headers=HTMX)
    assert (live.status_code, "talk:changed" in live["HX-Trigger"]) == (204, True)
    refused = sam.post(f"{page}edit/", {"body": "Three", "version": 1}, headers=HTMX)
    assert refused.status_code == 409
    assert "changed in another window" in refused.content.decode()
    changed = sam.patch(api, {"body": "Three", "version": 2}, "application/json").json()
    assert (changed["body"], changed["version"], changed["reactions"][0]["mine"]) == ("Three", 3, True)
    off = sam.post(f"{api}reactions/", {"emoji": "👍", "on": False}, "application/json").json()
    assert off["reactions"] == []
    kept = sam.get(f"{api}revisions/").json()
    assert [one["body"] for one in kept] == ["One", "Two"]
    reason = as_(cast.alice).delete(api, {}, "application/json")
    assert (reason.status_code, reason.json()["type"]) == (409, "urn:zanjar:problem:reason_needed")
    gone = as_(cast.alice).delete(api, {"why": "A name"}, "application/json").json()
    assert (gone["body"], gone["deleted_by_name"], gone["deleted_why"]) == ("", "Alice", "A name")
    thread = sam.get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert "Deleted by Alice" in thread
    assert "Three" not in thread


@pytest.mark.parametrize("name", ["mallory", "bill", "paula"])
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", "/rooms/{0}/messages/{1}/"),
        ("post", "/rooms/{0}/messages/{1}/react/"),
        ("post", "/rooms/{0}/messages/{1}/edit/"),
        ("post", "/rooms/{0}/messages/{1}/delete/"),
        ("get", "/api/v1/rooms/{0}/messages/{1}/"),
        ("patch", "/api/v1/rooms/{0}/messages/{1}/"),
        ("delete", "/api/v1/rooms/{0}/messages/{1}/"),
        ("get", "/api/v1/rooms/{0}/messages/{1}/revisions/"),
        ("post", "/api/v1/rooms/{0}/messages/{1}/reactions/"),
    ],
)
def test_who_may_not_see_a_message_finds_none(
    cast: Cast, room: Room, paula: User, name: str, verb: str, path: str
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    said = say(room, cast.sam, "Between us")
    who = paula if name == "paula" else getattr(cast, name)
    data: dict[str, Any] = {"emoji": "👍", "on": True, "body": "x", "version": 1, "why": "x"}
    act = getattr(as_(who), verb)
    address = path.format(room.pk, said.seq)
    answer = act(address) if verb == "get" else act(address, data, "application/json")
    if verb == "post" and not path.startswith("/api"):
        answer = act(address, data)
    assert answer.status_code == 404
    said.refresh_from_db()
    assert (said.rev, said.body) == (0, "Between us")


def test_rows_are_drawn_again_for_whoever_may_see_them(cast: Cast, room: Room, paula: User) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    inside, outside = say(room, cast.sam, "Inside"), say(room, cast.sam, "Outside", side=Side.PARTNER)
    url = f"/rooms/{room.pk}/rows/?seq={inside.seq}&seq={outside.seq}"
    assert as_(cast.alice).get(url).content.decode().count("<article") == 2
    theirs = as_(paula).get(url).content.decode()
    assert "Outside" in theirs
    assert "Inside" not in theirs
    assert as_(cast.alice).get(f"/rooms/{room.pk}/rows/?seq=x").status_code == 400


def test_the_api_tells_what_a_message_answers_and_whom_it_names(cast: Cast, room: Room) -> None:
    asked = say(room, cast.sam, "Which price?")
    given = {"body": "@Sam: 9.20", "client_token": token(), "reply_to": asked.seq}
    answer = as_(cast.alice).post(f"/api/v1/rooms/{room.pk}/messages/", given, "application/json")
    assert answer.status_code == 201
    said = answer.json()
    assert said["reply"] == {"seq": asked.seq, "author_name": "Sam", "body": "Which price?"}
    assert said["mentions"] == [cast.sam.pk]
    people = as_(cast.alice).get(f"/api/v1/rooms/{room.pk}/names/?q=lo").json()
    assert [one["name"] for one in people] == ["Logistics"]


def test_a_named_guest_who_will_not_see_it_holds_the_message_back(
    cast: Cast, room: Room, paula: User
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    form = {"body": "@Paula is late", "client_token": token(), "side": "internal"}
    held = as_(cast.alice).post(f"/rooms/{room.pk}/post/", form, headers=HTMX)
    assert held.status_code == 409
    assert "Send anyway" in held.content.decode()
    assert as_(cast.alice).post(f"/rooms/{room.pk}/post/", form | {"unseen": "on"}).status_code == 302


def test_a_room_opens_where_its_reader_left_off_and_at_any_message(cast: Cast, room: Room) -> None:
    services.mark_read(room=room, user=cast.alice, seq=say(room, cast.alice, "Read").seq, at=AT)
    lines = [say(room, cast.sam, f"Line number {number:03}") for number in range(130)]
    client = as_(cast.alice)
    page = client.get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert page.index("new-line") < page.index("Line number 000")
    assert "Line number 033" in page
    assert "Line number 090" not in page
    assert f"messages/?after={lines[34].seq}" in page
    there = client.get(f"/rooms/{room.pk}/?at={lines[70].seq}", headers=HTMX).content.decode()
    assert f'data-shown="{lines[70].seq}"' in there
    assert "Line number 070" in there
    assert "Line number 129" not in there
    last = client.get(f"/rooms/{room.pk}/messages/?after={lines[100].seq}").content.decode()
    assert "Line number 129" in last
    assert "data-later" not in last


def test_a_thread_costs_the_same_whatever_hangs_on_it(
    cast: Cast, room: Room, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def busy(number: int) -> None:
        asked = say(room, cast.sam, f"@Alice line {number}")
        place = selectors.standing(cast.alice, room.pk)
        assert place is not None
        say(room, cast.alice, "Yes", said=Said(reply_to=asked.seq))
        services.react(place=place, seq=asked.seq, by=cast.alice, emoji="👍", on=True, at=AT)

    def cost() -> list[int]:
        client, counts = as_(cast.alice), []
        for url in (f"/rooms/{room.pk}/", f"/api/v1/rooms/{room.pk}/messages/?limit=200"):
            client.get(url, headers=HTMX)
            with django_assert_max_num_queries(20) as asked:
                assert client.get(url, headers=HTMX).status_code == 200
            counts.append(len(asked))
        return counts

    for number in range(5):
        busy(number)
    few = cost()
    for number in range(50):
        busy(number)
    assert cost() == few
    assert Message.objects.filter(room=room, kind="text").count() == 110
