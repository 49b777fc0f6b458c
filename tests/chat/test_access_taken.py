"""A role taken, another department, another company, a closed account: open sockets hear nothing more from then on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from chat import services
from chat.models import Room
from chat.pulse import BEAT_SECONDS
from disputes import services as disputes
from tests.chat.conftest import make_dispute, say
from tests.chat.ear import PATIENCE, Ear, cookie_of, dial
from tests.factories import AT, Cast, make_cast, make_person
from tests.live import Live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
SILENCE = 0.6
assert PATIENCE < BEAT_SECONDS, "the beat would hide that nothing was told"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed, so that the web process sees them."""
    return make_cast()


@pytest.fixture
def room(cast: Cast) -> Room:
    """The room of a live dispute that logistics has, committed."""
    dispute = make_dispute(cast)
    disputes.assign(dispute=dispute, department=cast.logistics, by=cast.alice, at=AT)
    return Room.objects.get(dispute=dispute)


Taking = Callable[[Cast, User], object]


def _take(role: Role) -> Taking:
    return lambda cast, user: people.take_role(user=user, entity=cast.entity, role=role, at=AT)


def _elsewhere(cast: Cast, user: User) -> None:
    """To another department."""
    people.give_role(user=user, entity=cast.entity, role=Role.EXPERT, department=cast.billing, at=AT)


def _other_company(cast: Cast, user: User) -> None:
    labs = people.add_department(entity=cast.entity, code="labs", name="Labs", outside=True)
    people.give_role(user=user, entity=cast.entity, role=Role.PARTNER, department=labs, at=AT)


def colleague(cast: Cast) -> User:
    """Somebody of logistics who was never in the room by themselves."""
    return make_person("Erna", cast.entity, Role.EXPERT, cast.logistics)


def guest(cast: Cast, room: Room) -> User:
    carrier = make_person("Paula", cast.entity, Role.PARTNER)
    services.invite(room=room, user=carrier, by=cast.alice, at=AT)
    return carrier


@pytest.mark.parametrize(
    ("who", "taking"),
    [
        ("collector", _take(Role.COLLECTOR)),
        ("finance", _take(Role.FINANCE)),
        ("colleague", _take(Role.EXPERT)),
        ("colleague", _elsewhere),
        ("guest", _take(Role.PARTNER)),
        ("guest", _other_company),
    ],
)
async def test_what_was_said_after_a_role_was_taken_is_not_heard(
    live: Live, cast: Cast, room: Room, who: str, taking: Taking
) -> None:
    def come() -> User:
        known = {"collector": cast.carl, "finance": cast.fin}
        return known.get(who) or (colleague(cast) if who == "colleague" else guest(cast, room))

    user = await sync_to_async(come)()
    async with dial(live, await sync_to_async(cookie_of)(user)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")

        def take_and_talk() -> None:
            taking(cast, user)
            say(room, cast.alice, "Not for them")
            if who == "guest":
                say(room, cast.alice, "Not for them", side="partner")

        await sync_to_async(take_and_talk)()
        assert (await ear.next("error"))["code"] == "gone"
        await ear.collect(SILENCE)
        assert "Not for them" not in [frame.get("body") for frame in ear.heard]


async def test_a_closed_account_is_signed_out_of_its_open_pages(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await sync_to_async(cookie_of)(cast.carl)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")

        def close_and_talk() -> None:
            people.deactivate(user=cast.carl, at=AT)
            say(room, cast.alice, "Not for Carl")

        await sync_to_async(close_and_talk)()
        assert await ear.closed() == 4401
        assert "Not for Carl" not in [frame.get("body") for frame in ear.heard]


async def test_who_becomes_more_than_before_goes_on_listening(live: Live, cast: Cast, room: Room) -> None:
    async with dial(live, await sync_to_async(cookie_of)(cast.carl)) as line:
        ear = Ear(line)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")

        def promote_and_talk() -> None:
            people.give_role(user=cast.carl, entity=cast.entity, role=Role.CREDIT_MANAGER, at=AT)
            say(room, cast.alice, "For Carl too")

        await sync_to_async(promote_and_talk)()
        await ear.next("message", when=lambda frame: frame["body"] == "For Carl too")
