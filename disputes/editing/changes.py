"""What is different between two editions of a route, stage by stage, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import CLOSED, Demand, Status
from disputes.drawing import told
from disputes.drawing.parts import Names
from disputes.editing.parts import parts_of

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` is new, gone or changed; before and after are words."""

    kind: str
    stage: str
    what: str
    before: str = ""
    after: str = ""


def changes_between(before: Data, after: Data, names: Names | None = None) -> list[Change]:
    """The differences, in the order of the new edition's stages."""
    names = names or Names()
    old = {stage["code"]: stage for stage in before["stages"]}
    new = {stage["code"]: stage for stage in after["stages"]}
    # A stage that is only called otherwise does not change the moves to it.
    targets = {code: told.label_of(stage) for code, stage in {**new, **old}.items()}
    found = list(_words("", _("Name of the route"), told.label_of(before), told.label_of(after)))
    for code, stage in new.items():
        if code not in old:
            found.append(Change("new", told.label_of(stage), _("Stage"), after=told.label_of(stage)))
        else:
            found += _stage(old[code], stage, targets, names)
    gone = [stage for code, stage in old.items() if code not in new]
    found += [Change("gone", told.label_of(stage), _("Stage"), before=told.label_of(stage)) for stage in gone]
    kept = [code for code in old if code in new]
    if kept != [code for code in new if code in old]:
        found.append(Change("changed", "", _("Order of the stages")))
    return found


def _words(stage: str, what: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        kind = "new" if not before else "gone" if not after else "changed"
        yield Change(kind, stage, what, before, after)


def _stage(old: Data, new: Data, targets: dict[str, str], names: Names) -> Iterator[Change]:
    name = told.label_of(new)
    yield from _words(name, _("Words"), _labels(old), _labels(new))
    yield from _words(name, _("Status"), _status(old), _status(new))
    yield from _words(
        name, _("Who has it"), told.holder_in_words(old, names)[1], told.holder_in_words(new, names)[1]
    )
    yield from _words(name, _("Time"), told.time_in_words(old)[1], told.time_in_words(new)[1])
    yield from _words(name, _("Start"), _yes(old.get("initial")), _yes(new.get("initial")))
    yield from _words(name, _("Branches"), _join(old), _join(new))
    yield from _parts(name, _("Move"), "moves", old, new, lambda one: _move(one, targets))
    yield from _parts(name, _("Question"), "questions", old, new, _question)
    yield from _parts(name, _("Branch"), "branches", old, new, lambda one: _branch(one, names))
    for what, kind, words in ((_("Alert"), "alerts", told.alert_in_words), (_("Letter"), "sends", _send)):
        was = [words(one) for one in parts_of(old, kind)]
        now = [words(one) for one in parts_of(new, kind)]
        yield from (Change("gone", name, what, before=one) for one in was if one not in now)
        yield from (Change("new", name, what, after=one) for one in now if one not in was)


def _parts(
    stage: str, what: str, kind: str, old: Data, new: Data, words: Callable[[Data], str]
) -> Iterator[Change]:
    was = {one["code"]: words(one) for one in parts_of(old, kind)}
    now = {one["code"]: words(one) for one in parts_of(new, kind)}
    for code in [*now, *(code for code in was if code not in now)]:
        yield from _words(stage, what, was.get(code, ""), now.get(code, ""))


def _labels(part: Data) -> str:
    labels = part.get("labels") or {}
    return " · ".join(labels[one] for one in ("es", "fr", "en") if labels.get(one))


def _status(stage: Data) -> str:
    status = str(stage.get("status") or "")
    return str(Status(status).label) if status in Status.values else status


def _yes(flag: Any) -> str:
    return _("Starts here") if flag else ""


def _join(stage: Data) -> str:
    parallel = stage.get("parallel") or {}
    if not parallel:
        return ""
    said = _("First one: %(move)s") if parallel.get("wait_for") == "any" else _("All of them: %(move)s")
    return said % {"move": parallel.get("then", "")}


def _move(move: Data, targets: dict[str, str]) -> str:
    target = targets.get(str(move.get("to") or ""), "")
    ends = move.get("ends_as")
    if not target and ends in CLOSED:
        target = f"{Status(str(ends)).label} ({move.get('resolution', '')})"
    asked = [str(Demand(one).label) if one in Demand.values else one for one in move.get("demands") or []]
    roles = ", ".join(told.recipient_in_words(role) for role in sorted(move.get("roles") or []))
    return " · ".join(filter(None, [f"{_labels(move)} → {target}", ", ".join(asked), roles]))


def _question(question: Data) -> str:
    answers = [
        _labels(choice) + (f" → {choice['move']}" if choice.get("move") else "")
        for choice in question.get("choices") or []
    ]
    made = f"→ {question['move']}" if question.get("move") else ""
    time = told.minutes_in_words(question["deadline_minutes"]) if question.get("deadline_minutes") else ""
    asks, kind = str(question.get("asks") or ""), str(question.get("kind") or "")
    return " · ".join(filter(None, [_labels(question), kind, asks, *answers, made, time]))


def _branch(branch: Data, names: Names) -> str:
    question = _question(branch["question"]) if branch.get("question") else ""
    said = [_labels(branch), told.holder_in_words(branch, names)[1], told.time_in_words(branch)[1], question]
    return " · ".join(filter(None, said))


def _send(send: Data) -> str:
    return f"{send.get('text', '')} → {told.recipient_in_words(str(send.get('to', '')))}"
