"""Tellings: planned once, asked again before they go, sent once, whatever dies."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections

from accounts.models import ReachRule, ReachWishes
from accounts.reach import whereabouts
from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from accounts.services import report_absence
from chat.models import Message, Notification, Room
from chat.reach import carriers, sending, services
from chat.reach.carriers import SENT, Outcome, failed, later
from chat.services import mark_read
from tests.chat.conftest import make_dispute, say
from tests.factories import AT, Cast

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """The worker is gone: nothing after this line runs."""


class Pigeon:
    """A carrier that remembers what it carried."""

    def __init__(self) -> None:
        self.carried: list[Notification] = []
        self.answers: list[Outcome | BaseException] = []

    def __call__(self, notification: Notification, at: datetime) -> Outcome:
        self.carried.append(notification)
        answer = self.answers.pop(0) if self.answers else SENT
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Pigeon:
    """Everybody has a device; what is pushed to it comes here."""
    one = Pigeon()
    monkeypatch.setattr(carriers, "_carriers", {"push": one})
    monkeypatch.setattr("accounts.reach.selectors._means", {"push": lambda people: people})
    return one


@pytest.fixture
def said(room: Room, cast: Cast) -> Message:
    """Alice wrote something that Sam should hear of."""
    return say(room, cast.alice, "Sam, the price list?")


def mention(message: Message, **more: Any) -> services.About:
    fields: dict[str, Any] = {"event": ReachEvent.MENTION, "key": f"mention:{message.pk}", **more}
    fields = {"room": message.room, **fields}
    return services.About(entity=message.room.entity, message=message, **fields)


def test_the_same_thing_twice_is_told_once(said: Message, cast: Cast, pigeon: Pigeon) -> None:
    for _again in range(2):
        rows = services.tell(about=mention(said), people=[cast.sam, cast.sam], at=AT)
        assert [(row.channel, row.send_at - AT) for row in rows] == [
            ("push", timedelta(0)),
            ("email", timedelta(minutes=30)),
        ]
    assert services.send_due(at=AT) == 1
    assert services.send_due(at=AT) == 0
    (told,) = pigeon.carried
    assert (told.user, told.key) == (cast.sam, f"mention:{said.pk}:{cast.sam.pk}:push")
    told.refresh_from_db()
    assert (told.status, told.ended_at) == ("sent", AT)


def test_what_was_read_meanwhile_is_not_told(said: Message, cast: Cast, pigeon: Pigeon) -> None:
    services.tell(about=mention(said), people=[cast.sam], at=AT)
    mark_read(room=said.room, user=cast.sam, seq=said.seq, at=AT)
    services.send_due(at=AT + timedelta(hours=1))
    assert pigeon.carried == []
    assert set(Notification.objects.values_list("status", "why")) == {("dropped", "seen")}


def test_whoever_uses_the_app_right_now_gets_no_notification(
    said: Message, cast: Cast, pigeon: Pigeon
) -> None:
    services.tell(about=mention(said), people=[cast.sam], at=AT)
    whereabouts.report(cast.sam.pk, tab="one", active=True)
    services.send_due(at=AT)
    assert pigeon.carried == []
    # An idle page counts as nobody: the next one goes.
    whereabouts.report(cast.sam.pk, tab="one", active=False)
    services.tell(about=mention(said, key="mention:again"), people=[cast.sam], at=AT)
    services.send_due(at=AT)
    assert [one.key for one in pigeon.carried] == [f"mention:again:{cast.sam.pk}:push"]


def test_whoever_may_not_see_it_is_not_told(said: Message, cast: Cast, pigeon: Pigeon) -> None:
    services.tell(about=mention(said), people=[cast.mallory], at=AT)
    services.send_due(at=AT)
    assert pigeon.carried == []
    assert Notification.objects.get(channel="push").why == Reason.HIDDEN


def test_the_deputy_is_told_instead_of_the_absent(said: Message, cast: Cast, pigeon: Pigeon) -> None:
    report_absence(
        user=cast.sam, starts_on=AT.date(), ends_on=AT.date(), by=cast.sam, at=AT, deputy=cast.carl
    )
    rows = services.tell(about=mention(said), people=[cast.sam], at=AT)
    assert {(row.user, row.instead_of) for row in rows} == {(cast.carl, cast.sam)}
    assert (
        services.tell(about=mention(said, event=ReachEvent.MESSAGE, key="m"), people=[cast.sam], at=AT) == []
    )


def test_several_messages_of_a_room_go_out_as_one(room: Room, cast: Cast, pigeon: Pigeon) -> None:
    for number in range(3):
        message = say(room, cast.alice, f"Line {number}")
        about = mention(message, event=ReachEvent.MESSAGE, key=f"message:{message.pk}")
        services.tell(about=about, people=[cast.sam], at=AT + timedelta(seconds=number))
    assert services.send_due(at=AT + timedelta(minutes=1)) == 0
    assert services.send_due(at=AT + timedelta(minutes=3)) == 1
    (told,) = pigeon.carried
    assert told.bundled.count() == 2


def test_the_cap_of_the_day_holds_when_it_goes(room: Room, cast: Cast, pigeon: Pigeon) -> None:
    ReachWishes.objects.create(user=cast.sam, daily_cap=1)
    for number in range(2):
        message = say(room, cast.alice, f"Line {number}")
        services.tell(about=mention(message, room=None), people=[cast.sam], at=AT)
    services.send_due(at=AT)
    assert sorted(Notification.objects.filter(channel="push").values_list("status", "why")) == [
        ("dropped", "cap"),
        ("sent", "planned"),
    ]


def test_rules_of_the_person_win_over_those_of_the_house(said: Message, cast: Cast, pigeon: Pigeon) -> None:
    fields = {"event": ReachEvent.MENTION, "channel": ReachChannel.PUSH}
    ReachRule.objects.create(entity=cast.entity, **fields, on=False, after_minutes=0)
    ReachRule.objects.create(user=cast.sam, **fields, on=True, after_minutes=7)
    rows = services.tell(about=mention(said), people=[cast.sam, cast.carl], at=AT)
    assert [(r.user, r.send_at - AT) for r in rows if r.channel == "push"] == [
        (cast.sam, timedelta(minutes=7))
    ]


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        (failed("No such device."), "failed", "No such device."),
        (later(AT), "waiting", ""),
        (ValueError("secret"), "waiting", "ValueError"),
    ],
)
def test_a_carrier_that_fails_is_tried_again_or_says_why(
    said: Message, cast: Cast, pigeon: Pigeon, answer: Outcome | Exception, status: str, detail: str
) -> None:
    services.tell(about=mention(said), people=[cast.sam], at=AT)
    pigeon.answers = [answer]
    assert services.send_due(at=AT) == 0
    push = Notification.objects.get(channel="push")
    assert (push.status, push.detail) == (status, detail)
    if status == "waiting":
        assert push.send_at == AT + timedelta(minutes=1)
        assert services.send_due(at=push.send_at) == 1


def test_what_a_dead_worker_had_claimed_goes_out_again_under_the_same_key(
    said: Message, cast: Cast, pigeon: Pigeon
) -> None:
    services.tell(about=mention(said), people=[cast.sam], at=AT)
    pigeon.answers = [Died()]
    with pytest.raises(Died):
        services.send_due(at=AT)
    assert services.send_due(at=AT + timedelta(minutes=5)) == 0
    assert services.sweep(at=AT + timedelta(minutes=5)) == 0
    assert services.sweep(at=AT + timedelta(minutes=11)) == 1
    assert services.send_due(at=AT + timedelta(minutes=11)) == 1
    assert len({one.key for one in pigeon.carried}) == 1
    assert len(pigeon.carried) == 2


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"status": "sent"}, "notification_ended_iff_dated"),
        ({"user": None}, "notification_is_for_one"),
        ({"status": "failed", "ended_at": AT}, "notification_failed_says_why"),
        ({"status": "bundled", "ended_at": AT}, "notification_bundled_with_another"),
        ({"status": "sending"}, "notification_claimed_iff_sending"),
        ({"event": "birthday"}, "notification_event_is_known"),
    ],
)
def test_the_database_knows_the_life_of_a_telling(
    said: Message, cast: Cast, pigeon: Pigeon, wrong: dict[str, Any], name: str
) -> None:
    row = services.tell(about=mention(said), people=[cast.sam], at=AT)[0]
    with pytest.raises(IntegrityError, match=name):
        Notification.objects.filter(pk=row.pk).update(**wrong)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"channel": "sms", "event": "message", "on": True, "after_minutes": 0}, "sms_only_for_what_waits"),
        ({"channel": "push", "event": "message", "on": True, "after_minutes": 99999}, "waits_a_week_at_most"),
    ],
)
def test_the_database_knows_what_a_rule_may_say(cast: Cast, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        ReachRule.objects.create(user=cast.sam, **fields)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(
    cast: Cast, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = say(Room.objects.get(dispute=make_dispute(cast)), cast.alice, "Sam?")
    push = services.tell(about=mention(said), people=[cast.sam], at=AT)[0]
    within, go_on = threading.Event(), threading.Event()
    ask = sending.why_not

    def slowly(notification: Notification, at: datetime) -> Reason | None:
        if threading.current_thread() is not threading.main_thread():
            within.set()
            assert go_on.wait(20)
        return ask(notification, at)

    monkeypatch.setattr(sending, "why_not", slowly)
    first: list[bool] = []

    def work() -> None:
        first.append(services.send_one(pk=push.pk, at=AT))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert within.wait(20)
        # The first worker holds the row and thinks; the second finds nothing to do.
        assert services.send_one(pk=push.pk, at=AT) is False
    finally:
        go_on.set()
        thread.join(20)
    assert (first, len(pigeon.carried)) == ([True], 1)
