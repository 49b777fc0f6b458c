"""What a mail quotes is cut from the message and can be read below it: by who reads the message, and by nobody else."""

from __future__ import annotations

import html
from datetime import timedelta

from django.test import Client

from accounts.choices import Role
from accounts.models import User
from chat.choices import MessageKind, Side
from chat.models import Message, Room
from chat.selectors import standing
from chat.services import delete_message, join, share_message
from chat.talk import quoted
from mailroom.models import InboundMail
from tests.chat.conftest import say
from tests.chat.test_mail_in import LATER, address, carrier, files_of_their_own, take, written
from tests.factories import AT, Cast, make_person

__all__ = ["carrier", "files_of_their_own"]
QUOTED = "¿Lo tienen?"
OFFER = "Show the quoted text"


def read(person: User, message: Message) -> str:
    """What the person is shown as quoted; empty for a refusal."""
    client = Client()
    client.force_login(person)
    answer = client.get(f"/rooms/{message.room_id}/messages/{message.seq}/quoted/")
    assert answer.status_code in (200, 404)
    return answer.content.decode() if answer.status_code == 200 else ""


def page(person: User, room: Room) -> str:
    client = Client()
    client.force_login(person)
    return client.get(f"/rooms/{room.pk}/").content.decode()


def by_mail(room: Room, writer: User, body: str = "Firmó el señor Vega.") -> Message:
    take(written(writer.email, address(room, writer), body, message_id=f"<{writer.pk}@x.example>"))
    return Message.objects.filter(room=room, kind=MessageKind.TEXT).latest("seq")


def test_who_reads_the_message_reads_what_it_quotes_and_nobody_else(
    room: Room, carrier: User, cast: Cast
) -> None:
    other = make_person("Otto", cast.entity, Role.PARTNER)
    join(room=room, user=other, route="invited", at=AT)
    message = by_mail(room, carrier)
    assert QUOTED not in message.body
    for person in (cast.alice, carrier):
        assert OFFER in page(person, room)
        assert QUOTED in read(person, message)
    for person in (other, make_person("Nadie", cast.entity, Role.PARTNER)):
        assert OFFER not in page(person, room)
        assert read(person, message) == ""


def test_a_partner_gets_no_quotes_of_the_team_not_even_with_a_message_they_are_shown(
    room: Room, carrier: User, cast: Cast
) -> None:
    message = by_mail(room, cast.sam)
    assert message.side == Side.INTERNAL
    assert QUOTED in read(cast.alice, message)
    assert read(carrier, message) == ""
    place = standing(carrier, room.pk)
    assert place is not None
    share_message(message=message, reader=place.reader, by=cast.alice, at=LATER)
    line = Message.objects.get(room=room, kind=MessageKind.SHARED)
    shown = page(carrier, room)
    assert message.body in shown
    assert OFFER not in shown
    assert read(carrier, message) == read(carrier, line) == ""


def test_what_was_typed_and_what_was_deleted_quote_nothing(room: Room, carrier: User, cast: Cast) -> None:
    message = by_mail(room, carrier)
    mail = InboundMail.objects.get()
    typed = say(room, cast.sam)
    borrowed = say(room, cast.alice, client_token=quoted.token_of(mail.pk))
    assert read(cast.alice, typed) == read(cast.alice, borrowed) == ""
    place = standing(carrier, room.pk)
    assert place is not None
    delete_message(place=place, seq=message.seq, by=carrier, at=LATER + timedelta(minutes=1), why="")
    assert read(cast.alice, message) == ""


def test_it_is_plain_text_of_a_bounded_length(room: Room, carrier: User, cast: Cast) -> None:
    long = "Vale.\n\nEl lun, 3 nov 2025, Acme escribió:\n> <b>so</b>\n" + "> a line of many\n" * quoted.MOST
    message = by_mail(room, carrier, long)
    shown = read(cast.alice, message)
    assert "&lt;b&gt;so" in shown
    assert len(html.unescape(shown)) < quoted.MOST + 500
    assert shown.count("[…]") == 1
