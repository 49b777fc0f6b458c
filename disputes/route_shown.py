"""A route as its pages show it: the list of its stages in words, and the parts of one stage with their links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from disputes.choices import CLOSED, SendTo, Status
from disputes.drawing import Names, told
from disputes.editing import moves_into, parts_of
from disputes.models import Route, RouteVersion, StageSend

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage as a list reads it out: what is in it, and where its moves lead."""

    code: str
    label: str
    initial: bool
    lines: tuple[str, ...]
    branches: tuple[str, ...]
    join: str
    moves: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a stage in words, with the addresses of its form and of what can be done to it."""

    words: str
    url: str
    act: str


@dataclass(frozen=True, slots=True)
class PartList:
    """The parts of one kind."""

    kind: str
    title: str
    icon: str
    rows: tuple[PartRow, ...]
    new: str
    add: str


def rows_of_stages(data: Data, names: Names) -> list[StageWords]:
    """The twin of the drawing, in words."""
    return [_stage_words(stage, data, names) for stage in data["stages"]]


def _stage_words(stage: Data, data: Data, names: Names) -> StageWords:
    parallel = stage.get("parallel") or {}
    said = _("First one: %(move)s") if parallel.get("wait_for") == "any" else _("All of them: %(move)s")
    then = next((told.label_of(m) for m in stage["moves"] if m["code"] == parallel.get("then")), "")
    return StageWords(
        code=stage["code"],
        label=told.label_of(stage),
        initial=bool(stage.get("initial")),
        lines=tuple(words for _icon, words in told.lines_in_words(stage, names)),
        branches=tuple(_branch_words(branch, names) for branch in parts_of(stage, "branches")),
        join=said % {"move": then} if parallel else "",
        moves=tuple((told.label_of(move), target_of(move, data)) for move in stage["moves"]),
    )


def _branch_words(branch: Data, names: Names) -> str:
    lines = [words for _icon, words in told.lines_in_words(branch, names)]
    return f"{told.label_of(branch)}: {', '.join(lines)}"


def target_of(move: Data, data: Data) -> str:
    """Where a move leads, in words."""
    if move.get("to"):
        return next((told.label_of(one) for one in data["stages"] if one["code"] == move["to"]), move["to"])
    ends = str(move.get("ends_as") or "")
    return str(Status(ends).label) if ends in CLOSED else _("Leads nowhere")


def panel_of_stage(route: Route, data: Data, stage: Data, names: Names) -> dict[str, Any]:
    """What the page of a stage shows beside its form."""
    words: dict[str, tuple[str, str, str, Callable[[Data], str]]] = {
        "moves": (_("Moves"), _("Add a move"), "arrow-right", lambda one: _move_words(one, data)),
        "questions": (_("Questions"), _("Add a question"), "circle-question-mark", told.label_of),
        "branches": (
            _("Branches at the same time"),
            _("Add a branch"),
            "git-fork",
            lambda one: _branch_words(one, names),
        ),
        "alerts": (_("Alerts and escalation"), _("Add an alert"), "bell", told.alert_in_words),
        "sends": (_("Letters that go out"), _("Add a letter"), "mail", _send_words),
    }
    lists = [
        _part_list(route, stage, kind, title, add, icon, say)
        for kind, (title, add, icon, say) in words.items()
    ]
    return {
        "stage": stage,
        "part_lists": lists,
        "incoming": [told.label_of(move) for _stage, move in moves_into(data, stage["code"])],
    }


def _part_list(
    route: Route, stage: Data, kind: str, title: str, add: str, icon: str, say: Callable[[Data], str]
) -> PartList:
    where = [route.pk, stage["code"], kind]
    rows = tuple(
        PartRow(
            words=say(part),
            url=reverse("disputes:route_part", args=[*where, place]),
            act=reverse("disputes:route_part_act", args=[*where, place]),
        )
        for place, part in enumerate(parts_of(stage, kind))
    )
    return PartList(kind, title, icon, rows, reverse("disputes:route_part_new", args=where), add)


def _move_words(move: Data, data: Data) -> str:
    return f"{told.label_of(move)} → {target_of(move, data)}"


def _send_words(send: Data) -> str:
    return f"{told.letter_in_words(str(send.get('text', '')))} → {told.recipient_in_words(str(send.get('to', '')))}"


def letters_shown(version: RouteVersion) -> list[tuple[str, str]]:
    """The letters of an edition that go to customers: the stage and what the letter says."""
    rows = StageSend.objects.filter(stage__version=version, to=SendTo.CUSTOMER).select_related("stage")
    return [
        (row.stage.label, told.letter_in_words(row.text))
        for row in rows.order_by("stage__position", "position")
    ]
