"""Bars lying below each other, each under its name: what is where, in the order it goes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.charts.shapes import Bar, Chart, Rule, Text, placed, scaled

ROW, BAR, TOP, SIDE = 42, 16, 2, 2
FOOT = 4


@dataclass(frozen=True, slots=True)
class Lane:
    """One bar: its name, its number as text, the rest of what it says, its length and where it leads."""

    label: str
    text: str
    more: str
    value: Decimal
    css: str
    href: str
    title: str


def lanes(rows: Sequence[Lane], width: int) -> Chart:
    """Bars from the left edge, the longest leaves room for its number; names and the rest stand above each bar."""
    most = max((row.value for row in rows), default=Decimal(0))
    floor = TOP + ROW * len(rows)
    room = width - 2 * SIDE - 48
    bars, texts = [], []
    for index, row in enumerate(rows):
        y = TOP + ROW * index + ROW - BAR - 4
        texts.append(Text(SIDE, y - 5, row.label, "start", "label", row.more))
        length = scaled(row.value, most, room)
        if length:
            bars.append(Bar(SIDE, y, length, BAR, row.css, row.href, row.title))
        texts.append(placed(SIDE + length + 18, y + 13, row.text, width, "value"))
    axis = Rule(SIDE, TOP, SIDE, floor, "axis")
    return Chart(width, floor + FOOT, (axis,), tuple(bars), texts=tuple(texts))
