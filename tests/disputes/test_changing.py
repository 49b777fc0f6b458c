"""Changing one's own answer: ten minutes, and only while nothing rests on it. And answers that are files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts import events
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Answer, Dispute, Evidence, Question
from lib import clock
from tests.disputes.test_answers import kinds
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast

MINUTE = timedelta(minutes=1)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' clock stands five minutes after the question was asked."""
    monkeypatch.setattr(clock, "now", lambda: AT + 5 * MINUTE)


def change(question: Question, value: str, by: Any, at: Any = AT + 5 * MINUTE) -> Answer:
    return services.change_answer(question_id=question.pk, value=value, by=by, at=at)


@pytest.fixture
def amount(dispute: Dispute, catalogue: Cast) -> Question:
    """A question for an amount, answered with 100 by Sam."""
    asked = services.ask_question(
        dispute=dispute,
        asked_of=catalogue.sam,
        kind="amount",
        text="How much?",
        by=catalogue.alice,
        at=AT,
        target_field="agreed",
    )
    services.answer_question(question_id=asked.pk, value="100", by=catalogue.sam, at=AT)
    return asked


def test_ones_own_answer_changes_with_its_field_and_what_it_was_is_kept(
    amount: Question, dispute: Dispute, catalogue: Cast
) -> None:
    answer = change(amount, "120,50", catalogue.sam)
    dispute.refresh_from_db()
    assert (answer.value, dispute.facts["agreed"], answer.changed_at) == ("120.5", "120.5", AT + 5 * MINUTE)
    event = events.timeline("dispute", dispute.pk).last()
    assert event is not None
    assert (event.kind, event.data["before"], event.data["value"]) == ("question.changed", "100", "120.5")
    assert events.verify_chain("dispute", dispute.pk)


def test_a_changed_answer_can_make_its_move(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    change(question, "customer", catalogue.sam)
    dispute.refresh_from_db()
    assert (dispute.stage.code, dispute.facts["agreed_price"]) == ("prepare_credit", "customer")
    assert kinds(dispute)[-2:] == ["question.changed", "dispute.moved"]


def test_an_answer_that_moved_the_dispute_stays_and_says_why(question: Question, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="customer", by=catalogue.sam, at=AT)
    with pytest.raises(IllegalAct, match="Prepare credit note") as refusal:
        change(question, "invoice", catalogue.sam)
    assert refusal.value.code == "answer_final"
    assert Answer.objects.get().value == "customer"
    shown = as_(catalogue.sam).post(f"/questions/{question.pk}/change/", {"value": "invoice"}, headers=HTMX)
    assert shown.status_code == 409
    assert "went on because of this answer" in text(shown)


def test_after_ten_minutes_or_by_somebody_else_it_stays(amount: Question, catalogue: Cast) -> None:
    with pytest.raises(IllegalAct, match="ten minutes"):
        change(amount, "1", catalogue.sam, at=AT + 11 * MINUTE)
    with pytest.raises(RoleMayNot, match="Only Sam"):
        change(amount, "1", catalogue.alice)
    with pytest.raises(FieldErrors):
        change(amount, "a lot", catalogue.sam)
    assert Answer.objects.get().value == "100"


def test_something_that_rests_on_it_keeps_it(amount: Question, dispute: Dispute, catalogue: Cast) -> None:
    services.assign(dispute=dispute, user=catalogue.carl, by=catalogue.alice, at=AT + MINUTE)
    with pytest.raises(IllegalAct, match="rests on this answer"):
        change(amount, "1", catalogue.sam)


def test_the_database_lets_an_answer_change_only_within_its_minutes(amount: Question) -> None:
    answer = Answer.objects.filter(question=amount)
    tries: list[Any] = [
        lambda: answer.update(value="1"),
        lambda: answer.update(value="1", changed_at=AT + 11 * MINUTE),
        lambda: answer.update(value="1", changed_at=AT - MINUTE),
        lambda: answer.update(via="api", changed_at=AT + MINUTE),
        lambda: answer.delete(),
    ]
    for attempt in tries:
        with pytest.raises(IntegrityError, match="answer_is_final"), transaction.atomic():
            attempt()


def test_the_page_and_the_api_change(amount: Question, catalogue: Cast) -> None:
    sam, address = as_(catalogue.sam), f"/questions/{amount.pk}/change/"
    assert f'action="{address}"' in text(sam.get(address, headers=HTMX))
    assert f'action="{address}"' not in text(as_(catalogue.alice).get(address, headers=HTMX))
    done = sam.post(address, {"value": "130"}, headers=HTMX)
    assert done.status_code == 200
    assert "130.00" in text(done)
    assert as_(catalogue.mallory).post(address, {"value": "1"}).status_code == 404
    api = sam.post(f"/api/v1{address}", {"value": "140"})
    assert (api.status_code, api.json()["answer"]["value"]) == (200, "140")
    assert as_(catalogue.alice).post(f"/api/v1{address}", {"value": "1"}).status_code == 403


@pytest.fixture
def wanted(dispute: Dispute, catalogue: Cast) -> Question:
    """A question for a document."""
    return services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind="document", text="The order?", by=catalogue.alice, at=AT
    )


def upload(name: str = "order.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/pdf")


@pytest.mark.parametrize("door", ["page", "link", "api"])
def test_a_document_is_kept_as_evidence_by_every_door(wanted: Question, catalogue: Cast, door: str) -> None:
    client = as_(catalogue.sam)
    secret = services.make_link(question=wanted, person=catalogue.sam, at=AT)
    address = {
        "page": f"/questions/{wanted.pk}/answer/",
        "link": f"/a/{secret}/",
        "api": f"/api/v1/questions/{wanted.pk}/answer/",
    }[door]
    assert client.post(address, {"file": upload()}).status_code in (200, 302)
    answer, kept = Answer.objects.get(), Evidence.objects.get()
    assert (answer.value, answer.via) == ("order.pdf", door)
    assert (kept.dispute, kept.via, kept.name) == (wanted.dispute, door, "order.pdf")


def test_without_a_file_or_with_a_bad_one_the_question_stays_open(wanted: Question, catalogue: Cast) -> None:
    client, address = as_(catalogue.sam), f"/questions/{wanted.pk}/answer/"
    for body in ({}, {"value": "order.pdf"}, {"file": upload("empty.pdf", b"")}):
        assert client.post(address, body, headers=HTMX).status_code == 422
    wanted.refresh_from_db()
    assert wanted.is_open
    assert not Evidence.objects.exists()
    page = text(client.get("/questions/"))
    assert 'type="file"' in page
    assert 'enctype="multipart/form-data"' in page
