"""The simulation in worked examples: what another edition of a route would have meant for past disputes."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disputes.clocks import Office, add_working
from disputes.simulation import Past, Replay, Source, Visit, compare, replay_all

OFFICE = Office("ES", "UTC")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
SOLVED = ("solved", "credit")


def hours(number: float) -> datetime:
    """So many working hours after Monday nine o'clock; a day has nine."""
    return add_working(MONDAY, round(number * 60), OFFICE) if number else MONDAY


def visit(stage: str, start: float, end: float | None, move: str = "", **more: Any) -> Visit:
    deadline = more.pop("deadline", None)
    taken = round(((end if end is not None else start) - start) * 60)
    return Visit(
        stage=stage,
        kind=more.pop("kind", "coordinator"),
        start=hours(start),
        end=None if end is None else hours(end),
        minutes=taken,
        deadline=deadline,
        due=add_working(hours(start), deadline, OFFICE) if deadline else None,
        move=move,
        **more,
    )


def past(*visits: Visit, pk: int = 1) -> Past:
    return Past(
        pk, f"D-{pk}", "Norte", visits, visits[-1].end, {"salesperson": "Sam", "coordinator": "Alice"}
    )


def stage(code: str, *moves: tuple[str, str], **more: Any) -> dict[str, Any]:
    made = [
        {"code": name} | ({"ends_as": "solved", "resolution": to[1:]} if to.startswith("=") else {"to": to})
        for name, to in moves
    ]
    return {"code": code, "holder": "coordinator", "moves": made, **more}


def route(*stages: dict[str, Any]) -> dict[str, Any]:
    stages[0]["initial"] = True
    return {"code": "r", "stages": list(stages)}


def one(data: dict[str, Any], *pasts: Past) -> Replay:
    return replay_all(data, pasts, OFFICE, NOW)[0]


STRAIGHT = past(
    visit("triage", 0, 2, "ask", deadline=240),
    visit("sales", 2, 12, "credit", kind="salesperson", deadline=540),
    visit("credit", 12, 15, "sent", kind="department", closes=SOLVED),
)
SAME = route(
    stage("triage", ("ask", "sales"), deadline_minutes=240),
    stage("sales", ("credit", "credit"), holder="salesperson", deadline_minutes=540),
    stage("credit", ("sent", "=credit"), holder="department"),
)


def test_on_the_same_route_everything_is_as_it_was() -> None:
    found = one(SAME, STRAIGHT)
    assert [(p.stage, p.start, p.end, p.source) for p in found.passages] == [
        (v.stage, v.start, v.end, Source.OWN) for v in STRAIGHT.visits
    ]
    assert found.end == STRAIGHT.closed
    # Ten hours with sales, nine of them allowed.
    assert [(p.is_late, p.late) for p in found.passages][1] == (True, timedelta(hours=1))


def test_a_shorter_deadline_makes_the_same_work_late_by_what_it_lacks() -> None:
    draft = route(
        stage("triage", ("ask", "sales"), deadline_minutes=60),
        stage("sales", ("credit", "credit"), holder="salesperson", deadline_minutes=240),
        stage("credit", ("sent", "=credit"), holder="department"),
    )
    found = one(draft, STRAIGHT)
    assert [p.late for p in found.passages] == [timedelta(hours=1), timedelta(hours=6), timedelta()]
    whole = compare(["triage", "sales", "credit"], [found], OFFICE, NOW)
    assert (whole.late_before, whole.late_after) == (1, 1)
    assert (whole.late_by_before, whole.late_by_after) == (timedelta(hours=1), timedelta(hours=7))
    assert whole.before == whole.after


def test_a_stage_that_is_left_out_gives_its_time_back() -> None:
    draft = route(
        stage("triage", ("ask", "credit")), stage("credit", ("sent", "=credit"), holder="department")
    )
    found = one(draft, STRAIGHT)
    assert [p.stage for p in found.passages] == ["triage", "credit"]
    assert found.left_out == ("sales",)
    assert found.end == hours(5)
    assert found.passages[1].source == Source.OWN


def test_a_new_stage_takes_the_median_of_the_same_kind_of_holder_and_says_so() -> None:
    draft = route(
        stage("triage", ("ask", "sales")),
        stage("sales", ("credit", "check"), holder="salesperson"),
        stage("check", ("fine", "credit"), holder="department"),
        stage("credit", ("sent", "=credit"), holder="department"),
    )
    quick = past(
        visit("triage", 0, 1, "go"), visit("credit", 1, 6, "sent", kind="department", closes=SOLVED), pk=2
    )
    found = one(draft, STRAIGHT, quick)
    # Departments took three and five hours: four.
    assert [(p.stage, p.source) for p in found.passages][2] == ("check", Source.KIND)
    assert found.passages[2].end == hours(16)
    assert found.end == hours(19)
    assert found.guessed == 1


def test_a_stage_another_dispute_knows_takes_its_median_there() -> None:
    skipped = past(visit("triage", 0, 2, "direct"), visit("credit", 2, 4, "sent", closes=SOLVED), pk=2)
    found = replay_all(SAME, [STRAIGHT, skipped], OFFICE, NOW)[1]
    assert [(p.stage, p.source) for p in found.passages] == [
        ("triage", Source.OWN), ("sales", Source.STAGE), ("credit", Source.OWN),
    ]  # fmt: skip
    assert found.end == hours(14)


def test_what_nobody_has_history_for_counts_no_time_and_is_unknown() -> None:
    draft = route(
        stage("triage", ("ask", "bank")),
        stage("bank", ("on", "sales"), holder="partner"),
        *SAME["stages"][1:],
    )
    found = one(draft, STRAIGHT)
    assert found.passages[1].source == Source.UNKNOWN
    assert found.end == STRAIGHT.closed


def test_branches_take_what_their_stages_took_the_longest_counts() -> None:
    parallel = {
        "wait_for": "all",
        "then": "joined",
        "branches": [
            {"code": "logistics", "holder": "department", "question": {"code": "proof", "asks": "holder"}},
            {"code": "sales", "holder": "salesperson", "question": {"code": "price"}},
        ],
    }
    draft = route(
        stage("triage", ("ask", "both")),
        stage("both", ("joined", "credit"), parallel=parallel, deadline_minutes=540),
        stage("credit", ("sent", "=credit"), holder="department"),
    )
    real = past(
        visit("triage", 0, 2, "ask"),
        visit("logistics", 2, 8, "on", kind="department"),
        visit("sales", 8, 18, "credit", kind="salesperson"),
        visit("credit", 18, 20, "sent", kind="department", closes=SOLVED),
    )
    found = one(draft, real)
    assert [p.stage for p in found.passages] == ["triage", "both", "credit"]
    assert found.passages[1].end == hours(12)
    assert found.end == hours(14)
    assert found.passages[1].late == timedelta(hours=1)
    assert found.passages[1].asked == (("department", "proof"), ("Sam", "price"))
    draft["stages"][1]["parallel"]["wait_for"] = "any"
    assert one(draft, real).end == hours(10)


def test_the_customer_takes_calendar_time_and_is_never_late() -> None:
    wait = Visit("customer", "customer", hours(2), hours(2) + timedelta(days=5), 0, move="ok", closes=SOLVED)
    real = past(visit("triage", 0, 2, "wait"), wait)
    draft = route(
        stage("triage", ("wait", "check")),
        stage("check", ("on", "customer"), holder="coordinator"),
        stage("customer", ("ok", "=credit"), holder="customer", clock_stops=True, deadline_minutes=60),
    )
    found = one(draft, real)
    assert found.passages[2].end == hours(4) + timedelta(days=5)
    assert not found.passages[2].is_late


@pytest.mark.parametrize(
    ("draft", "stage_code", "why"),
    [
        (route(stage("triage", ("ask", "sales")), stage("sales", ("on", "triage"))), "sales", "no_ending"),
        (
            route(stage("triage", ("ask", "=credit")), stage("sales"), stage("credit")),
            "triage",
            "ends_sooner",
        ),
        (route(stage("triage", ("x", "=credit")), stage("sales"), stage("credit")), "triage", "no_way"),
        ({"code": "r", "stages": [stage("triage")]}, "-", "no_start"),
    ],
)
def test_where_it_cannot_be_known_the_replay_stops_and_says_why(
    draft: dict[str, Any], stage_code: str, why: str
) -> None:
    found = one(draft, STRAIGHT)
    assert (found.stopped, found.why) == (stage_code, why)
    assert not found.is_whole
    whole = compare([], [found], OFFICE, NOW)
    assert (whole.compared, whole.after.median) == (0, None)
    assert whole.stopped == ((stage_code, why, 1),)


def test_a_running_dispute_counts_until_now() -> None:
    running = past(visit("triage", 0, 2, "ask"), visit("sales", 2, None, kind="salesperson"))
    found = one(SAME, running)
    assert found.end is None
    assert not found.stopped
    assert found.passages[-1].is_late
    whole = compare(["triage", "sales", "credit"], [found], OFFICE, NOW)
    assert (whole.disputes, whole.closed, whole.compared, whole.late_after) == (1, 0, 0, 1)


def test_a_reopened_dispute_starts_again_after_the_same_time_closed() -> None:
    real = past(visit("triage", 0, 2, "done", closes=SOLVED), visit("triage", 20, 23, "done", closes=SOLVED))
    draft = route(stage("triage", ("done", "check")), stage("check", ("ok", "=credit")))
    found = one(draft, real)
    assert [p.stage for p in found.passages] == ["triage", "check", "triage", "check"]
    assert one(route(stage("triage", ("done", "=credit"))), real).end == real.closed


def test_a_dispute_closed_by_hand_can_be_closed_by_hand_anywhere() -> None:
    real = past(visit("triage", 0, 2, "ask"), visit("sales", 2, 5, closes=("solved", "paid")))
    assert one(SAME, real).end == hours(5)


def test_alerts_go_out_while_the_dispute_is_still_there() -> None:
    ladder = [
        {"minutes": -240, "to": "holder"},
        {"minutes": 0, "to": "coordinator"},
        {"minutes": 30, "to": "lead"},
        {"minutes": 120, "to": "credit_manager"},
    ]
    draft = route(stage("triage", ("ask", "sales")), *deepcopy(SAME["stages"][1:]))
    draft["stages"][1]["alerts"] = ladder
    assert one(draft, STRAIGHT).passages[1].alerts == ("holder", "coordinator", "lead")


def test_median_and_ninetieth_percentile_compare_the_same_disputes() -> None:
    pasts = [past(visit("triage", 0, n, "sent", closes=SOLVED), pk=n) for n in (1, 2, 3, 4)] + [
        past(visit("triage", 0, 9, "lost", closes=("rejected", "rejected")), pk=9)
    ]
    draft = route(stage("triage", ("sent", "=credit")))
    whole = compare(["triage"], replay_all(draft, pasts, OFFICE, NOW), OFFICE, NOW)
    assert whole.compared == 4
    assert whole.before.median == whole.after.median == timedelta(hours=2.5)
    assert whole.before.p90 == timedelta(hours=3.7)
