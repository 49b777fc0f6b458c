"""The boxes of a picture, measured but not placed: what each stage shows and how high that is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import CLOSED, Status
from disputes.drawing.parts import LINE, PAD, ROW, TITLE, WIDTH, Box, End, Fork, Lane, Line, Marks, Names, Row
from disputes.drawing.text import cut, wrap
from disputes.drawing.told import label_of, lines_in_words

ICON_ROOM = 20
SMALL, BOLD, BIG = 12, 13.2, 15.4  # as wide as bold type runs
END_ICONS = {Status.SOLVED: "circle-check", Status.REJECTED: "circle-x", Status.WITHDRAWN: "undo-2"}


def read_boxes(data: dict[str, Any], names: Names, marks: Marks) -> list[Box]:
    """One box for every stage, in the order of the data. Of two stages with one code the first is drawn."""
    stages: dict[str, dict[str, Any]] = {}
    for stage in data.get("stages") or []:
        stages.setdefault(str(stage.get("code", "")), stage)
    return [_box(code, stage, set(stages), names, marks) for code, stage in stages.items()]


def _box(code: str, stage: dict[str, Any], known: set[str], names: Names, marks: Marks) -> Box:
    label = label_of(stage)
    title = wrap(label, WIDTH - 2 * PAD, BIG)
    y = PAD + TITLE * len(title)
    lines = _lines(stage, names, WIDTH - 2 * PAD, y)
    y += LINE * len(lines) + 6
    fork = _fork(stage, names, y)
    y += fork.height + 8 if fork else 0
    rows_y = y
    rows: list[Row] = []
    for move in stage.get("moves") or []:
        rows.append(_row(move, known, y))
        y += rows[-1].height
    return Box(
        code=code,
        label=label,
        title=title,
        lines=lines,
        fork=fork,
        rows=rows,
        height=y + (4 if rows else 0),
        rows_y=rows_y,
        initial=bool(stage.get("initial")),
        done=code in marks.been and code != marks.here,
        here=bool(code) and code == marks.here,
    )


def _lines(part: dict[str, Any], names: Names, room: int, y: int) -> tuple[Line, ...]:
    found = list(lines_in_words(part, names))
    return tuple(
        Line(icon, cut(text, room - ICON_ROOM, SMALL), y + LINE * (number + 1) - 4, text)
        for number, (icon, text) in enumerate(found)
    )


def _fork(stage: dict[str, Any], names: Names, y: int) -> Fork | None:
    parallel = stage.get("parallel") or {}
    branches = parallel.get("branches") or []
    if not branches:
        return None
    lanes: list[Lane] = []
    below = y + 6
    for branch in branches:
        lines = _lines(branch, names, WIDTH - 4 * PAD - 8, TITLE + 2)
        lane = Lane(
            y=below,
            height=TITLE + 8 + LINE * len(lines),
            title=cut(label_of(branch), WIDTH - 4 * PAD - 4, BOLD),
            lines=tuple(Line(one.icon, one.text, one.y + below, one.full) for one in lines),
        )
        lanes.append(lane)
        below += lane.height + 6
    return Fork(y=y, height=below - y + LINE, lanes=tuple(lanes), join=_join(stage, parallel, below + 12))


def _join(stage: dict[str, Any], parallel: dict[str, Any], y: int) -> Line:
    then = next((m for m in stage.get("moves") or [] if m.get("code") == parallel.get("then")), None)
    said = _("First one: %(move)s") if parallel.get("wait_for") == "any" else _("All of them: %(move)s")
    text = said % {"move": label_of(then) if then else "?"}
    return Line("git-merge", cut(text, WIDTH - 2 * PAD - ICON_ROOM, SMALL), y, text)


def _row(move: dict[str, Any], known: set[str], y: int) -> Row:
    label = label_of(move)
    lines = wrap(label, WIDTH - 2 * PAD - 14, SMALL)
    to, ends_as = str(move.get("to") or ""), str(move.get("ends_as") or "")
    leads = to in known or (not to and ends_as in CLOSED)
    return Row(
        code=str(move.get("code", "")),
        lines=lines,
        full=label,
        y=y,
        height=ROW + (len(lines) - 1) * 15,
        to=to if to in known else "",
        ends_as=ends_as if not to and ends_as in CLOSED else "",
        lost=not leads,
        demands=len(move.get("demands") or []),
    )


def read_ends(boxes: list[Box], marks: Marks) -> list[End]:
    """The ways to end that some move leads to, in the order of the statuses."""
    used = {row.ends_as for box in boxes for row in box.rows if row.ends_as}
    return [
        End(
            status=str(status),
            label=str(status.label),
            icon=END_ICONS[status],
            reached=marks.ended == status,
        )
        for status in CLOSED
        if status in used
    ]
