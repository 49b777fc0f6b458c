"""Questions and answers: who is asked, what counts as an answer, and what it sets going."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts import events
from accounts.models import Absence
from disputes import services
from disputes.errors import AlreadyAnswered, FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Question
from disputes.typed import in_words
from tests.factories import AT, ON, Cast

HOUR = timedelta(hours=1)


def test_units_are_not_told_as_money() -> None:
    with translation.override("es"):
        assert in_words("number", "14", "EUR") == "14"
        assert in_words("number", "2.5", "EUR") == "2,5"
        assert in_words("amount", "14", "EUR").replace("\xa0", " ") == "14,00 €"


def kinds(dispute: Dispute) -> list[str]:
    return list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))


def test_an_answer_fills_its_field_and_makes_its_move_at_once(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    services.answer_question(
        question_id=question.pk, value="customer", by=catalogue.sam, at=AT + HOUR, note="Mail of May 3"
    )
    dispute.refresh_from_db()
    assert dispute.facts == {"agreed_price": "customer"}
    assert (dispute.stage.code, dispute.holder_department) == ("prepare_credit", catalogue.billing)
    assert kinds(dispute)[-2:] == ["question.answered", "dispute.moved"]
    moved = events.timeline("dispute", dispute.pk).last()
    assert moved is not None
    assert (moved.data["question"], moved.data["given"]) == (question.pk, {"note": "Mail of May 3"})


def test_an_answer_without_a_move_leaves_the_dispute_where_it_is(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT + HOUR)
    dispute.refresh_from_db()
    assert (dispute.stage.code, dispute.facts) == ("ask_sales", {"agreed_price": "other"})


def test_the_second_answer_is_told_who_was_first(question: Question, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="customer", by=catalogue.sam, at=AT + HOUR)
    with pytest.raises(AlreadyAnswered) as late:
        services.answer_question(
            question_id=question.pk, value="invoice", by=catalogue.alice, at=AT + 2 * HOUR
        )
    assert (late.value.by, late.value.at) == (catalogue.sam, AT + HOUR)


@pytest.mark.parametrize("who", ["sofia", "carl", "eva", "fin", "mallory"])
def test_somebody_who_was_not_asked_may_not_answer(question: Question, catalogue: Cast, who: str) -> None:
    with pytest.raises(RoleMayNot, match="Sam"):
        services.answer_question(question_id=question.pk, value="invoice", by=getattr(catalogue, who), at=AT)
    question.refresh_from_db()
    assert question.is_open


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("yes_no", True, "yes"),
        ("yes_no", "no", "no"),
        ("amount", "1.250,50", "1250.5"),
        ("amount", "1,250.50", "1250.5"),
        ("amount", "100", "100"),
        ("number", "14", "14"),
        ("number", "2,5", "2.5"),
        ("date", "2026-03-01", "2026-03-01"),
        ("text", "  4500012 ", "4500012"),
    ],
)
def test_each_kind_of_answer_is_kept_in_its_form(
    dispute: Dispute, catalogue: Cast, kind: str, value: Any, kept: str
) -> None:
    asked = services.ask_question(
        dispute=dispute,
        asked_of=catalogue.sam,
        kind=kind,
        text="?",
        by=catalogue.alice,
        at=AT,
        target_field="said",
    )
    answer = services.answer_question(question_id=asked.pk, value=value, by=catalogue.sam, at=AT)
    dispute.refresh_from_db()
    assert answer.value == dispute.facts["said"] == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("yes_no", "perhaps"),
        ("amount", "many"),
        ("amount", "-3"),
        ("amount", "NaN"),
        ("number", "-3"),
        ("number", "some"),
        ("date", "soon"),
        ("text", " "),
        ("text", "x" * 1001),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused_with_a_sentence(
    dispute: Dispute, catalogue: Cast, kind: str, value: str
) -> None:
    asked = services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind=kind, text="?", by=catalogue.alice, at=AT
    )
    with pytest.raises(FieldErrors) as refusal:
        services.answer_question(question_id=asked.pk, value=value, by=catalogue.sam, at=AT)
    assert refusal.value.fields["value"]
    asked.refresh_from_db()
    assert asked.is_open


def test_a_question_needs_a_text_two_choices_and_a_colleague(dispute: Dispute, catalogue: Cast) -> None:
    with pytest.raises(FieldErrors) as refusal:
        services.ask_question(
            dispute=dispute,
            asked_of=catalogue.mallory,
            kind="choice",
            text=" ",
            by=catalogue.alice,
            at=AT,
            choices=[{"label": "One"}],
        )
    assert set(refusal.value.fields) == {"text", "choices", "asked_of"}


def test_an_absent_persons_deputy_is_asked_and_may_answer_what_was_asked_before(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    Absence.objects.create(
        user=catalogue.sam, starts_on=ON, ends_on=ON + timedelta(9), deputy=catalogue.sofia
    )
    asked = services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind="yes_no", text="Sure?", by=catalogue.alice, at=AT
    )
    assert asked.asked_of == catalogue.sofia
    answer = services.answer_question(
        question_id=question.pk, value="invoice", by=catalogue.sofia, at=AT + HOUR
    )
    assert answer.answered_by == catalogue.sofia


def test_leaving_a_stage_takes_its_questions_back(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    dispute.refresh_from_db()
    services.make_move(dispute=dispute, move_code="invoice_right", by=catalogue.alice, at=AT + HOUR)
    question.refresh_from_db()
    assert question.status == "withdrawn"
    with pytest.raises(IllegalAct):
        services.answer_question(
            question_id=question.pk, value="customer", by=catalogue.sam, at=AT + 2 * HOUR
        )


def test_only_who_asked_or_a_manager_takes_a_question_back(question: Question, catalogue: Cast) -> None:
    with pytest.raises(RoleMayNot):
        services.withdraw_question(question_id=question.pk, by=catalogue.sofia, at=AT)
    services.withdraw_question(question_id=question.pk, by=catalogue.alice, at=AT)
    assert (
        services.withdraw_question(question_id=question.pk, by=catalogue.alice, at=AT).status == "withdrawn"
    )
