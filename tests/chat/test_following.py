"""The room follows its dispute: people, lines, cards, and what the sockets are told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import translation

from accounts.models import Event
from chat import bus, lines, selectors, services
from chat.choices import Side
from chat.models import Message, Participant, Room
from chat.wire import Envelope
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.chat.conftest import deliver, make_dispute, say
from tests.factories import AT, Cast, make_cast

Told = Callable[[str], list[dict[str, Any]]]


def people(room: Room) -> set[str]:
    return set(Participant.objects.filter(room=room, left_at=None).values_list("user__name", flat=True))


def sentences(room: Room) -> list[str]:
    with translation.override("en"):
        return [lines.words(m.code, m.data) for m in room.messages.filter(kind="system").order_by("seq")]


def ask(cast: Cast, dispute: Dispute, **fields: Any) -> Question:
    given = {"asked_of": cast.sam, "kind": "yes_no", "text": "Did you agree?", "by": cast.alice, "at": AT}
    question = disputes.ask_question(dispute=dispute, **(given | fields))
    deliver()
    return question


def test_an_opened_dispute_has_a_room_with_its_people_and_a_first_line(cast: Cast, room: Room) -> None:
    assert {"Alice", "Sam"} <= people(room)
    assert sentences(room)[0] == "Alice opened the dispute: Price, €400.00"


def test_events_delivered_twice_change_nothing(cast: Cast, dispute: Dispute, room: Room) -> None:
    ask(cast, dispute)
    before = list(room.messages.order_by("seq").values_list("pk", "seq"))
    Event.objects.filter(stream="dispute").update(dispatched_at=None)
    deliver()
    assert list(room.messages.order_by("seq").values_list("pk", "seq")) == before
    assert Room.objects.filter(dispute=dispute).count() == 1


def test_the_people_of_a_department_come_with_the_stage_and_go_with_it(
    cast: Cast, dispute: Dispute, room: Room
) -> None:
    disputes.assign(dispute=dispute, department=cast.logistics, by=cast.alice, at=AT)
    deliver()
    assert "Eva" in people(room)
    disputes.assign(dispute=dispute, user=cast.carl, by=cast.alice, at=AT)
    deliver()
    assert "Eva" not in people(room)
    assert "Carl" in people(room)
    assert "Alice gave the dispute to Carl" in sentences(room)


def test_whoever_took_part_in_the_talk_stays(cast: Cast, dispute: Dispute, room: Room) -> None:
    disputes.assign(dispute=dispute, department=cast.logistics, by=cast.alice, at=AT)
    deliver()
    say(room, cast.eva, "The pallet was wet.")
    disputes.assign(dispute=dispute, user=cast.carl, by=cast.alice, at=AT)
    deliver()
    assert "Eva" in people(room)


def test_whoever_is_called_in_is_in_the_room(cast: Cast, dispute: Dispute, room: Room) -> None:
    disputes.involve(dispute=dispute, user=cast.bill, by=cast.alice, at=AT)
    deliver()
    assert "Bill" in people(room)
    assert selectors.standing(cast.bill, room.pk) is not None


def test_a_question_becomes_a_card_and_its_answer_a_line(cast: Cast, dispute: Dispute, room: Room) -> None:
    question = ask(cast, dispute)
    card = Message.objects.get(question=question)
    assert (card.kind, card.side, card.author) == ("question", Side.INTERNAL, cast.alice)
    disputes.answer_question(question_id=question.pk, value="yes", by=cast.sam, at=AT)
    deliver()
    assert "Sam answered “Did you agree?”: Yes (page)" in sentences(room)


def test_every_line_a_dispute_can_get_has_words_in_its_place(
    cast: Cast, dispute: Dispute, room: Room
) -> None:
    question = ask(cast, dispute)
    disputes.withdraw_question(question_id=question.pk, by=cast.alice, at=AT)
    disputes.withdraw_dispute(dispute=dispute, by=cast.alice, at=AT, note="They paid.")
    deliver()
    for sentence, code in zip(
        sentences(room),
        room.messages.filter(kind="system").order_by("seq").values_list("code", flat=True),
        strict=True,
    ):
        assert sentence != code
        assert "  " not in sentence
        assert "“”" not in sentence


# --- what the sockets are told ------------------------------------------------------------------
@pytest.fixture
def told(transactional_db: None) -> Iterator[Told]:
    """The frames of a type that were published since the last question."""
    with (
        redis.Redis.from_url(settings.REDIS_URL) as broker,
        broker.pubsub(ignore_subscribe_messages=True) as ear,
    ):
        ear.subscribe(bus.channel())
        ear.get_message(timeout=1)

        def frames(kind: str) -> list[dict[str, Any]]:
            found, end = [], time.monotonic() + 0.5
            while time.monotonic() < end:
                message = ear.get_message(timeout=0.1)
                if message and message["type"] == "message":
                    one = Envelope.unpack(message["data"].decode())
                    found.append(json.loads(one.text) | {"topics": set(one.topics)})
            return [frame for frame in found if frame["type"] == kind]

        yield frames


def test_a_question_reaches_the_person_asked_and_its_answer_everybody(told: Told) -> None:
    cast = make_cast()
    dispute = make_dispute(cast)
    room = Room.objects.get(dispute=dispute)
    told("question")
    question = ask(cast, dispute)
    asked = told("question")
    assert [(frame["question"], frame["topics"]) for frame in asked] == [
        (question.pk, {f"user:{cast.sam.pk}"})
    ]
    disputes.answer_question(question_id=question.pk, value="yes", by=cast.alice, at=AT)
    over = told("answered")
    assert [(frame["question"], frame["status"], frame["by"]["name"]) for frame in over] == [
        (question.pk, "answered", "Alice")
    ]
    assert {f"room:{room.pk}:internal", f"user:{cast.sam.pk}", f"user:{cast.alice.pk}"} <= over[0]["topics"]


def test_a_changed_dispute_is_told_to_those_who_see_it(told: Told) -> None:
    cast = make_cast()
    dispute = make_dispute(cast)
    told("dispute")
    disputes.assign(dispute=dispute, user=cast.carl, by=cast.alice, at=AT)
    changed = told("dispute")[-1]
    assert changed["dispute"] == dispute.pk
    assert f"entity:{cast.entity.pk}:disputes" in changed["topics"]
    assert f"user:{cast.sam.pk}" in changed["topics"]
    assert f"user:{cast.sofia.pk}" not in changed["topics"]
    assert f"entity:{cast.other.pk}:disputes" not in changed["topics"]


def test_a_dead_broker_costs_a_request_nothing(
    cast: Cast, room: Room, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(bus, "_quiet_until", 0.0)
    started = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        message = say(room, cast.alice, "Still here")
    assert time.monotonic() - started < 2
    assert services.mark_read(room=room, user=cast.sam, seq=message.seq, at=AT)
    assert room.messages.filter(body="Still here").exists()
