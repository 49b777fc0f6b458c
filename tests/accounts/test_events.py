"""Events: in order, chained, delivered at least once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import events
from accounts.events import Event, emit, event_committed
from tests.factories import AT, Cast

KIND = "test.happened"


def happen(kind: str = KIND, object_id: int = 7, **data: Any) -> Event:
    """An event on a stream of its own."""
    with transaction.atomic():
        return emit(
            stream="test", object_id=object_id, entity_id=None, kind=kind, actor=None, at=AT, data=data
        )


@pytest.mark.django_db
def test_events_of_a_stream_are_numbered_and_chained() -> None:
    first, second = happen(amount="1.00"), happen(amount="2.00")
    assert (first.seq, second.seq) == (1, 2)
    assert second.previous_hash == first.hash
    assert events.verify_chain("test", 7)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["data = '{}'", "kind = 'x'", "seq = 9"])
def test_a_changed_event_breaks_the_chain(change: str) -> None:
    happen(amount="1.00")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_event DISABLE TRIGGER event_is_append_only")
        cursor.execute(f"UPDATE accounts_event SET {change}")
    assert not events.verify_chain("test", 7)


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["delete", "update"])
def test_the_database_refuses_to_change_an_event(act: str) -> None:
    rows = Event.objects.filter(pk=happen().pk)
    with pytest.raises(IntegrityError, match="event_is_append_only"):
        rows.delete() if act == "delete" else rows.update(kind="other")


@pytest.fixture
def heard() -> Any:
    """What a listener of this test was told; it fails while `broken` is in the list."""
    told: list[Any] = []

    def receiver(sender: object, event: Event, **_: Any) -> None:
        if "broken" in told:
            raise RuntimeError("not now")
        told.append(event.seq)

    event_committed.connect(receiver, dispatch_uid="test")
    events.HEARD.add(KIND)
    yield told
    events.HEARD.discard(KIND)
    event_committed.disconnect(dispatch_uid="test")


@pytest.mark.django_db
def test_what_nobody_listens_to_is_done_when_it_is_written(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    entity = cast.entity.pk
    with django_capture_on_commit_callbacks() as callbacks:
        one = happen()
        (two,) = events.emit_all(
            stream="test", said=[events.Said(8, KIND, {})], entity_id=entity, actor=None, at=AT
        )
    assert (one.dispatched_at, two.dispatched_at, callbacks) == (AT, AT, [])


@pytest.mark.django_db
def test_listeners_hear_after_commit_only(heard: list[Any], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        happen()
        assert heard == []
    assert heard == [1]
    assert Event.objects.get().dispatched_at is not None


@pytest.mark.django_db
def test_what_a_listener_missed_is_delivered_by_the_sweeper(
    heard: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    heard.append("broken")
    with django_capture_on_commit_callbacks(execute=True):
        happen()
    assert Event.objects.get().dispatched_at is None
    heard.clear()
    assert events.sweep(at=AT) == 0, "fresh events are left to their own relay"
    assert events.sweep(at=AT + timedelta(minutes=1)) == 1
    assert heard == [1]
    assert events.sweep(at=AT + timedelta(minutes=2)) == 0


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_stream_get_different_numbers() -> None:
    """Without the lock on the stream's head the second writer would take number 2 as well and fail."""
    from threading import Thread

    happen()
    numbers: list[int] = []

    def second() -> None:
        numbers.append(happen().seq)
        connection.close()

    with transaction.atomic():
        emit(stream="test", object_id=7, entity_id=None, kind="test.happened", actor=None, at=AT)
        thread = Thread(target=second)
        thread.start()
        thread.join(0.4)
        assert thread.is_alive(), "the second writer must wait"
    thread.join()
    assert numbers == [3]
    assert events.verify_chain("test", 7)


def test_opening_an_entity_is_an_event(cast: Cast) -> None:
    assert Event.objects.filter(kind="entity.opened", entity=cast.entity).count() == 1
