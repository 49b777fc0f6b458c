"""The database says no by itself: each guard is tried by going around the services."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from disputes import services
from disputes.models import (
    Answer,
    Dispute,
    DisputeLine,
    Move,
    Outcome,
    Question,
    QuestionTemplate,
    RouteVersion,
    Stage,
    Stay,
)
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_invoice


def refuses(guard: str, act: Callable[[], object]) -> None:
    """The act, or the commit after it, is refused by the guard of this name."""

    def act_and_commit() -> None:
        with transaction.atomic():
            act()
            settle_constraints()

    with pytest.raises(IntegrityError, match=guard):
        act_and_commit()


def add_line(dispute: Dispute, invoice_id: int, amount: str) -> None:
    DisputeLine.objects.create(
        dispute=dispute, invoice_id=invoice_id, amount=Decimal(amount), opened_on=ON, recorded_at=AT
    )


def test_a_dispute_is_closed_exactly_when_it_is_dated(dispute: Dispute) -> None:
    these = Dispute.objects.filter(pk=dispute.pk)
    refuses("dispute_closed_iff_dated", lambda: these.update(status="solved"))
    refuses("dispute_closed_iff_dated", lambda: these.update(closed_at=AT, closed_on=ON))


def test_a_dispute_has_exactly_one_holder(dispute: Dispute, catalogue: Cast) -> None:
    these = Dispute.objects.filter(pk=dispute.pk)
    refuses("dispute_has_exactly_one_holder", lambda: these.update(holder_user=None))
    refuses("dispute_has_exactly_one_holder", lambda: these.update(holder_department=catalogue.billing))
    refuses("dispute_has_exactly_one_holder", lambda: these.update(holder_side="customer"))
    refuses("dispute_has_exactly_one_holder", lambda: these.update(holder_side="nobody"))


def test_the_open_stay_says_who_has_it(dispute: Dispute, catalogue: Cast) -> None:
    these = Dispute.objects.filter(pk=dispute.pk)
    refuses("stay_says_who_has_it", lambda: these.update(holder_user=catalogue.sam))


def test_a_dispute_has_one_open_stay(dispute: Dispute) -> None:
    stay = dispute.stays.get()
    stay.pk, stay.seq = None, 2
    refuses("stay_one_open_per_dispute|stay_no_overlap", lambda: stay.save(force_insert=True))


def test_stays_leave_no_gap_and_do_not_overlap(question: Question, dispute: Dispute) -> None:
    first, second = dispute.stays.all()
    refuses("stay_is_history", lambda: Stay.objects.filter(pk=first.pk).update(ended_at=AT + timedelta(1)))
    refuses("stays_have_no_gap|stays_reach_the_end", Stay.objects.filter(pk=second.pk).delete)
    refuses("stays_have_no_gap", Stay.objects.filter(pk=first.pk).delete)
    third = Stay.objects.get(pk=second.pk)
    third.pk, third.seq = None, 3

    def leave_a_gap() -> None:
        Stay.objects.filter(pk=second.pk).update(ended_at=AT + timedelta(hours=1))
        third.started_at = AT + timedelta(hours=2)
        third.save(force_insert=True)

    def overlap() -> None:
        Stay.objects.filter(pk=second.pk).update(ended_at=AT + timedelta(hours=2))
        third.started_at = AT + timedelta(hours=1)
        third.save(force_insert=True)

    refuses("stays_have_no_gap", leave_a_gap)
    refuses("stay_no_overlap", overlap)


def test_the_last_stay_ends_when_the_dispute_is_closed(dispute: Dispute) -> None:
    refuses("stays_reach_the_end", lambda: dispute.stays.update(ended_at=AT + timedelta(hours=1)))


def test_live_lines_never_exceed_the_invoice(dispute: Dispute) -> None:
    invoice_id = dispute.lines.get().invoice_id
    refuses("dispute_lines_within_invoice", lambda: add_line(dispute, invoice_id, "700.01"))
    add_line(dispute, invoice_id, "700.00")
    dispute.refresh_from_db()
    assert dispute.amount == Decimal("1000.00")


def test_the_amount_follows_its_lines_whatever_is_written(dispute: Dispute) -> None:
    Dispute.objects.filter(pk=dispute.pk).update(amount=Decimal("999999.00"))
    dispute.refresh_from_db()
    assert dispute.amount == Decimal("300.00")


def test_a_line_belongs_to_an_invoice_of_the_customer(dispute: Dispute, catalogue: Cast) -> None:
    other = make_invoice(catalogue.sur)
    dollars = make_invoice(catalogue.norte, currency="USD")
    refuses("dispute_line_fits_dispute", lambda: add_line(dispute, other.pk, "1.00"))
    refuses("dispute_line_fits_dispute", lambda: add_line(dispute, dollars.pk, "1.00"))


def test_a_line_is_positive_and_never_rewritten(dispute: Dispute) -> None:
    line = dispute.lines.get()
    these = DisputeLine.objects.filter(pk=line.pk)
    refuses("dispute_line_amount_positive", lambda: add_line(dispute, line.invoice_id, "0.00"))
    refuses("dispute_line_facts_are_final", lambda: these.update(amount=Decimal("1.00")))
    refuses("dispute_line_closed_iff_recorded", lambda: these.update(closed_on=ON))
    refuses("dispute_lines_live_iff_open", lambda: these.update(closed_on=ON, closed_recorded_at=AT))


def test_an_open_dispute_has_no_outcome_and_a_closed_one_has_one(dispute: Dispute, catalogue: Cast) -> None:
    refuses(
        "dispute_outcome_iff_closed",
        lambda: Outcome.objects.create(
            dispute=dispute, verdict="partly", resolution="credit", amount=Decimal(1), decided_at=AT
        ),
    )
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    settle_constraints()
    refuses("dispute_outcome_iff_closed", lambda: Outcome.objects.filter(dispute=dispute).delete())


def test_a_closed_dispute_keeps_its_amount_and_its_lines(dispute: Dispute, catalogue: Cast) -> None:
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    settle_constraints()
    Dispute.objects.filter(pk=dispute.pk).update(amount=0)
    dispute.refresh_from_db()
    assert dispute.amount == Decimal("300.00")
    refuses(
        "dispute_line_closed_is_final", lambda: dispute.lines.update(closed_on=None, closed_recorded_at=None)
    )


def test_a_question_is_answered_once_and_its_answer_stays(question: Question, catalogue: Cast) -> None:
    answer = services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    again = Answer(question=question, value="invoice", answered_by=catalogue.alice, answered_at=AT)
    these = Question.objects.filter(pk=question.pk)
    refuses("disputes_answer_question_id", lambda: again.save(force_insert=True))
    refuses("answer_is_final", lambda: Answer.objects.filter(pk=answer.pk).update(value="invoice"))
    refuses("answer_is_final", lambda: Answer.objects.filter(pk=answer.pk).delete())
    refuses("question_ends_once", lambda: these.update(status="open", ended_at=None))


def test_a_question_is_answered_exactly_when_its_answer_exists(question: Question, catalogue: Cast) -> None:
    these = Question.objects.filter(pk=question.pk)
    refuses("question_ended_iff_dated", lambda: these.update(status="answered"))
    refuses("question_answered_iff_answer", lambda: these.update(status="answered", ended_at=AT))
    stray = Answer(question=question, value="invoice", answered_by=catalogue.sam, answered_at=AT)
    refuses("question_answered_iff_answer", lambda: stray.save(force_insert=True))


def test_a_closed_dispute_has_no_open_question(dispute: Dispute, catalogue: Cast) -> None:
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    late = Question(dispute=dispute, kind="yes_no", text="Still?", asked_of=catalogue.sam, asked_at=AT)
    refuses("closed_dispute_asks_nothing", late.save)


def test_a_route_version_is_final_once_a_dispute_follows_it(dispute: Dispute) -> None:
    version = RouteVersion.objects.get(pk=dispute.route_version_id)
    stage = Stage.objects.filter(version=version).first()
    assert stage is not None
    new = Stage(version=version, code="new", labels={}, position=99, status="open", holder_kind="coordinator")
    for act in (
        lambda: Stage.objects.filter(pk=stage.pk).update(deadline_minutes=1),
        lambda: Move.objects.filter(stage=stage).update(demands=[]),
        lambda: QuestionTemplate.objects.filter(stage__version=version).update(kind="text"),
        lambda: RouteVersion.objects.filter(pk=version.pk).update(number=9),
        lambda: new.save(force_insert=True),
        lambda: Move.objects.filter(stage=stage).delete(),
    ):
        refuses("route_version_is_final", act)
    RouteVersion.objects.filter(pk=version.pk).update(current=False)


def test_a_route_nobody_follows_may_still_change(catalogue: Cast) -> None:
    stage = Stage.objects.filter(version__route__entity=catalogue.entity).first()
    assert stage is not None
    Stage.objects.filter(pk=stage.pk).update(deadline_minutes=7)


def test_two_disputes_of_one_entity_never_share_a_number(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    assert (dispute.number, other.number) == (1, 2)
    refuses("dispute_number_unique_per_entity", lambda: Dispute.objects.filter(pk=other.pk).update(number=1))
