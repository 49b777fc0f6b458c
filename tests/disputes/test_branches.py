"""Branches that run at the same time: who has them, who has the dispute, when it goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Absence, Event
from disputes import selectors, services
from disputes.choices import RunState
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import BranchRun, Dispute, Question, Stay
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.factories import AT, ON, PASSWORD, Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def parallel(catalogue: Cast) -> Dispute:
    """A delivery dispute that logistics and sales look at together."""
    dispute = open_one(catalogue, reason="delivery")
    return services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT + HOUR)


def fresh(dispute: Dispute) -> Dispute:
    return Dispute.objects.select_related("stage", "holder_user", "holder_department").get(pk=dispute.pk)


def run_of(dispute: Dispute, code: str) -> BranchRun:
    return BranchRun.objects.get(dispute=dispute, branch__code=code)


def finish(dispute: Dispute, code: str, by: Any, **more: Any) -> BranchRun:
    more = {"result": "Looked at", "at": AT + 2 * HOUR} | more
    return services.finish_branch(dispute=dispute, branch=code, by=by, **more)


def test_each_branch_has_its_own_holder_deadline_and_question(parallel: Dispute, catalogue: Cast) -> None:
    logistics, sales = run_of(parallel, "logistics"), run_of(parallel, "sales")
    assert (logistics.holder_department, sales.holder_user) == (catalogue.logistics, catalogue.sam)
    assert logistics.due_at is not None
    assert sales.due_at is not None
    assert logistics.due_at < sales.due_at
    dispute = fresh(parallel)
    assert (dispute.holder_department, dispute.due_at) == (catalogue.logistics, logistics.due_at)
    asked = {question.asked_of for question in Question.objects.filter(dispute=parallel, status="open")}
    assert asked == {catalogue.eva, catalogue.sam}
    for person in (catalogue.eva, catalogue.sam):
        assert selectors.disputes_for(person).filter(pk=parallel.pk).exists()
    settle_constraints()


def test_when_all_are_done_the_system_goes_on(parallel: Dispute, catalogue: Cast) -> None:
    finish(parallel, "logistics", catalogue.eva, note="Signed by Pérez")
    dispute = fresh(parallel)
    assert (dispute.stage.code, dispute.holder_user) == ("ask_both", catalogue.sam)
    assert dispute.due_at == run_of(parallel, "sales").due_at
    settle_constraints()
    finish(parallel, "sales", catalogue.sam, at=AT + 3 * HOUR)
    dispute = fresh(parallel)
    assert (dispute.stage.code, dispute.holder_user) == ("decide", catalogue.alice)
    moved = Event.objects.filter(object_id=parallel.pk, kind="dispute.moved").last()
    assert moved is not None
    assert (moved.data["move"], moved.actor) == ("both_answered", None)
    holders = [stay.holder_user or stay.holder_department for stay in Stay.objects.filter(dispute=parallel)]
    assert holders == [catalogue.alice, catalogue.logistics, catalogue.sam, catalogue.alice]
    assert not Question.objects.filter(dispute=parallel, status="open").exists()
    settle_constraints()


def test_an_answer_to_its_question_finishes_a_branch(parallel: Dispute, catalogue: Cast) -> None:
    for person, value in ((catalogue.sam, "credit"), (catalogue.eva, "partly")):
        question = Question.objects.get(dispute=parallel, asked_of=person)
        services.answer_question(question_id=question.pk, value=value, by=person, at=AT + 2 * HOUR, note="n")
    dispute = fresh(parallel)
    assert (dispute.stage.code, dispute.facts["missing_goods"]) == ("decide", "credit")
    run = run_of(parallel, "logistics")
    assert (run.state, run.done_by, run.result, run.note) == ("done", catalogue.eva, "Partly delivered", "n")
    settle_constraints()


def test_leaving_the_stage_cancels_what_still_runs(parallel: Dispute, catalogue: Cast) -> None:
    finish(parallel, "sales", catalogue.sam)
    services.make_move(
        dispute=fresh(parallel),
        move_code="back_to_triage",
        by=catalogue.alice,
        at=AT + 3 * HOUR,
        fields={"note": "x"},
    )
    assert run_of(parallel, "logistics").state == RunState.CANCELLED
    assert run_of(parallel, "sales").state == RunState.DONE
    with pytest.raises(IllegalAct):
        finish(parallel, "logistics", catalogue.eva)
    settle_constraints()


def test_closing_cancels_and_reopening_starts_afresh(parallel: Dispute, catalogue: Cast) -> None:
    services.close_dispute(
        dispute=parallel, verdict="justified", resolution="credit", by=catalogue.alice, at=AT + 2 * HOUR
    )
    assert {run.state for run in BranchRun.objects.filter(dispute=parallel)} == {RunState.CANCELLED}
    with pytest.raises(IllegalAct):
        finish(parallel, "sales", catalogue.sam)
    dispute = services.reopen_dispute(dispute=parallel, by=catalogue.alice, at=AT + 4 * HOUR)
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT + 5 * HOUR)
    assert BranchRun.objects.filter(dispute=parallel, state="open").count() == 2
    settle_constraints()


def test_any_one_is_enough_where_the_route_says_so(catalogue: Cast) -> None:
    route = open_one(catalogue, reason="delivery").route_version
    data = services.read_route(route)
    next(stage for stage in data["stages"] if stage["code"] == "ask_both")["parallel"]["wait_for"] = "any"
    services.write_version(route=route.route, data=data, by=catalogue.alice, at=AT, activate=True)
    dispute = open_one(catalogue, reason="delivery")
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT + HOUR)
    finish(dispute, "sales", catalogue.sam)
    assert fresh(dispute).stage.code == "decide"
    assert run_of(dispute, "logistics").state == RunState.CANCELLED
    settle_constraints()


def test_only_its_holder_their_deputy_and_the_office_finish_a_branch(
    parallel: Dispute, catalogue: Cast
) -> None:
    for stranger in (catalogue.sofia, catalogue.bill, catalogue.carl, catalogue.fin, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            finish(parallel, "logistics", stranger)
    with pytest.raises(FieldErrors):
        finish(parallel, "logistics", catalogue.eva, result=" ")
    with pytest.raises(FieldErrors):
        finish(parallel, "logistics", catalogue.eva, note="x" * 4001)
    assert run_of(parallel, "logistics").is_open
    Absence.objects.create(
        user=catalogue.sam, starts_on=ON, ends_on=ON + timedelta(9), deputy=catalogue.sofia
    )
    finish(parallel, "sales", catalogue.sofia)
    with pytest.raises(IllegalAct, match="Sofia has already finished"):
        finish(parallel, "sales", catalogue.alice)
    finish(parallel, "logistics", catalogue.adam)
    settle_constraints()


def test_a_branch_is_given_to_somebody_else_and_so_is_the_dispute(parallel: Dispute, catalogue: Cast) -> None:
    with pytest.raises(RoleMayNot):
        services.give_branch(
            dispute=parallel, branch="logistics", user=catalogue.bill, by=catalogue.sam, at=AT
        )
    for wrong in ({}, {"user": catalogue.mallory}, {"user": catalogue.bill, "department": catalogue.billing}):
        with pytest.raises(FieldErrors):
            services.give_branch(dispute=parallel, branch="logistics", by=catalogue.alice, at=AT, **wrong)
    services.give_branch(
        dispute=parallel, branch="logistics", user=catalogue.bill, by=catalogue.alice, at=AT + 2 * HOUR
    )
    assert fresh(parallel).holder_user == catalogue.bill
    settle_constraints()
    # Giving the dispute gives its first branch.
    services.assign(dispute=parallel, user=catalogue.eva, by=catalogue.alice, at=AT + 3 * HOUR)
    assert run_of(parallel, "logistics").holder_user == catalogue.eva
    assert run_of(parallel, "sales").holder_user == catalogue.sam
    settle_constraints()


def test_the_database_guards_the_branches(parallel: Dispute, catalogue: Cast) -> None:
    finish(parallel, "sales", catalogue.sam)
    settle_constraints()
    sales, logistics = run_of(parallel, "sales"), run_of(parallel, "logistics")
    elsewhere = parallel.route_version.stages.get(initial=True)
    for name, change in (
        ("branch_run_is_history", lambda: BranchRun.objects.filter(pk=sales.pk).update(result="Else")),
        ("branch_run_is_history", lambda: BranchRun.objects.filter(pk=logistics.pk).update(started_at=AT)),
        (
            "dispute_is_with_its_first_branch",
            lambda: BranchRun.objects.filter(pk=logistics.pk).update(
                holder_department=None, holder_user=catalogue.bill
            ),
        ),
        (
            "branch_runs_where_the_dispute_is",
            lambda: Dispute.objects.filter(pk=parallel.pk).update(stage=elsewhere),
        ),
        ("branch_ended_iff_dated", lambda: BranchRun.objects.filter(pk=logistics.pk).update(ended_at=AT + 9 * HOUR)),
        ("branch_result_only_when_done", lambda: BranchRun.objects.filter(pk=logistics.pk).update(result="x")),
        (
            "branch_runs_once_at_a_time",
            lambda: BranchRun.objects.create(
                dispute=parallel,
                branch=logistics.branch,
                holder_side="customer",
                started_at=AT + 9 * HOUR,
            ),
        ),
    ):  # fmt: skip

        def attempt(change: Any = change) -> None:
            with transaction.atomic():
                change()
                settle_constraints()

        with pytest.raises(IntegrityError, match=name):
            attempt()


@pytest.mark.django_db(transaction=True)
def test_the_last_two_branches_at_the_same_instant_go_on_once(parallel: Dispute, catalogue: Cast) -> None:
    """Without the lock of the dispute and that of its stream of events each sees the other's branch still running.

    Either is enough: a branch is told done before it is looked what still runs.
    """
    results = both(
        "disputes_dispute",
        parallel.pk,
        lambda: finish(parallel, "logistics", catalogue.eva),
        lambda: finish(parallel, "sales", catalogue.sam),
    )
    assert [type(one) for one in results] == [BranchRun, BranchRun]
    assert fresh(parallel).stage.code == "decide"
    moves = [
        event.data["move"] for event in Event.objects.filter(object_id=parallel.pk, kind="dispute.moved")
    ]
    assert moves == ["ask_both", "both_answered"]


@pytest.mark.django_db(transaction=True)
def test_one_branch_finished_by_two_at_once_has_one_result(parallel: Dispute, catalogue: Cast) -> None:
    """Without the dispute's lock the second breaks on `branch_run_is_history`: nobody is told who was faster."""
    results = both(
        "disputes_dispute",
        parallel.pk,
        lambda: finish(parallel, "logistics", catalogue.eva, result="One"),
        lambda: finish(parallel, "logistics", catalogue.alice, result="Two"),
    )
    assert sorted(type(one).__name__ for one in results) == ["BranchRun", "IllegalAct"]


def signed_in(person: Any) -> Client:
    client = Client()
    assert client.login(username=person.email, password=PASSWORD)
    return client


def test_the_card_shows_the_branches_and_finishes_them(parallel: Dispute, catalogue: Cast) -> None:
    page = f"/disputes/{parallel.pk}/"
    url = f"/disputes/{parallel.pk}/branches/logistics/finish/"
    text = signed_in(catalogue.eva).get(page).content.decode()
    assert "At the same time" in text
    assert url in text
    assert "branches/sales/finish/" not in text
    assert "branches/logistics/give/" not in text
    assert signed_in(catalogue.mallory).post(url, {"result": "x"}).status_code == 404
    assert signed_in(catalogue.alice).get(f"/disputes/{parallel.pk}/branches/none/finish/").status_code == 404
    assert signed_in(catalogue.eva).post(url, {"result": ""}).status_code == 422
    signed_in(catalogue.carl).post(url, {"result": "x"})
    assert run_of(parallel, "logistics").is_open
    assert signed_in(catalogue.eva).get(url).status_code == 200
    assert signed_in(catalogue.eva).post(url, {"result": "Proof found"}).status_code == 302
    give = f"/disputes/{parallel.pk}/branches/sales/give/"
    assert signed_in(catalogue.alice).get(give).status_code == 200
    assert signed_in(catalogue.alice).post(give, {"user": catalogue.sofia.pk}).status_code == 302
    assert run_of(parallel, "sales").holder_user == catalogue.sofia
    text = signed_in(catalogue.alice).get(page).content.decode()
    assert "Proof found" in text
    timeline = signed_in(catalogue.alice).get(f"{page}timeline/").content.decode()
    assert "Branch “Logistics checks the delivery” is done" in timeline


def test_the_api_lists_and_finishes_branches(parallel: Dispute, catalogue: Cast) -> None:
    client = signed_in(catalogue.eva)
    rows = client.get(f"/api/v1/branches/?dispute={parallel.pk}").json()["results"]
    ids = {row["branch"]: row["id"] for row in rows}
    assert set(ids) == {"logistics", "sales"}
    url = f"/api/v1/branches/{ids['logistics']}"
    stranger = signed_in(catalogue.mallory)
    assert stranger.get("/api/v1/branches/").json()["results"] == []
    assert stranger.post(f"{url}/finish/", {"result": "x"}).status_code == 404
    assert signed_in(catalogue.carl).post(f"{url}/finish/", {"result": "x"}).status_code == 403
    assert client.post(f"{url}/finish/", {}).status_code == 400
    assert client.post(f"{url}/give/", {"user": catalogue.eva.pk}).status_code == 403
    done = client.post(f"{url}/finish/", {"result": "Proof found"})
    assert (done.status_code, done.json()["state"], done.json()["done_by"]) == (200, "done", catalogue.eva.pk)
    assert client.post(f"{url}/finish/", {"result": "Again"}).status_code == 409
    sales = f"/api/v1/branches/{ids['sales']}/give/"
    given = signed_in(catalogue.alice).post(sales, {"department": catalogue.billing.pk})
    assert given.json()["holder_department"] == catalogue.billing.pk
