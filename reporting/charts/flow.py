"""What came and went above what was left: pairs of bars, and over them the line of the stock, on one time axis.

Two plots with a scale each: a stock of hundreds and a flow of a few in one would hide the flow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reporting.charts.columns import Segment
from reporting.charts.series import Point, time_axis
from reporting.charts.shapes import Bar, Chart, Dot, Frame, Rule, Stroke, Text, placed, scaled, ticks

Write = Callable[[Decimal], str]
GAP, MOST_TICKS = 42, 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of time: what came, what went, and what was left at its end."""

    label: str
    pair: tuple[Segment, Segment]
    left: Point


def flow(turns: Sequence[Turn], frame: Frame, tick: Write, names: tuple[str, str]) -> Chart:
    """The line of the stock above, the pairs of bars below. `names`: what each plot shows, above it."""
    stock = ticks(max((turn.left.value or Decimal(0) for turn in turns), default=Decimal(0)), MOST_TICKS)
    moved = ticks(max((part.value for turn in turns for part in turn.pair), default=Decimal(0)), MOST_TICKS)
    frame = frame.fitted(map(tick, [*stock, *moved]))
    half = (frame.plot_height - GAP) // 2
    above = replace(frame, bottom=frame.height - frame.top - half)
    below = replace(frame, top=frame.floor - half)
    xs = [frame.left + frame.plot_width * (2 * i + 1) // (2 * len(turns)) for i in range(len(turns))]
    rules, texts = _scales(above, stock, tick), time_axis(frame, [turn.label for turn in turns], xs)
    for plot, top in ((above, stock), (below, moved)):
        texts += [Text(plot.left - 6, y + 4, tick(v), "end", "tick") for v, y in _heights(plot, top)]
    rules += _scales(below, moved, tick)
    texts += [
        Text(0, plot.top - 14, name, "start", "label")
        for plot, name in zip((above, below), names, strict=True)
    ]
    dots = _dots(turns, above, stock[-1], xs)
    stroke = Stroke(" ".join(f"{dot.x},{dot.y}" for dot in dots), "c3")
    if dots:
        texts.append(
            placed(dots[-1].x, dots[-1].y - 8, tick(turns[-1].left.value or Decimal(0)), frame.width, "value")
        )
    bars = _pairs(turns, below, moved[-1], xs)
    return Chart(frame.width, frame.height, tuple(rules), tuple(bars), (stroke,), tuple(dots), tuple(texts))


def _heights(plot: Frame, top: Sequence[Decimal]) -> list[tuple[Decimal, int]]:
    return [(value, plot.floor - scaled(value, top[-1], plot.plot_height)) for value in top]


def _scales(plot: Frame, top: Sequence[Decimal], tick: Write) -> list[Rule]:
    edge = plot.width - plot.right
    return [Rule(plot.left, y, edge, y, "gridline" if value else "axis") for value, y in _heights(plot, top)]


def _dots(turns: Sequence[Turn], plot: Frame, top: Decimal, xs: Sequence[int]) -> list[Dot]:
    return [
        Dot(x, plot.floor - scaled(turn.left.value or Decimal(0), top, plot.plot_height), "c3", turn.left.href,
            turn.left.title)
        for x, turn in zip(xs, turns, strict=True)
    ]  # fmt: skip


def _pairs(turns: Sequence[Turn], plot: Frame, top: Decimal, xs: Sequence[int]) -> list[Bar]:
    """Two bars beside each other in the middle of each place; what is nothing is not drawn."""
    width = min(24, max(1, plot.plot_width // max(len(turns), 1) // 2 - 2))
    bars = []
    for x, turn in zip(xs, turns, strict=True):
        for side, part in enumerate(turn.pair):
            if height := scaled(part.value, top, plot.plot_height):
                at = x - width - 1 if side == 0 else x + 1
                bars.append(Bar(at, plot.floor - height, width, height, part.css, part.href, part.title))
    return bars
