"""Running disputes keep their edition until somebody takes them over to another one, on purpose."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.events import timeline
from disputes import services
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import BranchRun, Dispute, Question, RouteVersion
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, Cast

HOUR = timedelta(hours=1)


def edition(cast: Cast, version: RouteVersion, change: Any = None, activate: bool = True) -> RouteVersion:
    """The next edition of the route, changed."""
    data = services.read_route(version)
    if change:
        change({stage["code"]: stage for stage in data["stages"]}, data)
    return services.write_version(route=version.route, data=data, by=cast.alice, at=AT, activate=activate)


def migrate(cast: Cast, old: RouteVersion, new: RouteVersion, **more: Any) -> services.Migrated:
    more = {"by": cast.alice, "at": AT + 5 * HOUR} | more
    return services.migrate_disputes(from_version=old, to_version=new, **more)


def fresh(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("stage", "route_version").get(pk=dispute.pk)


def drop_ask_sales(stages: dict[str, Any], data: dict[str, Any]) -> None:
    data["stages"].remove(stages["ask_sales"])
    for stage in data["stages"]:
        stage["moves"] = [move for move in stage["moves"] if move.get("to") != "ask_sales"]


def test_disputes_go_over_stage_by_stage_and_keep_what_is_alike(question: Question, catalogue: Cast) -> None:
    dispute = fresh(question.dispute)
    closed = open_one(catalogue)
    services.withdraw_dispute(dispute=closed, by=catalogue.alice, at=AT + HOUR)
    old = dispute.route_version

    def change(stages: dict[str, Any], data: dict[str, Any]) -> None:
        stages["to_triage"]["deadline_minutes"] = 60

    new = edition(catalogue, old, change)
    waiting = open_one(catalogue)
    plan = {
        row.stage.code: (row.to.code if row.to else "", row.disputes)
        for row in services.migration_plan(old, new)
    }
    assert plan["ask_sales"] == ("ask_sales", 1)
    assert plan["to_triage"] == ("to_triage", 0)
    done = migrate(catalogue, old, new)
    assert (done.moved, done.refused) == ([dispute.pk], [])
    after = fresh(dispute)
    assert after.route_version == new
    assert (after.stage.code, after.holder_user, after.due_at) == ("ask_sales", catalogue.sam, dispute.due_at)
    assert fresh(waiting).route_version == new
    assert fresh(closed).route_version == old
    # The question that is open stays, and its answer still makes the move.
    assert list(Question.objects.filter(dispute=dispute, status="open")) == [question]
    services.answer_question(question_id=question.pk, value="customer", by=catalogue.sam, at=AT + 6 * HOUR)
    assert fresh(dispute).stage.code == "prepare_credit"
    assert timeline("dispute", dispute.pk).filter(kind="dispute.rerouted").count() == 1
    settle_constraints()


def test_a_stage_that_is_gone_is_mapped_or_its_disputes_stay(question: Question, catalogue: Cast) -> None:
    dispute = fresh(question.dispute)
    old = dispute.route_version
    new = edition(catalogue, old, drop_ask_sales)
    rows = {row.stage.code: row.to for row in services.migration_plan(old, new)}
    assert rows["ask_sales"] is None
    done = migrate(catalogue, old, new)
    assert (done.moved, [one.ref for one in done.refused]) == ([], [dispute.ref])
    assert fresh(dispute).route_version == old
    assert fresh(dispute).stays.count() == 2
    for wrong in ({"nowhere": "to_triage"}, {"ask_sales": "nowhere"}):
        with pytest.raises(FieldErrors):
            migrate(catalogue, old, new, mapping=wrong)
    assert migrate(catalogue, old, new, mapping={"ask_sales": "to_triage"}).moved == [dispute.pk]
    after = fresh(dispute)
    assert (after.stage.code, after.status, after.holder_user) == ("to_triage", "open", catalogue.alice)
    assert not Question.objects.filter(dispute=dispute, status="open").exists()
    assert migrate(catalogue, old, new).moved == []
    settle_constraints()


def test_branches_that_are_done_stay_done(catalogue: Cast) -> None:
    dispute = open_one(catalogue, reason="delivery")
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT + HOUR)
    services.finish_branch(
        dispute=dispute, branch="logistics", result="Signed", by=catalogue.eva, at=AT + 2 * HOUR
    )
    old = fresh(dispute).route_version
    new = edition(catalogue, old)
    assert migrate(catalogue, old, new).moved == [dispute.pk]
    runs = {run.branch.code: run for run in BranchRun.objects.filter(branch__stage__version=new)}
    assert (runs["logistics"].state, runs["logistics"].result) == ("done", "Signed")
    assert (runs["sales"].state, fresh(dispute).holder_user) == ("open", catalogue.sam)
    asked = Question.objects.get(dispute=dispute, status="open")
    assert (asked.asked_of, asked.template and asked.template.stage.version) == (catalogue.sam, new)
    settle_constraints()
    services.finish_branch(dispute=dispute, branch="sales", result="Ok", by=catalogue.sam, at=AT + 6 * HOUR)
    assert fresh(dispute).stage.code == "decide"
    settle_constraints()


def test_when_no_branch_is_left_to_do_the_dispute_goes_on(catalogue: Cast) -> None:
    dispute = open_one(catalogue, reason="delivery")
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT + HOUR)
    services.finish_branch(dispute=dispute, branch="sales", result="x", by=catalogue.sam, at=AT + 2 * HOUR)
    old = fresh(dispute).route_version

    def change(stages: dict[str, Any], data: dict[str, Any]) -> None:
        stages["ask_both"]["parallel"]["branches"][0] = {
            **stages["ask_both"]["parallel"]["branches"][1],
            "code": "second",
            "question": None,
        }
        stages["ask_both"]["parallel"]["wait_for"] = "any"

    new = edition(catalogue, old, change)
    migrate(catalogue, old, new)
    assert fresh(dispute).stage.code == "decide"
    settle_constraints()


def test_nobody_is_taken_over_to_a_draft_or_by_somebody_else(dispute: Dispute, catalogue: Cast) -> None:
    old = dispute.route_version
    draft = edition(catalogue, old, activate=False)
    with pytest.raises(FieldErrors):
        migrate(catalogue, old, draft)
    with pytest.raises(FieldErrors):
        migrate(catalogue, old, old)
    new = services.activate_version(version=draft, by=catalogue.alice, at=AT)
    for person in (catalogue.carl, catalogue.sam, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            migrate(catalogue, old, new, by=person)
    assert fresh(dispute).route_version == old
