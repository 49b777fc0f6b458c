"""What leaves for a push service, and what its answers mean."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from chat.models import PushDevice, PushShown
from chat.push import outside, payload, sending, services
from chat.push.sending import Ended
from config.push import draw_key, public_of
from disputes import services as disputes
from disputes.models import Dispute, Question
from lib import clock
from lib.errors import FieldErrors
from tests.factories import AT, Cast
from tests.push.conftest import add_device, ask
from tests.push.sink import Phone, Sink

pytestmark = pytest.mark.django_db


def test_a_question_reaches_the_phone_encrypted_signed_and_with_two_answers(
    cast: Cast, question: Question, sink: Sink
) -> None:
    phone = Phone()
    device = add_device(cast.sam, sink, phone)
    results = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert [one.ended for one in results] == [Ended.SENT]
    (sent,) = sink.sent
    told = phone.read(sent.body)
    assert told["title"] == "Comercial Norte, S.A. · €400.00"
    assert told["body"].startswith("Did you agree the price?\nPrice")
    assert [(one["title"], one["value"]) for one in told["actions"]] == [("Yes", "yes"), ("No", "no")]
    assert (told["question"], told["tag"], told["user"], told["count"]) == (
        question.pk,
        f"question-{question.pk}",
        cast.sam.pk,
        1,
    )
    assert sent.headers["content-encoding"] == "aes128gcm"
    assert sent.headers["urgency"] == "normal"
    assert sent.headers["topic"] == f"q{question.pk}"
    assert int(sent.headers["ttl"]) == 24 * 3600
    claims = sent.claims
    assert (claims["aud"], claims["sub"]) == (sink.url, settings.VAPID_SUBJECT)
    assert 0 < claims["exp"] - clock.now().timestamp() <= 24 * 3600
    assert f"k={settings.VAPID_PUBLIC_KEY}" in sent.headers["authorization"]
    device.refresh_from_db()
    assert device.sent_at == AT


@pytest.mark.parametrize(
    ("left", "urgency", "life"),
    [
        (timedelta(minutes=30), "high", 7200),
        (timedelta(hours=2), "high", 7200),
        (timedelta(hours=3), "normal", 10800),
        (timedelta(days=90), "normal", 7 * 24 * 3600),
    ],
)
def test_only_what_is_due_within_two_hours_is_urgent(
    cast: Cast, dispute: Dispute, left: timedelta, urgency: str, life: int
) -> None:
    asked = ask(cast, dispute, due_at=AT + left)
    note = payload.question_note(asked, cast.sam, AT, private=False, occasion="asked")
    assert (note.urgency, note.ttl) == (urgency, life)


@pytest.mark.parametrize("who", ["person", "entity"])
def test_in_private_a_notification_tells_no_name_no_amount_and_no_answer(
    cast: Cast, question: Question, sink: Sink, who: str
) -> None:
    phone = Phone()
    add_device(cast.sam, sink, phone)
    if who == "person":
        services.set_private(by=cast.sam, on=True, at=AT)
    else:
        services.set_private(by=cast.adam, on=True, entity=cast.entity, at=AT)
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    told = phone.read(sink.sent[0].body)
    assert told["title"] == "A question for you"
    assert not told["actions"]
    assert "reply" not in told
    for secret in ("Norte", "400", "price", "Price", "INV-"):
        assert secret not in str(told)


def test_the_notification_speaks_the_language_of_its_reader(
    cast: Cast, question: Question, sink: Sink
) -> None:
    phone = Phone()
    cast.sam.language = "es"
    cast.sam.save()
    add_device(cast.sam, sink, phone)
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    told = phone.read(sink.sent[0].body)
    assert told["lang"] == "es"
    assert [one["title"] for one in told["actions"]] == ["Sí", "No"]


@pytest.mark.parametrize(("kind", "replies"), [("text", True), ("amount", True), ("date", False)])
def test_what_is_typed_is_answered_inline_where_plain_words_will_do(
    cast: Cast, dispute: Dispute, kind: str, replies: bool
) -> None:
    note = payload.question_note(ask(cast, dispute, kind=kind), cast.sam, AT, private=False, occasion="asked")
    assert ("reply" in note.payload) is replies
    assert note.payload["actions"] == []


@given(text=st.text(min_size=1, max_size=500), name=st.text(min_size=1, max_size=200))
def test_whatever_is_said_fits_into_two_kilobytes(text: str, name: str) -> None:
    long = {"title": name * 3, "body": text * 4, "type": "news", "tag": "t", "lang": "es", "url": "/m/"}
    fitted = payload._fitted(long)
    assert payload.size_of(fitted) <= payload.MOST_BYTES
    if payload.size_of(long) <= payload.MOST_BYTES:
        assert fitted == long


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(cast: Cast, question: Question, sink: Sink, status: int) -> None:
    add_device(cast.sam, sink, Phone())
    sink.answers.append((status, {}))
    results = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert [one.ended for one in results] == [Ended.GONE]
    assert not PushDevice.objects.exists()
    assert not PushShown.objects.exists()


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [(429, "7", 7), (503, "99999", 600), (500, "", 0), (429, "Mon, 16 Mar 2026 08:00:30 GMT", 30)],
)
def test_a_busy_push_service_is_asked_again_when_it_says(
    cast: Cast, question: Question, sink: Sink, status: int, header: str, wait: int
) -> None:
    device = add_device(cast.sam, sink, Phone())
    sink.answers.append((status, {"Retry-After": header} if header else {}))
    (result,) = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert (result.ended, result.wait) == (Ended.LATER, wait)
    device.refresh_from_db()
    assert device.failed_at == AT
    assert sending.pause(0, result) == (wait or 5)
    assert sending.pause(5, result) is None


def test_a_later_attempt_asks_again_whether_the_answer_is_still_wanted(
    cast: Cast, question: Question, sink: Sink
) -> None:
    device = add_device(cast.sam, sink, Phone())
    note = payload.question_note(question, cast.sam, AT, private=False, occasion="asked")
    services.retry(device_id=device.pk, packed=note.packed(), tries=1, at=AT)
    assert len(sink.sent) == 1
    disputes.answer_question(question_id=question.pk, value="yes", by=cast.sam, at=AT)
    services.retry(device_id=device.pk, packed=note.packed(), tries=1, at=AT)
    assert len(sink.sent) == 1


def test_one_phone_that_is_away_does_not_keep_the_other_from_being_told(
    cast: Cast, question: Question, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(services.current_app, "send_task", lambda *a, **k: queued.append((a, k)))
    add_device(cast.sam, sink, Phone(), "Away")
    add_device(cast.sam, sink, Phone(), "Here")
    sink.answers.append((503, {"Retry-After": "9"}))
    results = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert sorted(one.ended for one in results) == [Ended.LATER, Ended.SENT]
    (((name, args), more),) = queued
    assert (name, args[2], more["countdown"]) == ("chat.push", 1, 9)


def test_an_answered_question_disappears_from_the_devices_that_showed_it_and_once(
    cast: Cast, question: Question, sink: Sink
) -> None:
    phone, tablet = Phone(), Phone()
    add_device(cast.sam, sink, phone)
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    add_device(cast.sam, sink, tablet, "Tablet, never told")
    disputes.answer_question(question_id=question.pk, value="yes", by=cast.alice, at=AT)
    words = {"en": "Already answered by Alice."}
    for told in (1, 0):
        assert services.take_back(question=question, waits_for=[], words=words, at=AT) == told
    over = phone.read(sink.sent[-1].body)
    assert len(sink.sent) == 2
    assert (over["type"], over["tag"], over["count"]) == ("over", f"question-{question.pk}", 0)
    assert over["body"] == "Already answered by Alice."


def test_whoever_a_question_still_waits_for_keeps_the_notification(
    cast: Cast, question: Question, sink: Sink
) -> None:
    add_device(cast.sam, sink, Phone())
    services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert services.take_back(question=question, waits_for=[cast.sam.pk], words={}, at=AT) == 0
    assert PushShown.objects.count() == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.8/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.8]/x",
        "https://169.254.169.254/latest",
        "https://localhost/x",
        "https://intranet/x",
        "https://db.internal/x",
        "https://push.example.com:8443/x",
        "https://a@push.example.com/x",
        "https://push.example.com:notaport/x",
        "ftp://push.example.com/x",
        "",
        "https://push.example.com/" + "x" * 1000,
    ],
)
def test_only_the_address_of_a_push_service_is_taken(cast: Cast, endpoint: str) -> None:
    with override("en"), pytest.raises(FieldErrors, match="not the address of a push service"):
        services.subscribe(user=cast.sam, endpoint=endpoint, name="", user_agent="", at=AT, **Phone().keys)
    assert not PushDevice.objects.exists()


def test_a_public_name_that_leads_inside_is_sent_nothing(
    cast: Cast, question: Question, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_device(cast.sam, sink, Phone())
    port = int(sink.url.rsplit(":", 1)[1])
    real = socket.getaddrinfo

    def inside(host: str, *args: Any, **kwargs: Any) -> Any:
        return real("127.0.0.1", port) if host == "push.example.com" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    PushDevice.objects.update(endpoint="https://push.example.com/send/1")
    (result,) = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert result.ended == Ended.LATER
    assert "private network" in result.why
    assert sink.sent == []


def test_a_redirect_is_not_followed(cast: Cast, question: Question, sink: Sink) -> None:
    add_device(cast.sam, sink, Phone())
    sink.answers.append((307, {"Location": f"{sink.url}/elsewhere"}))
    (result,) = services.tell_question(question, cast.sam, occasion="asked", at=AT)
    assert result.ended == Ended.FAILED
    assert len(sink.sent) == 1


def test_public_is_what_the_internet_reaches() -> None:
    assert outside.is_public("93.184.215.14")
    assert not outside.is_public("224.0.0.1")
    assert not outside.is_public("fe80::1%eth0")


def test_a_drawn_key_is_a_key_and_another_word_is_none() -> None:
    key = draw_key()
    assert len(public_of(key)) == 87
    with pytest.raises(Exception, match="VAPID_PRIVATE_KEY"):
        public_of("nonsense")
