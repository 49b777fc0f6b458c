"""Posting: numbers without a gap, retries without a double, stale replies held back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection

from chat import selectors, services
from chat.choices import MessageKind, Side
from chat.errors import EmptyMessage, MayNotPost, MessageTooLong, StaleReply, TokenReused
from chat.models import BODY_LIMIT, Message, Participant, Room
from tests.chat.conftest import say, token
from tests.factories import AT, Cast


def texts(room: Room) -> list[str]:
    return list(room.messages.filter(kind=MessageKind.TEXT).order_by("seq").values_list("body", flat=True))


def test_messages_get_the_next_numbers_and_the_room_remembers_the_last(cast: Cast, room: Room) -> None:
    before = room.last_seq
    first, second = say(room, cast.alice, "One"), say(room, cast.sam, "Two")
    room.refresh_from_db()
    assert (first.seq, second.seq, room.last_seq) == (before + 1, before + 2, before + 2)


def test_the_same_token_again_is_the_same_message(cast: Cast, room: Room) -> None:
    key = token()
    first = say(room, cast.alice, "Once", client_token=key)
    again = say(room, cast.alice, "Once", client_token=key)
    assert again.pk == first.pk
    assert texts(room) == ["Once"]


def test_two_people_may_happen_to_use_the_same_token(cast: Cast, room: Room) -> None:
    key = token()
    assert say(room, cast.alice, "A", client_token=key).pk != say(room, cast.sam, "B", client_token=key).pk


def test_a_token_cannot_serve_for_other_words(cast: Cast, room: Room) -> None:
    key = token()
    say(room, cast.alice, "Once", client_token=key)
    with pytest.raises(TokenReused):
        say(room, cast.alice, "Twice", client_token=key)
    assert texts(room) == ["Once"]


def test_a_reply_written_while_somebody_else_wrote_is_held_back(cast: Cast, room: Room) -> None:
    seen = say(room, cast.alice, "Which price?").seq
    newer = say(room, cast.sam, "Wait, I found the order.")
    key = token()
    with pytest.raises(StaleReply) as refused:
        say(room, cast.alice, "Any news?", client_token=key, last_seen_seq=seen)
    assert (refused.value.newest, refused.value.status, refused.value.code) == (newer.seq, 409, "stale")
    assert texts(room)[-1] == "Wait, I found the order."
    sent = say(room, cast.alice, "Any news?", client_token=key, last_seen_seq=newer.seq)
    assert sent.seq == newer.seq + 1


def test_own_words_and_system_lines_make_no_reply_stale(cast: Cast, room: Room) -> None:
    seen = say(room, cast.alice, "One").seq
    say(room, cast.alice, "Two")
    services.post_system_line(room=room, code="dispute.reopened", data={}, token=token(), at=AT)
    assert say(room, cast.alice, "Three", last_seen_seq=seen).seq == seen + 3


def test_a_retry_of_an_accepted_message_is_not_stale(cast: Cast, room: Room) -> None:
    key, seen = token(), room.last_seq
    first = say(room, cast.alice, "One", client_token=key, last_seen_seq=seen)
    say(room, cast.sam, "Two")
    assert say(room, cast.alice, "One", client_token=key, last_seen_seq=seen).pk == first.pk


@pytest.mark.parametrize(
    ("body", "error"), [(" \n ", EmptyMessage), ("x" * (BODY_LIMIT + 1), MessageTooLong)]
)
def test_empty_and_endless_messages_are_refused(
    cast: Cast, room: Room, body: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        say(room, cast.alice, body)
    assert texts(room) == []


def test_a_stranger_finds_no_room_and_writes_nothing(cast: Cast, room: Room) -> None:
    for stranger in (cast.mallory, cast.sofia, cast.bill):
        with pytest.raises(Room.DoesNotExist):
            say(room, stranger, "Hi")
    assert texts(room) == []


def test_who_only_reads_the_figures_may_read_but_not_write(cast: Cast, room: Room) -> None:
    assert selectors.standing(cast.fin, room.pk) is not None
    with pytest.raises(MayNotPost):
        say(room, cast.fin, "Hi")
    assert texts(room) == []


def test_whoever_writes_takes_part_and_has_read_their_own_words(cast: Cast, room: Room) -> None:
    message = say(room, cast.carl, "I called them.")
    assert Participant.objects.get(room=room, user=cast.carl, left_at=None).route == "wrote"
    assert selectors.read_up_to(cast.carl, room.pk) == message.seq


def test_a_partner_writes_to_their_own_side_whatever_they_ask_for(cast: Cast, room: Room, paula: Any) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    assert say(room, paula, "Delivered.", side=Side.INTERNAL).side == Side.PARTNER


# --- the guards of the database -----------------------------------------------------------------
def insert(room: Room, seq: int, **fields: Any) -> Message:
    row = {"kind": "system", "code": "x", "client_token": token(), "created_at": AT, **fields}
    return Message.objects.create(room=room, seq=seq, **row)


def test_the_database_refuses_a_gap(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 2)
    with pytest.raises(IntegrityError, match="message_seq_has_no_gap"):
        insert(room, room.last_seq + 2)


def test_the_database_refuses_a_number_the_room_did_not_give_out(room: Room) -> None:
    with pytest.raises(IntegrityError, match="message_seq_has_no_gap"):
        insert(room, room.last_seq + 1)


def test_the_database_refuses_a_number_without_a_message(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 1)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="room_last_seq_is_its_newest"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("field", ["seq", "author", "room", "client_token", "created_at", "kind"])
def test_what_was_said_by_whom_never_changes(cast: Cast, room: Room, field: str) -> None:
    message = say(room, cast.alice)
    other = services.room_for_customer(customer=cast.norte, at=AT)
    values: dict[str, Any] = {
        "seq": 900,
        "author": cast.sam,
        "room": other,
        "client_token": "another-token",
        "created_at": AT.replace(hour=1),
        "kind": "system",
    }
    with pytest.raises(IntegrityError, match=r"message_facts_never_change|message_content_fits_kind"):
        Message.objects.filter(pk=message.pk).update(**{field: values[field]})


def test_nothing_said_disappears(cast: Cast, room: Room) -> None:
    message = say(room, cast.alice)
    with pytest.raises(IntegrityError, match="message_facts_never_change"):
        Message.objects.filter(pk=message.pk)._raw_delete("default")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"kind": "text", "body": "x", "code": ""}, "message_content_fits_kind"),
        ({"kind": "shout"}, "message_content_fits_kind"),
        ({"side": "everybody"}, "message_side_is_known"),
    ],
)
def test_the_database_refuses_a_message_that_is_none(room: Room, fields: dict[str, Any], name: str) -> None:
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 1)
    with pytest.raises(IntegrityError, match=name):
        insert(room, room.last_seq + 1, **fields)


def test_a_system_line_cannot_be_written_twice(room: Room) -> None:
    key = token()
    line = services.post_system_line(room=room, code="x", data={}, token=key, at=AT)
    assert services.post_system_line(room=room, code="x", data={}, token=key, at=AT).pk == line.pk
    room.refresh_from_db()
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 1)
    with pytest.raises(IntegrityError, match="message_token_unique_per_author"):
        insert(room, room.last_seq + 1, client_token=key)
