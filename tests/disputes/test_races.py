"""Two people at the same instant: one wins, the other is told. Each was seen to fail without what it names.

Rows of a dispute (questions, links) are locked after it, and either lock is enough; tests/disputes/test_row_locks.py
has those alone.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts import events
from disputes import services
from disputes.choices import NudgeKind
from disputes.errors import AlreadyAnswered, FieldErrors, IllegalAct
from disputes.models import Answer, AnswerLink, Dispute, DisputeLine, Question, Stay
from lib.errors import DomainError
from tests.disputes.conftest import open_one
from tests.disputes.race import both
from tests.factories import AT, Cast, make_invoice, pay

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_disputes_on_one_invoice_cannot_dispute_more_than_is_open(catalogue: Cast) -> None:
    """Without `lock_invoices` both read 400 as disputable and 600 of 400 open end up disputed.

    The invoice is partly paid, so the guard of the database (not above the invoice's amount) does not help.
    """
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "600.00")

    def attempt() -> Dispute:
        return open_one(catalogue, invoice=invoice, amount="300.00")

    results = both("ledger_invoice", invoice.pk, attempt, attempt)
    assert sorted(type(one).__name__ for one in results) == ["Dispute", "FieldErrors"]
    refusal = next(one for one in results if isinstance(one, FieldErrors))
    assert "100" in refusal.fields["lines.0.amount"]
    assert sum(DisputeLine.objects.values_list("amount", flat=True)) == Decimal("300.00")


def test_two_answers_at_once_first_wins_and_the_other_is_told_who(
    question: Question, catalogue: Cast
) -> None:
    """Without the locks of dispute and question the second insert breaks on the unique answer: nobody is told."""

    def attempt(by: str, value: str) -> Answer:
        return services.answer_question(
            question_id=question.pk, value=value, by=getattr(catalogue, by), at=AT + timedelta(minutes=1)
        )

    results = both(
        "disputes_dispute",
        question.dispute_id,
        lambda: attempt("sam", "customer"),
        lambda: attempt("alice", "invoice"),
    )
    answer = next(one for one in results if isinstance(one, Answer))
    late = next(one for one in results if isinstance(one, AlreadyAnswered))
    assert late.by == answer.answered_by
    assert Answer.objects.count() == 1
    assert Stay.objects.filter(dispute=question.dispute_id).count() == 3


def test_two_moves_at_once_make_one_move(dispute: Dispute, catalogue: Cast) -> None:
    """Without the dispute's lock both leave the triage and the dispute has moved twice from one place."""

    def attempt(code: str) -> Dispute:
        seen = Dispute.objects.get(pk=dispute.pk)
        return services.make_move(dispute=seen, move_code=code, by=catalogue.alice, at=AT)

    results = both(
        "disputes_dispute", dispute.pk, lambda: attempt("ask_sales"), lambda: attempt("prepare_credit")
    )
    assert sorted(type(one).__name__ for one in results) == ["Dispute", "IllegalAct"]
    refusal = next(one for one in results if isinstance(one, IllegalAct))
    assert refusal.code == "moved_meanwhile"
    assert Stay.objects.filter(dispute=dispute).count() == 2


def test_paid_and_closed_by_hand_at_once_closes_once(dispute: Dispute, catalogue: Cast) -> None:
    """Without the lock both write an outcome and the second breaks on the unique one."""
    pay(dispute.lines.get().invoice, on=AT.date())
    again = open_one(catalogue)
    line = again.lines.get()
    results = both(
        "disputes_dispute",
        again.pk,
        lambda: services.withdraw_dispute(dispute=again, by=catalogue.alice, at=AT),
        lambda: services.close_dispute(
            dispute=again, verdict="justified", resolution="credit", by=catalogue.adam, at=AT
        ),
    )
    assert sorted(type(one).__name__ for one in results) == ["Dispute", "IllegalAct"]
    assert DisputeLine.objects.get(pk=line.pk).closed_on == AT.date()


def test_a_link_and_a_page_at_once_first_wins_and_the_other_is_told(
    question: Question, catalogue: Cast
) -> None:
    """Without the lock of the dispute both read an open question, and the second answer breaks on the unique one."""
    secret = services.make_link(question=question, person=catalogue.sam, at=AT)
    at = AT + timedelta(minutes=1)
    results = both(
        "disputes_dispute",
        question.dispute_id,
        lambda: services.answer_by_link(secret=secret, value="customer", at=at),
        lambda: services.answer_question(question_id=question.pk, value="invoice", by=catalogue.alice, at=at),
    )
    answer = next(one for one in results if isinstance(one, Answer))
    late = next(one for one in results if isinstance(one, AlreadyAnswered))
    assert late.by == answer.answered_by
    assert AnswerLink.objects.filter(used_at=None).exists() == (answer.via != "link")


def test_one_link_pressed_twice_at_once_answers_once(question: Question, catalogue: Cast) -> None:
    """Without the lock both find it unused, and the second is told of an answer instead of its own use."""
    secret = services.make_link(question=question, person=catalogue.sam, at=AT)

    def press(value: str) -> Answer:
        return services.answer_by_link(secret=secret, value=value, at=AT + timedelta(minutes=1))

    results = both("disputes_dispute", question.dispute_id, lambda: press("other"), lambda: press("invoice"))
    assert sorted(type(one).__name__ for one in results) == ["Answer", "IllegalAct"]
    assert AnswerLink.objects.get().used_at is not None


def test_two_jobs_remind_once(question: Question) -> None:
    """Without the lock both find no reminder: the second event is told though the database keeps one row."""
    at = AT + timedelta(hours=3)
    results = both(
        "disputes_dispute",
        question.dispute_id,
        *[lambda: services.remind(question_id=question.pk, kind=NudgeKind.BEFORE, at=at)] * 2,
    )
    assert sorted(results) == [False, True]
    assert events.timeline("dispute", question.dispute_id).filter(kind="question.reminded").count() == 1


def test_passing_on_and_answering_at_once_only_one_happens(question: Question, catalogue: Cast) -> None:
    """Without the locks of dispute and question one does not wait, or breaks on `question_ends_once` untold."""
    at = AT + timedelta(minutes=1)
    results = both(
        "disputes_dispute",
        question.dispute_id,
        lambda: services.forward_question(
            question_id=question.pk, to=catalogue.bill, reason="His", by=catalogue.sam, at=at
        ),
        lambda: services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=at),
    )
    assert len([one for one in results if isinstance(one, (Question, Answer))]) == 1
    assert len([one for one in results if isinstance(one, DomainError)]) == 1
    question.refresh_from_db()
    assert (question.asked_of == catalogue.bill) != (question.status == "answered")


def test_changing_an_answer_while_the_dispute_moves_leaves_one_truth(
    question: Question, catalogue: Cast
) -> None:
    """Without the lock the answer changes under a move that was made because of it."""
    at = AT + timedelta(minutes=1)
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)

    def move() -> Dispute:
        seen = Dispute.objects.get(pk=question.dispute_id)
        return services.make_move(dispute=seen, move_code="invoice_right", by=catalogue.alice, at=at)

    results = both(
        "disputes_dispute",
        question.dispute_id,
        lambda: services.change_answer(question_id=question.pk, value="customer", by=catalogue.sam, at=at),
        move,
    )
    assert sorted(type(one).__name__ for one in results) in (
        ["Answer", "IllegalAct"],
        ["Dispute", "IllegalAct"],
    )
    moves = events.timeline("dispute", question.dispute_id).filter(kind="dispute.moved").count()
    assert moves == 2
