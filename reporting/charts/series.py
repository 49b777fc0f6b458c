"""Lines over time: straight between points (nothing is smoothed), zero-based, each point a link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from reporting.charts.shapes import Chart, Dot, Frame, Rule, Stroke, Text, placed, scaled, ticks


@dataclass(frozen=True, slots=True)
class Point:
    """A value at one place of the time axis; None where there is none."""

    value: Decimal | None
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A named line; `last` is its last value as text, written above its end."""

    last: str
    css: str
    points: tuple[Point, ...]


def time_axis(frame: Frame, labels: Sequence[str], xs: Sequence[int]) -> list[Text]:
    """As many labels as fit at even distances, counted from the last one."""
    texts = [
        placed(x, frame.floor + 18, label, frame.width, "tick") for x, label in zip(xs, labels, strict=True)
    ]
    every = 1
    while any(one.right + 6 > two.left for one, two in pairwise(texts[::-every][::-1])):
        every += 1
    return texts[::-every]


def _ends(frame: Frame, lines: Sequence[Line], tops: Sequence[list[tuple[int, int]]]) -> list[Text]:
    """The last value of each line, above its end; a text that would touch the one above it moves down."""
    texts: list[Text] = []
    places = [(marks[-1], line) for marks, line in zip(tops, lines, strict=True) if marks]
    for (x, y), line in sorted(places, key=lambda place: place[0][1]):
        at = max(y - 8, texts[-1].y + 15) if texts else max(y - 8, 12)
        texts.append(placed(x, at, line.last, frame.width, f"value {line.css}"))
    return texts


def series(
    labels: Sequence[str], lines: Sequence[Line], frame: Frame, tick: Callable[[Decimal], str]
) -> Chart:
    """One place on the time axis per label; a line breaks off where it has no value."""
    values = [point.value for line in lines for point in line.points if point.value is not None]
    top = ticks(max(values, default=Decimal(0)))
    frame = frame.fitted(map(tick, top))
    gaps = max(len(labels) - 1, 1)
    xs = [frame.left + frame.plot_width * i // gaps for i in range(len(labels))]
    rules, texts, strokes, dots, ends = [], time_axis(frame, labels, xs), [], [], []
    for value in top:
        y = frame.floor - scaled(value, top[-1], frame.plot_height)
        rules.append(Rule(frame.left, y, frame.width - frame.right, y, "axis" if value == 0 else "gridline"))
        texts.append(Text(frame.left - 6, y + 4, tick(value), "end", "tick"))
    for line in lines:
        marks = []
        for x, point in zip(xs, line.points, strict=True):
            if point.value is not None:
                marks.append((x, frame.floor - scaled(point.value, top[-1], frame.plot_height)))
                dots.append(Dot(*marks[-1], line.css, point.href, point.title))
        strokes.append(Stroke(" ".join(f"{x},{y}" for x, y in marks), line.css))
        ends.append(marks)
    texts += _ends(frame, lines, ends)
    return Chart(frame.width, frame.height, tuple(rules), (), tuple(strokes), tuple(dots), tuple(texts))
