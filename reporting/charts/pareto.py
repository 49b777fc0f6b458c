"""A Pareto lying down: bars of each share, the running sum as a line, the 80 % limit. Labels stand above
their bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.charts.shapes import Bar, Chart, Dot, Rule, Stroke, Text, placed, scaled

ROW, BAR, TOP, FOOT, SIDE = 40, 14, 22, 24, 12
HUNDRED = Decimal(100)
LIMIT = Decimal(80)


@dataclass(frozen=True, slots=True)
class Share:
    """One cause: its share and the running sum, in per cent; `value` is its amount as text."""

    label: str
    value: str
    share: Decimal
    cumulative: Decimal
    css: str
    href: str
    title: str


def pareto(rows: Sequence[Share], width: int, limit: str) -> Chart:
    """Rows largest first; `limit` is the label of the 80 % line. The height follows the number of rows."""
    room = width - 2 * SIDE
    floor = TOP + ROW * len(rows)
    bars, dots, texts = [], [], []
    for index, row in enumerate(rows):
        base = TOP + ROW * index
        y = base + ROW - BAR - 4
        texts.append(Text(SIDE, y - 5, row.label, "start", "label", row.value))
        if length := scaled(row.share, HUNDRED, room):
            bars.append(Bar(SIDE, y, length, BAR, row.css, row.href, row.title))
        dots.append(
            Dot(SIDE + scaled(row.cumulative, HUNDRED, room), y + BAR // 2, "sum", row.href, row.title)
        )
    edge = SIDE + scaled(LIMIT, HUNDRED, room)
    rules = [Rule(SIDE, TOP, SIDE, floor, "axis"), Rule(edge, TOP, edge, floor, "limit")]
    texts.append(placed(edge, TOP - 8, limit, width, "limit"))
    for mark in (0, 20, 40, 60, 80, 100):
        x = SIDE + scaled(Decimal(mark), HUNDRED, room)
        texts.append(placed(x, floor + 16, f"{mark} %", width, "tick"))
    stroke = Stroke(" ".join(f"{dot.x},{dot.y}" for dot in dots), "sum")
    strokes = (stroke,) if len(dots) > 1 else ()
    return Chart(width, floor + FOOT, tuple(rules), tuple(bars), strokes, tuple(dots), tuple(texts))
