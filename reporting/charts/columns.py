"""Upright bars from zero: stacked columns (aging) and a waterfall (DSO)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.charts.shapes import FONT, Bar, Chart, Frame, Rule, Text, cuts, placed, scaled, ticks, wrapped

LINE = FONT + 3


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a column."""

    value: Decimal
    css: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its label below and its total above."""

    label: str
    total: str
    segments: tuple[Segment, ...]

    @property
    def value(self) -> Decimal:
        return sum((segment.value for segment in self.segments), Decimal(0))


def _scale(frame: Frame, top: list[Decimal], text: Callable[[Decimal], str]) -> tuple[list[Rule], list[Text]]:
    """The grid lines of the values and their labels at the left."""
    rules, texts = [], []
    for value in top:
        y = frame.floor - scaled(value, top[-1], frame.plot_height)
        rules.append(Rule(frame.left, y, frame.width - frame.right, y, "axis" if value == 0 else "gridline"))
        texts.append(Text(frame.left - 6, y + 4, text(value), "end", "tick"))
    return rules, texts


def _labels(frame: Frame, label: str, middle: int, room: int) -> list[Text]:
    """The label of a column, below it, in as many lines as it needs."""
    lines = wrapped(label, room)
    return [placed(middle, frame.floor + LINE * (i + 1), line, frame.width) for i, line in enumerate(lines)]


def _slot(frame: Frame, count: int, index: int) -> tuple[int, int, int]:
    """Left edge and width of the bar of one column, and the room for its label."""
    room = frame.plot_width // max(count, 1)
    width = min(72, room * 7 // 10)
    return frame.left + room * index + (room - width) // 2, width, room


def stacked(columns: Sequence[Column], frame: Frame, tick: Callable[[Decimal], str]) -> Chart:
    """Columns of parts, the first part at the bottom, each part a link; zero-based."""
    top = ticks(max((column.value for column in columns), default=Decimal(0)))
    frame = frame.fitted(map(tick, top))
    rules, texts = _scale(frame, top, tick)
    bars = []
    for index, column in enumerate(columns):
        x, width, room = _slot(frame, len(columns), index)
        marks = cuts([segment.value for segment in column.segments], top[-1], frame.plot_height)
        for segment, low, high in zip(column.segments, marks, marks[1:], strict=False):
            if high > low:
                y = frame.floor - high
                bars.append(Bar(x, y, width, high - low, segment.css, segment.href, segment.title))
        middle = x + width // 2
        texts.append(placed(middle, frame.floor - marks[-1] - 6, column.total, frame.width, "value"))
        texts += _labels(frame, column.label, middle, room)
    return Chart(frame.width, frame.height, tuple(rules), tuple(bars), texts=tuple(texts))


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a whole, or (with `total`) the whole itself."""

    label: str
    value: Decimal
    text: str
    css: str
    href: str
    title: str
    total: bool = False


def _heights(steps: Sequence[Step]) -> list[Decimal]:
    """Where the top of each step lies: a part stands on what was reached, a total on the floor."""
    reached, tops = Decimal(0), []
    for step in steps:
        reached = step.value if step.total else reached + step.value
        tops.append(reached)
    return tops


def waterfall(steps: Sequence[Step], frame: Frame, tick: Callable[[Decimal], str]) -> Chart:
    """Each part starts where the one before it ended; a total stands on the floor, and parts after it on it."""
    top = ticks(max(_heights(steps), default=Decimal(0)))
    frame = frame.fitted(map(tick, top))
    rules, texts = _scale(frame, top, tick)
    bars, reached = [], Decimal(0)
    for index, step in enumerate(steps):
        x, width, room = _slot(frame, len(steps), index)
        base = 0 if step.total else scaled(reached, top[-1], frame.plot_height)
        reached = step.value if step.total else reached + step.value
        high = max(scaled(reached, top[-1], frame.plot_height), base + (1 if step.value > 0 else 0))
        y = frame.floor - high
        if high > base:
            bars.append(Bar(x, y, width, high - base, step.css, step.href, step.title))
        if index + 1 < len(steps) and not (step.total and steps[index + 1].total):
            rules.append(Rule(x + width, y, _slot(frame, len(steps), index + 1)[0], y, "connector"))
        texts.append(placed(x + width // 2, y - 6, step.text, frame.width, "value"))
        texts += _labels(frame, step.label, x + width // 2, room)
    return Chart(frame.width, frame.height, tuple(rules), tuple(bars), texts=tuple(texts))
