"""The matrix: who reads which message through which door. What is expected stands here, and is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from chat import audience, selectors, services
from chat.api import RoomViewSet
from chat.audience import CUSTOMER, TEAM, partner
from chat.choices import Past, Side
from chat.models import Message, Room
from chat.urls import urlpatterns
from disputes.models import Dispute
from tests.chat.conftest import say, token
from tests.chat.doors import DOORS, NARROW, SILENT
from tests.factories import AT, Cast, make_person

pytestmark = pytest.mark.django_db

TEAM_WORDS = {f"word{number:02}" for number in range(13)}
# Before the guests came: 00 to 04; after: 05 to 09. Internal, carrier, laboratory, all partners, customer in each
# half; 10 to 12 are old and internal: shown to the carrier, shown and taken back, shown to the customer.
EXPECTED: dict[str, set[str]] = {
    "admin": TEAM_WORDS,
    "credit manager": TEAM_WORDS,
    "collector": TEAM_WORDS,
    "finance": TEAM_WORDS,
    "salesperson of the customer": TEAM_WORDS,
    "expert who takes part": TEAM_WORDS,
    "salesperson of another customer": set(),
    "expert who does not": set(),
    "carrier": {"word06", "word08", "word10"},
    "carrier who sees all of before": {"word01", "word03", "word06", "word08", "word10"},
    "laboratory": {"word07", "word08"},
    "partner who is in no room": set(),
    "carrier who was sent away": set(),
    "colleague who became a partner": set(),
    "partner of another entity": set(),
    "manager of another entity": set(),
}


@dataclass
class Scene:
    """A room in which everybody was told something."""

    room: Room
    people: dict[str, User] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)


def _talk(scene: Scene, cast: Cast, start: int, carrier: int, lab: int) -> None:
    """One message for each audience, from number `start` on."""
    kinds = [
        (Side.INTERNAL, None),
        (Side.PARTNER, carrier),
        (Side.PARTNER, lab),
        (Side.PARTNER, None),
        (Side.CUSTOMER, None),
    ]
    for number, (side, party) in enumerate(kinds, start):
        word = f"word{number:02}"
        scene.messages[word] = say(scene.room, cast.alice, word, side=side, party=party)


def _people(cast: Cast, guests: dict[str, User]) -> dict[str, User]:
    """Who asks, by what they are."""
    return {
        "admin": cast.adam,
        "credit manager": cast.alice,
        "collector": cast.carl,
        "finance": cast.fin,
        "salesperson of the customer": cast.sam,
        "expert who takes part": cast.eva,
        "salesperson of another customer": cast.sofia,
        "expert who does not": make_person("Ernst", cast.entity, Role.EXPERT, cast.logistics),
        "carrier": guests["Pat"],
        "carrier who sees all of before": guests["Peter"],
        "laboratory": guests["Lara"],
        "partner who is in no room": make_person("Nemo", cast.entity, Role.PARTNER),
        "carrier who was sent away": guests["Paul"],
        "colleague who became a partner": User.objects.get(pk=cast.bill.pk),
        "partner of another entity": make_person("Outer", cast.other, Role.PARTNER),
        "manager of another entity": cast.mallory,
    }


@pytest.fixture
def scene(cast: Cast, room: Room, dispute: Dispute) -> Scene:
    """Everybody comes, reads, goes."""
    at = {"by": cast.alice, "at": AT}
    cargo = people.add_department(entity=cast.entity, code="cargo", name="Cargo", outside=True)
    labs = people.add_department(entity=cast.entity, code="labs", name="Labs", outside=True)
    guests = {
        name: make_person(name, cast.entity, Role.PARTNER, company)
        for name, company in (("Pat", cargo), ("Peter", cargo), ("Paul", cargo), ("Lara", labs))
    }
    # Somebody of each company is there from the start, so that everything can be said.
    for name, company in (("Early", cargo), ("Earlier", labs)):
        early = make_person(name, cast.entity, Role.PARTNER, company)
        services.invite(room=room, user=early, **at)
    services.invite(room=room, user=cast.eva, **at)
    services.invite(room=room, user=cast.bill, **at)
    services.invite_contact(room=room, contact=cast.norte.contacts.get(), **at)
    scene = Scene(Room.objects.select_related("dispute").get(pk=room.pk))
    for number in (10, 11, 12):
        word = f"word{number:02}"
        scene.messages[word] = say(room, cast.carl, word)
    _talk(scene, cast, 0, cargo.pk, labs.pk)
    for name in ("Pat", "Paul", "Lara"):
        services.invite(room=room, user=guests[name], **at)
    services.invite(room=room, user=guests["Peter"], seen=services.Seen(Past.ALL), **at)
    _talk(scene, cast, 5, cargo.pk, labs.pk)
    for word, reader in (("word10", partner(cargo.pk)), ("word11", partner(cargo.pk)), ("word12", CUSTOMER)):
        line = services.share_message(message=scene.messages[word], reader=reader, **at)
        if word == "word11":
            services.take_back(line=line, **at)
    gone = room.participants.get(user=guests["Paul"])
    services.remove(stay=gone, **at)
    cast.bill.memberships.all().delete()
    people.give_role(user=cast.bill, entity=cast.entity, role=Role.PARTNER, at=AT)
    scene.people = _people(cast, guests)
    return scene


def test_everybody_gets_what_is_theirs_through_every_door(scene: Scene) -> None:
    wrong = []
    for role, expected in EXPECTED.items():
        person = User.objects.get(pk=scene.people[role].pk)
        for name, door in DOORS.items():
            seen = door(person, scene.room, TEAM_WORDS)
            if seen != expected:
                wrong.append((role, name, "too much", seen - expected, "missing", expected - seen))
        for name, door in NARROW.items():
            more = door(person, scene.room, TEAM_WORDS) - expected
            if more:
                wrong.append((role, name, "too much", more, "", set()))
    assert wrong == []


def test_an_evidence_pack_is_for_those_who_may_make_one_and_never_for_a_guest(scene: Scene) -> None:
    may = {"admin", "credit manager", "collector", "finance"}
    for role, person in scene.people.items():
        got = NARROW["evidence pack"](User.objects.get(pk=person.pk), scene.room, TEAM_WORDS)
        assert got == (TEAM_WORDS if role in may else set()), role


def test_the_list_of_rooms_counts_and_quotes_only_what_is_theirs(scene: Scene) -> None:
    # Nobody has read anything; the newest word of each, and how many there are since they came.
    for role, unread, latest in (
        ("carrier", 3, "word10"),
        ("carrier who sees all of before", 5, "word10"),
        ("laboratory", 2, "word08"),
        ("expert who takes part", 13, "word09"),
    ):
        stay = selectors.my_rooms(scene.people[role]).get()
        assert (role, stay.unread, stay.latest_body) == (role, unread, latest)
    for role in ("carrier who was sent away", "colleague who became a partner", "partner who is in no room"):
        assert not selectors.my_rooms(User.objects.get(pk=scene.people[role].pk)).exists(), role


def test_mail_goes_only_to_those_who_may_read_it(scene: Scene, cast: Cast) -> None:
    User.objects.filter(memberships__role=Role.PARTNER).update(password="!")
    copies: dict[str, set[str]] = {}
    for message in scene.room.messages.exclude(kind="system").select_related("shared"):
        for stay in selectors.mail_readers(message):
            copies.setdefault(str(stay.person), set()).add(message.told.body)
    payables = str(cast.norte.contacts.get())
    assert copies["Pat"] == EXPECTED["carrier"]
    assert copies["Peter"] == EXPECTED["carrier who sees all of before"]
    assert copies["Lara"] == EXPECTED["laboratory"]
    assert copies[payables] == {"word04", "word09", "word12"}
    assert set(copies) == {"Pat", "Peter", "Lara", "Early", "Earlier", payables}


def test_nobody_who_is_not_signed_in_gets_anything(scene: Scene) -> None:
    client = Client()
    for url in (f"/rooms/{scene.room.pk}/", f"/api/v1/rooms/{scene.room.pk}/messages/", "/rooms/"):
        answer = client.get(url)
        assert answer.status_code in (302, 401, 403)
        assert b"word" not in answer.content.replace(b"password", b"")


def test_a_contact_who_writes_again_reads_no_more_than_before(scene: Scene, cast: Cast) -> None:
    contact = cast.norte.contacts.get()
    services.post_from_contact(room=scene.room, contact=contact, body="word99", client_token=token(), at=AT)
    assert scene.room.participants.filter(contact=contact, left_at=None).count() == 1


def _doors() -> Iterator[str]:
    yield from (pattern.name for pattern in urlpatterns if pattern.pattern.regex.pattern.count("room"))
    yield from (f"room-{action.url_name}" for action in RoomViewSet.get_extra_actions())


def test_every_page_and_action_about_rooms_is_a_door_of_the_matrix() -> None:
    missing = {name for name in _doors() if name not in {*DOORS, *NARROW, *SILENT}}
    assert missing == set(), "Add them to tests/chat/doors.py."


def test_a_reader_has_one_key_and_a_key_one_reader() -> None:
    for reader in (TEAM, CUSTOMER, partner(7)):
        assert audience.reader_of(reader.key) == reader
    for nonsense in ("partner", "partner:", "internal:3", "customer:1", "", "partner:x"):
        with pytest.raises(ValueError):
            audience.reader_of(nonsense)
