"""The customer's people in a room: by mail, on their side, from when they came."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from chat import announce, bus, selectors, services
from chat.choices import Side
from chat.errors import NotTheirContact, TokenReused
from chat.models import Message, Participant, Room
from chat.packing import messages_of
from disputes.finding import search
from disputes.models import Dispute
from ledger.models import Contact
from tests.chat.conftest import say, token
from tests.factories import AT, Cast, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def payables(cast: Cast) -> Contact:
    """Who pays the invoices at Comercial Norte."""
    return cast.norte.contacts.get()


def write(room: Room, contact: Contact, body: str, **more: str) -> Message:
    return services.post_from_contact(
        room=room, contact=contact, body=body, at=AT, client_token=more.get("client_token", token())
    )


def test_what_a_contact_writes_is_in_the_room_under_their_name(
    cast: Cast, room: Room, payables: Contact
) -> None:
    said = write(room, payables, "We never ordered this")
    assert (said.writer, said.author, said.side) == (payables, None, Side.CUSTOMER)
    stay = Participant.objects.get(room=room, contact=payables)
    assert (stay.side, stay.route, stay.from_seq) == (Side.CUSTOMER, "wrote", said.seq - 1)
    client = Client()
    client.force_login(cast.alice)
    page = client.get(f"/rooms/{room.pk}/").content.decode()
    assert "We never ordered this" in page
    assert "Payables Comercial Norte, S.A." in page
    assert "Customer</span>" in page
    told = client.get(f"/api/v1/rooms/{room.pk}/messages/").json()[-1]
    assert (told["author"], told["contact"], told["author_name"]) == (None, payables.pk, payables.name)
    packed = list(messages_of(Dispute.objects.get(pk=room.dispute_id)))[-1]
    assert packed["author"] == payables.name
    stay = selectors.my_rooms(cast.alice).get()
    assert (stay.latest_author, stay.unread) == (payables.name, 1)


def test_a_retry_is_the_same_message_and_another_customers_contact_is_refused(
    cast: Cast, room: Room, payables: Contact
) -> None:
    first = write(room, payables, "Hello", client_token="mail:<1@x>")
    assert write(room, payables, "Hello", client_token="mail:<1@x>") == first
    with pytest.raises(TokenReused):
        write(room, payables, "Other", client_token="mail:<1@x>")
    with pytest.raises(NotTheirContact):
        write(room, cast.sur.contacts.get(), "Hello")
    assert not Participant.objects.filter(contact=cast.sur.contacts.get()).exists()


def test_a_partner_hears_nothing_of_the_customer(
    cast: Cast, room: Room, payables: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    paula = make_person("Paula", cast.entity, Role.PARTNER)
    services.join(room=room, user=paula, route="invited", at=AT)
    said = write(room, payables, "Not for carriers")
    told: list[str] = []
    monkeypatch.setattr(bus, "publish", lambda *all_: told.extend(one.pack() for one in all_))
    announce.message(Message.objects.get(pk=said.pk))
    topics = [topic for line in told for topic in line.split(" ")[0].split(",")]
    assert f"room:{room.pk}:internal" in topics
    assert not [topic for topic in topics if "partner" in topic or topic == f"user:{paula.pk}"]
    assert "None" not in ",".join(topics)
    frame = json.loads(told[0].split("\n")[1])
    assert (frame["author"], frame["contact"]["name"]) == (None, payables.name)
    place = selectors.standing(paula, room.pk)
    assert place is not None
    assert not selectors.messages_for(place).exists()
    assert not selectors.message_visible_to(place, said)
    client = Client()
    client.force_login(paula)
    assert payables.name not in client.get(f"/rooms/{room.pk}/").content.decode()


def test_who_only_has_mail_gets_what_is_for_them(cast: Cast, room: Room, payables: Contact) -> None:
    carrier = people.add_department(entity=cast.entity, code="sur", name="Sur Cargo", outside=True)
    mailer = people.add_person(email="desk@sur-cargo.example", name="Desk")
    people.give_role(user=mailer, entity=cast.entity, role=Role.PARTNER, department=carrier, at=AT)
    lab = make_person("Lab", cast.entity, Role.PARTNER)
    before = say(room, cast.alice, "Before they came", side=Side.CUSTOMER)
    services.join_contact(room=room, contact=payables, route="invited", at=AT)
    for guest in (mailer, lab):
        services.join(room=room, user=guest, route="invited", at=AT)

    def readers(message: Message) -> list[str]:
        return [str(stay.person) for stay in selectors.mail_readers(message)]

    assert readers(before) == []
    assert readers(say(room, cast.alice, "Internal")) == []
    assert readers(say(room, cast.alice, "To you", side=Side.CUSTOMER)) == [payables.name]
    assert readers(say(room, cast.alice, "All", side=Side.PARTNER)) == ["Desk"]
    assert readers(say(room, cast.alice, "Sur", side=Side.PARTNER, party=carrier.pk)) == ["Desk"]
    other = lab.memberships.get().department_id
    assert readers(say(room, cast.alice, "Lab", side=Side.PARTNER, party=other)) == []


def test_a_guest_finds_what_they_may_read_from_when_they_came_until_they_go(cast: Cast, room: Room) -> None:
    paula = make_person("Paula", cast.entity, Role.PARTNER)
    Dispute.objects.get(pk=room.dispute_id).participations.create(user=paula, joined_at=AT)
    first = say(room, cast.alice, "pallets broken", side=Side.PARTNER)
    say(room, cast.alice, "margin secret")
    say(room, cast.alice, "waybill signed", side=Side.PARTNER)

    def found(words: str) -> bool:
        person = User.objects.get(pk=paula.pk)
        return Dispute.objects.filter(search(person, words), pk=room.dispute_id).exists()

    services.join(room=room, user=paula, route="invited", at=AT, after=first.seq)
    assert [found(words) for words in ("pallets", "margin", "waybill")] == [False, False, True]
    services.leave(room=room, user=paula, at=AT)
    assert not found("waybill")
    services.join(room=room, user=paula, route="invited", at=AT, after=0)
    assert [found(words) for words in ("pallets", "margin", "waybill")] == [True, False, True]


def test_the_database_keeps_the_customers_side_to_contacts(cast: Cast, room: Room, payables: Contact) -> None:
    said = write(room, payables, "Hello")
    facts: dict[str, object] = {"room": room, "route": "invited", "joined_at": AT, "left_at": AT}
    attempts: list[tuple[str, dict[str, object]]] = [
        ("participant_contact_iff_customer", {"user": cast.carl, "side": Side.CUSTOMER}),
        ("participant_contact_iff_customer", {"contact": payables, "side": Side.INTERNAL}),
        ("participant_contact_iff_customer", {"side": Side.CUSTOMER}),
        ("participant_contact_once", {"contact": payables, "side": Side.CUSTOMER, "left_at": None}),
    ]
    for name, wrong in attempts:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Participant.objects.create(**{**facts, **wrong})
    with pytest.raises(IntegrityError, match="message_stays_for_its_readers"), transaction.atomic():
        Message.objects.filter(pk=said.pk).update(contact=cast.sur.contacts.get())
