"""A week as a grid: days down, hours across, each cell the darker the more it holds, with its number in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.charts.shapes import Bar, Chart, Text, width_of

ROW, TOP, FOOT, GAP = 26, 6, 22, 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its number as text, how dark (0: nothing), where it leads and what it says."""

    text: str
    level: int
    href: str
    title: str


def grid(days: Sequence[str], hours: Sequence[str], cells: Sequence[Sequence[Cell]], width: int) -> Chart:
    """One row of cells per day; empty cells lead nowhere. `hours` are written below the left edge of their column."""
    left = max((width_of(day) for day in days), default=0) + 8
    step = (width - left) // max(len(hours), 1)
    bars, texts = [], []
    for row, (day, line) in enumerate(zip(days, cells, strict=True)):
        y = TOP + ROW * row
        texts.append(Text(left - 6, y + ROW // 2 + 3, day, "end", "tick"))
        for column, cell in enumerate(line):
            x = left + step * column
            bars.append(Bar(x, y, step - GAP, ROW - GAP, f"heat-{cell.level}", cell.href, cell.title))
            if cell.level:
                place = (x + (step - GAP) // 2, y + ROW // 2 + 3)
                texts.append(Text(*place, cell.text, "middle", f"count heat-text-{cell.level}"))
    floor = TOP + ROW * len(days)
    every = 1
    while every < len(hours) and any(width_of(hour) + 6 > step * every for hour in hours):
        every += 1
    for column in range(0, len(hours), every):
        texts.append(Text(left + step * column, floor + 14, hours[column], "start", "tick"))
    return Chart(width, floor + FOOT, bars=tuple(bars), texts=tuple(texts))
