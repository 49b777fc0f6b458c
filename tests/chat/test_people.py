"""Inviting people into a room, with as much of the past as somebody chooses, and sending them away."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.choices import Role
from accounts.models import Department, User
from chat import selectors, services
from chat.choices import Side
from chat.models import Participant, Room
from disputes.models import Dispute
from disputes.selectors import disputes_for
from ledger.models import Contact
from tests.chat.conftest import say
from tests.chat.ear import Ear, cookie_of, dial
from tests.factories import AT, Cast, make_person
from tests.live import Live

pytestmark = pytest.mark.django_db


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def people_url(room: Room) -> str:
    return f"/rooms/{room.pk}/people/"


def words(user: User, room: Room) -> list[str]:
    place = selectors.standing(User.objects.get(pk=user.pk), room.pk)
    return [one.body for one in selectors.messages_for(place)] if place else []


@pytest.mark.parametrize(
    ("past", "expected"), [("nothing", []), ("from_here", ["Second"]), ("all", ["First", "Second"])]
)
def test_a_partner_comes_by_their_address_and_sees_the_chosen_past(
    cast: Cast, room: Room, past: str, expected: list[str]
) -> None:
    say(room, cast.alice, "First", side=Side.PARTNER)
    second = say(room, cast.alice, "Second", side=Side.PARTNER)
    say(room, cast.alice, "Never theirs")
    facts = {
        "kind": "partner",
        "email": "desk@cargo.example",
        "name": "Desk",
        "new_company": "Cargo Sur",
        "past": past,
        "start": second.seq,
    }
    assert of(cast.alice).post(people_url(room), facts).status_code == 302
    desk = User.objects.get(email="desk@cargo.example")
    assert not desk.has_usable_password()
    assert desk.memberships.get().role == Role.PARTNER
    assert desk.memberships.get().department == Department.objects.get(name="Cargo Sur", outside=True)
    assert words(desk, room) == expected
    assert disputes_for(desk).filter(pk=room.dispute_id).exists()
    again = of(cast.alice).post(people_url(room), {**facts, "new_company": "Other"})
    assert again.status_code == 422
    assert "another partner company" in again.content.decode()
    assert not Department.objects.filter(name="Other").exists()


def test_a_contact_of_the_customer_and_a_colleague_come_in(cast: Cast, room: Room) -> None:
    payables: Contact = cast.norte.contacts.get()
    page = of(cast.alice).get(people_url(room)).content.decode()
    assert payables.name in page
    assert cast.sur.contacts.get().name not in page
    facts: dict[str, Any] = {"kind": "contact", "contact": payables.pk, "past": "nothing"}
    assert of(cast.alice).post(people_url(room), facts).status_code == 302
    assert Participant.objects.get(contact=payables).side == Side.CUSTOMER
    foreign = {"kind": "contact", "contact": cast.sur.contacts.get().pk, "past": "nothing"}
    assert of(cast.alice).post(people_url(room), foreign).status_code == 422
    assert (
        of(cast.alice).post(people_url(room), {"kind": "colleague", "user": cast.bill.pk}).status_code == 302
    )
    assert Participant.objects.get(user=cast.bill, left_at=None).side == Side.INTERNAL
    stranger = {"kind": "colleague", "user": cast.mallory.pk}
    assert of(cast.alice).post(people_url(room), stranger).status_code == 422
    assert of(cast.alice).post(people_url(room), {"kind": "ghost"}).status_code == 400


def test_a_guest_sees_only_their_own_company_and_invites_nobody(cast: Cast, room: Room) -> None:
    paula, lab = (make_person(name, cast.entity, Role.PARTNER) for name in ("Paula", "Labman"))
    for guest in (paula, lab):
        services.invite(room=room, user=guest, by=cast.alice, at=AT)
    page = of(paula).get(people_url(room)).content.decode()
    assert "Paula" in page
    assert "Labman" not in page
    told = of(paula).get(f"/api/v1/rooms/{room.pk}/participants/").json()
    assert [one["name"] for one in told] == ["Paula"]
    assert of(paula).post(people_url(room), {"kind": "colleague", "user": cast.bill.pk}).status_code == 404
    stay = Participant.objects.get(user=lab)
    assert of(paula).post(f"{people_url(room)}{stay.pk}/remove/").status_code == 404
    assert of(paula).delete(f"/api/v1/rooms/{room.pk}/participants/{stay.pk}/").status_code == 404
    own = Participant.objects.get(user=paula)
    assert of(paula).delete(f"/api/v1/rooms/{room.pk}/participants/{own.pk}/").status_code == 403
    assert of(cast.mallory).get(people_url(room)).status_code == 404
    assert of(cast.fin).post(people_url(room), {"kind": "colleague", "user": cast.bill.pk}).status_code == 404


def test_the_api_invites_and_removes(cast: Cast, room: Room) -> None:
    url = f"/api/v1/rooms/{room.pk}/participants/"
    post = of(cast.alice).post

    def invite(**facts: Any) -> Any:
        return post(url, facts, content_type="application/json")

    partner = {"email": "desk@cargo.example", "name": "Desk", "new_company": "Cargo Sur"}
    made = invite(partner=partner, past="all")
    assert made.status_code == 201, made.content
    assert (made.json()["company"], made.json()["from_seq"]) == ("Cargo Sur", 0)
    assert invite(contact=cast.norte.contacts.get().pk).status_code == 201
    assert invite(user=cast.bill.pk).status_code == 201
    assert invite(user=cast.mallory.pk).status_code == 404
    assert invite(contact=cast.sur.contacts.get().pk).status_code == 404
    assert invite().status_code == 400
    assert invite(user=cast.bill.pk, past="from_here").status_code == 400
    assert invite(partner={**partner, "new_company": ""}).status_code == 422
    assert of(cast.alice).delete(f"{url}{made.json()['id']}/").status_code == 204
    assert of(cast.alice).delete(f"{url}{made.json()['id']}/").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_whoever_is_sent_away_is_cut_off_at_once_and_loses_the_case(
    live: Live, cast: Cast, room: Room
) -> None:
    paula = await sync_to_async(make_person)("Paula", cast.entity, Role.PARTNER)
    stay = await sync_to_async(services.invite)(room=room, user=paula, by=cast.alice, at=AT)
    async with dial(live, await sync_to_async(cookie_of)(paula)) as socket:
        ear = Ear(socket)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")
        await sync_to_async(services.remove)(stay=stay, by=cast.alice, at=AT)
        await sync_to_async(say)(room, cast.alice, "Without her", side=Side.PARTNER)
        assert (await ear.next("error"))["code"] == "gone"
        assert "Without her" not in [frame.get("body") for frame in ear.heard]

    def after() -> tuple[int, bool, list[str]]:
        seen = disputes_for(User.objects.get(pk=paula.pk)).filter(pk=room.dispute_id).exists()
        return of(paula).get(f"/rooms/{room.pk}/").status_code, seen, words(paula, room)

    assert await sync_to_async(after)() == (404, False, [])


def test_coming_and_going_is_written_down_once(cast: Cast, room: Room) -> None:
    payables = cast.norte.contacts.get()
    stay = services.invite_contact(room=room, contact=payables, by=cast.alice, at=AT)
    services.invite_contact(room=room, contact=payables, by=cast.alice, at=AT)
    assert services.remove(stay=stay, by=cast.alice, at=AT)
    assert not services.remove(stay=stay, by=cast.alice, at=AT)
    codes = list(room.messages.filter(code__startswith="room.").values_list("code", flat=True))
    assert codes == ["room.joined", "room.left"]
    page = of(cast.alice).get(f"/rooms/{room.pk}/").content.decode()
    assert f"Alice removed {payables.name} from the conversation" in page
    assert not Dispute.objects.get(pk=room.dispute_id).participations.filter(user=None).exists()
