"""Random walks: everybody tries every move, branch, answer and act; no guard ever breaks."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.events import timeline
from disputes import lifecycle, services
from disputes.choices import CLOSED, RunState, Status
from disputes.models import BranchRun, Dispute, Move, Outcome, Question, Reason, Stay
from disputes.services.branches import open_runs
from lib.errors import DomainError
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, Cast
from tests.plays import plays

WHO = st.sampled_from(["alice", "carl", "sam", "sofia", "eva", "bill", "fin", "adam", "mallory"])
ANYWHERE = st.integers(0, 40)
LATER = st.sampled_from([0, 0, 7, 90, 60 * 24 * 3])
EVERYTHING = {"note": "as agreed", "credit_amount": "10", "credit_note_number": "CN-1"}


class Walk(RuleBasedStateMachine):
    """One dispute that starts where logistics and sales are asked together."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.mark = transaction.savepoint()
        self.at = AT
        self.dispute = open_one(self.cast, reason="delivery")
        services.make_move(dispute=self.dispute, move_code="ask_both", by=self.cast.alice, at=self.at)

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.mark)

    def attempt(self, what: Any, later: int, **given: Any) -> None:
        """Do it; what the rules refuse must have changed nothing."""
        self.at += timedelta(minutes=later)
        dispute = Dispute.objects.get(pk=self.dispute.pk)
        events = self.told()
        try:
            with transaction.atomic():
                what(dispute=dispute, at=self.at, **given)
        except DomainError:
            assert self.told() == events

    def told(self) -> int:
        return timeline("dispute", self.dispute.pk).count()

    def now(self) -> Dispute:
        found: Dispute = Dispute.objects.select_related("stage").get(pk=self.dispute.pk)
        return found

    @rule(who=WHO, which=ANYWHERE, later=LATER)
    def move(self, who: str, which: int, later: int) -> None:
        codes = sorted(
            set(Move.objects.filter(stage__version=self.now().route_version).values_list("code", flat=True))
        )
        by = getattr(self.cast, who)
        self.attempt(services.make_move, later, move_code=codes[which % len(codes)], by=by, fields=EVERYTHING)

    @rule(who=WHO, branch=st.sampled_from(["logistics", "sales"]), later=LATER)
    def finish(self, who: str, branch: str, later: int) -> None:
        self.attempt(services.finish_branch, later, branch=branch, result="seen", by=getattr(self.cast, who))

    @rule(who=WHO, branch=st.sampled_from(["logistics", "sales"]), to=WHO, later=LATER)
    def give(self, who: str, branch: str, to: str, later: int) -> None:
        by, user = getattr(self.cast, who), getattr(self.cast, to)
        self.attempt(services.give_branch, later, branch=branch, user=user, by=by)

    @rule(who=WHO, to=WHO, later=LATER)
    def assign(self, who: str, to: str, later: int) -> None:
        self.attempt(services.assign, later, user=getattr(self.cast, to), by=getattr(self.cast, who))

    @rule(who=WHO, which=ANYWHERE, later=LATER)
    def answer(self, who: str, which: int, later: int) -> None:
        asked = list(Question.objects.filter(dispute=self.dispute, status="open"))
        if asked:
            question = asked[which % len(asked)]
            value = question.options[which % len(question.options)]["value"] if question.options else "x"
            self.attempt(
                lambda dispute, **given: services.answer_question(**given),
                later,
                question_id=question.pk,
                value=value,
                by=getattr(self.cast, who),
            )

    @rule(who=WHO, which=ANYWHERE, later=LATER)
    def classify(self, who: str, which: int, later: int) -> None:
        reasons = list(Reason.objects.filter(entity=self.cast.entity))
        self.attempt(
            services.classify, later, reason=reasons[which % len(reasons)], by=getattr(self.cast, who)
        )

    @rule(who=WHO, later=LATER)
    def close(self, who: str, later: int) -> None:
        self.attempt(
            services.close_dispute, later, verdict="partly", resolution="credit", by=getattr(self.cast, who)
        )

    @rule(who=WHO, later=LATER)
    def reopen(self, who: str, later: int) -> None:
        self.attempt(services.reopen_dispute, later, by=getattr(self.cast, who))

    @invariant()
    def the_database_agrees(self) -> None:
        settle_constraints()

    @invariant()
    def stays_tile_and_one_holds(self) -> None:
        dispute = self.now()
        stays = list(Stay.objects.filter(dispute=dispute).order_by("seq"))
        assert (stays[0].started_at, stays[-1].ended_at) == (dispute.opened_at, dispute.closed_at)
        assert all(before.ended_at == after.started_at for before, after in pairwise(stays))
        holders = [dispute.holder_user_id, dispute.holder_department_id]
        assert holders.count(None) == (2 if dispute.holder_side in ("customer", "system") else 1)

    @invariant()
    def status_stage_and_outcome_agree(self) -> None:
        dispute = self.now()
        closed = dispute.status in CLOSED
        assert closed is (dispute.closed_at is not None)
        assert closed is Outcome.objects.filter(dispute=dispute).exists()
        assert closed or dispute.status in (dispute.stage.status, Status.TO_APPROVE)
        assert bool(lifecycle.STEPS[Status(dispute.status)]) is not closed

    @invariant()
    def branches_run_where_the_dispute_is(self) -> None:
        dispute = self.now()
        runs = list(open_runs(dispute))
        assert all(run.branch.stage_id == dispute.stage_id and dispute.is_open for run in runs)
        if runs and dispute.status == dispute.stage.status:
            first = runs[0]
            assert (first.holder_user_id, first.holder_department_id, first.due_at) == (
                dispute.holder_user_id,
                dispute.holder_department_id,
                dispute.due_at,
            )
        if dispute.is_open and dispute.stage.wait_for and dispute.status == dispute.stage.status:
            assert runs, "a stage with branches that waits for nothing"
        over = BranchRun.objects.filter(dispute=dispute).exclude(state=RunState.OPEN)
        assert not over.filter(ended_at=None).exists()
        asked = Question.objects.filter(dispute=dispute, status="open", template__branch__isnull=False)
        assert set(asked.values_list("template__branch", flat=True)) <= {run.branch_id for run in runs}


@pytest.mark.django_db
def test_no_walk_breaks_a_guard(catalogue: Cast) -> None:
    thorough = settings(
        max_examples=plays(12),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    walk = type("WalkOfTheCast", (Walk,), {"cast": catalogue})
    run_state_machine_as_test(walk, settings=thorough)  # type: ignore[no-untyped-call]
