"""Chart geometry: bars start at zero, stacks close up, and no text leaves the picture."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.charts.columns import Column, Segment, Step, stacked, waterfall
from reporting.charts.flow import Turn, flow
from reporting.charts.hours import Cell, grid
from reporting.charts.lanes import Lane, lanes
from reporting.charts.pareto import Share, pareto
from reporting.charts.series import Line, Point, series
from reporting.charts.shapes import (
    PHONE_FRAME,
    WIDE_FRAME,
    Chart,
    Frame,
    cuts,
    placed,
    scaled,
    ticks,
    width_of,
    wrapped,
)

D = Decimal
FRAMES = (WIDE_FRAME, PHONE_FRAME)
amounts = st.decimals(0, 10**8, places=2)
words = st.text("abcdefgh mW", min_size=1, max_size=14)


def inside(chart: Chart) -> bool:
    """Nothing is drawn outside the picture, texts included (measured generously)."""
    boxes = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in chart.bars]
    boxes += [(d.x, d.y, d.x, d.y) for d in chart.dots]
    boxes += [(t.left, t.y - 10, t.right, t.y) for t in chart.texts]
    return all(x >= -1 and y >= -1 and x2 <= chart.width + 1 and y2 <= chart.height for x, y, x2, y2 in boxes)


def column(label: str, *values: Decimal) -> Column:
    return Column(
        label, "1.234 k €", tuple(Segment(v, f"c{i}", f"?{label}", label) for i, v in enumerate(values))
    )


@pytest.mark.parametrize(
    ("largest", "last", "steps"),
    [("0", "1", 1), ("1", "1", 4), ("73.7", "80", 4), ("101", "150", 3), ("9", "10", 4), ("0.3", "0.3", 3)],
)
def test_ticks_are_round_and_reach_the_largest_value(largest: str, last: str, steps: int) -> None:
    found = ticks(D(largest))
    assert (found[0], found[-1], len(found) - 1) == (D(0), D(last), steps)


@given(st.decimals("0.01", 10**12, places=2))
def test_ticks_cover_any_value_in_few_steps(largest: Decimal) -> None:
    found = ticks(largest)
    assert found[-1] >= largest
    assert 1 <= len(found) - 1 <= 4
    assert found[-1] <= largest * 4


def test_bars_stand_on_the_floor_and_parts_touch() -> None:
    chart = stacked([column("Not due", D(75), D(25)), column("1-30", D(50), D(0))], WIDE_FRAME, str)
    low, high, alone = chart.bars
    assert low.y + low.height == WIDE_FRAME.floor
    assert high.y + high.height == low.y
    assert high.y == WIDE_FRAME.top
    assert alone.height * 2 == pytest.approx(low.height + high.height, abs=1)
    assert chart.bars[0].href == "?Not due"


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6), st.sampled_from(FRAMES))
def test_stacked_columns_stay_in_the_picture(values: list[tuple[Decimal, Decimal]], frame: Frame) -> None:
    chart = stacked(
        [column(f"{i}-30", *pair) for i, pair in enumerate(values)], frame, lambda v: f"{v:.0f}"[:7]
    )
    assert inside(chart)
    assert all(bar.height >= 1 for bar in chart.bars)
    assert len(chart.bars) == sum(value > 0 for pair in values for value in pair)


@given(st.lists(amounts, min_size=1, max_size=5), st.integers(50, 400))
def test_running_sums_end_where_the_total_does(values: list[Decimal], pixels: int) -> None:
    total = sum(values, D(0))
    marks = cuts(values, total, pixels)
    assert marks == sorted(marks)
    assert marks[-1] >= scaled(total, total, pixels)


def steps(*values: str) -> list[Step]:
    parts = [Step(f"part {v}", D(v), f"{v} d", "c1", f"?{v}", v) for v in values]
    whole = sum(map(D, values), D(0))
    return [*parts, Step("DSO", whole, f"{whole} d", "total", "?", "all", total=True)]


def test_each_step_of_the_waterfall_starts_where_the_last_ended() -> None:
    chart = waterfall(steps("45.202", "13.769", "14.743"), WIDE_FRAME, str)
    bars = chart.bars
    assert bars[0].y + bars[0].height == WIDE_FRAME.floor
    assert bars[1].y + bars[1].height == bars[0].y
    assert bars[2].y + bars[2].height == bars[1].y
    assert (bars[3].y, bars[3].y + bars[3].height) == (bars[2].y, WIDE_FRAME.floor)
    assert [bar.href for bar in bars] == ["?45.202", "?13.769", "?14.743", "?"]
    assert inside(chart)
    assert inside(waterfall(steps("0", "0", "0"), PHONE_FRAME, str))


def test_what_stands_after_the_total_starts_again_from_the_floor() -> None:
    best = Step("Best", D("40"), "40", "c1", "?best", "best", total=True)
    chart = waterfall(
        [*steps("45", "15"), best, Step("Late", D("20"), "20", "c4", "?late", "late")], WIDE_FRAME, str
    )
    whole, low, high = chart.bars[2:]
    assert low.y + low.height == WIDE_FRAME.floor
    assert (high.y + high.height, high.y) == (low.y, whole.y)
    assert sum(rule.css == "connector" for rule in chart.rules) == 3
    assert inside(chart)


def share(label: str, part: str, reached: str) -> Share:
    return Share(label, "1.234,00 €", D(part), D(reached), "c1", f"?reason={label}", label)


@pytest.mark.parametrize("width", [340, 640])
def test_pareto_bars_show_shares_and_the_limit_stands_at_80(width: int) -> None:
    rows = [share("Precio distinto del pactado", "60", "60"), share("Entrega", "40", "100")]
    chart = pareto(rows, width, "80 %")
    room = width - 24
    assert [bar.width for bar in chart.bars] == [round(room * 0.6), round(room * 0.4)]
    assert next(rule for rule in chart.rules if rule.css == "limit").x1 == 12 + round(room * 0.8)
    assert [dot.x for dot in chart.dots] == [12 + round(room * 0.6), width - 12]
    assert inside(chart)


def test_a_pareto_of_one_cause_has_no_line() -> None:
    assert pareto([share("Price", "100", "100")], 340, "80 %").strokes == ()


def lines(*values: list[str | None]) -> list[Line]:
    def point(v: str | None) -> Point:
        return Point(D(v) if v else None, f"?{v}", str(v))

    return [
        Line(f"Días litigio {i}", f"c{i}", tuple(point(v) for v in found)) for i, found in enumerate(values)
    ]


def test_lines_keep_their_labels_inside_and_apart() -> None:
    chart = series(
        ["ene 2026", "feb 2026", "mar 2026"],
        lines(["70", "72", "73"], ["70", None, "72.9"]),
        PHONE_FRAME,
        str,
    )
    ends = [text for text in chart.texts if text.css.startswith("value")]
    assert len(chart.dots) == 5
    assert abs(ends[0].y - ends[1].y) >= 15
    assert inside(chart)


@given(st.integers(1, 40), st.sampled_from(FRAMES))
def test_labels_of_the_time_axis_never_touch(count: int, frame: Frame) -> None:
    labels = [f"sept {2000 + i}" for i in range(count)]
    chart = series(labels, lines(["5"] * count), frame, str)
    axis = sorted(
        (t for t in chart.texts if t.css == "tick" and t.text.startswith("sept")), key=lambda t: t.x
    )
    assert axis[-1].text == labels[-1]
    assert all(one.right <= two.left for one, two in pairwise(axis))


@given(words, st.integers(0, 340))
def test_a_text_is_moved_inwards_rather_than_cut(text: str, x: int) -> None:
    found = placed(x, 10, text, 340)
    assert found.left >= 0
    assert found.right <= 341


def test_long_labels_are_wrapped_at_words() -> None:
    assert wrapped("no vencido ni disputado", width_of("no vencido")) == ["no vencido", "ni", "disputado"]
    assert wrapped("", 10) == [""]


def turn(opened: int, solved: int, backlog: int) -> Turn:
    pair = (Segment(D(opened), "c2", "?opened", "opened"), Segment(D(solved), "c1", "?solved", "solved"))
    return Turn("30 nov", pair, Point(D(backlog), f"?{backlog}", str(backlog)))


@given(st.lists(st.tuples(*[st.integers(0, 900)] * 3), min_size=1, max_size=13), st.sampled_from(FRAMES))
def test_what_came_and_went_stays_below_the_line_of_what_was_left(
    moves: list[tuple[int, int, int]], frame: Frame
) -> None:
    chart = flow([turn(*one) for one in moves], frame, str, ("Backlog", "Opened and solved"))
    assert inside(chart)
    assert len(chart.dots) == len(moves)
    assert len(chart.bars) == sum(count > 0 for opened, solved, _left in moves for count in (opened, solved))
    assert max(dot.y for dot in chart.dots) < min([bar.y for bar in chart.bars], default=frame.height)
    assert all(one.x + one.width <= two.x for one, two in pairwise(sorted(chart.bars, key=lambda bar: bar.x)))


@pytest.mark.parametrize(("width", "columns"), [(640, 24), (340, 12)])
def test_only_cells_that_hold_something_lead_somewhere(width: int, columns: int) -> None:
    empty, full = Cell("0", 0, "", "none"), Cell("128", 5, "?full", "many")
    rows = [[full if row == column else empty for column in range(columns)] for row in range(7)]
    chart = grid(["Mon"] * 7, [f"{hour:02d}" for hour in range(columns)], rows, width)
    assert inside(chart)
    assert len(chart.bars) == 7 * columns
    assert [bar.href for bar in chart.bars if bar.href] == ["?full"] * 7
    assert [text.text for text in chart.texts if text.css.startswith("count")] == ["128"] * 7
    assert min(bar.width for bar in chart.bars) >= 22


@pytest.mark.parametrize("width", [340, 640])
def test_the_longest_lane_leaves_room_for_its_number(width: int) -> None:
    rows = [
        Lane("Preguntar al comercial", str(n), "11 mil € · 3,4 días", D(n), "c2", f"?{n}", "")
        for n in (1200, 3)
    ]
    chart = lanes(rows, width)
    assert inside(chart)
    assert chart.bars[0].width > chart.bars[1].width > 0
    numbers = [text for text in chart.texts if text.css == "value"]
    assert all(text.left > bar.x + bar.width for text, bar in zip(numbers, chart.bars, strict=True))
