"""What is said to somebody who only has mail goes out as a letter of their own thread, with nothing else in it."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from chat.choices import MessageKind, Side
from chat.mail import taking
from chat.models import Message, Room
from chat.reach.models import Notification
from chat.reach.services import send_due
from chat.services import join, join_contact, leave
from disputes import services as disputes
from disputes.models import Answer, Dispute, Question
from ledger.models import Contact
from mailroom import services as mailroom
from mailroom.choices import InboundSource
from mailroom.inbound import writing
from mailroom.inbound.quotes import MARKS
from mailroom.models import ReplyToken
from tests.chat.conftest import deliver, say
from tests.factories import AT, Cast
from tests.mailroom.conftest import everything

SECRET = "Nuestra reserva: aceptar hasta 400"


@pytest.fixture(autouse=True)
def box(settings: Any, tmp_path: Path) -> Path:
    """Where the letters of these tests go."""
    settings.MEDIA_ROOT, settings.EMAIL_URL = tmp_path / "files", "file:"
    settings.EMAIL_FILE_PATH, settings.REPLY_ADDRESS = tmp_path / "mail", "reply@zanjar.example"
    return tmp_path / "mail"


@pytest.fixture
def carrier(room: Room, paula: User) -> User:
    """A dispatcher who never signs in."""
    paula.set_unusable_password()
    paula.save()
    join(room=room, user=paula, route="invited", at=AT)
    return paula


@pytest.fixture
def clerk(room: Room, cast: Cast) -> Contact:
    """Who pays the invoices at the customer's, invited."""
    contact = cast.norte.contacts.get()
    join_contact(room=room, contact=contact, route="invited", at=AT)
    return contact


def sent(box: Path, minutes: int = 10) -> list[EmailMessage]:
    """Every letter that left, in order, once everything due has gone."""
    send_due(at=AT + timedelta(minutes=minutes))
    paths = sorted(box.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]  # type: ignore[misc]


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def reply(mail: EmailMessage, text: str, minutes: int = 20, sender: str = "") -> Any:
    """The recipient answers the letter with their mail program."""
    answered = writing.Answered(
        sender=str(mail["From"]),
        recipient=sender or str(mail["To"]),
        reply_to=str(mail["Reply-To"]),
        subject=str(mail["Subject"]),
        message_id=str(mail["Message-ID"]),
        references=str(mail["References"] or ""),
        text=words(mail),
    )
    at = AT + timedelta(minutes=minutes)
    row = mailroom.receive(raw=writing.answer(answered, text=text, at=at), source=InboundSource.API, at=at)
    return taking.take_mail(mail_id=row.pk, at=at)


def said(room: Room) -> list[str]:
    rows = Message.objects.filter(room=room, kind=MessageKind.TEXT).order_by("seq")
    return list(rows.values_list("body", flat=True))


def test_a_partner_without_a_login_gets_what_is_for_partners(
    room: Room, carrier: User, clerk: Contact, cast: Cast, box: Path
) -> None:
    say(room, cast.alice, SECRET)
    say(room, cast.alice, "Solo para el cliente", side=Side.CUSTOMER)
    say(room, cast.alice, "¿Tienen el albarán?", side=Side.PARTNER)
    letters = {str(mail["To"]): mail for mail in sent(box)}
    assert len(letters) == 2
    mail = next(mail for to, mail in letters.items() if carrier.email in to)
    text = words(mail)
    assert text.startswith(MARKS["en"])
    assert "Alice" in text
    assert "¿Tienen el albarán?" in text
    assert str(mail["Reply-To"]).startswith("reply+")
    assert str(mail["Subject"]).startswith(f"[{room.dispute.ref}] ")
    assert mail["In-Reply-To"] is None
    assert SECRET not in everything(*letters.values())
    assert "Solo para el cliente" not in everything(mail)
    other = everything(next(m for to, m in letters.items() if clerk.email in to))
    assert "Solo para el cliente" in other
    assert "albarán" not in other


def test_the_thread_goes_on_in_their_mail_program(room: Room, carrier: User, cast: Cast, box: Path) -> None:
    say(room, cast.alice, "One", side=Side.PARTNER)
    (first,) = sent(box)
    answer = reply(first, "Two")
    assert (answer.status, said(room)) == ("threaded", ["One", "Two"])
    say(room, cast.alice, "Three", side=Side.PARTNER, at=AT + timedelta(minutes=30))
    _first, second = sent(box, 40)
    assert str(second["Subject"]) == f"Re: {first['Subject']}"
    assert str(second["In-Reply-To"]) == f"<{answer.identity}>"
    assert str(second["References"]).split() == [str(first["Message-ID"]), f"<{answer.identity}>"]
    text = words(second)
    assert text.index("Three") < text.index("One") < text.index("Two")


def test_the_customers_clerk_takes_part_by_mail_alone(
    room: Room, clerk: Contact, cast: Cast, box: Path
) -> None:
    say(room, cast.alice, SECRET)
    say(room, cast.alice, "¿Qué precio esperaban?", side=Side.CUSTOMER)
    (mail,) = sent(box)
    assert SECRET not in everything(mail)
    reply(mail, "12,50 €")
    message = Message.objects.filter(room=room, kind=MessageKind.TEXT).latest("seq")
    assert (message.contact, message.author, message.side) == (clerk, None, Side.CUSTOMER)
    assert message.body == "12,50 €"


def test_who_wrote_it_is_not_told_and_nobody_is_told_twice(
    room: Room, carrier: User, cast: Cast, box: Path
) -> None:
    say(room, carrier, "Mío")
    assert sent(box) == []
    say(room, cast.alice, "Uno", side=Side.PARTNER)
    say(room, cast.alice, "Dos", side=Side.PARTNER)
    (mail,) = sent(box)
    assert words(mail).index("Uno") < words(mail).index("Dos")
    assert len(sent(box, 20)) == 1
    assert Notification.objects.filter(user=carrier, channel="email").count() == 2


def test_who_leaves_before_it_goes_gets_nothing_and_their_address_ends(
    room: Room, carrier: User, cast: Cast, box: Path
) -> None:
    say(room, cast.alice, "Uno", side=Side.PARTNER)
    (mail,) = sent(box)
    say(room, cast.alice, "Dos", side=Side.PARTNER)
    leave(room=room, user=carrier, at=AT)
    assert len(sent(box, 20)) == 1
    assert not ReplyToken.objects.filter(revoked_at=None).exists()
    assert reply(mail, "Tarde").status == "waiting"
    assert "Tarde" not in said(room)


def test_an_answer_passed_on_waits(room: Room, carrier: User, cast: Cast, box: Path) -> None:
    say(room, cast.alice, "Uno", side=Side.PARTNER)
    (mail,) = sent(box)
    assert reply(mail, "Soy otro", sender="otro@carrier.example").status == "waiting"
    assert said(room) == ["Uno"]


def asked(dispute: Dispute, cast: Cast) -> Question:
    disputes.make_move(dispute=dispute, move_code="ask_sales", by=cast.alice, at=AT)
    deliver()
    return Question.objects.get(dispute=dispute)


def question_mail(box: Path) -> EmailMessage:
    disputes.send_nudges(at=AT + timedelta(hours=1))
    (path,) = box.glob("*.eml")
    return message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[return-value]


def test_a_quick_answer_by_mail_answers_the_question(dispute: Dispute, cast: Cast, box: Path) -> None:
    question = asked(dispute, cast)
    option = question.options[0]
    done = reply(question_mail(box), f"{str(option['label']).upper()}.", 90)
    assert done.status == "threaded"
    answer = Answer.objects.get(question=question)
    assert (answer.value, answer.via, answer.answered_by) == (option["value"], "mail", cast.sam)


def test_other_words_are_said_and_the_question_stays(dispute: Dispute, cast: Cast, box: Path) -> None:
    question = asked(dispute, cast)
    reply(question_mail(box), "Lo miro mañana con el cliente", 90)
    question.refresh_from_db()
    assert question.is_open
    message = Message.objects.filter(kind=MessageKind.TEXT).get()
    assert (message.author, message.side) == (cast.sam, Side.INTERNAL)
