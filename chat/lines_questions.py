"""System lines about questions, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import Via
from disputes.labels import in_language
from disputes.typed import in_words

Facts = Mapping[str, Any]
ICONS = {
    "question.answered": "message-square-check",
    "question.withdrawn": "undo-2",
    "question.reminded": "bell",
    "question.overdue": "clock-alert",
    "question.unseen": "eye-off",
    "question.forwarded": "forward",
    "question.changed": "pencil",
    "question.put_off": "clock-alert",
}


def _told(facts: Facts) -> dict[str, str]:
    """What the sentences name: who, the question, the answer and its door."""
    plain = {"yes": _("Yes"), "no": _("No")}.get(str(facts.get("value")))
    typed = in_words(facts.get("kind", ""), str(facts.get("answer") or ""), facts.get("currency", ""))
    via = facts.get("via")
    return {
        "who": str(facts.get("actor") or _("The system")),
        "question": in_language(facts.get("labels") or {}) or str(facts.get("text", "")),
        "answer": in_language(facts.get("answer_labels") or {}) or plain or typed,
        "via": str(Via(via).label if via in Via.values else Via.PAGE.label),
    }


def _answered(facts: Facts) -> str:
    return _("%(who)s answered “%(question)s”: %(answer)s (%(via)s)") % _told(facts)


def _withdrawn(facts: Facts) -> str:
    return _("The question “%(question)s” needs no answer any more") % _told(facts)


def _reminded(facts: Facts) -> str:
    told = _told(facts) | {"name": facts.get("told_name", "")}
    return _("%(name)s was reminded of “%(question)s”") % told


def _overdue(facts: Facts) -> str:
    told = _told(facts) | {"name": facts.get("fallback_name", "")}
    if told["name"]:
        return _("“%(question)s” was not answered in time: it is now in %(name)s's inbox too") % told
    return _("“%(question)s” was not answered in time") % told


def _unseen(facts: Facts) -> str:
    told = _told(facts) | {"name": facts.get("fallback_name", "")}
    return _("Nobody has looked at “%(question)s” for two hours: it is now in %(name)s's inbox too") % told


def _forwarded(facts: Facts) -> str:
    told = _told(facts) | {"name": facts.get("to_name", ""), "reason": facts.get("reason", "")}
    return _("%(who)s passed “%(question)s” on to %(name)s: %(reason)s") % told


def _changed(facts: Facts) -> str:
    return _("%(who)s changed the answer to “%(question)s”: %(answer)s") % _told(facts)


def _put_off(facts: Facts) -> str:
    return _("%(who)s put “%(question)s” off past its deadline") % _told(facts)


TELLERS: dict[str, Callable[[Facts], str]] = {
    "question.answered": _answered,
    "question.withdrawn": _withdrawn,
    "question.reminded": _reminded,
    "question.overdue": _overdue,
    "question.unseen": _unseen,
    "question.forwarded": _forwarded,
    "question.changed": _changed,
    "question.put_off": _put_off,
}
