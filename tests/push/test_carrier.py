"""Push as a carrier of tellings, and the end of a question on every device."""

from __future__ import annotations

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.events import Event
from accounts.reach.choices import ReachChannel, ReachEvent
from chat.models import Notification, PushShown
from chat.push import services, tasks
from chat.push.carrier import note_of, outcome_of
from chat.push.sending import Ended, Result
from chat.reach.carriers import NOBODY, SENT, carry
from chat.reach.carriers import Result as Outcome
from chat.reach.services import About, tell
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.chat.conftest import deliver, say
from tests.factories import AT, Cast
from tests.push.conftest import add_device
from tests.push.sink import Phone, Sink

pytestmark = pytest.mark.django_db


def telling(cast: Cast, event: ReachEvent, **about: object) -> Notification:
    """What Sam is told by push."""
    rows = tell(
        about=About(event=event, key=f"test:{event}", entity=cast.entity, **about), people=[cast.sam], at=AT
    )
    found = [row for row in rows if row.channel == ReachChannel.PUSH]
    if found:
        return found[0]
    fields = {"entity": cast.entity, "user": cast.sam, "event": event, "channel": ReachChannel.PUSH}
    return Notification.objects.create(key="test:push", created_at=AT, send_at=AT, **fields, **about)


def test_a_question_is_carried_to_the_phone(cast: Cast, question: Question, sink: Sink) -> None:
    phone = Phone()
    add_device(cast.sam, sink, phone)
    assert carry(telling(cast, ReachEvent.QUESTION, question=question), AT) == SENT
    assert phone.read(sink.sent[0].body)["question"] == question.pk


def test_without_a_device_there_is_nobody(cast: Cast, question: Question, sink: Sink) -> None:
    assert carry(telling(cast, ReachEvent.QUESTION, question=question), AT) == NOBODY


def test_a_busy_service_is_asked_later_and_a_refusal_is_final(
    cast: Cast, question: Question, sink: Sink
) -> None:
    add_device(cast.sam, sink, Phone())
    note = telling(cast, ReachEvent.QUESTION, question=question)
    sink.answers += [(503, {"Retry-After": "90"}), (400, {})]
    later = carry(note, AT)
    assert later.again_at is not None
    assert (later.result, (later.again_at - AT).total_seconds()) == (Outcome.LATER, 90)
    assert carry(note, AT).result == Outcome.FAILED
    assert outcome_of([Result(Ended.GONE)], AT) == NOBODY
    assert outcome_of([Result(Ended.LATER), Result(Ended.SENT)], AT) == SENT


def test_a_message_tells_who_wrote_and_leads_to_its_dispute(cast: Cast, dispute: Dispute, sink: Sink) -> None:
    said = say(dispute.room, cast.alice, "The order says 9.20.")
    row = telling(cast, ReachEvent.MESSAGE, message=said, room=dispute.room)
    told = note_of(row, cast.sam, AT).payload
    assert told["title"] == "Alice · Comercial Norte, S.A. · €400.00"
    assert (told["body"], told["url"]) == ("The order says 9.20.", f"/disputes/{dispute.pk}/")
    services.set_private(by=cast.sam, on=True, at=AT)
    private = str(note_of(row, cast.sam, AT).payload)
    for secret in ("Alice", "Norte", "400", "9.20"):
        assert secret not in private


@pytest.mark.parametrize("how", ["answered", "forwarded", "withdrawn"])
def test_whatever_ends_a_question_takes_it_off_the_devices(
    cast: Cast,
    question: Question,
    sink: Sink,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    phone, queued = Phone(), list[int]()
    add_device(cast.sam, sink, phone)
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    monkeypatch.setattr(tasks.take_push_back, "delay", queued.append)
    if how == "answered":
        disputes.answer_question(question_id=question.pk, value="yes", by=cast.alice, at=AT)
    elif how == "forwarded":
        disputes.forward_question(question_id=question.pk, to=cast.eva, reason="Hers", by=cast.sam, at=AT)
    else:
        disputes.withdraw_question(question_id=question.pk, by=cast.alice, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        deliver()
    (event,) = queued
    assert Event.objects.get(pk=event).kind == f"question.{how}"
    for told in (1, 0):
        assert services.follow_end(event_id=event, at=AT) == told
    over = phone.read(sink.sent[-1].body)
    assert over["type"] == "over"
    assert over["body"]
    assert not PushShown.objects.exists()


def test_apple_is_sent_no_silent_notice(cast: Cast, question: Question, sink: Sink) -> None:
    device = add_device(cast.sam, sink, Phone())
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    device.endpoint = "https://web.push.apple.com/x"
    device.save()
    assert services.take_back(question=question, waits_for=[], words={}, at=AT) == 0
    assert len(sink.sent) == 1
