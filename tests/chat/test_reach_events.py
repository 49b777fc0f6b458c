"""What happens to questions and disputes is told to those it concerns, and to nobody twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.events import Event
from accounts.reach.choices import Reason
from chat.models import Mention, Message, Mute, Notification, Room, Untold
from chat.reach import services
from chat.services import mark_read
from disputes import services as disputes
from disputes.models import Dispute, Nudge, Question
from tests.chat.conftest import deliver, say
from tests.chat.test_reach import Pigeon, pigeon
from tests.factories import AT, Cast

__all__ = ["pigeon"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def ask(dispute: Dispute, cast: Cast, **more: object) -> Question:
    fields: dict[str, object] = {
        "by": cast.alice,
        "at": AT,
        "asked_of": cast.sam,
        "fallback": cast.carl,
        **more,
    }
    one = disputes.ask_question(dispute=dispute, kind="yes_no", **{"text": "Is it so?", **fields})  # type: ignore[arg-type]
    deliver()
    return one


def told(**about: object) -> list[tuple[str, str, str]]:
    rows = Notification.objects.filter(**about).exclude(status="waiting").order_by("pk")
    return [
        (row.user.name if row.user else "", row.event, row.channel) for row in rows if row.status == "sent"
    ]


def test_a_question_is_pushed_at_once_and_mailed_half_an_hour_later_by_the_room_that_owns_it(
    dispute: Dispute, cast: Cast, pigeon: Pigeon
) -> None:
    question = ask(dispute, cast)
    assert list(Notification.objects.filter(question=question).values_list("channel", "send_at")) == [
        ("push", AT)
    ]
    assert Nudge.objects.get(question=question).send_at == AT + timedelta(minutes=30)
    services.send_due(at=AT)
    assert told(question=question) == [("Sam", "question", "push")]


def test_reading_the_card_means_that_no_mail_follows(
    dispute: Dispute, room: Room, cast: Cast, pigeon: Pigeon
) -> None:
    question = ask(dispute, cast)
    card = Message.objects.get(question=question)
    mark_read(room=room, user=cast.sam, seq=card.seq, at=AT)
    question.refresh_from_db()
    assert question.seen_at == AT
    services.send_due(at=AT)
    assert told(question=question) == []
    assert Notification.objects.get(question=question).why == Reason.SEEN


def test_an_answer_takes_back_what_waits(dispute: Dispute, cast: Cast, pigeon: Pigeon) -> None:
    question = ask(dispute, cast)
    disputes.answer_question(question_id=question.pk, value="yes", by=cast.sam, at=AT)
    deliver()
    assert Notification.objects.get(question=question).why == Reason.OVER


def test_who_put_the_question_off_is_left_alone(dispute: Dispute, cast: Cast, pigeon: Pigeon) -> None:
    question = ask(dispute, cast)
    disputes.put_off_question(question_id=question.pk, later="2h", by=cast.sam, at=AT)
    services.send_due(at=AT)
    assert told(question=question) == []


def test_whoever_is_asked_instead_is_told_and_the_former_no_more(
    dispute: Dispute, cast: Cast, pigeon: Pigeon
) -> None:
    question = ask(dispute, cast)
    disputes.forward_question(question_id=question.pk, to=cast.sofia, by=cast.sam, at=AT, reason="Hers.")
    deliver()
    services.send_due(at=AT)
    assert told(question=question) == [("Sofia", "question", "push")]


def test_the_fallback_hears_of_a_question_nobody_looks_at(
    dispute: Dispute, cast: Cast, pigeon: Pigeon
) -> None:
    question = ask(dispute, cast)
    disputes.remind_due(at=AT + 3 * HOUR)
    deliver()
    services.send_due(at=AT + 3 * HOUR)
    assert ("Carl", "reminder", "push") in told(question=question)


def test_the_same_event_twice_tells_once(dispute: Dispute, cast: Cast, pigeon: Pigeon) -> None:
    question = ask(dispute, cast)
    Event.objects.filter(stream="dispute").update(dispatched_at=None)
    deliver()
    assert Notification.objects.filter(question=question).count() == 1


def test_a_message_is_told_to_who_takes_part_but_its_author_and_who_muted_the_room(
    room: Room, cast: Cast, pigeon: Pigeon
) -> None:
    Mute.objects.create(room=room, user=cast.carl)
    message = say(room, cast.alice, "The price list of March counts.")
    assert services.tell_of_messages(at=AT) == 1
    assert services.tell_of_messages(at=AT) == 0
    assert not Untold.objects.exists()
    services.send_due(at=AT + timedelta(minutes=3))
    people = {name for name, _event, _channel in told(message=message)}
    assert "Sam" in people
    assert not people & {"Alice", "Carl", "Mallory"}


def test_what_was_read_before_the_two_minutes_are_over_is_not_told(
    room: Room, cast: Cast, pigeon: Pigeon
) -> None:
    message = say(room, cast.alice)
    services.tell_of_messages(at=AT)
    mark_read(room=room, user=cast.sam, seq=message.seq, at=AT)
    waiting = Notification.objects.filter(message=message, user=cast.sam)
    assert set(waiting.values_list("status", "why", "seen_at")) == {("dropped", "seen", AT)}


def test_a_dispute_that_comes_to_somebody_is_told_once(dispute: Dispute, cast: Cast, pigeon: Pigeon) -> None:
    disputes.hand_over(dispute=dispute, to=cast.carl, by=cast.alice, at=AT)
    deliver()
    services.send_due(at=AT)
    assert told(event="handover") == [("Carl", "handover", "push")]


def test_the_end_of_a_dispute_is_told_to_who_opened_it(dispute: Dispute, cast: Cast, pigeon: Pigeon) -> None:
    disputes.close_dispute(dispute=dispute, verdict="unjustified", resolution="rejected", by=cast.adam, at=AT)
    deliver()
    services.send_due(at=AT)
    assert told(event="closed") == [("Alice", "closed", "push")]


def test_whoever_is_named_is_told_so_at_once_even_in_a_muted_room(
    room: Room, cast: Cast, pigeon: Pigeon
) -> None:
    Mute.objects.create(room=room, user=cast.sam)
    message = say(room, cast.alice, "Look.")
    Mention.objects.create(message=message, user=cast.sam, label="Sam")
    services.tell_of_messages(at=AT)
    services.send_due(at=AT)
    assert told(message=message) == [("Sam", "mention", "push")]
