"""Editing a route's data: whatever is done one after the other, the draft stays readable and nothing else changes."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes import editing, services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Route
from disputes.services import catalogue as shipped
from disputes.services.route_editing import activate_seen, draft_of, edit_draft, new_route, start_draft
from tests.factories import Cast

PRICE = next(entry["route"] for entry in shipped.reasons() if entry["code"] == "price")


def price() -> dict[str, Any]:
    return deepcopy(PRICE)


def test_a_new_part_gets_a_code_of_its_own_from_its_words() -> None:
    data = price()
    words = {"en": "Ask sales"}
    move = {"labels": words, "to": "ask_sales", "roles": ["collector"]}
    for code in ("ask_sales_2", "ask_sales_3"):
        data = editing.put_part(data, "to_triage", "moves", None, move)
        assert editing.stage_at(data, "to_triage")["moves"][-1]["code"] == code
    assert services.check_route(data) == []


def test_what_a_form_does_not_know_stays() -> None:
    data = price()
    editing.stage_at(data, "ask_sales")["later"] = "kept"
    again = editing.put_stage(data, "ask_sales", {"labels": {"en": "Ask"}, "deadline_minutes": None})
    stage = editing.stage_at(again, "ask_sales")
    assert (stage["later"], stage["labels"]) == ("kept", {"en": "Ask"})
    assert "deadline_minutes" not in stage
    assert stage["moves"] == editing.stage_at(data, "ask_sales")["moves"]


def test_one_stage_starts() -> None:
    data = editing.put_stage(price(), "ask_sales", {"labels": {"en": "Ask"}, "initial": True})
    assert [stage["code"] for stage in data["stages"] if stage.get("initial")] == ["ask_sales"]


def test_a_stage_that_goes_takes_the_moves_to_it_along() -> None:
    before = price()
    incoming = editing.moves_into(before, "ask_sales")
    assert incoming
    data = editing.drop_stage(before, "ask_sales")
    assert all(move.get("to") != "ask_sales" for stage in data["stages"] for move in stage["moves"])
    assert not [one for one in services.check_route(data) if one.broken]
    assert before == price()


def test_the_last_stage_stays() -> None:
    data = editing.fresh_route("r", {"en": "r"}, {"en": "Triage"})
    with pytest.raises(FieldErrors):
        editing.drop_stage(data, "to_triage")


def test_answers_do_not_name_a_move_that_is_gone() -> None:
    data = price()
    stage = editing.stage_at(data, "ask_sales")
    made = {choice["move"] for choice in stage["question"]["choices"] if choice.get("move")}
    gone = next(n for n, move in enumerate(stage["moves"]) if move["code"] in made)
    again = editing.drop_part(data, "ask_sales", "moves", gone)
    left = editing.parts_of(editing.stage_at(again, "ask_sales"), "questions")[0]
    assert {choice.get("move") for choice in left["choices"]} == made - {stage["moves"][gone]["code"]} | {
        None
    }
    assert services.check_route(again) == []


def branch(name: str) -> dict[str, Any]:
    return {"labels": {"en": name}, "holder": "salesperson", "deadline_minutes": 60, "question": None}


def test_branches_join_by_a_move_that_must_stay_while_they_are_there() -> None:
    data = price()
    for name in ("Sales", "Logistics"):
        data = editing.put_part(data, "ask_sales", "branches", None, branch(name))
    stage = editing.stage_at(data, "ask_sales")
    assert stage["parallel"]["wait_for"] == "all"
    place = next(n for n, one in enumerate(stage["moves"]) if one["code"] == stage["parallel"]["then"])
    with pytest.raises(FieldErrors, match="branches"):
        editing.drop_part(data, "ask_sales", "moves", place)
    assert services.check_route(data) == []
    for _each in range(2):
        data = editing.drop_part(data, "ask_sales", "branches", 0)
    assert "parallel" not in editing.stage_at(data, "ask_sales")


def test_parts_and_stages_change_places() -> None:
    data = price()
    codes = [stage["code"] for stage in data["stages"]]
    again = editing.shift_stage(data, codes[1], -1)
    assert [stage["code"] for stage in again["stages"]][:2] == [codes[1], codes[0]]
    assert editing.shift_stage(data, codes[0], -1) == data
    moves = [move["code"] for move in data["stages"][0]["moves"]]
    turned = editing.shift_part(data, codes[0], "moves", 0, 1)["stages"][0]["moves"]
    assert [move["code"] for move in turned][:2] == [moves[1], moves[0]]
    with pytest.raises(IndexError):
        editing.shift_part(data, codes[0], "moves", 99, 1)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 5)), max_size=12))
def test_whatever_is_taken_out_or_moved_the_draft_can_be_kept(acts: list[tuple[int, int, int]]) -> None:
    data = price()
    for act, stage_number, place in acts:
        code = data["stages"][stage_number % len(data["stages"])]["code"]
        kind = editing.KINDS[place % 2]
        try:
            if act == 0:
                data = editing.drop_stage(data, code)
            elif act == 1:
                data = editing.drop_part(data, code, kind, place)
            elif act == 2:
                data = editing.shift_part(data, code, kind, place, 1)
            elif act == 3:
                data = editing.put_part(data, code, "branches", None, branch("B"))
            elif act == 4:
                data = editing.shift_stage(data, code, -1)
            else:
                data = editing.drop_part(data, code, "branches", 0)
        except (FieldErrors, IndexError):
            continue
        assert not [one for one in services.check_route(data) if one.broken]


def test_changes_are_told_stage_by_stage() -> None:
    before = price()
    after = editing.put_stage(before, "ask_sales", {"labels": {"en": "Ask"}, "deadline_minutes": 540})
    after = editing.put_stage(
        after, None, {"labels": {"en": "Check"}, "status": "in_progress", "holder": "coordinator"}
    )
    told = [(one.kind, one.stage, one.what, one.after) for one in editing.changes_between(before, after)]
    assert ("changed", "Ask", "Time", "1 working day") in told
    assert ("new", "Check", "Stage", "Check") in told
    assert editing.changes_between(before, before) == []
    gone = editing.changes_between(after, before)
    assert ("gone", "Check") in [(one.kind, one.before) for one in gone]


@pytest.fixture
def route(catalogue: Cast) -> Route:
    return Route.objects.get(entity=catalogue.entity, code="price")


def rename(name: str) -> Any:
    return lambda data: editing.rename(data, {"en": name})


def test_a_stale_edit_is_told_and_nothing_is_lost(route: Route, catalogue: Cast, at: datetime) -> None:
    draft = start_draft(route=route, by=catalogue.alice, at=at)
    seen = editing.digest(services.read_route(draft))
    edit_draft(route=route, seen=seen, change=rename("Alice's"), by=catalogue.alice, at=at)
    with pytest.raises(IllegalAct, match="Alice changed this draft"):
        edit_draft(route=route, seen=seen, change=rename("Adam's"), by=catalogue.adam, at=at)
    now = draft_of(route)
    assert now is not None
    assert services.read_route(now)["labels"] == {"en": "Alice's"}
    fresh = editing.digest(services.read_route(now))
    edit_draft(route=route, seen=fresh, change=rename("Adam's"), by=catalogue.adam, at=at)


def test_starting_twice_gives_the_same_draft(route: Route, catalogue: Cast, at: datetime) -> None:
    first = start_draft(route=route, by=catalogue.alice, at=at)
    assert start_draft(route=route, by=catalogue.adam, at=at).pk == first.pk
    assert services.read_route(first)["stages"]


def test_what_is_gone_is_told(route: Route, catalogue: Cast, at: datetime) -> None:
    with pytest.raises(IllegalAct, match="no draft"):
        edit_draft(route=route, seen="", change=rename("x"), by=catalogue.alice, at=at)
    draft = start_draft(route=route, by=catalogue.alice, at=at)
    seen = editing.digest(services.read_route(draft))
    with pytest.raises(IllegalAct) as refused:
        edit_draft(
            route=route,
            seen=seen,
            change=lambda data: editing.drop_stage(data, "nothing"),
            by=catalogue.alice,
            at=at,
        )
    assert refused.value.code == "part_is_gone"


def test_activating_what_somebody_changed_meanwhile_is_refused(
    route: Route, catalogue: Cast, at: datetime
) -> None:
    draft = start_draft(route=route, by=catalogue.alice, at=at)
    seen = editing.digest(services.read_route(draft))
    edit_draft(route=route, seen=seen, change=rename("Other"), by=catalogue.adam, at=at)
    draft.refresh_from_db()
    with pytest.raises(IllegalAct, match="changed this draft"):
        activate_seen(version=draft, seen=seen, by=catalogue.alice, at=at)
    fresh = editing.digest(services.read_route(draft))
    assert activate_seen(version=draft, seen=fresh, by=catalogue.alice, at=at).current


def test_only_administrators_and_credit_managers_edit(route: Route, catalogue: Cast, at: datetime) -> None:
    for name in ("carl", "sam", "fin", "eva"):
        with pytest.raises(RoleMayNot):
            start_draft(route=route, by=getattr(catalogue, name), at=at)
    assert draft_of(route) is None


def test_a_new_route_never_replaces_another(route: Route, catalogue: Cast, at: datetime) -> None:
    data = editing.fresh_route("price", {"en": "Mine"}, {"en": "Triage"})
    with pytest.raises(FieldErrors):
        new_route(entity=catalogue.entity, data=data, by=catalogue.alice, at=at)
    assert draft_of(route) is None
    made = new_route(entity=catalogue.entity, data=data | {"code": "mine"}, by=catalogue.alice, at=at)
    assert made.is_draft
