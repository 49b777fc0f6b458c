"""The drawing of a route: everything has its place, nothing lies over anything, whatever the route looks like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.drawing import Marks, Names, Picture, draw
from disputes.drawing.text import cut, width, wrap
from disputes.drawing.told import alert_in_words, minutes_in_words
from disputes.services import catalogue

CODES = [f"s{number}" for number in range(8)]


def stage(code: str, *moves: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A stage of the coordinator; a move is its code and where it leads (a stage, or `=` and a status)."""
    made = [
        {"code": name, "labels": {"en": name}, "roles": ["collector"]}
        | ({"ends_as": to[1:]} if to.startswith("=") else {"to": to})
        for name, to in moves
    ]
    return {
        "code": code,
        "labels": {"en": code},
        "status": "open",
        "holder": "coordinator",
        "moves": made,
        **more,
    }


def route(*stages: dict[str, Any]) -> dict[str, Any]:
    return {"code": "r", "labels": {"en": "r"}, "stages": list(stages)}


def wire(picture: Picture, move: str) -> Any:
    return next(wire for wire in picture.wires if wire.move == move)


def apart(picture: Picture) -> None:
    """No box lies over another, and none outside the picture."""
    things = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in (*picture.boxes, *picture.ends)]
    for number, (left, top, right, bottom) in enumerate(things):
        assert min(left, top) >= 0
        assert right <= picture.width
        assert bottom <= picture.height
        for other_left, other_top, other_right, other_bottom in things[:number]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


def clear(picture: Picture) -> None:
    """No wire runs through a box: between its own two ends it keeps to the free room."""
    for one in picture.wires:
        for (x0, y0), (x1, y1) in zip(one.points, one.points[1:], strict=False):
            assert x0 == x1 or y0 == y1
            for box in picture.boxes:
                inside_x = min(x0, x1) < box.x + box.width and max(x0, x1) > box.x
                inside_y = box.y < max(y0, y1) and min(y0, y1) < box.y + box.height
                assert not (inside_x and inside_y), (one.move, box.code)


@st.composite
def routes(draw_from: st.DrawFn) -> dict[str, Any]:
    codes = draw_from(st.lists(st.sampled_from(CODES), min_size=1, max_size=7, unique=True))
    targets = st.sampled_from([*CODES, "=solved", "=rejected", "=withdrawn", "=nonsense", ""])
    made = []
    for code in codes:
        found = draw_from(st.lists(targets, max_size=5))
        made.append(
            stage(code, *((f"{code}-{n}", to) for n, to in enumerate(found)), initial=code == codes[0])
        )
    return route(*made)


@settings(max_examples=150, deadline=None)
@given(routes())
def test_whatever_the_route_nothing_lies_over_anything(data: dict[str, Any]) -> None:
    picture = draw(data)
    apart(picture)
    clear(picture)
    assert picture == draw(data)
    assert [box.code for box in picture.boxes] == [one["code"] for one in data["stages"]]
    known = {box.code: box for box in picture.boxes} | {f"end:{end.status}": end for end in picture.ends}
    for one in picture.wires:
        box, there = known[one.stage], known[one.target]
        row = next(row for row in box.rows if row.code == one.move)
        assert one.points[0] == (box.x + box.width, box.y + row.port)
        assert one.points[-1][0] == there.x
        assert there.y < one.points[-1][1] < there.y + there.height
    lost = [row for box in picture.boxes for row in box.rows if row.lost]
    assert len(picture.wires) + len(lost) == sum(len(one["moves"]) for one in data["stages"])


def test_stages_stand_in_the_order_in_which_they_are_reached() -> None:
    picture = draw(
        route(
            stage("a", ("go", "b"), ("jump", "c"), initial=True),
            stage("b", ("on", "c")),
            stage("c", ("back", "a"), ("again", "c"), ("end", "=solved")),
        )
    )
    a, b, c = picture.boxes
    assert a.x < b.x < c.x < picture.ends[0].x
    assert [wire(picture, name).kind for name in ("go", "jump", "on", "back", "again", "end")] == [
        "on", "on", "on", "back", "back", "end",
    ]  # fmt: skip
    below = max(box.y + box.height for box in picture.boxes)
    assert max(y for _x, y in wire(picture, "back").points) > below
    assert max(y for _x, y in wire(picture, "jump").points) <= below + 40


@pytest.mark.parametrize("number", range(8))
def test_the_routes_of_the_catalogue_fit_a_desktop(number: int) -> None:
    picture = draw(catalogue.reasons()[number]["route"])
    apart(picture)
    clear(picture)
    assert picture.ends
    assert picture.width <= 1700


def test_branches_are_lanes_with_their_join() -> None:
    branch = {
        "code": "x",
        "labels": {"en": "Delivery note"},
        "holder": "department",
        "department": "logistics",
    }
    other = {"code": "y", "labels": {"en": "Sales"}, "holder": "salesperson", "deadline_minutes": 240}
    parallel = {"wait_for": "all", "then": "go", "branches": [branch, other]}
    picture = draw(
        route(stage("a", ("go", "b"), initial=True, parallel=parallel), stage("b", ("end", "=solved"))),
        Names(departments={"logistics": "Logistics"}),
    )
    fork = picture.boxes[0].fork
    assert fork is not None
    assert [lane.title for lane in fork.lanes] == ["Delivery note", "Sales"]
    assert fork.lanes[0].lines[0].text == "Logistics"
    assert fork.lanes[0].y + fork.lanes[0].height <= fork.lanes[1].y
    assert fork.join.full == "All of them: go"
    assert fork.join.y < picture.boxes[0].rows[0].y


def test_where_a_dispute_was_and_is_is_marked() -> None:
    data = route(stage("a", ("go", "b"), initial=True), stage("b", ("end", "=solved")))
    here = Marks(been=frozenset({"a", "b"}), taken=frozenset({("a", "go")}), here="b")
    picture = draw(data, marks=here)
    assert [(box.done, box.here) for box in picture.boxes] == [(True, False), (False, True)]
    assert [one.taken for one in picture.wires] == [True, False]
    assert draw(data, marks=Marks(ended="solved")).ends[0].reached


def test_what_is_missing_is_drawn_as_missing() -> None:
    picture = draw({"stages": [{"code": "a", "moves": [{"code": "m", "to": "gone"}], "holder": ""}]})
    assert picture.boxes[0].rows[0].lost
    assert picture.wires == ()
    assert draw({}).boxes == ()


def test_words_fit_their_room() -> None:
    long = "Preguntar al comercial por la mercancía que falta en esta entrega"
    for line in wrap(long, 170, 12):
        assert width(line, 12) <= 170
    assert wrap(long, 170, 12)[-1].endswith("…")
    assert cut("short", 170, 12) == "short"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(30, "30 min"), (60, "1 h"), (90, "1 h 30 min"), (540, "1 working day"), (1080, "2 working days")],
)
def test_working_time_is_said_as_people_say_it(minutes: int, words: str) -> None:
    assert minutes_in_words(minutes) == words


def test_an_alert_says_when_and_whom() -> None:
    assert alert_in_words({"minutes": -120, "to": "holder"}) == "2 h before: the holder"
    assert alert_in_words({"minutes": 0, "to": "role:sales"}) == "At the deadline: Salesperson"
    late = alert_in_words({"minutes": 540, "to": "lead", "hand_over": True})
    assert late == "1 working day late: their lead · hands over"
