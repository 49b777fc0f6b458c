"""Reminders by SMS and on paper, and what happens when an address does not work."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.events import sweep, timeline
from collections_app.choices import NoticeStatus, Reason
from collections_app.models import Notice, Plan
from collections_app.services import dunning, fates
from collections_app.services.plans import StepInput, publish_version
from ledger import services as ledger
from ledger.models import Contact, Customer
from lib import gsm
from mailroom import services as mailroom
from mailroom.catalogue import kinds, short_texts
from mailroom.choices import Channel, LetterStatus, Trouble
from mailroom.errors import NothingToPrint
from mailroom.models import Letter
from mailroom.rendering import check
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay

LATE = ON - timedelta(days=3)
S = NoticeStatus


def by(house: House, channel: Channel, kind: str = "dunning.friendly") -> None:
    """From now on there is one step, a day after the due date, over this channel."""
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    publish_version(plan=plan, steps=[StepInput(1, kind, channel=channel)], by=None, at=AT)


def contact_of(customer: Customer) -> Contact:
    return Contact.objects.get(customer=customer, is_billing=True)


def reachable(house: House) -> None:
    """Norte has a mobile number and a whole postal address, Sur has neither."""
    ledger.change_contact(contact=contact_of(house.cast.norte), phone="612 345 678")
    Customer.objects.filter(pk=house.cast.norte.pk).update(address="Calle Mayor 12\n28013 Madrid")


def test_a_reminder_by_sms_goes_to_the_mobile_of_the_contact_in_two_messages_at_most(house: House) -> None:
    reachable(house)
    by(house, Channel.SMS)
    make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    house.dun()
    assert house.notice().status == S.SENT
    letter = Letter.objects.get()
    assert (letter.channel, letter.to_address, letter.subject, letter.body_html) == (
        "sms",
        "+34612345678",
        "",
        "",
    )
    (text,) = [text.strip() for text in house.texts()]
    assert "1.000,00 €" in text
    assert re.search(r"RF\d\d", text)
    assert gsm.length(text) is not None, "no sign that costs the alphabet of SMS"
    assert gsm.parts(text) <= 2


@pytest.mark.parametrize(("kind", "language"), sorted(short_texts()))
def test_short_texts_ask_only_for_what_is_filled(kind: str, language: str) -> None:
    text = short_texts()[kind, language]
    check(text.body, text.values)
    assert kind in kinds()
    assert gsm.length(gsm.spell(text.body.replace("{{", "").replace("}}", ""))) is not None


@pytest.mark.parametrize(
    ("channel", "trouble"), [(Channel.SMS, Trouble.BAD_PHONE), (Channel.POST, Trouble.BAD_POSTAL)]
)
def test_g_without_a_number_or_a_street_the_notice_fails_and_says_so_and_the_others_go(
    house: House, channel: Channel, trouble: Trouble
) -> None:
    reachable(house)
    by(house, channel)
    for customer in (house.cast.norte, house.cast.sur):
        make_invoice(customer, "1000.00", due_on=LATE)
    house.dun()
    bad = Notice.objects.get(customer=house.cast.sur)
    assert (bad.status, bad.reason) == (S.FAILED, Reason.NO_ADDRESS)
    assert bad.letter
    assert bad.letter.trouble == trouble
    good = Letter.objects.exclude(pk=bad.letter.pk).get()
    assert good.status == (LetterStatus.SENT if channel == Channel.SMS else LetterStatus.TRAY)
    client = Client()
    client.force_login(house.cast.carl)
    page = client.get("/collections/addresses/").content.decode()
    assert house.cast.sur.name in page
    place = f"/collections/addresses/customers/{house.cast.sur.pk}/"
    field, wrong, right = {
        Channel.SMS: ("phone", "12", "655 123 456"),
        Channel.POST: ("address", "Sevilla", "Calle Sierpes 4\n41004 Sevilla"),
    }[channel]
    assert f'name="{field}"' in page
    client.post(place, {field: wrong})
    house.dun(ON + timedelta(days=1))
    assert Notice.objects.filter(customer=house.cast.sur).latest("pk").status == S.FAILED
    client.post(place, {field: right})
    house.dun(ON + timedelta(days=2))
    assert Notice.objects.filter(customer=house.cast.sur).latest("pk").status in (S.SENT, S.QUEUED)
    client.force_login(house.cast.mallory)
    assert client.post(place, {field: right}).status_code == 404


def test_a_customer_without_email_still_gets_paper(house: House) -> None:
    reachable(house)
    by(house, Channel.POST)
    Contact.objects.filter(customer=house.cast.norte).update(email="")
    make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    house.dun()
    assert Letter.objects.get().status == LetterStatus.TRAY


def test_paper_is_decided_again_when_the_batch_is_made(house: House) -> None:
    reachable(house)
    by(house, Channel.POST)
    stays = make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    goes = make_invoice(house.cast.norte, "500.00", due_on=LATE)
    house.dun()
    letter = Letter.objects.get()
    assert (house.notice().status, letter.status) == (S.QUEUED, LetterStatus.TRAY)
    assert dunning.sweep(at=AT + timedelta(hours=1)) == [], "the sweeper leaves it in the tray"
    pay(goes)
    batch = mailroom.make_batch(entity=house.cast.entity, by=house.cast.carl, at=AT + timedelta(hours=2))
    letter.refresh_from_db()
    assert batch.sums == {"EUR": "1000.00"}
    said = str(letter.paper)
    assert stays.number in said
    assert goes.number not in said
    later = AT + timedelta(hours=3)
    dunning.send_batch(notice_ids=dunning.sweep(at=later), at=later)
    notice = house.notice()
    assert (notice.status, notice.asked, notice.ended_at) == (S.SENT, Decimal(1000), AT + timedelta(hours=2))


def test_paper_for_what_was_paid_or_disputed_meanwhile_is_not_printed(house: House) -> None:
    reachable(house)
    by(house, Channel.POST)
    invoice = make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    house.dun()
    house.dispute(invoice)
    with pytest.raises(NothingToPrint):
        mailroom.make_batch(entity=house.cast.entity, by=house.cast.carl, at=AT)


def bounce(house: House) -> None:
    """What was sent last comes back, and whoever listens has heard it."""
    letter = Letter.objects.order_by("-pk").first()
    assert letter
    assert mailroom.bounce_letter(message_id=letter.message_id, detail="550 5.1.1 no such user", at=AT)
    sweep(at=AT + timedelta(minutes=1))


def test_g_mail_that_comes_back_marks_the_contact_and_nothing_goes_there_until_it_is_corrected(
    house: House,
) -> None:
    by(house, Channel.EMAIL)
    make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    house.dun()
    bounce(house)
    contact = contact_of(house.cast.norte)
    assert (contact.undeliverable_since, contact.undeliverable_why) == (AT, "550 5.1.1 no such user")
    assert "contact.undeliverable" in [e.kind for e in timeline("customer", house.cast.norte.pk)]
    carl, sam = Client(), Client()
    carl.force_login(house.cast.carl)
    sam.force_login(house.cast.sam)
    assert contact.email in carl.get("/collections/addresses/").content.decode()
    assert contact.email in sam.get("/collections/addresses/").content.decode(), "he knows the customer"
    page = carl.get(f"/customers/{house.cast.norte.pk}/?tab=contacts").content.decode()
    assert "/collections/addresses/" in page
    make_invoice(house.cast.norte, "700.00", due_on=ON + timedelta(days=6))
    make_invoice(house.cast.sur, "700.00", due_on=ON + timedelta(days=6))
    house.dun(ON + timedelta(days=10))
    assert Notice.objects.filter(customer=house.cast.norte).latest("pk").reason == Reason.NO_ADDRESS
    assert Notice.objects.filter(customer=house.cast.sur).latest("pk").status == S.SENT
    place = f"/collections/addresses/{contact.pk}/"
    carl.post(place, {"email": "nobody"})
    assert contact_of(house.cast.norte).undeliverable_since
    assert sam.post(place, {"email": "ana@norte.example"}).status_code == 403
    carl.post(place, {"email": "ana@norte.example"})
    assert contact_of(house.cast.norte).undeliverable_since is None
    house.dun(ON + timedelta(days=11))
    assert Letter.objects.latest("pk").to_address == "ana@norte.example"


def test_a_stranger_finds_no_address_to_correct(house: House) -> None:
    contact = contact_of(house.cast.norte)
    ledger.mark_undeliverable(entity=house.cast.entity, email=contact.email.upper(), why="x", at=AT)
    mallory = Client()
    mallory.force_login(house.cast.mallory)
    assert contact.email not in mallory.get("/collections/addresses/").content.decode()
    assert mallory.post(f"/collections/addresses/{contact.pk}/", {"email": "a@b.example"}).status_code == 404


def test_what_providers_tell_stands_on_the_letter_once(house: House) -> None:
    make_invoice(house.cast.norte, "1000.00", due_on=LATE)
    house.dun()
    letter = Letter.objects.get()
    assert mailroom.mark_delivered(message_id=letter.message_id, at=AT)
    assert not mailroom.mark_delivered(message_id=letter.message_id, at=AT + timedelta(days=1))
    assert mailroom.mark_read(message_id=letter.message_id, at=AT)
    letter.refresh_from_db()
    assert (letter.delivered_at, letter.read_at) == (AT, AT)
    kinds_told = [event.kind for event in timeline("letter", letter.pk)]
    assert kinds_told == ["letter.sent", "letter.delivered", "letter.read"]
    assert not mailroom.mark_read(message_id="<nobody@x>", at=AT)
    sweep(at=AT + timedelta(minutes=1))
    event = timeline("letter", letter.pk).get(kind="letter.read")
    again = fates.tell_customer(
        notice_id=house.notice().pk, kind="letter.read", told_by=event.pk, channel="email", at=AT
    )
    assert not again, "heard twice, told once"
    told = [event.kind for event in timeline("customer", house.cast.norte.pk)]
    assert told[-2:] == ["notice.delivered", "notice.read"]
