"""Numbers under pressure: two posts at once, and any sequence of posts and retries."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat import services
from chat.errors import TokenReused
from chat.models import Message, Room
from chat.services import posting
from tests.chat.conftest import make_dispute, token
from tests.factories import AT, Cast, make_cast

SLOW_ROOMS = """
CREATE FUNCTION test_slow_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END $$;
CREATE TRIGGER test_slow_room BEFORE UPDATE OF last_seq ON chat_room
    FOR EACH ROW EXECUTE FUNCTION test_slow_room();
"""
FAST_ROOMS = "DROP TRIGGER test_slow_room ON chat_room; DROP FUNCTION test_slow_room();"


@pytest.fixture
def slow_rooms(transactional_db: None) -> Iterator[None]:
    """Every post takes 0.4 s between reading the room's number and writing the next one."""
    with connection.cursor() as cursor:
        cursor.execute(SLOW_ROOMS)
    yield
    with connection.cursor() as cursor:
        cursor.execute(FAST_ROOMS)


def post(room: Room, by: User, key: str) -> int:
    try:
        return services.post_message(room=room, by=by, body="At once", client_token=key, at=AT).seq
    finally:
        connections.close_all()


def at_once(room: Room, people: list[User], keys: list[str]) -> list[int]:
    with ThreadPoolExecutor(len(people)) as pool:
        waiting = [pool.submit(post, room, by, key) for by, key in zip(people, keys, strict=True)]
        return sorted(one.result() for one in waiting)


def test_two_posts_at_once_get_two_numbers(slow_rooms: None) -> None:
    cast = make_cast()
    room = Room.objects.get(dispute=make_dispute(cast))
    start = room.last_seq
    assert at_once(room, [cast.alice, cast.sam], [token(), token()]) == [start + 1, start + 2]
    room.refresh_from_db()
    assert room.last_seq == start + 2


def test_the_same_post_twice_at_once_is_one_message(slow_rooms: None) -> None:
    cast = make_cast()
    room, key = Room.objects.get(dispute=make_dispute(cast)), token()
    start = room.last_seq
    assert at_once(room, [cast.alice, cast.alice], [key, key]) == [start + 1, start + 1]
    assert room.messages.filter(client_token=key).count() == 1


def test_without_the_lock_the_same_race_is_lost(slow_rooms: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    room = Room.objects.get(dispute=make_dispute(cast))
    start = room.last_seq
    monkeypatch.setattr(posting, "locked_room", lambda pk: Room.objects.get(pk=pk))
    with pytest.raises(IntegrityError, match="message_seq_has_no_gap"):
        at_once(room, [cast.alice, cast.sam], [token(), token()])
    room.refresh_from_db()
    assert room.last_seq == start + 1 == room.messages.order_by("-seq")[0].seq


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from(["a", "b"])), min_size=1, max_size=25
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_posted_and_sent_again_each_token_counts_once_and_no_number_is_missing(
    cast: Cast, steps: list[tuple[int, int, str]]
) -> None:
    people = [cast.alice, cast.sam, cast.eva]
    room = services.open_team(entity=cast.entity, name=f"Room {token()}", by=people[0], at=AT)
    for person in people[1:]:
        services.join(room=room, user=person, route="invited", at=AT)
    first: dict[tuple[int, int], tuple[str, int]] = {}
    for who, key, body in steps:
        said = first.get((who, key))
        sending = {
            "room": room,
            "by": people[who],
            "body": body,
            "client_token": f"r{room.pk}-key-{key}",
            "at": AT,
        }
        if said is not None and said[0] != body:
            with pytest.raises(TokenReused):
                services.post_message(**sending)
            continue
        message = services.post_message(**sending)
        first.setdefault((who, key), (body, message.seq))
        assert first[(who, key)] == (body, message.seq)
    stored = list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert stored == list(range(1, len(first) + 1))
    room.refresh_from_db()
    assert room.last_seq == len(first)
