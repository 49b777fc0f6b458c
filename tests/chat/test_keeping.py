"""Pins, drafts and finding what was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat import palette, selectors, services
from chat.choices import Side
from chat.errors import MayNotChange, TooManyPins
from chat.models import Draft, Message, Pin, Room
from chat.selectors import Standing
from chat.services import keeping as keeping_services
from chat.talk import keeping, searching
from tests.chat.conftest import say, token
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def place_of(user: User, room: Room) -> Standing:
    place = selectors.standing(user, room.pk)
    assert place is not None
    return place


def pin(message: Message, by: User, on: bool = True) -> Message:
    return services.pin(place=place_of(by, message.room), seq=message.seq, by=by, on=on, at=AT)


def found(user: User, text: str, room: Room | None = None) -> list[str]:
    return [hit.message.body for hit in searching.search(user, text, room.pk if room else None)[0]]


# --- pins ----------------------------------------------------------------------------------------------------------
def test_the_team_pins_a_decision_and_a_line_says_so(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "We credit 400")
    pin(said, cast.alice)
    pin(said, cast.alice)
    assert keeping.pins(place_of(cast.sam, room)) == [said]
    assert list(room.messages.filter(code="message.pinned").values_list("data", flat=True)) == [
        {"actor": "Alice", "seq": said.seq}
    ]
    page = as_(cast.sam).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert "1 pinned message" in page
    assert "Alice pinned a message" in page
    pin(said, cast.sam, on=False)
    assert as_(cast.sam).get(f"/api/v1/rooms/{room.pk}/pins/").json() == []


def test_guests_and_readers_pin_nothing_and_see_pins_of_their_side(
    cast: Cast, room: Room, paula: User
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    inside, theirs = say(room, cast.sam, "Inside"), say(room, cast.sam, "For her", side=Side.PARTNER)
    for by in (paula, cast.fin):
        with pytest.raises(MayNotChange):
            pin(theirs, by)
    pin(inside, cast.alice)
    pin(theirs, cast.alice)
    assert keeping.pins(place_of(paula, room)) == [theirs]
    assert as_(cast.mallory).get(f"/rooms/{room.pk}/pins/").status_code == 404
    assert as_(paula).get(f"/rooms/{room.pk}/pins/").content.decode().count('class="pin"') == 1


def test_a_deleted_message_is_no_pin_and_a_room_has_few(
    cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = say(room, cast.sam, "Gone soon")
    pin(said, cast.alice)
    services.delete_message(place=place_of(cast.sam, room), seq=said.seq, by=cast.sam, at=AT)
    assert not Pin.objects.exists()
    with pytest.raises(MayNotChange):
        pin(said, cast.alice)
    with pytest.raises(IntegrityError, match="pin_on_what_was_said"), transaction.atomic():
        Pin.objects.create(message=said, by=cast.alice, at=AT)
    monkeypatch.setattr(keeping_services, "MOST_PINS", 1)
    pin(say(room, cast.sam, "One"), cast.alice)
    with pytest.raises(TooManyPins):
        pin(say(room, cast.sam, "Two"), cast.alice)


# --- drafts --------------------------------------------------------------------------------------------------------
def test_a_draft_is_on_every_device_until_it_is_sent(cast: Cast, room: Room) -> None:
    url, form = f"/rooms/{room.pk}/draft/", {"body": "Half a sen"}
    assert as_(cast.sam).post(url, form).status_code == 204
    assert "Half a sen</textarea>" in as_(cast.sam).get(f"/rooms/{room.pk}/").content.decode()
    assert "Half a sen" not in as_(cast.alice).get(f"/rooms/{room.pk}/").content.decode()
    assert as_(cast.sam).get(f"/api/v1/rooms/{room.pk}/draft/").json()["body"] == "Half a sen"
    key = token()
    say(room, cast.sam, "Half a sentence", client_token=key)
    assert not Draft.objects.exists()
    late = form | {"client_token": key}
    assert as_(cast.sam).post(url, late).status_code == 204
    assert not Draft.objects.exists(), "a late save brought back what was sent"


def test_a_stale_reply_keeps_the_draft_and_no_words_are_no_draft(cast: Cast, room: Room) -> None:
    client, url = as_(cast.sam), f"/api/v1/rooms/{room.pk}/draft/"
    client.put(url, {"body": "My answer"}, "application/json")
    seen = room.last_seq
    say(room, cast.alice, "Wait")
    held = client.post(
        f"/rooms/{room.pk}/post/", {"body": "My answer", "last_seen_seq": seen, "client_token": token()}
    )
    assert held.status_code == 409
    assert Draft.objects.get().body == "My answer"
    client.put(url, {"body": "  "}, "application/json")
    assert not Draft.objects.exists()
    assert as_(cast.mallory).post(f"/rooms/{room.pk}/draft/", {"body": "x"}).status_code == 404


# --- search --------------------------------------------------------------------------------------------------------
def test_every_word_is_found_without_accents_in_what_one_may_see(cast: Cast, room: Room, paula: User) -> None:
    before = say(room, cast.sam, "Palé antes", side=Side.PARTNER)
    services.join(room=room, user=paula, route="invited", at=AT)
    say(room, cast.sam, "El palé llegó roto a León")
    say(room, cast.sam, "Palé para Paula", side=Side.PARTNER)
    assert found(cast.alice, "pale LEON") == ["El palé llegó roto a León"]
    assert found(cast.alice, "pale") == ["Palé para Paula", "El palé llegó roto a León", before.body]
    assert found(paula, "pale") == ["Palé para Paula"]
    assert found(cast.mallory, "pale") == found(cast.bill, "pale") == []
    assert found(cast.alice, "e") == found(cast.alice, "") == []
    other = services.open_team(entity=cast.entity, name="Others", by=cast.alice, at=AT)
    say(other, cast.alice, "Another palé")
    assert found(cast.alice, "another pale", other) == ["Another palé"]
    assert found(cast.alice, "another pale", room) == []
    assert found(cast.carl, "another pale") == []


def test_changed_words_are_found_and_deleted_ones_are_not(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "Nine twenty")
    given: dict[str, Any] = {"place": place_of(cast.sam, room), "seq": said.seq, "by": cast.sam, "at": AT}
    services.edit_message(body="Nine forty", version=1, **given)
    assert (found(cast.alice, "twenty"), found(cast.alice, "forty")) == ([], ["Nine forty"])
    services.delete_message(**given)
    assert found(cast.alice, "forty") == []


def test_hits_come_in_pages_at_a_steady_cost(
    cast: Cast, room: Room, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(searching.PAGE + 5):
        say(room, cast.sam, f"Pallet {number}", at=AT + timedelta(minutes=number))
    client = as_(cast.alice)
    with django_assert_max_num_queries(12):
        page = client.get("/rooms/search/?q=pallet").content.decode()
    assert page.count("<mark>") == searching.PAGE
    before = page.split("before=")[1].split('"')[0]
    rest = client.get(f"/rooms/search/?q=pallet&before={before}").content.decode()
    assert rest.count("<mark>") == 5
    assert client.get(f"/rooms/search/?q=x&room={room.pk}").status_code == 200
    assert as_(cast.mallory).get(f"/rooms/search/?q=x&room={room.pk}").status_code == 404
    told = client.get("/api/v1/rooms/search/?q=pallet 34").json()
    assert [one["body"] for one in told] == ["Pallet 34"]
    assert [hit.words for hit in palette.find(cast.alice, "pallet 34", AT)[0].hits] == ["Pallet 34"]


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_a_snippet_only_adds_marks(body: str, words: list[str]) -> None:
    shown = searching.snippet(body, [word for text in words for word in searching.words_of(text)])
    bare = shown.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
