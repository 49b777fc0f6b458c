"""What is wrong inside one stage: its questions, its branches, its times, its letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import HolderKind, QuestionKind
from disputes.labels import in_language
from disputes.services.route_shape import Problem, branches_of, questions_of
from mailroom.catalogue import kinds

Data = dict[str, Any]


def name_of(part: Data) -> str:
    """What people call a stage, a move or a branch."""
    return in_language(part["labels"]) or str(part["code"])


def numbered(prefix: str, parts: Iterable[Data]) -> Iterator[tuple[str, Data]]:
    """The parts with their places: `prefix.0`, `prefix.1`..."""
    return ((f"{prefix}.{i}", part) for i, part in enumerate(parts))


def check_questions(place: str, part: Data, stage: Data) -> list[Problem]:
    """What is wrong with the questions of a stage or of one of its branches."""
    problems = []
    moves = {move["code"]: move for move in stage["moves"]}
    for where, question in questions_of(part):
        here = f"{place}.{where}"
        choices = question.get("choices") or []
        if question["kind"] == QuestionKind.CHOICE and len(choices) < 2:
            words = _("“%(question)s” needs at least two answers.") % {"question": name_of(question)}
            problems.append(Problem(f"{here}.choices", "too_few_choices", words))
        made = [(f"{at}.move", choice.get("move")) for at, choice in numbered(f"{here}.choices", choices)]
        for at, code in [*made, (f"{here}.move", question.get("move"))]:
            problems += _made(at, code, question, moves) if code else []
    return problems


def _made(at: str, code: str, question: Data, moves: dict[str, Data]) -> list[Problem]:
    """An answer makes a move that exists and demands nothing: it gives its own field and no other."""
    names = {"question": name_of(question), "move": code}
    if code not in moves:
        words = _("An answer to “%(question)s” makes the move “%(move)s”, which this stage does not have.")
        return [Problem(at, "unknown_move", words % names)]
    if moves[code].get("demands"):
        words = _("An answer to “%(question)s” cannot give what the move “%(move)s” demands.")
        return [Problem(at, "demands_more", words % (names | {"move": name_of(moves[code])}))]
    return []


def check_parallel(place: str, stage: Data) -> list[Problem]:
    """Branches that cannot join."""
    parallel = stage.get("parallel")
    if not parallel:
        return []
    here = f"{place}.parallel"
    problems = []
    moves = {move["code"]: move for move in stage["moves"]}
    names = {"stage": name_of(stage), "move": parallel["then"]}
    if len(branches_of(stage)) < 2:
        words = _("“%(stage)s” needs at least two branches, or none.") % names
        problems.append(Problem(f"{here}.branches", "too_few_branches", words))
    if parallel["then"] not in moves:
        words = _("When the branches of “%(stage)s” are done, “%(move)s” is made: no move has this code.")
        problems.append(Problem(f"{here}.then", "unknown_move", words % names))
    elif moves[parallel["then"]].get("demands"):
        words = _("“%(move)s” is made by itself when the branches are done, so it cannot demand anything.")
        names["move"] = name_of(moves[parallel["then"]])
        problems.append(Problem(f"{here}.then", "demands_more", words % names))
    if stage.get("clock_stops"):
        words = _("The clock of “%(stage)s” cannot stop while its branches run.") % names
        problems.append(Problem(f"{place}.clock_stops", "clock_of_branches", words))
    for where, branch in numbered(f"{here}.branches", branches_of(stage)):
        problems += check_questions(where, branch, stage)
    return problems


def check_times(place: str, stage: Data) -> list[Problem]:
    """Deadlines and alerts that can never fall due, or come before the work begins."""
    problems = []
    limits = [part.get("deadline_minutes") for part in branches_of(stage)] or [stage.get("deadline_minutes")]
    limit = stage.get("deadline_minutes") or min((one for one in limits if one), default=None)
    seen: set[tuple[int, str]] = set()
    for where, alert in numbered(f"{place}.alerts", stage.get("alerts") or []):
        names = {"stage": name_of(stage)}
        if limit is None or stage.get("clock_stops"):
            words = _("“%(stage)s” has no deadline, so nobody can be alerted of it.") % names
            problems.append(Problem(f"{where}.minutes", "alert_without_deadline", words))
        elif -alert["minutes"] >= limit:
            words = _("This alert would come before “%(stage)s” begins.") % names
            problems.append(Problem(f"{where}.minutes", "alert_too_early", words))
        if (alert["minutes"], alert["to"]) in seen:
            words = _("This alert stands here twice.")
            problems.append(Problem(f"{where}.minutes", "twice", words, broken=True))
        if (
            alert.get("hand_over")
            and alert["to"] == HolderKind.COORDINATOR.value
            and stage["holder"] == alert["to"]
        ):
            words = _("The coordinator has “%(stage)s” already: it cannot be handed over to them.") % names
            problems.append(Problem(f"{where}.hand_over", "hand_over_to_holder", words))
        seen.add((alert["minutes"], alert["to"]))
    return problems


def check_sends(place: str, stage: Data) -> list[Problem]:
    """Letters that do not exist, or go out twice."""
    problems = []
    known = kinds()
    seen: set[tuple[str, str]] = set()
    for where, send in numbered(f"{place}.sends", stage.get("sends") or []):
        if send["text"] not in known:
            words = _("There is no letter “%(text)s”.") % {"text": send["text"]}
            problems.append(Problem(f"{where}.text", "unknown_text", words))
        if (send["text"], send["to"]) in seen:
            problems.append(
                Problem(f"{where}.text", "twice", _("This letter stands here twice."), broken=True)
            )
        seen.add((send["text"], send["to"]))
    return problems
