"""Two partner companies in one room: neither learns of the other, and the database guards it."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import services as people
from accounts.choices import Role
from accounts.models import Department, User
from chat import announce, audience, bus, selectors, services
from chat.choices import Side
from chat.doorkeeper import lines_after
from chat.errors import NobodyThere
from chat.models import Message, Participant, Room
from tests.chat.conftest import say
from tests.chat.ear import Ear, cookie_of, dial
from tests.factories import AT, Cast, make_person
from tests.live import Live

pytestmark = pytest.mark.django_db


def come(cast: Cast, room: Room, name: str) -> User:
    """A person of a partner company of their own, in the room."""
    person = make_person(name, cast.entity, Role.PARTNER)
    services.join(room=room, user=person, route="invited", at=AT)
    return person


def company(person: User) -> int:
    """The company a partner is from."""
    return person.memberships.get().department_id or 0


def heard(person: User, room: Room) -> list[str]:
    place = selectors.standing(User.objects.get(pk=person.pk), room.pk)
    return [message.body for message in selectors.messages_for(place)] if place else []


def test_a_company_reads_what_is_for_it_and_for_all_partners(cast: Cast, room: Room) -> None:
    carla, lab = come(cast, room, "Carla"), come(cast, room, "Lab")
    say(room, cast.alice, "For the carrier", side=Side.PARTNER, party=company(carla))
    say(room, cast.alice, "For both", side=Side.PARTNER)
    say(room, lab, "From the lab")
    assert heard(carla, room) == ["For the carrier", "For both"]
    assert heard(lab, room) == ["For both", "From the lab"]
    for person, words in ((carla, "For both"), (lab, "From the lab")):
        client = Client()
        client.force_login(person)
        [stay] = selectors.my_rooms(person)
        assert stay.latest_body == words
        told = client.get(f"/api/v1/rooms/{room.pk}/messages/").json()
        assert [one["body"] for one in told] == heard(person, room)
        visible = selectors.messages_visible_to(person).order_by("seq")
        assert [one.body for one in visible] == heard(person, room)
    assert selectors.my_rooms(carla).get().unread == 2
    assert selectors.my_rooms(lab).get().unread == 0


def test_numbers_have_no_hole_for_either_company(
    cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    carla, lab = come(cast, room, "Carla"), come(cast, room, "Lab")
    first = say(room, cast.alice, "For both", side=Side.PARTNER)
    say(room, cast.alice, "For the lab", side=Side.PARTNER, party=company(lab))
    last = say(room, cast.alice, "For the carrier", side=Side.PARTNER, party=company(carla))
    told: list[str] = []
    monkeypatch.setattr(bus, "publish", lambda *all_: told.extend(one.pack() for one in all_))
    announce.message(Message.objects.get(pk=last.pk))
    topics = {line.split(" ")[0]: json.loads(line.split("\n")[1]) for line in told}
    key = audience.partner(company(carla)).key
    assert topics[f"room:{room.pk}:{key}"]["prev"] == first.seq
    assert topics[f"room:{room.pk}:internal"]["prev"] == last.seq - 1
    assert not [topic for topic in topics if topic.endswith(f":partner:{company(lab)}")]
    assert f"user:{lab.pk}" not in ",".join(topics)
    lines = lines_after(room.pk, key, first.seq, 0, 10)
    assert [(line.seq, line.prev) for line in lines] == [(last.seq, first.seq)]
    readers = [audience.partner(company(carla)), audience.partner(company(lab)), audience.TEAM]
    heads = selectors.heads_of((room.pk, reader) for reader in readers)
    assert [heads[room.pk, reader] for reader in readers] == [last.seq, last.seq - 1, last.seq]


@pytest.mark.django_db(transaction=True)
async def test_the_other_company_hears_nothing(live: Live, cast: Cast, room: Room) -> None:
    carla = await sync_to_async(come)(cast, room, "Carla")
    lab = await sync_to_async(come)(cast, room, "Lab")
    party = await sync_to_async(company)(carla)
    cookies = [await sync_to_async(cookie_of)(person) for person in (carla, lab)]
    async with dial(live, cookies[0]) as one, dial(live, cookies[1]) as two:
        carrier, other = Ear(one), Ear(two)
        for ear in (carrier, other):
            await ear.say(type="subscribe", room=room.pk, after=0)
            # The first may come before one's own presence is known.
            await ear.next("presence", when=lambda frame: bool(frame["people"]))
        hers = await sync_to_async(say)(room, cast.alice, "Yours", side=Side.PARTNER, party=party)
        both = await sync_to_async(say)(room, cast.alice, "All", side=Side.PARTNER)
        await carrier.say(type="typing", room=room.pk)
        await carrier.next("message", when=lambda frame: frame["seq"] == both.seq)
        await other.next("message", when=lambda frame: frame["seq"] == both.seq)
        [frame] = [frame for frame in other.heard if frame["type"] == "message"]
        assert (frame["body"], frame["prev"]) == ("All", 0)
        assert [f["seq"] for f in carrier.heard if f["type"] == "message"] == [hers.seq, both.seq]
        last = await sync_to_async(say)(room, cast.alice, "Last", side=Side.PARTNER)
        await other.next("message", when=lambda frame: frame["seq"] == last.seq)
        people = [f["people"] for f in other.heard if f["type"] == "presence"]
        assert {one["name"] for some in people for one in some} == {"Lab"}
        assert not [frame for frame in other.heard if frame["type"] == "typing"]


def test_moving_to_another_company_ends_the_stay(cast: Cast, room: Room) -> None:
    carla = come(cast, room, "Carla")
    say(room, cast.alice, "For partners", side=Side.PARTNER)
    assert heard(carla, room) == ["For partners"]
    elsewhere = people.add_department(entity=cast.entity, code="lab", name="Lab", outside=True)
    people.give_role(user=carla, entity=cast.entity, role=Role.PARTNER, department=elsewhere, at=AT)
    assert heard(carla, room) == []
    assert not selectors.rooms_for(User.objects.get(pk=carla.pk)).exists()


def test_a_demoted_colleague_reads_nothing_of_the_team_any_more(cast: Cast, room: Room) -> None:
    services.join(room=room, user=cast.eva, route="invited", at=AT)
    say(room, cast.alice, "Our margin")
    cast.eva.memberships.all().delete()
    people.give_role(user=cast.eva, entity=cast.entity, role=Role.PARTNER, at=AT)
    eva = User.objects.get(pk=cast.eva.pk)
    assert heard(eva, room) == []
    assert not selectors.my_rooms(eva).exists()
    assert not selectors.messages_visible_to(eva).exists()


def test_nobody_writes_to_a_company_that_is_not_here(cast: Cast, room: Room) -> None:
    carla = make_person("Carla", cast.entity, Role.PARTNER)
    with pytest.raises(NobodyThere):
        say(room, cast.alice, "Hello?", side=Side.PARTNER, party=company(carla))
    services.join(room=room, user=carla, route="invited", at=AT)
    with pytest.raises(NobodyThere):
        say(room, cast.alice, "Hello?", side=Side.CUSTOMER, party=company(carla))


def test_the_database_keeps_companies_apart(cast: Cast, room: Room) -> None:
    carla = come(cast, room, "Carla")
    said = say(room, cast.alice, "For the carrier", side=Side.PARTNER, party=company(carla))
    stay = Participant.objects.get(room=room, user=carla)
    foreign = people.add_department(entity=cast.other, code="x", name="X", outside=True)
    rows = Message.objects.filter(pk=said.pk)
    attempts = [
        ("message_stays_for_its_readers", lambda: rows.update(party=None)),
        ("message_stays_for_its_readers", lambda: rows.update(side=Side.INTERNAL, party=None)),
        ("participant_stays_who_they_are", lambda: _update(stay, side=Side.INTERNAL, party=None)),
        ("participant_partner_has_company", lambda: _again(stay, party=None)),
        ("room_company_is_a_partner_of_the_entity", lambda: _again(stay, party=foreign)),
        ("room_company_is_a_partner_of_the_entity", lambda: _again(stay, party=cast.logistics)),
        ("membership_partner_has_company", lambda: carla.memberships.update(department=cast.logistics)),
        ("membership_partner_has_company", lambda: carla.memberships.update(role=Role.EXPERT)),
        ("department_stays_inside_or_outside", lambda: _outside(cast.logistics)),
    ]
    for name, attempt in attempts:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            attempt()


def _update(stay: Participant, **fields: object) -> None:
    Participant.objects.filter(pk=stay.pk).update(**fields)


def _again(stay: Participant, **fields: object) -> None:
    facts = {"room": stay.room, "user": stay.user, "route": "invited", "side": Side.PARTNER, "joined_at": AT}
    Participant.objects.create(**{**facts, "left_at": AT, **fields})


def _outside(department: Department) -> None:
    Department.objects.filter(pk=department.pk).update(outside=True)
