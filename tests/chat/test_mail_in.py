"""What is written by mail is said in the room, on the writer's side, once; what is doubtful waits for a person."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Event, User
from chat import tasks
from chat.choices import MessageKind, Side
from chat.mail import taking
from chat.mail.placing import Place
from chat.models import Message, Room
from chat.selectors import standing
from chat.services import join, leave
from disputes import services as disputes
from disputes.errors import ScannerAway
from disputes.evidence import scanning
from disputes.models import Dispute, Evidence, TakenMail
from mailroom import services as mailroom
from mailroom.choices import Doubt, InboundSource, InboundStatus
from mailroom.models import InboundMail
from tests.disputes.papers import pdf, png
from tests.factories import AT, Cast

LATER = AT + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def files_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REPLY_ADDRESS = "reply@zanjar.example"


@pytest.fixture
def carrier(room: Room, paula: User) -> User:
    """The carrier's dispatcher, invited."""
    join(room=room, user=paula, route="invited", at=AT)
    return paula


def address(room: Room, of: User) -> str:
    place = standing(of, room.pk)
    assert place is not None
    return mailroom.make_reply_address(
        entity=room.entity,
        stream="dispute",
        object_id=room.dispute_id or 0,
        owner=("user", of.pk),
        side=place.key,
        at=AT,
    )


def written(
    sender: str,
    to: str,
    body: str = "Firmó el señor Vega.",
    attached: tuple[str, bytes] | None = None,
    **headers: str,
) -> InboundMail:
    """A mail with a delivery note and the logo of a signature, taken in."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = headers.pop("subject", "Re: x")
    mail["Message-ID"] = headers.pop("message_id", "<1@mail.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{body}\n\nEl lun, 3 nov 2025, Acme escribió:\n> ¿Lo tienen?\n")
    mail.add_attachment(pdf(), maintype="application", subtype="pdf", filename="note.pdf")
    mail.add_attachment(png(), maintype="image", subtype="png", filename="logo.png", cid="<logo>")
    if attached:
        mail.add_attachment(attached[1], maintype="application", subtype="octet-stream", filename=attached[0])
    return mailroom.receive(raw=mail.as_bytes(), source=InboundSource.API, at=LATER)


def take(mail: InboundMail) -> InboundMail:
    return taking.take_mail(mail_id=mail.pk, at=LATER)


def said(room: Room) -> list[Message]:
    return list(Message.objects.filter(room=room, kind=MessageKind.TEXT).order_by("seq"))


def waits(mail: InboundMail) -> str:
    """Why it waits for a person; nobody said anything."""
    assert take(mail).status == InboundStatus.WAITING
    assert not Message.objects.filter(kind=MessageKind.TEXT).exists()
    return TakenMail.objects.get(inbound=mail).doubt


def test_a_partner_who_answers_has_said_it_and_the_note_is_evidence(room: Room, carrier: User) -> None:
    mail = take(written(carrier.email, address(room, carrier)))
    assert (mail.status, mail.about_stream, mail.about_id) == ("threaded", "dispute", room.dispute_id)
    (message,) = said(room)
    assert (message.author, message.side, message.body) == (carrier, Side.PARTNER, "Firmó el señor Vega.")
    evidence = Evidence.objects.get()
    told = (evidence.name, evidence.side, evidence.via, evidence.note)
    assert told == ("note.pdf", "internal", "mail", str(carrier)), "no other company of the dispute sees it"
    assert [one.evidence for one in message.attachments.all()] == [evidence]


def test_taking_it_again_and_the_sweeper_change_nothing(room: Room, carrier: User) -> None:
    mail = written(carrier.email, address(room, carrier))
    taking.take_waiting(at=LATER + timedelta(minutes=5))
    tasks.take_mail(mail.pk)
    take(mail)
    assert len(said(room)) == Evidence.objects.count() == 1


def test_a_worker_that_dies_in_between_leaves_nothing_twice(
    room: Room, carrier: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = written(carrier.email, address(room, carrier))

    def dies(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dead:
        dead.setattr(mailroom, "place_mail", dies)
        with pytest.raises(KeyboardInterrupt):
            take(mail)
    assert take(mail).status == InboundStatus.THREADED
    assert len(said(room)) == Evidence.objects.count() == 1


def test_a_scanner_that_is_away_is_waited_for(
    room: Room, carrier: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = written(carrier.email, address(room, carrier))

    def away(_data: bytes) -> None:
        raise ScannerAway("away", code="scanner_away")

    with monkeypatch.context() as down:
        down.setattr(scanning, "scan", away)
        with pytest.raises(ScannerAway):
            take(mail)
    assert take(mail).status == InboundStatus.THREADED
    assert len(said(room)) == Evidence.objects.count() == 1


def test_a_passed_on_mail_does_not_speak_for_whom_it_was_for(room: Room, carrier: User, cast: Cast) -> None:
    assert waits(written("boss@carrier.example", address(room, carrier))) == Doubt.OTHER_SENDER
    assert not Evidence.objects.exists()


def test_a_forged_sender_waits(room: Room, carrier: User) -> None:
    mail = written(carrier.email, address(room, carrier), Authentication_Results="mx; dmarc=fail")
    assert waits(mail) == Doubt.FORGED


def test_who_has_left_says_nothing_more(room: Room, carrier: User) -> None:
    to = address(room, carrier)
    leave(room=room, user=carrier, at=AT)
    assert waits(written(carrier.email, to)) in (Doubt.NOT_TAKING_PART, Doubt.NO_THREAD)


def test_an_address_ends_a_year_after_its_dispute(
    room: Room, carrier: User, dispute: Dispute, cast: Cast
) -> None:
    mail = written(carrier.email, address(room, carrier))
    dispute.refresh_from_db()
    disputes.close_dispute(
        dispute=dispute, verdict="unjustified", resolution="rejected", by=cast.alice, at=LATER
    )
    found = InboundMail.objects.select_related("token", "letter", "entity").get(pk=mail.pk)
    assert isinstance(taking.place_of(found, LATER + timedelta(days=364)), Place)
    assert taking.place_of(found, LATER + timedelta(days=366)) == Doubt.EXPIRED


def test_a_colleague_speaks_with_the_address_only_and_inside(room: Room, cast: Cast) -> None:
    assert (
        waits(written(cast.sam.email, "inbox@acme.example", subject=f"Re: [{room.dispute.ref}]"))
        == Doubt.NO_THREAD
    )
    mail = take(written(cast.sam.email, address(room, cast.sam), message_id="<2@x.example>"))
    assert mail.status == InboundStatus.THREADED
    assert [(one.author, one.side) for one in said(room)] == [(cast.sam, Side.INTERNAL)]


def test_a_guest_is_known_by_the_reference_in_the_subject(
    room: Room, carrier: User, dispute: Dispute
) -> None:
    mail = take(written(carrier.email, "inbox@acme.example", subject=f"RE: [{dispute.ref}] Entrega"))
    assert mail.status == InboundStatus.THREADED
    assert [one.side for one in said(room)] == [Side.PARTNER]


def test_a_known_guest_who_names_nothing_and_a_stranger_wait(
    room: Room, carrier: User, dispute: Dispute
) -> None:
    assert waits(written(carrier.email, "inbox@acme.example")) == Doubt.NO_THREAD
    stranger = written("x@y.example", "inbox@acme.example", subject=f"[{dispute.ref}]", message_id="<2@x>")
    assert waits(stranger) == Doubt.UNKNOWN_SENDER


def test_a_mail_of_a_file_alone_says_its_name(room: Room, carrier: User) -> None:
    take(written(carrier.email, address(room, carrier), body=""))
    assert "note.pdf" in said(room)[0].body or "¿Lo tienen?" in said(room)[0].body


def test_what_came_in_is_told_to_a_worker_once(room: Room, carrier: User) -> None:
    mail = written(carrier.email, address(room, carrier))
    assert Event.objects.filter(stream="inbound", object_id=mail.pk, kind="mail.received").count() == 1
