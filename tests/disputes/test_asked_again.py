"""A request for approval takes the questions back; when it ends without an ending, the work goes on as before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.choices import Role
from disputes import selectors, services
from disputes.errors import IllegalAct
from disputes.models import Approval, BranchRun, Dispute, Offer, Question
from disputes.services import LineInput
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_invoice, make_person

HOUR = timedelta(hours=1)


@pytest.fixture
def parallel(catalogue: Cast) -> Dispute:
    """A delivery dispute of 800 that logistics and sales look at together."""
    make_person("Berta", catalogue.entity, Role.CREDIT_MANAGER)
    dispute = open_one(
        catalogue, amount="800.00", reason="delivery", invoice=make_invoice(catalogue.norte, "20000.00")
    )
    return services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT)


def ask(dispute: Dispute, cast: Cast, **more: Any) -> Approval:
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=cast.alice, at=AT + HOUR, **more
    )
    return Approval.objects.get(dispute=dispute, state="pending")


def waiting(dispute: Dispute) -> set[tuple[str, str]]:
    """Who is asked what now."""
    rows = Question.objects.filter(dispute=dispute, status="open").select_related("template", "asked_of")
    return {(row.template.code, row.asked_of.name) for row in rows if row.template}


def holders(dispute: Dispute) -> dict[str, object]:
    runs = BranchRun.objects.filter(dispute=dispute, state="open")
    return {run.branch.code: run.holder_user or run.holder_department for run in runs}


def refuse(approval: Approval, cast: Cast) -> None:
    berta = approval.dispute.holder_user
    assert berta is not None
    services.vote(approval_id=approval.pk, yes=False, by=berta, at=AT + 2 * HOUR, note="No")


def take_back(approval: Approval, cast: Cast) -> None:
    services.take_back(approval_id=approval.pk, by=cast.alice, at=AT + 2 * HOUR)


def expire(approval: Approval, cast: Cast) -> None:
    later = timedelta(days=31)
    assert services.expire_approvals(entity=cast.entity, on=ON + later, at=AT + later) == 1


def other_amounts(approval: Approval, cast: Cast) -> None:
    lines = [LineInput(approval.dispute.lines.get().invoice_id, Decimal("700.00"))]
    services.change_lines(dispute=approval.dispute, lines=lines, by=cast.alice, at=AT + 2 * HOUR)


BOTH = {("both_delivery_proof", "Eva"), ("both_missing_goods", "Sam")}


@pytest.mark.parametrize("end", [refuse, take_back, expire, other_amounts])
def test_running_branches_stand_still_and_are_asked_again(
    parallel: Dispute, catalogue: Cast, end: Callable[[Approval, Cast], None]
) -> None:
    """Neither an answer nor a result counts while the request waits; afterwards each has its branch again."""
    before, asked = holders(parallel), list(Question.objects.filter(dispute=parallel))
    assert waiting(parallel) == BOTH
    approval = ask(parallel, catalogue)
    assert waiting(parallel) == set()
    with pytest.raises(IllegalAct, match="no longer needs an answer"):
        services.answer_question(question_id=asked[0].pk, value="partly", by=catalogue.eva, at=AT + 2 * HOUR)
    with pytest.raises(IllegalAct, match="do not go on"):
        services.finish_branch(
            dispute=parallel, branch="sales", result="x", by=catalogue.sam, at=AT + 2 * HOUR
        )
    end(approval, catalogue)
    parallel.refresh_from_db()
    assert (parallel.status, parallel.holder_department) == ("in_progress", catalogue.logistics)
    assert (holders(parallel), waiting(parallel)) == (before, BOTH)
    assert parallel.due_at == BranchRun.objects.get(branch__code="logistics").due_at
    settle_constraints()


def test_after_a_refusal_the_answers_make_the_move_of_the_stage(parallel: Dispute, catalogue: Cast) -> None:
    """What was finished before stays so and is not asked again."""
    services.finish_branch(dispute=parallel, branch="sales", result="x", by=catalogue.sam, at=AT)
    refuse(ask(parallel, catalogue), catalogue)
    assert waiting(parallel) == {("both_delivery_proof", "Eva")}
    question = Question.objects.get(dispute=parallel, status="open")
    services.answer_question(question_id=question.pk, value="partly", by=catalogue.eva, at=AT + 3 * HOUR)
    parallel.refresh_from_db()
    assert parallel.stage.code == "decide"
    settle_constraints()


def closing_route(dispute: Dispute, cast: Cast) -> None:
    """An edition whose branches, once done, close the dispute with a credit of all of it; people may still decide."""
    data = services.read_route(dispute.route_version)
    stage = next(stage for stage in data["stages"] if stage["code"] == "ask_both")
    move = next(move for move in stage["moves"] if move["code"] == "both_answered")
    stage["moves"].append(dict(move, code="decide_first"))
    del move["to"]
    move |= {"ends_as": "solved", "verdict": "justified", "resolution": "credit"}
    services.write_version(route=dispute.route_version.route, data=data, by=cast.alice, at=AT, activate=True)


def test_a_refused_move_of_the_branches_is_a_persons_to_make_again(
    parallel: Dispute, catalogue: Cast
) -> None:
    """The system asks once: asking again at once would only be refused again. The holder is the coordinator."""
    closing_route(parallel, catalogue)
    dispute = open_one(
        catalogue, amount="800.00", reason="delivery", invoice=make_invoice(catalogue.norte, "20000.00")
    )
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT)
    for code, by in (("sales", catalogue.sam), ("logistics", catalogue.eva)):
        services.finish_branch(dispute=dispute, branch=code, result="x", by=by, at=AT + HOUR)
    approval = Approval.objects.get(dispute=dispute)
    assert (approval.asked_by, approval.move.code, approval.is_open) == (None, "both_answered", True)
    refuse(approval, catalogue)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.holder_user) == ("in_progress", catalogue.alice)
    assert "both_answered" in [move.code for move in selectors.moves_for(dispute, catalogue.alice)]
    services.make_move(dispute=dispute, move_code="both_answered", by=catalogue.alice, at=AT + 3 * HOUR)
    assert Approval.objects.filter(dispute=dispute, state="pending").get().asked_by == catalogue.alice
    settle_constraints()


def test_an_answer_that_was_given_is_not_asked_for_again(catalogue: Cast) -> None:
    dispute = open_one(catalogue, amount="800.00", invoice=make_invoice(catalogue.norte, "20000.00"))
    services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=AT)
    question = Question.objects.get(dispute=dispute)
    Question.objects.filter(pk=question.pk).update(choices=[dict(one, move="") for one in question.choices])
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    dispute.refresh_from_db()
    assert dispute.stage.code == "ask_sales"
    approval = ask(dispute, catalogue)
    take_back(approval, catalogue)
    assert (waiting(dispute), Question.objects.filter(dispute=dispute).count()) == (set(), 1)


def test_an_approved_offer_leaves_the_work_going_on(parallel: Dispute, catalogue: Cast) -> None:
    """While the customer thinks about it, and when it is taken back or runs out before it was approved."""
    until = ON + timedelta(days=9)
    for end in ("approve", "withdraw", "expire"):
        offer = services.make_offer(
            dispute=parallel, amount=Decimal("600"), valid_until=until, by=catalogue.alice, at=AT + HOUR
        )
        assert (offer.state, waiting(parallel)) == ("to_approve", set())
        if end == "approve":
            parallel.refresh_from_db()
            approval = Approval.objects.get(offer=offer)
            assert parallel.holder_user is not None
            services.vote(approval_id=approval.pk, yes=True, by=parallel.holder_user, at=AT + HOUR)
            assert (Offer.objects.get(pk=offer.pk).state, waiting(parallel)) == ("open", BOTH)
        if end == "expire":
            later = timedelta(days=20)
            services.expire_offers(entity=catalogue.entity, on=ON + later, at=AT + later)
        else:
            services.withdraw_offer(offer_id=offer.pk, by=catalogue.alice, at=AT + 2 * HOUR)
        assert waiting(parallel) == BOTH
    settle_constraints()
