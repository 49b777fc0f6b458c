"""The table behind a figure: its cells, its pages, a link on from each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.urls import reverse

from reporting.selectors.frame import Frame

SIZE = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table: its text, whether it is a figure, and where it leads (URL name and key)."""

    text: str
    number: bool = False
    to: str = ""
    pk: int = 0

    @property
    def url(self) -> str:
        """The page of what the cell names; "" when there is none."""
        return reverse(self.to, args=[self.pk]) if self.to else ""


@dataclass(frozen=True, slots=True)
class Behind:
    """The table behind a figure."""

    title: str
    summary: str
    heads: list[tuple[str, bool]]
    rows: list[list[Cell]]
    page: Page[int] | None = None

    @property
    def labelled(self) -> list[list[tuple[str, Cell]]]:
        """Each row with the heading of each cell, which the phone shows beside it."""
        return [[(head, cell) for (head, _n), cell in zip(self.heads, row, strict=True)] for row in self.rows]


def page_of(number: int, found: int) -> Page[int]:
    """The page of that number, of so many rows."""
    return Paginator(range(found), SIZE).get_page(number)


def number_of(asked: Mapping[str, str]) -> int:
    """The number of the page asked for; the first when that is none."""
    text = asked.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def day_in(text: str) -> date | None:
    """The day an address names; None when it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def frame_at(frame: Frame, text: str) -> Frame:
    """The frame on the day an address names, never later than its own."""
    day = day_in(text)
    return frame.at(min(frame.as_of, day)) if day else frame
