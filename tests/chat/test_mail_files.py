"""Files, deletions and shared messages on their way to and from people who only have mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from chat import services
from chat.audience import partner
from chat.choices import MessageKind, Side
from chat.mail import letters, taking
from chat.models import Message, Room
from chat.selectors import standing
from chat.services.said import Said
from disputes.services import vet
from mailroom.choices import InboundStatus
from tests.chat.conftest import say
from tests.chat.test_mail_in import LATER, address, written
from tests.chat.test_mail_out import box, carrier, sent, words
from tests.disputes.papers import pdf
from tests.factories import AT, Cast

__all__ = ["box", "carrier"]


def enclosed(mail: Any) -> list[str]:
    return [str(part.get_filename()) for part in mail.iter_attachments()]


def test_files_of_a_message_go_along(room: Room, carrier: User, cast: Cast, box: Path) -> None:
    note = vet(pdf(), "order.pdf")
    say(room, cast.alice, "The order", side=Side.PARTNER, said=Said(files=(note,)))
    say(room, cast.alice, "Only us", said=Said(files=(vet(pdf(2), "margins.pdf"),)))
    (mail,) = sent(box)
    assert enclosed(mail) == ["order.pdf"]
    assert "order.pdf" in words(mail)
    assert "margins" not in mail.as_string()


def test_what_is_too_large_is_named(
    room: Room, carrier: User, cast: Cast, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_BYTES", 10)
    say(room, cast.alice, "The order", side=Side.PARTNER, said=Said(files=(vet(pdf(), "order.pdf"),)))
    (mail,) = sent(box)
    assert enclosed(mail) == []
    assert "order.pdf" in words(mail)


def test_a_deleted_message_is_in_no_letter(room: Room, carrier: User, cast: Cast, box: Path) -> None:
    gone = say(room, cast.alice, "A slip of the pen", side=Side.PARTNER)
    say(room, cast.alice, "What I meant", side=Side.PARTNER)
    place = standing(cast.alice, room.pk)
    assert place is not None
    services.delete_message(place=place, seq=gone.seq, by=cast.alice, at=AT + timedelta(minutes=1))
    mails = sent(box)
    assert mails
    assert all("slip" not in mail.as_string() for mail in mails)


def test_a_shared_message_goes_to_whom_it_was_shown(room: Room, carrier: User, cast: Cast, box: Path) -> None:
    inside = say(room, cast.alice, "They loaded nine pallets")
    assert sent(box) == []
    party = room.participants.get(user=carrier).party_id
    services.share_message(message=inside, reader=partner(party or 0), by=cast.alice, at=AT)
    (mail,) = sent(box)
    assert "nine pallets" in words(mail)
    assert carrier.email in str(mail["To"])


def test_what_may_not_come_in_is_named_in_the_room(room: Room, carrier: User) -> None:
    mail = written(carrier.email, address(room, carrier), attached=("setup.exe", b"MZ" + bytes(200)))
    assert taking.take_mail(mail_id=mail.pk, at=LATER).status == InboundStatus.THREADED
    message = Message.objects.get(room=room, kind=MessageKind.TEXT)
    assert message.body.startswith("Firmó el señor Vega.\n[setup.exe: ")
    assert [one.evidence.name for one in message.attachments.all() if one.evidence] == ["note.pdf"]
