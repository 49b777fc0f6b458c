"""Carrier and clerk have nothing but e-mail, and take part: heard live, kept as evidence, told no secret."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.choices import Role
from accounts.models import User
from chat.mail import taking
from chat.models import Room
from chat.reach.services import send_due
from chat.services import join, join_contact, post_message
from disputes.models import Evidence
from ledger.models import Contact
from lib import clock
from mailroom import services as mailroom
from mailroom.choices import InboundSource
from mailroom.inbound import writing
from tests.browser.stage import DESKTOP, PHONE, live_now, quiet, window
from tests.disputes.papers import pdf
from tests.factories import make_cast, make_person
from tests.journeys.test_delivery import contest
from tests.live import Live
from tests.mailroom.conftest import everything

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRETS = ["We keep 300 in reserve", "The carrier is insured up to 500"]


def letters(box: Path) -> list[EmailMessage]:
    """What left the house, once everything due has gone."""
    send_due(at=clock.now() + timedelta(minutes=1))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in box.glob("*.eml")]  # type: ignore[misc]


def to(box: Path, address: str) -> EmailMessage:
    return next(mail for mail in letters(box) if address in str(mail["To"]))


def answer(mail: EmailMessage, text: str, file: tuple[str, bytes] | None = None) -> None:
    """They press Reply in their mail program."""
    body = mail.get_body(("plain",))
    answered = writing.Answered(
        sender=str(mail["From"]),
        recipient=str(mail["To"]),
        reply_to=str(mail["Reply-To"]),
        subject=str(mail["Subject"]),
        message_id=str(mail["Message-ID"]),
        references="",
        text=str(body.get_content()) if body else "",
    )
    raw = writing.answer(answered, text=text, at=clock.now(), file=file)
    row = mailroom.receive(raw=raw, source=InboundSource.API, at=clock.now())
    assert taking.take_mail(mail_id=row.pk, at=clock.now()).status == "threaded"


def post(room: Room, by: User, body: str, **more: Any) -> None:
    post_message(room=room, by=by, body=body, client_token=f"story-{body[:40]}", at=clock.now(), **more)


def test_two_who_only_write_mail_take_part(
    live: Live, chromium: Browser, settings: Any, tmp_path: Path
) -> None:
    cast, box = make_cast(), tmp_path / "mail"
    write_to(settings, box, live)
    dispute = contest(cast)
    room = Room.objects.get(dispute=dispute)
    carrier = make_person("Paula", cast.entity, Role.PARTNER)
    carrier.set_unusable_password()
    carrier.save()
    clerk: Contact = cast.norte.contacts.get()
    join(room=room, user=carrier, route="invited", at=clock.now())
    join_contact(room=room, contact=clerk, route="invited", at=clock.now())

    sales = window(chromium, live, cast.sam, viewport=PHONE)
    sales.goto(f"/rooms/{room.pk}/")
    manager = window(chromium, live, cast.alice, viewport=DESKTOP)
    manager.goto(f"/disputes/{dispute.pk}/")
    live_now(sales)

    for secret in SECRETS:
        post(room, cast.alice, secret)
    post(room, cast.alice, "Do you have the signed delivery note?", side="partner")
    post(room, cast.alice, "How many pallets came?", side="customer")
    answer(to(box, carrier.email), "Here it is, signed by Vega.", ("note.pdf", pdf()))
    answer(to(box, clerk.email), "Nine, one was missing.")

    expect(sales.get_by_text("Here it is, signed by Vega.")).to_be_visible()
    expect(sales.get_by_text("Nine, one was missing.")).to_be_visible()
    manager.goto(f"/disputes/{dispute.pk}/")
    expect(manager.get_by_text("Here it is, signed by Vega.").first).to_be_visible()
    note = Evidence.objects.get(dispute=dispute)
    assert (note.name, note.side, note.via, note.added_by) == ("note.pdf", "internal", "mail", None)

    post(room, cast.alice, "Thank you both", side="partner")
    post(room, cast.alice, "We credit one pallet", side="customer")
    nothing_slipped_out(letters(box), carrier, clerk)
    quiet(sales)
    quiet(manager)


def write_to(settings: Any, box: Path, live: Live) -> None:
    """Letters go into the box; the running application shows what is kept."""
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", box
    settings.MEDIA_ROOT = Path(live.env["VAR_DIR"]) / "files"
    settings.REPLY_ADDRESS = "reply@zanjar.example"


def nothing_slipped_out(mails: list[EmailMessage], carrier: User, clerk: Contact) -> None:
    """Every byte that left: no internal word in it, and neither guest reads what was for the other."""
    assert len(mails) == 4
    left = everything(*mails)
    assert "signed delivery note" in left
    assert not [secret for secret in SECRETS if secret in left]
    theirs = everything(*(mail for mail in mails if carrier.email in str(mail["To"])))
    assert not any(words in theirs for words in ("pallet", "credit"))
    theirs = everything(*(mail for mail in mails if clerk.email in str(mail["To"])))
    assert not any(words in theirs for words in ("delivery note", "Vega", "both"))
