"""What every chart of the dashboard is: shapes in two sizes, words, and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formats
from reporting.charts.shapes import Chart


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart in two sizes, with what a reader needs to read it without seeing it. `nothing`: said when empty."""

    key: str
    title: str
    note: str
    definition: str
    wide: Chart
    phone: Chart
    legend: list[tuple[str, str]]
    heads: list[str]
    rows: Sequence[tuple[str, ...]]
    report: str
    empty: bool = False
    nothing: str = ""


def tick(value: Decimal) -> str:
    """A value of an axis: whole where it is whole."""
    return formats.number(value, 0 if value == value.to_integral_value() else 1)
