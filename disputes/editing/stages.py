"""The stages of a route, and the route itself."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import HolderKind, Status
from disputes.editing.parts import Data, drop_move, find_stage, own_code, parts_of, said, swap
from disputes.errors import FieldErrors


def digest(data: Data) -> str:
    """What a route's data is known by: the same data has the same digest, whatever the order of its fields."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def stage_at(data: Data, code: str) -> Data:
    """The stage; raises KeyError when there is none."""
    return find_stage(data, code)


def fresh_route(code: str, labels: dict[str, str], stage_labels: dict[str, str]) -> Data:
    """A route to begin with: one stage, where the coordinator decides. It still needs its moves."""
    first = {
        "code": "to_triage",
        "labels": stage_labels,
        "status": Status.OPEN.value,
        "holder": HolderKind.COORDINATOR.value,
        "deadline_minutes": 240,
        "initial": True,
        "moves": [],
    }
    return {"code": code, "labels": labels, "stages": [first]}


def rename(data: Data, labels: dict[str, str]) -> Data:
    """The same route by another name."""
    return {**deepcopy(data), "labels": labels}


def put_stage(data: Data, code: str | None, fields: Data) -> Data:
    """Change the stage, or add one (with a code made from its words). One start: a new one takes it from the old."""
    data = deepcopy(data)
    wait = {name: fields.pop(name) for name in ("wait_for", "then") if name in fields}
    if code is None:
        code = own_code(fields["labels"], [one["code"] for one in data["stages"]], "stage")
        data["stages"].append({"code": code, "moves": []})
    place = next(n for n, one in enumerate(data["stages"]) if one["code"] == code)
    stage = said({**data["stages"][place], **fields})
    data["stages"][place] = stage
    if stage.get("parallel") and wait.get("wait_for") and wait.get("then"):
        stage["parallel"] = {**stage["parallel"], **wait}
    if stage.get("initial"):
        move_to_first(data, code)
    return data


def move_to_first(data: Data, code: str) -> None:
    """Let disputes start at this stage and no other (in place)."""
    for stage in data["stages"]:
        stage.pop("initial", None)
        if stage["code"] == code:
            stage["initial"] = True


def moves_into(data: Data, code: str) -> list[tuple[Data, Data]]:
    """The moves of other stages that lead to this one, each with its stage."""
    return [
        (stage, move)
        for stage in data["stages"]
        for move in parts_of(stage, "moves")
        if stage["code"] != code and move.get("to") == code
    ]


def drop_stage(data: Data, code: str) -> Data:
    """Take a stage out, and with it the moves that lead to it."""
    data = deepcopy(data)
    find_stage(data, code)
    if len(data["stages"]) == 1:
        raise FieldErrors({"stage": _("A route needs at least one stage.")})
    for stage, move in moves_into(data, code):
        drop_move(stage, move["code"])
    data["stages"] = [stage for stage in data["stages"] if stage["code"] != code]
    return data


def shift_stage(data: Data, code: str, by: int) -> Data:
    """Put a stage before the one above it (`by` -1) or after the one below (`by` 1)."""
    data = deepcopy(data)
    find_stage(data, code)
    stages: list[dict[str, Any]] = data["stages"]
    place = next(n for n, one in enumerate(stages) if one["code"] == code)
    swap(stages, place, place + by)
    return data
