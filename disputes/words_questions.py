"""Events of questions as sentences for the timeline of their dispute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Event
from disputes.choices import Via
from disputes.labels import in_language
from disputes.telling import Line
from disputes.typed import in_words


def _question(data: dict[str, Any]) -> str:
    return in_language(data.get("labels", {})) or str(data["text"])


def _answer(data: dict[str, Any], name: str = "answer") -> str:
    """The chosen label, or the value typed as the reader writes it."""
    labels = in_language(data.get(f"{name}_labels", {}))
    return labels or in_words(data.get("kind", ""), str(data[name]), data.get("currency", ""))


def _asked(event: Event) -> Line:
    text = _("Asked %(name)s") % {"name": event.data["asked_of_name"]}
    reason = event.data.get("urgent")
    urgent = _("Urgent: %(reason)s") % {"reason": reason} if reason else ""
    detail = "\n".join(filter(None, [_question(event.data), urgent]))
    return Line(event, text, "circle-question-mark", "warn", detail)


def _answered(event: Event) -> Line:
    data = event.data
    text = _("Answered: %(answer)s") % {"answer": _answer(data)}
    via = _("by %(door)s") % {"door": Via(data["via"]).label} if data.get("via") in Via.values else ""
    detail = " · ".join(filter(None, [_question(data), via, data.get("note", "")]))
    return Line(event, text, "message-circle-reply", "ok", detail)


def _withdrawn(event: Event) -> Line:
    return Line(event, _("Question taken back"), "undo-2", "", _question(event.data))


def _reminded(event: Event) -> Line:
    text = _("%(name)s was reminded") % {"name": event.data["told_name"]}
    return Line(event, text, "bell", "", _question(event.data))


def _overdue(event: Event) -> Line:
    name = event.data.get("fallback_name")
    text = _("Not answered in time: %(name)s is asked too") % {"name": name} if name else ""
    return Line(event, text or _("Not answered in time"), "clock-alert", "bad", _question(event.data))


def _unseen(event: Event) -> Line:
    text = _("Not looked at for two hours: %(name)s is asked too") % {"name": event.data["fallback_name"]}
    return Line(event, text, "eye-off", "warn", _question(event.data))


def _passed_on(event: Event) -> Line:
    data = event.data
    names = {"before": data["from_name"], "after": data["to_name"]}
    text = _("Passed on from %(before)s to %(after)s") % names
    return Line(event, text, "forward", "", f"{_question(data)}\n{data['reason']}")


def _changed(event: Event) -> Line:
    answers = {"before": _answer(event.data, "before"), "after": _answer(event.data)}
    text = _("Answer changed from %(before)s to %(after)s") % answers
    return Line(event, text, "pencil", "", _question(event.data))


def _put_off(event: Event) -> Line:
    return Line(event, _("Put off past the deadline"), "clock-alert", "warn", _question(event.data))


SENTENCES: dict[str, Callable[[Event], Line]] = {
    "question.asked": _asked,
    "question.answered": _answered,
    "question.withdrawn": _withdrawn,
    "question.reminded": _reminded,
    "question.overdue": _overdue,
    "question.unseen": _unseen,
    "question.forwarded": _passed_on,
    "question.changed": _changed,
    "question.put_off": _put_off,
}
