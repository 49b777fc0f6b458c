"""The parts of a stage: moves, questions, branches, alerts and letters, each a list."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from disputes.errors import FieldErrors
from disputes.labels import FALLBACKS

Data = dict[str, Any]
KINDS = ("moves", "questions", "branches", "alerts", "sends")
BLANK: tuple[Any, ...] = (None, "", False, [], {})
KEPT_EMPTY = {"moves", "roles", "minutes", "branches"}


def own_code(labels: dict[str, str], taken: Iterable[str], fallback: str) -> str:
    """A code made from the words, one that nobody has yet."""
    words = next((labels[one] for one in FALLBACKS if labels.get(one)), "")
    base = slugify(words).replace("-", "_")[:32].strip("_") or fallback
    known = set(taken)
    return next(
        code for code in (base, *(f"{base}_{n}" for n in range(2, len(known) + 3))) if code not in known
    )


def said(part: Data) -> Data:
    """The part without the fields that say nothing."""
    return {name: value for name, value in part.items() if value not in BLANK or name in KEPT_EMPTY}


def find_stage(data: Data, code: str) -> Data:
    """The stage itself; raises KeyError when there is none."""
    for stage in data["stages"]:
        if stage["code"] == code:
            found: Data = stage
            return found
    raise KeyError(code)


def parts_of(stage: Data, kind: str) -> list[Data]:
    """The parts of one kind, in their order."""
    if kind == "questions":
        return ([stage["question"]] if stage.get("question") else []) + list(stage.get("questions") or [])
    if kind == "branches":
        return list((stage.get("parallel") or {}).get("branches") or [])
    return list(stage.get(kind) or [])


def part_at(stage: Data, kind: str, place: int) -> Data:
    """One part; raises IndexError when there is none."""
    parts = parts_of(stage, kind)
    if not 0 <= place < len(parts):
        raise IndexError(place)
    return parts[place]


def put_part(data: Data, code: str, kind: str, place: int | None, fields: Data) -> Data:
    """Change the part at `place`, or add one at the end."""
    data = deepcopy(data)
    stage = find_stage(data, code)
    parts = parts_of(stage, kind)
    if place is None:
        if kind in ("moves", "questions", "branches"):
            taken = [one["code"] for one in _named_alike(stage, kind)]
            fields = {"code": own_code(fields.get("labels") or {}, taken, kind), **fields}
        parts.append(said(fields))
    else:
        before = part_at(stage, kind, place)
        parts[place] = said({**before, **fields})
    _write(stage, kind, parts)
    return data


def _named_alike(stage: Data, kind: str) -> list[Data]:
    """The parts that share the names of a kind: the questions of a stage's branches count among its own."""
    if kind != "questions":
        return parts_of(stage, kind)
    inner = [one["question"] for one in parts_of(stage, "branches") if one.get("question")]
    return parts_of(stage, kind) + inner


def drop_part(data: Data, code: str, kind: str, place: int) -> Data:
    """Take a part out. What named a move that goes names none afterwards."""
    data = deepcopy(data)
    stage = find_stage(data, code)
    gone = part_at(stage, kind, place)
    if kind == "moves":
        drop_move(stage, gone["code"])
        return data
    parts = parts_of(stage, kind)
    del parts[place]
    _write(stage, kind, parts)
    return data


def drop_move(stage: Data, code: str) -> None:
    """Take a move out of the stage (in place), and out of the answers that make it."""
    if (stage.get("parallel") or {}).get("then") == code:
        words = _("The branches of this stage end by this move: choose another one for them first.")
        raise FieldErrors({"then": words})
    stage["moves"] = [move for move in stage["moves"] if move["code"] != code]
    for part in [stage, *parts_of(stage, "branches")]:
        for question in parts_of(part, "questions"):
            if question.get("move") == code:
                del question["move"]
            for choice in question.get("choices") or []:
                if choice.get("move") == code:
                    del choice["move"]


def shift_part(data: Data, code: str, kind: str, place: int, by: int) -> Data:
    """Put a part before the one above it (`by` -1) or after the one below (`by` 1)."""
    data = deepcopy(data)
    stage = find_stage(data, code)
    part_at(stage, kind, place)
    parts = parts_of(stage, kind)
    swap(parts, place, place + by)
    _write(stage, kind, parts)
    return data


def swap(parts: list[Data], one: int, other: int) -> None:
    """Let two change places, if both are there."""
    if 0 <= other < len(parts):
        parts[one], parts[other] = parts[other], parts[one]


def _write(stage: Data, kind: str, parts: list[Data]) -> None:
    if kind == "branches":
        _write_branches(stage, parts)
        return
    if kind == "questions":
        stage.pop("question", None)
    if parts or kind == "moves":
        stage[kind] = parts
    else:
        stage.pop(kind, None)


def _write_branches(stage: Data, parts: list[Data]) -> None:
    """Without branches a stage is an ordinary one; the first branch makes it wait for all of them."""
    if not parts:
        stage.pop("parallel", None)
        return
    if not stage.get("parallel"):
        then = next((move["code"] for move in stage["moves"] if not move.get("demands")), "")
        if not then:
            words = _(
                "Give the stage a move that demands nothing first: it is made when the branches are done."
            )
            raise FieldErrors({"then": words})
        stage["parallel"] = {"wait_for": "all", "then": then}
    stage["parallel"]["branches"] = parts
