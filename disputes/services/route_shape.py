"""The form of a route's data: which fields each part has and what may stand in them. No rule about the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Language, Role
from disputes.choices import (
    ACTIVE,
    CLOSED,
    DECISIONS,
    AlertTo,
    Asks,
    Demand,
    HolderKind,
    QuestionKind,
    SendTo,
    Verdict,
    WaitFor,
)

SLUG = re.compile(r"[A-Za-z0-9_-]{1,40}")
YEAR = 366 * 24 * 60  # Minutes: no deadline is longer.
MOST_STAGES, MOST_MOVES, MOST_BRANCHES, MOST_FEW = 60, 20, 10, 12


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a route: where (`stages.2.moves.0.to`), a code for programs, a sentence for people.

    What is `broken` cannot even be kept as a draft; the rest is only refused when the edition is to be used.
    """

    place: str
    code: str
    words: str
    broken: bool = False


Check = Callable[[Any, str], list[Problem]]
Shape = Mapping[str, tuple[Check, bool]]


def wrong(place: str, code: str, words: str) -> list[Problem]:
    """One problem of form."""
    return [Problem(place, code, words, broken=True)]


def _text(longest: int) -> Check:
    def check(value: Any, place: str) -> list[Problem]:
        if isinstance(value, str) and value.strip() and len(value) <= longest:
            return []
        return wrong(place, "text", _("Write a text of at most %(most)s characters.") % {"most": longest})

    return check


def _slug(value: Any, place: str) -> list[Problem]:
    if isinstance(value, str) and SLUG.fullmatch(value):
        return []
    return wrong(place, "slug", _("A code has 1 to 40 letters, digits, hyphens or underscores."))


def _one_of(values: Iterable[str]) -> Check:
    known = [str(value) for value in values]

    def check(value: Any, place: str) -> list[Problem]:
        if isinstance(value, str) and value in known:
            return []
        return wrong(place, "choice", _("Choose one of: %(values)s.") % {"values": ", ".join(known)})

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any, place: str) -> list[Problem]:
        if type(value) is int and low <= value <= high:
            return []
        words = _("Write a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}
        return wrong(place, "number", words)

    return check


def _flag(value: Any, place: str) -> list[Problem]:
    return [] if isinstance(value, bool) else wrong(place, "flag", _("Say true or false."))


def _labels(value: Any, place: str) -> list[Problem]:
    known = {*Language.values}
    good = isinstance(value, dict) and value and set(value) <= known
    if good and all(isinstance(text, str) and text.strip() and len(text) <= 200 for text in value.values()):
        return []
    words = _("Give words in at least one language (%(languages)s), of at most 200 characters.")
    return wrong(place, "labels", words % {"languages": ", ".join(sorted(known))})


def _alert_to(value: Any, place: str) -> list[Problem]:
    return _one_of([*AlertTo.values, *(f"role:{role}" for role in Role.values)])(value, place)


def _list(check: Check, most: int) -> Check:
    def check_all(value: Any, place: str) -> list[Problem]:
        if not isinstance(value, list):
            return wrong(place, "list", _("This must be a list."))
        if len(value) > most:
            return wrong(place, "too_many", _("At most %(most)s are possible here.") % {"most": most})
        return [problem for i, item in enumerate(value) for problem in check(item, f"{place}.{i}")]

    return check_all


def _part(shape: Shape) -> Check:
    return lambda value, place: check_shape(value, shape, place)


def check_shape(value: Any, shape: Shape, place: str = "") -> list[Problem]:
    """What does not fit the shape: a missing, unknown or malformed field."""
    at = f"{place}." if place else ""
    if not isinstance(value, dict):
        return wrong(place, "part", _("This must have named fields."))
    problems: list[Problem] = []
    for name, (check, needed) in shape.items():
        if value.get(name) not in (None, ""):
            problems += check(value[name], at + name)
        elif needed:
            problems += wrong(at + name, "missing", _("“%(field)s” is missing.") % {"field": name})
    for name in value:
        if name not in shape:
            words = _("“%(field)s” is not known here.") % {"field": str(name)[:60]}
            problems += wrong(at + str(name)[:60], "unknown", words)
    return problems


NAMED: Shape = {"code": (_slug, True), "labels": (_labels, True)}
HELD: Shape = {
    "holder": (_one_of(HolderKind.values), True),
    "role": (_one_of(Role.values), False),
    "department": (_text(30), False),
    "person": (_text(254), False),
    "deadline_minutes": (_whole(1, YEAR), False),
}
CHOICE: Shape = {"value": (_text(80), True), "labels": (_labels, True), "move": (_slug, False)}
QUESTION: Shape = {
    **NAMED,
    "kind": (_one_of(QuestionKind.values), True),
    "choices": (_list(_part(CHOICE), MOST_FEW), False),
    "move": (_slug, False),
    "target_field": (_slug, False),
    "asks": (_one_of(Asks.values), False),
    "deadline_minutes": (_whole(1, YEAR), False),
}
MOVE: Shape = {
    **NAMED,
    "to": (_slug, False),
    "ends_as": (_one_of(CLOSED), False),
    "verdict": (_one_of(Verdict.values), False),
    "resolution": (_one_of(DECISIONS), False),
    "roles": (_list(_one_of(Role.values), len(Role.values)), True),
    "demands": (_list(_one_of(Demand.values), len(Demand.values)), False),
}
BRANCH: Shape = {**NAMED, **HELD, "question": (_part(QUESTION), False)}
PARALLEL: Shape = {
    "wait_for": (_one_of(WaitFor.values), True),
    "then": (_slug, True),
    "branches": (_list(_part(BRANCH), MOST_BRANCHES), True),
}
ALERT: Shape = {"minutes": (_whole(-YEAR, YEAR), True), "to": (_alert_to, True), "hand_over": (_flag, False)}
SEND: Shape = {"text": (_text(60), True), "to": (_one_of(SendTo.values), True)}
STAGE: Shape = {
    **NAMED,
    **HELD,
    "status": (_one_of(ACTIVE), True),
    "clock_stops": (_flag, False),
    "initial": (_flag, False),
    "question": (_part(QUESTION), False),
    "questions": (_list(_part(QUESTION), MOST_FEW), False),
    "moves": (_list(_part(MOVE), MOST_MOVES), True),
    "parallel": (_part(PARALLEL), False),
    "alerts": (_list(_part(ALERT), MOST_FEW), False),
    "sends": (_list(_part(SEND), MOST_FEW), False),
}
ROUTE: Shape = {**NAMED, "stages": (_list(_part(STAGE), MOST_STAGES), True)}


def questions_of(part: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The questions of a stage or branch with their places in it, whether written one by one or as a list."""
    one = [("question", part["question"])] if part.get("question") else []
    return [*one, *((f"questions.{i}", each) for i, each in enumerate(part.get("questions") or []))]


def branches_of(stage: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The branches of a stage."""
    return list((stage.get("parallel") or {}).get("branches") or [])
