"""The locks behind the dispute's: a writer who came another way holds the row, and is believed.

Each was seen to fail without the lock that it names.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import events
from disputes import services
from disputes.choices import NudgeKind
from disputes.errors import IllegalAct
from disputes.models import (
    Approval,
    BranchRun,
    CreditRequest,
    Dispute,
    Evidence,
    InternalPromise,
    Nudge,
    Offer,
    Question,
)
from disputes.services.question_mail import send_nudge
from tests.disputes.conftest import open_one
from tests.disputes.papers import png
from tests.disputes.race import meanwhile
from tests.factories import AT, ON, Cast, make_invoice

pytestmark = pytest.mark.django_db(transaction=True)

SOON = AT + timedelta(minutes=1)


def withdrawn(question: Question) -> Any:
    """Somebody takes the question back."""
    return lambda: Question.objects.filter(pk=question.pk).update(status="withdrawn", ended_at=AT)


def told(question: Question, kind: str) -> int:
    return events.timeline("dispute", question.dispute_id).filter(kind=kind).count()


def at_the_question(question: Question, call: Any) -> Any:
    return meanwhile("disputes_question", question.pk, withdrawn(question), call)


def test_an_answer_to_a_question_that_is_taken_back(question: Question, catalogue: Cast) -> None:
    """`answer_question`"""
    refused = at_the_question(
        question,
        lambda: services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=SOON),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "question_withdrawn"


def test_passing_on_a_question_that_is_taken_back(question: Question, catalogue: Cast) -> None:
    """`passing._locked`"""
    refused = at_the_question(
        question,
        lambda: services.forward_question(
            question_id=question.pk, to=catalogue.bill, reason="His", by=catalogue.sam, at=SOON
        ),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "question_over"


def test_taking_a_question_back_twice(question: Question, catalogue: Cast) -> None:
    """`withdraw_question`"""
    done = at_the_question(
        question, lambda: services.withdraw_question(question_id=question.pk, by=catalogue.alice, at=SOON)
    )
    assert (done.status, told(question, "question.withdrawn")) == ("withdrawn", 0)


def test_closing_while_a_question_is_taken_back(question: Question, catalogue: Cast) -> None:
    """`withdraw_open`"""
    done = at_the_question(
        question, lambda: services.withdraw_dispute(dispute=question.dispute, by=catalogue.alice, at=SOON)
    )
    assert (done.status, told(question, "question.withdrawn")) == ("withdrawn", 0)


def sales_branch(cast: Cast) -> Question:
    """What Sam is asked in his branch of a delivery dispute."""
    dispute = open_one(cast, reason="delivery")
    services.make_move(dispute=dispute, move_code="ask_both", by=cast.alice, at=AT)
    return Question.objects.get(dispute=dispute, asked_of=cast.sam)


def test_handing_over_while_a_question_is_taken_back(catalogue: Cast) -> None:
    """`pass_questions`"""
    question = sales_branch(catalogue)
    services.finish_branch(dispute=question.dispute, branch="logistics", result="x", by=catalogue.eva, at=AT)
    done = at_the_question(
        question,
        lambda: services.hand_over(dispute=question.dispute, to=catalogue.sofia, by=catalogue.sam, at=SOON),
    )
    assert (done.holder_user, told(question, "question.passed_on")) == (catalogue.sofia, 0)


def test_reminding_of_a_question_that_is_taken_back(question: Question) -> None:
    """`nudging._locked`"""
    at = AT + timedelta(hours=3)
    done = at_the_question(
        question, lambda: services.remind(question_id=question.pk, kind=NudgeKind.BEFORE, at=at)
    )
    assert (done, told(question, "question.reminded")) == (False, 0)


def test_a_branch_that_ends_while_its_question_is_taken_back(catalogue: Cast) -> None:
    """`close_run`"""
    question = sales_branch(catalogue)
    done = at_the_question(
        question,
        lambda: services.finish_branch(
            dispute=question.dispute, branch="sales", result="x", by=catalogue.sam, at=SOON
        ),
    )
    assert (type(done), told(question, "question.withdrawn")) == (BranchRun, 0)


def test_a_vote_on_a_request_that_ends_meanwhile(catalogue: Cast) -> None:
    """`approving._lock`"""
    dispute = open_one(catalogue, amount="800.00")
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=catalogue.adam, at=AT
    )
    approval = Approval.objects.get()
    refused = meanwhile(
        "disputes_approval",
        approval.pk,
        lambda: Approval.objects.update(state="expired", ended_at=SOON),
        lambda: services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=SOON),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "approval_ended"


def test_an_offer_that_runs_out_meanwhile(dispute: Dispute, catalogue: Cast) -> None:
    """`offering._locked`"""
    offer = services.make_offer(
        dispute=dispute, amount=Decimal(100), valid_until=ON, by=catalogue.alice, at=AT
    )
    refused = meanwhile(
        "disputes_offer",
        offer.pk,
        lambda: Offer.objects.update(state="expired", answered_at=SOON),
        lambda: services.accept_offer(offer_id=offer.pk, by=catalogue.sam, at=SOON),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "offer_over"


def promise(dispute: Dispute, cast: Cast) -> InternalPromise:
    return services.promise_internally(dispute=dispute, what="credit", due_on=ON, by=cast.bill, at=AT)


def test_a_promise_that_is_released_meanwhile(dispute: Dispute, catalogue: Cast) -> None:
    """`internal._locked`"""
    services.involve(dispute=dispute, user=catalogue.bill, by=catalogue.alice, at=AT)
    row = promise(dispute, catalogue)
    refused = meanwhile(
        "disputes_internalpromise",
        row.pk,
        lambda: InternalPromise.objects.update(state="released", ended_at=SOON),
        lambda: services.keep_promise(promise_id=row.pk, by=catalogue.bill, at=SOON),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "promise_ended"


def requested(cast: Cast) -> CreditRequest:
    dispute = open_one(cast, invoice=make_invoice(cast.norte))
    services.close_dispute(dispute=dispute, verdict="justified", resolution="credit", by=cast.alice, at=AT)
    return CreditRequest.objects.get(dispute=dispute)


def test_a_promise_that_is_released_while_the_credit_note_comes(catalogue: Cast) -> None:
    """`keep_with_request`"""
    request = requested(catalogue)
    row = promise(request.dispute, catalogue)
    kept = meanwhile(
        "disputes_internalpromise",
        row.pk,
        lambda: InternalPromise.objects.update(state="released", ended_at=SOON),
        lambda: services.keep_with_request(request_id=request.pk, at=SOON),
    )
    row.refresh_from_db()
    assert (kept, row.state) == (0, "released")


def test_a_request_that_ends_meanwhile(catalogue: Cast) -> None:
    """`arrivals._locked`"""
    request = requested(catalogue)
    refused = meanwhile(
        "disputes_creditrequest",
        request.pk,
        lambda: CreditRequest.objects.update(state="withdrawn", ended_at=SOON),
        lambda: services.refuse_request(request_id=request.pk, by=catalogue.bill, at=SOON, note="No"),
    )
    assert isinstance(refused, IllegalAct)
    assert refused.code == "request_ended"


@pytest.mark.parametrize("act", ["share", "redact"])
def test_a_file_that_is_shared_meanwhile(dispute: Dispute, catalogue: Cast, act: str) -> None:
    """`EvidenceQuerySet.locked`: nothing is told that was done already, and what is redacted says who saw it."""
    row = services.add_evidence(dispute=dispute, file=png(), name="a.png", by=catalogue.alice, at=AT)

    def call() -> Evidence:
        if act == "share":
            return services.share_evidence(evidence=row, side="partner", by=catalogue.alice, at=SOON)
        return services.redact_evidence(evidence=row, reason="Private", by=catalogue.alice, at=SOON)

    done = meanwhile("disputes_evidence", row.pk, lambda: Evidence.objects.update(side="partner"), call)
    assert done.side == "partner"
    assert events.timeline("dispute", dispute.pk).filter(kind="evidence.shared").count() == 0


def test_a_reminder_another_worker_has_is_left_to_it(question: Question) -> None:
    """`question_mail._prepare`: with the row held elsewhere nothing is sent; it does not even wait."""
    nudge = Nudge.objects.filter(question=question).first()
    assert nudge is not None
    with pytest.raises(AssertionError, match=r"did not wait at disputes_nudge: \[False\]"):
        meanwhile(
            "disputes_nudge",
            nudge.pk,
            lambda: None,
            lambda: send_nudge(nudge_id=nudge.pk, at=AT + timedelta(hours=1), provider=None),  # type: ignore[arg-type]
        )
