"""What a picture consists of. Lengths are in pixels of the drawing; y grows downwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

WIDTH = 190  # of a stage's box
PAD = 10
LINE = 17  # height of a line of small text
TITLE = 19  # height of a line of a title
ROW = 25  # height of a move with one line of words
COLOURS = 6  # wires take turns in c1..c6


@dataclass(frozen=True, slots=True)
class Names:
    """What departments (by code) and people (by e-mail) are called."""

    departments: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a dispute has been (stage codes), the moves it took (stage, move), where it is, how it ended (a status)."""

    been: frozenset[str] = frozenset()
    taken: frozenset[tuple[str, str]] = frozenset()
    here: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of small text with an icon before it; `y` is its base line, from the top of its box."""

    icon: str
    text: str
    y: int
    full: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A branch that runs beside others."""

    y: int
    height: int
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """The lanes of a stage, and what happens when they have come together."""

    y: int
    height: int
    lanes: tuple[Lane, ...]
    join: Line


@dataclass(slots=True)
class Row:
    """A move: a row of its stage's box. `to` is a stage's code, `ends_as` a status; neither when it leads nowhere."""

    code: str
    lines: tuple[str, ...]
    full: str
    y: int
    height: int
    to: str = ""
    ends_as: str = ""
    lost: bool = False
    back: bool = False
    demands: int = 0

    @property
    def port(self) -> int:
        """Where the wire leaves, from the top of the box."""
        return self.y + self.height // 2


@dataclass(slots=True)
class Box:
    """A stage."""

    code: str
    label: str
    title: tuple[str, ...]
    lines: tuple[Line, ...]
    fork: Fork | None
    rows: list[Row]
    height: int
    rows_y: int
    initial: bool = False
    done: bool = False
    here: bool = False
    x: int = 0
    y: int = 0
    width: int = WIDTH
    inlet: int = 20  # where wires come in, from the top


@dataclass(slots=True)
class End:
    """A way a dispute ends: one for each closed status some move leads to."""

    status: str
    label: str
    icon: str
    x: int = 0
    y: int = 0
    width: int = 118
    height: int = 34
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """The line of one move: an SVG path of straight pieces, with an arrow head where it arrives."""

    path: str
    kind: str  # "on", "end" or "back"
    colour: int
    stage: str
    move: str
    target: str
    points: tuple[tuple[int, int], ...]
    taken: bool = False

    @property
    def tip(self) -> str:
        """The arrow head, as an SVG path; wires arrive from the left."""
        x, y = self.points[-1]
        return f"M{x} {y}l-8 -4v8z"


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything, placed."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ends: tuple[End, ...]
    wires: tuple[Wire, ...]
