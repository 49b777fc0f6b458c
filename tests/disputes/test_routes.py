"""Routes as data: read, checked, written, activated; what disputes follow never changes."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from accounts.events import timeline, verify_chain
from accounts.models import User
from disputes import services
from disputes.errors import IllegalAct, RoleMayNot, RouteProblems
from disputes.models import Dispute, QuestionTemplate, Route, RouteVersion, Stage, StageAlert, StageBranch
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast

Data = dict[str, Any]


def labels(words: str) -> dict[str, str]:
    return {"es": words, "fr": words, "en": words}


def stage(
    code: str, *moves: Data, holder: str = "coordinator", status: str = "in_progress", **more: Any
) -> Data:
    return {
        "code": code,
        "labels": labels(code),
        "status": status,
        "holder": holder,
        "moves": [*moves],
        **more,
    }


def to(code: str, to: str, **more: Any) -> Data:
    return {"code": code, "labels": labels(code), "to": to, "roles": ["credit_manager"], **more}


def end(code: str = "done", **more: Any) -> Data:
    ending = {"ends_as": "solved", "verdict": "justified", "resolution": "credit"}
    return {"code": code, "labels": labels(code), "roles": ["credit_manager"], **ending, **more}


def question(code: str, **more: Any) -> Data:
    return {"code": code, "labels": labels(code), "kind": "text", **more}


def rich_route() -> Data:
    """A route that uses everything the form has."""
    branches = [
        {
            "code": "logistics",
            "labels": labels("Logistics"),
            "holder": "department",
            "department": "logistics",
            "deadline_minutes": 300,
            "question": question("seen", kind="yes_no", asks="holder"),
        },
        {"code": "sales", "labels": labels("Sales"), "holder": "person", "person": "sam@acm.example"},
    ]
    both = stage(
        "both",
        to("decide", "decide"),
        parallel={"wait_for": "all", "then": "decide", "branches": branches},
        deadline_minutes=540,
        alerts=[
            {"minutes": -60, "to": "holder", "hand_over": False},
            {"minutes": 540, "to": "role:admin", "hand_over": True},
        ],
        sends=[{"text": "dunning.friendly", "to": "customer"}],
    )
    choices = [
        {"value": "yes", "labels": labels("Yes"), "move": "done"},
        {"value": "no", "labels": labels("No"), "move": ""},
    ]
    decide = stage(
        "decide",
        end(),
        end("write_off", demands=["note"], resolution="write_off"),
        questions=[
            question("one", kind="choice", choices=choices, asks="coordinator", deadline_minutes=60),
            question("two", asks="salesperson", target_field="two", move="done"),
        ],
    )
    start = stage("start", to("go", "both"), status="open", holder="role", role="collector", initial=True)
    return {"code": "rich", "labels": labels("Rich"), "stages": [start, both, decide]}


def problems(data: Any, cast: Cast | None = None) -> list[tuple[str, str]]:
    found = services.check_route(data, entity=cast.entity if cast else None)
    assert all(one.words.endswith(".") for one in found)
    return [(one.place, one.code) for one in found]


def test_a_route_comes_back_as_it_was_written(catalogue: Cast) -> None:
    data = rich_route()
    version = services.write_version(entity=catalogue.entity, data=data, by=catalogue.alice, at=AT)
    read = services.read_route(version)
    assert read == data
    assert services.check_route(read, entity=catalogue.entity) == []
    for entry in services.catalogue.reasons():
        current = RouteVersion.objects.get(
            route__entity=catalogue.entity, route__code=entry["code"], current=True
        )
        again = services.read_route(current)
        services.write_version(route=current.route, data=again, by=catalogue.alice, at=AT)
        assert services.read_route(current.route.versions.get(activated_at=None)) == again


def test_a_draft_stands_beside_the_edition_in_force_and_is_replaced(
    dispute: Dispute, catalogue: Cast
) -> None:
    route = dispute.route_version.route
    data = services.read_route(dispute.route_version)
    data["labels"] = labels("Price, new")
    first = services.write_version(route=route, data=data, by=catalogue.alice, at=AT)
    data["stages"][0]["deadline_minutes"] = 60
    second = services.write_version(route=route, data=data, by=catalogue.adam, at=AT + timedelta(hours=1))
    assert (first.pk, second.number, second.is_draft) == (second.pk, 2, True)
    assert second.stages.get(initial=True).deadline_minutes == 60
    assert (second.label, Route.objects.get(pk=route.pk).label) == ("Price, new", "Price")
    assert open_one(catalogue).route_version == dispute.route_version

    services.activate_version(version=second, by=catalogue.alice, at=AT)
    assert Route.objects.get(pk=route.pk).label == "Price, new"
    assert open_one(catalogue).route_version == second
    dispute.refresh_from_db()
    assert dispute.route_version.number == 1
    assert [version.current for version in route.versions.order_by("number")] == [False, True]
    kinds = [event.kind for event in timeline("route", route.pk)]
    assert kinds == ["route.written", "route.activated", "route.written", "route.written", "route.activated"]
    assert verify_chain("route", route.pk)


def test_activating_twice_changes_nothing_and_an_old_edition_may_come_back(
    dispute: Dispute, catalogue: Cast
) -> None:
    old = dispute.route_version
    data = services.read_route(old)
    new = services.write_version(route=old.route, data=data, by=catalogue.alice, at=AT, activate=True)
    before = timeline("route", old.route_id).count()
    services.activate_version(version=new, by=catalogue.alice, at=AT)
    assert timeline("route", old.route_id).count() == before
    services.activate_version(version=old, by=catalogue.alice, at=AT)
    assert RouteVersion.objects.get(route=old.route, current=True) == old


def test_a_draft_may_be_unfinished_but_not_come_into_force(catalogue: Cast) -> None:
    data = {"code": "new", "labels": labels("New"), "stages": [stage("only")]}
    draft = services.write_version(entity=catalogue.entity, data=data, by=catalogue.alice, at=AT)
    with pytest.raises(RouteProblems) as refused:
        services.activate_version(version=draft, by=catalogue.alice, at=AT)
    assert [one.code for one in refused.value.problems] == ["no_start", "dead_end"]
    assert not RouteVersion.objects.get(pk=draft.pk).current
    services.drop_draft(route=draft.route, by=catalogue.alice, at=AT)
    services.drop_draft(route=draft.route, by=catalogue.alice, at=AT)
    with pytest.raises(IllegalAct):
        services.activate_version(version=draft, by=catalogue.alice, at=AT)


def test_only_those_who_edit_routes_write_and_activate(dispute: Dispute, catalogue: Cast) -> None:
    data = services.read_route(dispute.route_version)
    draft = services.write_version(route=dispute.route_version.route, data=data, by=catalogue.alice, at=AT)
    events = timeline("route", draft.route_id).count()
    who: list[User] = [getattr(catalogue, name) for name in ("carl", "sam", "eva", "fin", "mallory")]
    for person in who:
        for act in (
            lambda by: services.write_version(route=draft.route, data=data, by=by, at=AT),
            lambda by: services.activate_version(version=draft, by=by, at=AT),
            lambda by: services.drop_draft(route=draft.route, by=by, at=AT),
            lambda by: services.switch_route(route=draft.route, active=False, by=by, at=AT),
        ):
            with pytest.raises(RoleMayNot):
                act(person)
    assert timeline("route", draft.route_id).count() == events
    assert RouteVersion.objects.get(pk=draft.pk).is_draft


def test_the_database_keeps_what_disputes_follow(catalogue: Cast) -> None:
    data = rich_route()
    version = services.write_version(
        entity=catalogue.entity, data=data, by=catalogue.alice, at=AT, activate=True
    )
    dispute = open_one(catalogue)
    Dispute.objects.filter(pk=dispute.pk).update(route_version=version)
    branch = StageBranch.objects.get(stage__version=version, code="sales")
    alert = StageAlert.objects.filter(stage__version=version)
    for change in (
        lambda: StageBranch.objects.filter(pk=branch.pk).update(deadline_minutes=1),
        lambda: alert.delete(),
        lambda: branch.stage.sends.all().delete(),
        lambda: StageAlert.objects.create(stage=branch.stage, minutes=1, to="lead"),
        lambda: QuestionTemplate.objects.filter(stage=branch.stage).update(kind="text"),
        lambda: Stage.objects.filter(pk=branch.stage_id).update(wait_for="any"),
        lambda: RouteVersion.objects.filter(pk=version.pk).update(labels={}),
    ):
        with pytest.raises(IntegrityError, match="route_version_is_final"), transaction.atomic():
            change()
    services.write_version(route=version.route, data=data, by=catalogue.alice, at=AT)
    for name, wrong in (
        ("route_one_draft", {"number": 9}),
        ("route_current_version_was_activated", {"number": 9, "current": True}),
    ):
        route = (
            version.route
            if name == "route_one_draft"
            else Route.objects.get(entity=catalogue.entity, code="quality")
        )
        RouteVersion.objects.filter(route=route, current=True).update(current=False)
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RouteVersion.objects.create(route=route, **wrong)
    Dispute.objects.filter(pk=dispute.pk).update(route_version=dispute.route_version)


def test_the_code_of_a_route_never_changes(catalogue: Cast) -> None:
    route = Route.objects.get(entity=catalogue.entity, code="price")
    with pytest.raises(IllegalAct):
        services.write_version(route=route, data=rich_route(), by=catalogue.alice, at=AT)
    assert not Route.objects.filter(code="rich").exists()


WAYS: list[tuple[str, str, str, Any]] = [
    ("no_start", "stages", "stages.0.initial", False),
    ("two_starts", "stages.1.initial", "stages.1.initial", True),
    ("twice", "stages.2.code", "stages.2.code", "both"),
    ("twice", "stages.2.moves.1.code", "stages.2.moves.1.code", "done"),
    ("twice", "stages.2.questions.1.code", "stages.2.questions.1.code", "one"),
    ("twice", "stages.2.questions.0.choices.1.value", "stages.2.questions.0.choices.1.value", "yes"),
    ("dead_end", "stages.2.moves", "stages.2.moves", []),
    ("two_ends", "stages.2.moves.0.to", "stages.2.moves.0.to", "both"),
    ("no_end", "stages.2.moves.0.to", "stages.2.moves.0.verdict", None),
    ("unknown_stage", "stages.0.moves.0.to", "stages.0.moves.0.to", "nowhere"),
    ("nobody_moves", "stages.0.moves.0.roles", "stages.0.moves.0.roles", []),
    ("too_few_choices", "stages.2.questions.0.choices", "stages.2.questions.0.choices", []),
    ("unknown_move", "stages.2.questions.1.move", "stages.2.questions.1.move", "gone"),
    ("demands_more", "stages.2.questions.1.move", "stages.2.questions.1.move", "write_off"),
    ("unknown_move", "stages.1.parallel.then", "stages.1.parallel.then", "gone"),
    ("demands_more", "stages.1.parallel.then", "stages.1.moves.0.demands", ["note"]),
    ("twice", "stages.1.parallel.branches.1.code", "stages.1.parallel.branches.1.code", "logistics"),
    ("too_few_branches", "stages.1.parallel.branches", "stages.1.parallel.branches", []),
    ("clock_of_branches", "stages.1.clock_stops", "stages.1.clock_stops", True),
    ("alert_too_early", "stages.1.alerts.0.minutes", "stages.1.alerts.0.minutes", -540),
    ("twice", "stages.1.alerts.1.minutes", "stages.1.alerts.1", {"minutes": -60, "to": "holder"}),
    ("alert_without_deadline", "stages.2.alerts.0.minutes", "stages.2.alerts", [{"minutes": 0, "to": "lead"}]),
    ("unknown_text", "stages.1.sends.0.text", "stages.1.sends.0.text", "love.letter"),
    ("unreachable", "stages.1", "stages.0.moves.0.to", "decide"),
    ("no_way_to_an_end", "stages.1.moves", "stages.1.moves.0.to", "start"),
    ("no_holder", "stages.0.role", "stages.0.role", None),
    ("unknown_department", "stages.1.parallel.branches.0.department", "stages.1.parallel.branches.0.department", "x"),
    ("unknown_person", "stages.1.parallel.branches.1.person", "stages.1.parallel.branches.1.person", "a@b.example"),
    ("missing", "stages.0.labels", "stages.0.labels", None),
    ("labels", "stages.0.labels", "stages.0.labels", {"de": "Hallo"}),
    ("slug", "code", "code", "with space"),
    ("choice", "stages.0.status", "stages.0.status", "solved"),
    ("choice", "stages.1.alerts.1.to", "stages.1.alerts.1.to", "role:king"),
    ("number", "stages.1.deadline_minutes", "stages.1.deadline_minutes", True),
    ("number", "stages.1.deadline_minutes", "stages.1.deadline_minutes", -5),
    ("missing", "stages.1.alerts.0.minutes", "stages.1.alerts.0.minutes", None),
    ("flag", "stages.0.initial", "stages.0.initial", "yes"),
    ("list", "stages.0.moves", "stages.0.moves", {"a": 1}),
    ("part", "stages.0", "stages.0", "start"),
    ("text", "stages.1.sends.0.text", "stages.1.sends.0.text", 5),
    ("unknown", "stages.0.colour", "stages.0.colour", "red"),
    ("too_many", "stages", "stages", [{}] * 61),
]  # fmt: skip


def put(data: Any, path: str, value: Any) -> Data:
    """The data with one place changed."""
    data = deepcopy(data)
    *way, last = path.split(".")
    part = data
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[int(last) if isinstance(part, list) else last] = value
    return data  # type: ignore[no-any-return]


@pytest.mark.parametrize(("code", "place", "path", "value"), WAYS)
def test_each_fault_is_named_at_its_place(
    catalogue: Cast, code: str, place: str, path: str, value: Any
) -> None:
    assert problems(rich_route(), catalogue) == []
    assert (place, code) in problems(put(rich_route(), path, value), catalogue)


def test_somebody_must_be_behind_every_holder(catalogue: Cast) -> None:
    data = put(rich_route(), "stages.0.role", "partner")
    assert problems(data, catalogue) == [("stages.0.role", "nobody_has_the_role")]
    catalogue.eva.memberships.all().delete()
    catalogue.sam.is_active = False
    catalogue.sam.save()
    branch = "stages.1.parallel.branches"
    assert problems(rich_route(), catalogue) == [
        (f"{branch}.0.department", "empty_department"),
        (f"{branch}.1.person", "inactive_person"),
    ]
    services.write_version(entity=catalogue.entity, data=rich_route(), by=catalogue.alice, at=AT)
    with pytest.raises(RouteProblems, match=r"Nobody works in “Logistics”. Sam no longer works here."):
        services.write_version(
            entity=catalogue.entity, data=rich_route(), by=catalogue.alice, at=AT, activate=True
        )


@pytest.mark.parametrize(
    "rubbish", [None, [], "route", 5, {}, {"stages": None}, {"code": 1, "stages": [None]}]
)
def test_rubbish_is_told_not_raised(rubbish: Any) -> None:
    assert problems(rubbish)


def test_the_sentences_follow_the_reader() -> None:
    data = put(rich_route(), "stages.2.moves", [])
    with override("fr"):
        told = services.check_route(data)
    assert any("aucune issue" in one.words for one in told)
