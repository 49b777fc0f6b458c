"""The salesperson's inbox, the card of a question, and answering with one tap."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from disputes import selectors, services
from disputes.models import Answer, Dispute, Question
from lib import clock
from tests.disputes.conftest import open_one
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast


def press(client: Client, question: Question, value: str, **headers: str) -> Any:
    return client.post(f"/questions/{question.pk}/answer/", {"value": value}, headers=headers)


def test_the_inbox_shows_the_question_with_its_quick_answers(question: Question, catalogue: Cast) -> None:
    page = text(as_(catalogue.sam).get("/questions/"))
    for words in (
        "Which price did you agree?",
        "Invoice price is right",
        "Something else",
        "Comercial Norte",
    ):
        assert words in page
    assert "No questions for you" in text(as_(catalogue.sofia).get("/questions/"))


def test_one_tap_answers_and_the_card_says_so(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    answer = press(as_(catalogue.sam), question, "customer", **HTMX)
    assert answer.status_code == 200
    assert "is-answered" in text(answer)
    assert f"live:dispute-{dispute.pk}" in answer["HX-Trigger"]
    dispute.refresh_from_db()
    assert dispute.stage.code == "prepare_credit"
    assert "The customer&#x27;s price was agreed" in text(as_(catalogue.sam).get("/questions/"))


def test_without_scripts_the_answer_returns_to_the_inbox(question: Question, catalogue: Cast) -> None:
    answer = press(as_(catalogue.sam), question, "invoice")
    assert (answer.status_code, answer["Location"]) == (302, f"/questions/#question-{question.pk}")


def test_a_double_click_is_harmless(question: Question, catalogue: Cast) -> None:
    client = as_(catalogue.sam)
    assert [press(client, question, "customer", **HTMX).status_code for _ in range(2)] == [200, 200]
    assert Answer.objects.count() == 1


def test_who_comes_second_sees_the_answer_and_whose_it_is(question: Question, catalogue: Cast) -> None:
    press(as_(catalogue.sam), question, "customer", **HTMX)
    late = press(as_(catalogue.alice), question, "invoice", **HTMX)
    assert late.status_code == 409
    assert "Already answered by Sam." in text(late)
    assert "The customer&#x27;s price was agreed" in text(late)


def test_an_answer_that_does_not_fit_stays_in_its_field(dispute: Dispute, catalogue: Cast) -> None:
    asked = services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind="amount", text="How much?", by=catalogue.alice, at=AT
    )
    wrong = press(as_(catalogue.sam), asked, "a lot", **HTMX)
    assert wrong.status_code == 422
    assert 'value="a lot"' in text(wrong)
    assert "Write an amount" in text(wrong)


def test_a_manager_may_answer_for_somebody_and_finance_only_reads(
    question: Question, catalogue: Cast
) -> None:
    address = f"/questions/{question.pk}/"
    assert "Answer for Sam" in text(as_(catalogue.adam).get(address))
    assert "/answer/" not in text(as_(catalogue.fin).get(address))
    assert "/answer/" in text(as_(catalogue.sam).get(address))


def test_the_fallback_is_asked_once_the_deadline_has_passed(question: Question, catalogue: Cast) -> None:
    before, after = AT + timedelta(hours=1), AT + timedelta(hours=5)
    assert not selectors.open_questions_for(catalogue.alice, before).exists()
    assert selectors.open_questions_for(catalogue.alice, after).get() == question
    assert selectors.open_questions_for(catalogue.sam, before).get() == question


def test_the_inbox_costs_the_same_for_one_and_for_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    def ask() -> None:
        made = open_one(catalogue)
        services.make_move(dispute=made, move_code="ask_sales", by=catalogue.alice, at=clock.now())

    ask()
    client = as_(catalogue.sam)
    with django_assert_max_num_queries(12) as one:
        client.get("/questions/")
    for _ in range(4):
        ask()
    with django_assert_max_num_queries(len(one)):
        assert text(client.get("/questions/")).count("data-question=") == 5


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_answering_is_a_post_only(question: Question, catalogue: Cast, method: str) -> None:
    assert getattr(as_(catalogue.sam), method)(f"/questions/{question.pk}/answer/").status_code == 405
    question.refresh_from_db()
    assert question.is_open
