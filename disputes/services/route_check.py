"""What is wrong with a route, place by place: its form, its names, its ways, and whether somebody is responsible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import LegalEntity
from disputes.choices import HolderKind, Status
from disputes.lifecycle import STEPS
from disputes.services.route_check_stage import (
    check_parallel,
    check_questions,
    check_sends,
    check_times,
    name_of,
    numbered,
)
from disputes.services.route_people import Staff
from disputes.services.route_shape import (
    ROUTE,
    Problem,
    branches_of,
    check_shape,
    questions_of,
)

Data = dict[str, Any]


def check_route(data: Any, *, entity: LegalEntity | None = None, people: bool = True) -> list[Problem]:
    """What is wrong, in the reader's language; empty when the route can be used.

    One start, everything reachable, no dead end, moves that lead somewhere by a legal step, answers that give
    what their move demands, branches that join, sane alerts. With `entity`, also that its departments and people
    exist, and with `people` that somebody is behind each of them.
    """
    form = check_shape(data, ROUTE)
    if form:
        return form
    problems = [*_codes(data), *_start(data)]
    codes = {stage["code"]: stage for stage in data["stages"]}
    for place, stage in numbered("stages", data["stages"]):
        problems += _moves(place, stage, codes)
        problems += check_questions(place, stage, stage)
        problems += check_parallel(place, stage)
        problems += check_times(place, stage)
        problems += check_sends(place, stage)
    problems += _ways(data["stages"], codes)
    staff = Staff(entity, data) if entity else None
    for place, part in _held_parts(data):
        problems += _holder(place, part)
        problems += staff.problems(place, part, people) if staff else []
    return problems


def _held_parts(data: Data) -> Iterator[tuple[str, Data]]:
    """Everything that names a holder: stages without branches, and the branches of the others."""
    for place, stage in numbered("stages", data["stages"]):
        if not branches_of(stage):
            yield place, stage
        yield from numbered(f"{place}.parallel.branches", branches_of(stage))


def _twice(place: str, parts: Iterable[tuple[str, Data]], key: str = "code") -> list[Problem]:
    """The parts whose code (or other key) another one before them has."""
    parts = list(parts)
    count = Counter(part[key] for _place, part in parts)
    seen: set[str] = set()
    problems = []
    for where, part in parts:
        if count[part[key]] > 1 and part[key] in seen:
            words = _("“%(code)s” stands here twice.") % {"code": part[key]}
            problems.append(Problem(f"{where}.{key}", "twice", words, broken=True))
        seen.add(part[key])
    return problems


def _codes(data: Data) -> list[Problem]:
    problems = _twice("", numbered("stages", data["stages"]))
    for place, stage in numbered("stages", data["stages"]):
        problems += _twice(place, numbered(f"{place}.moves", stage["moves"]))
        branches = list(numbered(f"{place}.parallel.branches", branches_of(stage)))
        problems += _twice(place, branches)
        asked = [(f"{place}.{where}", one) for where, one in questions_of(stage)]
        asked += [
            (f"{there}.{where}", one) for there, branch in branches for where, one in questions_of(branch)
        ]
        problems += _twice(place, asked)
        for where, question in asked:
            problems += _twice(where, numbered(f"{where}.choices", question.get("choices") or []), "value")
    return problems


def _start(data: Data) -> list[Problem]:
    starts = [place for place, stage in numbered("stages", data["stages"]) if stage.get("initial")]
    if not data["stages"]:
        return [Problem("stages", "empty", _("A route needs at least one stage."))]
    if not starts:
        return [Problem("stages", "no_start", _("Say at which stage a dispute starts."))]
    words = _("Only one stage can be the start.")
    return [Problem(f"{place}.initial", "two_starts", words, broken=True) for place in starts[1:]]


def _moves(place: str, stage: Data, codes: dict[str, Data]) -> list[Problem]:
    problems = []
    if not stage["moves"]:
        words = _("There is no way out of “%(stage)s”: give it a move.") % {"stage": name_of(stage)}
        problems.append(Problem(f"{place}.moves", "dead_end", words))
    for where, move in numbered(f"{place}.moves", stage["moves"]):
        names = {"move": name_of(move), "stage": name_of(stage)}
        ending = [move.get("ends_as"), move.get("verdict"), move.get("resolution")]
        if move.get("to") and any(ending):
            words = _("“%(move)s” leads on and ends the dispute: choose one.") % names
            problems.append(Problem(f"{where}.to", "two_ends", words, broken=True))
        elif not move.get("to") and not all(ending):
            words = _("“%(move)s” needs the stage it leads to, or status, verdict and resolution.") % names
            problems.append(Problem(f"{where}.to", "no_end", words, broken=True))
        elif move.get("to") and move["to"] not in codes:
            words = _("“%(move)s” leads to “%(to)s”, which is not a stage.") % {**names, "to": move["to"]}
            problems.append(Problem(f"{where}.to", "unknown_stage", words, broken=True))
        else:
            problems += _step(where, stage, move, codes)
        if not move["roles"]:
            words = _("Nobody may make “%(move)s” in “%(stage)s”: give it a role.") % names
            problems.append(Problem(f"{where}.roles", "nobody_moves", words))
    return problems


def _step(where: str, stage: Data, move: Data, codes: dict[str, Data]) -> list[Problem]:
    after = Status(codes[move["to"]]["status"] if move.get("to") else move["ends_as"])
    if after in STEPS[Status(stage["status"])]:
        return []
    words = _("“%(move)s” goes from “%(before)s” to “%(after)s”, which no dispute may.") % {
        "move": name_of(move),
        "before": Status(stage["status"]).label,
        "after": after.label,
    }
    return [Problem(f"{where}.to", "illegal_step", words)]


def _ways(stages: list[Data], codes: dict[str, Data]) -> list[Problem]:
    """Stages no way leads to, and stages from which no way leads to an end."""
    forward = {
        code: {move["to"] for move in stage["moves"] if move.get("to") in codes}
        for code, stage in codes.items()
    }
    ends = {code for code, stage in codes.items() if any(move.get("ends_as") for move in stage["moves"])}
    reached = _closure({stage["code"] for stage in stages if stage.get("initial")}, forward)
    backward = {code: {before for before, after in forward.items() if code in after} for code in codes}
    ending = _closure(ends, backward)
    problems = []
    for place, stage in numbered("stages", stages):
        if reached and stage["code"] not in reached:
            words = _("No way leads to “%(stage)s” from the start.") % {"stage": name_of(stage)}
            problems.append(Problem(place, "unreachable", words))
        if stage["moves"] and stage["code"] not in ending:
            words = _("From “%(stage)s” no way leads to an end.") % {"stage": name_of(stage)}
            problems.append(Problem(f"{place}.moves", "no_way_to_an_end", words))
    return problems


def _closure(start: set[str], steps: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(start)
    while ahead:
        code = ahead.pop()
        if code not in seen:
            seen.add(code)
            ahead += steps[code]
    return seen


def _holder(place: str, part: Data) -> list[Problem]:
    """A holder that is a role, a department or a person says which."""
    kind = part["holder"]
    if kind in (HolderKind.ROLE, HolderKind.DEPARTMENT, HolderKind.PERSON) and not part.get(kind):
        words = _("Say which one has “%(part)s”.") % {"part": name_of(part)}
        return [Problem(f"{place}.{kind}", "no_holder", words, broken=True)]
    return []
