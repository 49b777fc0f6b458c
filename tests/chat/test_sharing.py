"""One earlier message is shown to guests, and taken back: every door follows at once."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from chat import audience, selectors, services
from chat.audience import Reader
from chat.choices import Side
from chat.doorkeeper import lines_after
from chat.errors import MayNotPost, NobodyThere, NotShareable
from chat.feed import Feed, Line
from chat.models import Message, Participant, Room
from chat.sink import Sink
from disputes.finding import search
from disputes.models import Dispute
from tests.chat.conftest import say
from tests.chat.ear import Ear, cookie_of, dial
from tests.factories import AT, Cast, make_person
from tests.live import Live

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(cast: Cast, room: Room) -> Message:
    """Something the team said among itself."""
    return say(room, cast.carl, "Two pallets were broken")


@pytest.fixture
def paula(cast: Cast, room: Room, old: Message) -> User:
    """A carrier who came after that, and sees the dispute."""
    paula = make_person("Paula", cast.entity, Role.PARTNER)
    Dispute.objects.get(pk=room.dispute_id).participations.create(user=paula, joined_at=AT)
    services.join(room=room, user=paula, route="invited", at=AT)
    return paula


def company(user: User) -> Reader:
    return audience.partner(user.memberships.get().department_id or 0)


def share(message: Message, user: User, by: User) -> Message:
    return services.share_message(message=message, reader=company(user), by=by, at=AT)


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def finds(user: User, words: str) -> bool:
    return Dispute.objects.filter(search(User.objects.get(pk=user.pk), words)).exists()


def test_a_shared_message_is_new_at_the_number_of_its_line_and_gone_when_taken_back(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    place = selectors.standing(paula, room.pk)
    assert place is not None
    assert not selectors.message_visible_to(place, old)
    line = share(old, paula, cast.alice)
    assert share(old, paula, cast.alice) == line
    told = of(paula).get(f"/api/v1/rooms/{room.pk}/messages/").json()
    assert [(one["seq"], one["words"], one["shared"]["author_name"]) for one in told] == [
        (line.seq, "Two pallets were broken", "Carl")
    ]
    page = of(paula).get(f"/rooms/{room.pk}/").content.decode()
    assert "Two pallets were broken" in page
    assert "Shared with you by Alice" in page
    stay = selectors.my_rooms(paula).get()
    assert (stay.unread, stay.latest_body, stay.latest_author) == (1, "Two pallets were broken", "Carl")
    assert selectors.message_visible_to(place, old)
    assert list(selectors.words_visible_to(paula).values_list("seq", flat=True).order_by("seq")) == [
        old.seq,
        line.seq,
    ]
    assert finds(paula, "pallets")

    assert services.take_back(line=line, by=cast.alice, at=AT)
    assert not services.take_back(line=line, by=cast.alice, at=AT)
    assert of(paula).get(f"/api/v1/rooms/{room.pk}/messages/").json() == []
    assert "pallets" not in of(paula).get(f"/rooms/{room.pk}/").content.decode()
    assert not selectors.message_visible_to(place, old)
    assert not finds(paula, "pallets")
    assert finds(cast.alice, "pallets")
    stay = selectors.my_rooms(paula).get()
    assert (stay.unread, stay.latest_body) == (0, None)
    again = share(old, paula, cast.alice)
    assert again.seq == line.seq + 2
    assert finds(paula, "pallets")


def test_the_team_reads_a_line_and_counts_nothing(cast: Cast, room: Room, old: Message, paula: User) -> None:
    before = selectors.my_rooms(cast.sam).get().unread
    line = share(old, paula, cast.alice)
    assert selectors.my_rooms(cast.sam).get().unread == before
    page = of(cast.sam).get(f"/rooms/{room.pk}/").content.decode()
    assert "Alice shared a message of Carl with Paula" in page
    assert f"/rooms/{room.pk}/messages/{line.seq}/take-back/" in page
    services.take_back(line=line, by=cast.alice, at=AT)
    page = of(cast.sam).get(f"/rooms/{room.pk}/").content.decode()
    assert "Alice took the message of Carl back from Paula" in page
    assert "take-back" not in page


def test_numbers_stay_without_a_hole_when_a_line_goes(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    key = company(paula).key
    first = say(room, cast.alice, "One", side=Side.PARTNER)
    line = share(old, paula, cast.alice)
    last = say(room, cast.alice, "Two", side=Side.PARTNER)
    lines = lines_after(room.pk, key, 0, 0, 10)
    assert [(one.seq, one.prev) for one in lines] == [
        (first.seq, 0),
        (line.seq, first.seq),
        (last.seq, line.seq),
    ]
    services.take_back(line=line, by=cast.alice, at=AT)
    lines = lines_after(room.pk, key, 0, 0, 10)
    assert [(one.seq, one.prev) for one in lines] == [(first.seq, 0), (last.seq, first.seq)]


@pytest.mark.django_db(transaction=True)
async def test_open_tabs_hear_it_and_let_go_of_it(
    live: Live, cast: Cast, room: Room, old: Message, paula: User
) -> None:
    async with dial(live, await sync_to_async(cookie_of)(paula)) as socket:
        ear = Ear(socket)
        await ear.say(type="subscribe", room=room.pk, after=0)
        await ear.next("presence")
        line = await sync_to_async(share)(old, paula, cast.alice)
        frame = await ear.next("message")
        assert (frame["seq"], frame["prev"], frame["body"]) == (line.seq, 0, "")
        assert frame["shared"]["body"] == old.body
        await sync_to_async(services.take_back)(line=line, by=cast.alice, at=AT)
        assert (await ear.next("hidden"))["seqs"] == [line.seq]
    # Who was away learns it when they come back, and gets no message of it.
    async with dial(live, await sync_to_async(cookie_of)(paula)) as socket:
        ear = Ear(socket)
        await ear.say(type="subscribe", room=room.pk, after=0)
        assert (await ear.next("hidden"))["seqs"] == [line.seq]
        assert not [frame for frame in ear.heard if frame["type"] == "message"]


async def test_what_is_under_way_when_it_is_taken_back_is_not_sent() -> None:
    sent: list[str] = []

    async def take(event: dict[str, str]) -> None:
        sent.append(event.get("text", ""))

    feed, sink, late = Feed(1, "partner:7"), Sink(send=take, user_id=1), Sink(send=take, user_id=2)

    async def fetch(*_place: object) -> list[Line]:
        return [Line(3, 0, "secret")]

    async def nothing(*_place: object) -> list[Line]:
        return []

    await feed.admit(sink, feed.expect(sink, 0), nothing)
    arrival = feed.expect(late, 0)
    feed.hide(3, "let go")
    assert feed.hear(Line(3, 0, "secret"))
    await feed.admit(late, arrival, fetch)
    feed.hear(Line(5, 3, "next"))
    assert sent == ["let go", "let go", "next", "next"]


def test_only_the_team_shares_and_only_what_was_written_with_who_is_there(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    own = say(room, paula, "Mine")
    with pytest.raises(MayNotPost):
        share(own, paula, paula)
    with pytest.raises(MayNotPost):
        services.share_message(message=old, reader=company(paula), by=cast.fin, at=AT)
    with pytest.raises(Room.DoesNotExist):
        share(old, paula, cast.mallory)
    with pytest.raises(NobodyThere):
        services.share_message(message=old, reader=audience.CUSTOMER, by=cast.alice, at=AT)
    with pytest.raises(NotShareable):
        share(room.messages.filter(kind="system").first() or old, paula, cast.alice)
    with pytest.raises(NotShareable):
        services.share_message(message=old, reader=audience.TEAM, by=cast.alice, at=AT)


def test_the_pages_say_who_will_see_it_and_ask_before(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    share_page = f"/rooms/{room.pk}/messages/{old.seq}/share/"
    for stranger in (paula, cast.fin, cast.mallory):
        assert of(stranger).get(share_page).status_code == 404
    page = of(cast.alice).get(share_page).content.decode()
    assert old.body in page
    assert "Mail that left cannot be taken back" in page or "mail that left cannot be taken back" in page
    assert of(cast.alice).post(share_page, {"to": "partner:0"}).status_code == 422
    assert of(cast.alice).post(share_page, {"to": company(paula).key}).status_code == 302
    line = Message.objects.get(shared=old)
    back = f"/rooms/{room.pk}/messages/{line.seq}/take-back/"
    assert of(paula).post(back).status_code == 404
    assert old.body in of(cast.alice).get(back).content.decode()
    assert of(cast.alice).post(back).status_code == 302
    assert of(cast.alice).get(back).status_code == 404


def test_the_api_shares_and_takes_back(cast: Cast, room: Room, old: Message, paula: User) -> None:
    url = f"/api/v1/rooms/{room.pk}/messages/{old.seq}/shares/"
    assert of(paula).post(url, {"to": "customer"}).status_code == 404
    assert of(cast.alice).post(url, {"to": "nobody"}).status_code == 400
    done = of(cast.alice).post(url, {"to": company(paula).key})
    assert done.status_code == 201, done.content
    line = f"/api/v1/rooms/{room.pk}/shares/{done.json()['seq']}/"
    assert of(paula).delete(line).status_code == 403
    assert of(cast.alice).delete(line).status_code == 204
    assert of(cast.alice).delete(line).status_code == 404


def test_the_database_lets_a_share_only_be_taken_back(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    line = share(old, paula, cast.alice)
    rows = Message.objects.filter(pk=line.pk)
    other = say(room, cast.alice, "Another")
    elsewhere = services.room_for_customer(customer=cast.norte, at=AT)
    foreign = say(elsewhere, cast.alice, "In another room")
    attempts = [
        ("message_stays_for_its_readers", lambda: rows.update(side=Side.CUSTOMER, party=None)),
        ("message_stays_for_its_readers", lambda: rows.update(shared=other)),
        ("message_shared_once_with_each", lambda: _line(room, old, company(paula))),
        ("message_shares_one_of_its_room", lambda: _line(room, foreign, company(paula))),
    ]
    for name, attempt in attempts:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            attempt()
    services.take_back(line=line, by=cast.alice, at=AT)
    with pytest.raises(IntegrityError, match="message_stays_for_its_readers"), transaction.atomic():
        rows.update(side=Side.CUSTOMER, party=None)


def _line(room: Room, shared: Message, reader: Reader) -> None:
    seq = Room.objects.get(pk=room.pk).last_seq + 1
    Room.objects.filter(pk=room.pk).update(last_seq=seq)
    Message.objects.create(
        room=room,
        seq=seq,
        kind="shared",
        author=shared.author,
        side=reader.side,
        party_id=reader.party,
        shared=shared,
        client_token=f"share-{seq}-x",
        created_at=AT,
    )


def test_somebody_of_the_company_who_came_later_sees_only_later_shares(
    cast: Cast, room: Room, old: Message, paula: User
) -> None:
    share(old, paula, cast.alice)
    desk = make_person("Desk", cast.entity, Role.PARTNER, paula.memberships.get().department)
    services.join(room=room, user=desk, route="invited", at=AT)
    assert Participant.objects.get(user=desk).party == paula.memberships.get().department
    assert of(desk).get(f"/api/v1/rooms/{room.pk}/messages/").json() == []


def test_what_was_shown_follows_its_original(cast: Cast, room: Room, old: Message, paula: User) -> None:
    line = share(old, paula, cast.alice)
    place = selectors.standing(cast.carl, room.pk)
    assert place is not None
    services.edit_message(
        place=place, seq=old.seq, by=cast.carl, body="Three crates were wet", version=1, at=AT
    )
    guest = selectors.standing(paula, room.pk)
    assert guest is not None
    assert [one.pk for one in selectors.changes_after(guest, 0, 10)] == [line.pk], "an open page hears of it"
    page = of(paula).get(f"/rooms/{room.pk}/").content.decode()
    assert "Three crates" in page
    assert "Two pallets" not in page
    assert finds(paula, "crates")
    assert not finds(paula, "pallets")
    services.delete_message(place=place, seq=old.seq, by=cast.carl, at=AT)
    page = of(paula).get(f"/rooms/{room.pk}/").content.decode()
    assert "Three crates" not in page
    assert not finds(paula, "crates")
    assert not selectors.words_visible_to(paula).filter(body__contains="crates").exists()
