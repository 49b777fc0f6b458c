"""The pages of the rooms."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from chat import services
from chat.choices import Side
from chat.models import Message, ReadMark, Room
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.chat.conftest import deliver, say, token
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(cast: Cast, dispute: Dispute, text: str = "Which price did you agree?") -> Question:
    question = disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, kind="yes_no", text=text, by=cast.alice, at=AT
    )
    deliver()
    return question


def test_the_conversation_of_a_dispute_is_a_part_of_its_page(
    cast: Cast, dispute: Dispute, room: Room
) -> None:
    say(room, cast.sam, "I agreed <b>9.20</b>, see https://example.com/order")
    page = as_(cast.alice).get(f"/disputes/{dispute.pk}/room/", headers=HTMX).content.decode()
    assert "<html" not in page
    assert "I agreed &lt;b&gt;9.20&lt;/b&gt;" in page
    assert 'href="https://example.com/order"' in page
    assert f'data-room="{room.pk}" data-head="{room.last_seq + 1}"' in page


def test_the_conversation_is_a_page_of_its_own_too(cast: Cast, room: Room) -> None:
    page = as_(cast.sam).get(f"/rooms/{room.pk}/")
    assert page.status_code == 200
    assert "<html" in page.content.decode()


@pytest.mark.parametrize("name", ["mallory", "sofia", "bill"])
@pytest.mark.parametrize("path", ["/rooms/{room}/", "/rooms/{room}/messages/", "/disputes/{dispute}/room/"])
def test_a_stranger_finds_nothing(cast: Cast, room: Room, name: str, path: str) -> None:
    url = path.format(room=room.pk, dispute=room.dispute_id)
    assert as_(getattr(cast, name)).get(url).status_code == 404


@pytest.mark.parametrize("name", ["mallory", "sofia", "bill", "fin"])
def test_who_may_not_write_changes_nothing(cast: Cast, room: Room, name: str) -> None:
    before = room.messages.count()
    answer = as_(getattr(cast, name)).post(f"/rooms/{room.pk}/post/", {"body": "Hi"}, headers=HTMX)
    assert answer.status_code == (409 if name == "fin" else 404)
    assert room.messages.count() == before


def test_posting_works_without_a_script_and_with_one(cast: Cast, room: Room) -> None:
    client = as_(cast.sam)
    plain = client.post(f"/rooms/{room.pk}/post/", {"body": "Plain", "plain_token": token()})
    assert plain.status_code == 302
    assert plain["Location"] == f"/rooms/{room.pk}/"
    form = {"body": "Live", "client_token": token(), "last_seen_seq": room.last_seq + 1}
    live = client.post(f"/rooms/{room.pk}/post/", form, headers=HTMX)
    again = client.post(f"/rooms/{room.pk}/post/", form, headers=HTMX)
    assert "Live" in live.content.decode()
    assert "Plain" not in live.content.decode()
    assert again.status_code == 200
    assert list(room.messages.filter(kind="text").values_list("body", flat=True)) == ["Plain", "Live"]


def test_a_stale_reply_shows_what_is_new_and_keeps_the_draft(cast: Cast, room: Room) -> None:
    newer = say(room, cast.alice, "Wait!")
    form = {"body": "My draft", "client_token": token(), "last_seen_seq": room.last_seq}
    client = as_(cast.sam)
    live = client.post(f"/rooms/{room.pk}/post/", form, headers=HTMX)
    assert live.status_code == 409
    assert live["HX-Retarget"] == f"#composer-note-{room.pk}"
    text = live.content.decode()
    assert "Wait!" in text
    assert "Send anyway" in text
    assert f'value="{newer.seq}"' in text
    plain = client.post(f"/rooms/{room.pk}/post/", form)
    assert plain.status_code == 409
    assert "My draft</textarea>" in plain.content.decode()
    assert client.post(f"/rooms/{room.pk}/post/", form | {"last_seen_seq": newer.seq}).status_code == 302


def test_a_long_thread_opens_like_a_short_one(
    cast: Cast, room: Room, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    say(room, cast.sam, "First words")
    client = as_(cast.alice)
    client.get(f"/rooms/{room.pk}/", headers=HTMX)
    with django_assert_max_num_queries(30) as few:
        client.get(f"/rooms/{room.pk}/", headers=HTMX)
    for number in range(120):
        newest = say(room, cast.sam, f"Line number {number}").seq
    services.mark_read(room=room, user=cast.alice, seq=newest, at=AT)
    with django_assert_max_num_queries(30) as many:
        page = client.get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert len(many) == len(few)
    assert page.count('<article class="msg') == 50 + 1
    assert "Line number 119" in page
    assert "First words" not in page
    before = re.search(r"messages/\?before=(\d+)", page)
    assert before is not None
    earlier = client.get(f"/rooms/{room.pk}/messages/?before={before[1]}").content.decode()
    assert "Line number 69" in earlier
    assert "Line number 70" not in earlier


def test_the_line_new_stands_before_what_is_unread(cast: Cast, room: Room) -> None:
    read = say(room, cast.alice, "Old")
    services.mark_read(room=room, user=cast.sam, seq=read.seq, at=AT)
    say(room, cast.alice, "Fresh")
    page = as_(cast.sam).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert page.index("Old") < page.index("new-line") < page.index("Fresh")
    assert page.count("new-line") == 1
    own = as_(cast.alice).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert "new-line" not in own


def test_many_changes_in_a_row_are_folded(cast: Cast, room: Room) -> None:
    for _ in range(4):
        services.post_system_line(
            room=room, code="dispute.reopened", data={"actor": "Al"}, token=token(), at=AT
        )
    page = as_(cast.alice).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert "5 changes" in page
    assert "Al reopened the dispute" in page


def test_a_question_stands_in_the_conversation_as_a_card(cast: Cast, dispute: Dispute, room: Room) -> None:
    question = ask(cast, dispute)
    message = Message.objects.get(question=question)
    page = as_(cast.sam).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert f'<div class="thread-card" data-seq="{message.seq}">' in page
    assert f"/questions/{question.pk}/answer/" in page
    assert f"/questions/{question.pk}/answer/" not in as_(cast.fin).get(f"/rooms/{room.pk}/").content.decode()


def test_a_guest_reads_their_side_only(cast: Cast, room: Room, paula: User) -> None:
    say(room, cast.alice, "Before she came", side=Side.PARTNER)
    services.join(room=room, user=paula, route="invited", at=AT)
    say(room, cast.alice, "Between us")
    say(room, cast.alice, "For the carrier", side=Side.PARTNER)
    client = as_(paula)
    for path in (f"/rooms/{room.pk}/", f"/rooms/{room.pk}/messages/?after=0", f"/rooms/{room.pk}/messages/"):
        page = client.get(path).content.decode()
        assert "For the carrier" in page
        assert "Between us" not in page
        assert "Before she came" not in page
    listed = client.get("/rooms/").content.decode()
    assert "For the carrier" in listed
    assert "Between us" not in listed


def test_the_list_of_rooms_shows_what_is_unread_in_the_same_number_of_queries(
    cast: Cast, room: Room, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    say(room, cast.alice, "Please look")
    client = as_(cast.sam)
    client.get("/rooms/")
    with django_assert_max_num_queries(20) as few:
        page = client.get("/rooms/").content.decode()
    assert "Please look" in page
    assert "is-unread" in page
    for number in range(5):
        team = services.open_team(entity=cast.entity, name=f"Team {number}", by=cast.alice, at=AT)
        services.join(room=team, user=cast.sam, route="invited", at=AT)
        say(team, cast.alice, f"Word {number}")
    with django_assert_max_num_queries(20) as many:
        client.get("/rooms/")
    assert len(many) == len(few)


def test_a_read_mark_moves_forward_only(cast: Cast, room: Room) -> None:
    say(room, cast.alice)
    client = as_(cast.sam)
    for seq in (2, 1, 9_999):
        assert client.post(f"/rooms/{room.pk}/read/", {"seq": seq}).status_code == 204
        assert ReadMark.objects.get(room=room, user=cast.sam).seq == 2
    assert client.post(f"/rooms/{room.pk}/read/", {"seq": "x"}).status_code == 400


def test_a_question_pops_up_until_it_is_answered_or_put_off(cast: Cast, dispute: Dispute, room: Room) -> None:
    first, second = ask(cast, dispute), ask(cast, dispute, "Was it delivered?")
    client = as_(cast.sam)
    page = client.get("/popups/").content.decode()
    assert page.count('role="dialog"') == 2
    assert 'aria-modal="false"' in page
    client.post(f"/popups/{first.pk}/later/", {"later": "30m"}, headers=HTMX)
    page = client.get("/popups/").content.decode()
    assert f"popup-{first.pk}" not in page
    assert f"popup-{second.pk}" in page
    assert 'hx-trigger="load delay:' in page
    client.post(f"/questions/{second.pk}/answer/", {"value": "yes", "via": "popup"})
    assert 'role="dialog"' not in client.get("/popups/").content.decode()
    assert 'role="dialog"' not in as_(cast.alice).get("/popups/").content.decode()


def test_only_the_person_asked_puts_a_popup_off(cast: Cast, dispute: Dispute) -> None:
    question = ask(cast, dispute)
    for name in ("mallory", "sofia", "alice"):
        assert as_(getattr(cast, name)).post(f"/popups/{question.pk}/later/").status_code == 404
    assert question.put_offs.count() == 0


def test_the_numbers_beside_the_navigation_come_with_the_popups(
    cast: Cast, dispute: Dispute, room: Room
) -> None:
    ask(cast, dispute)
    counts = json.loads(as_(cast.sam).get("/popups/")["HX-Trigger"])["live:counts"]
    assert counts == {"questions": 1, "approvals": 0, "messages": 1, "bell": 1, "disputes": 1, "mails": 0}
