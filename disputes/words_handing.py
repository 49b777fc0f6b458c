"""Handing over, delegating, giving back and new deadlines, as sentences of the timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Event
from disputes.choices import HandedBy
from disputes.labels import in_language
from disputes.telling import Line, who_has_it
from lib import formats


def _handed_over(event: Event) -> Line:
    data = event.data
    names = {"name": who_has_it(data), "former": data["from_name"]}
    sentences = {
        HandedBy.HAND_OVER: _("Handed over from %(former)s to %(name)s"),
        HandedBy.DELEGATION: _("Delegated by %(former)s to %(name)s for a time"),
        HandedBy.ABSENCE: _("%(former)s is away: now with %(name)s"),
        HandedBy.ESCALATION: _("Late with %(former)s: escalated to %(name)s"),
    }
    until = (
        _("until %(moment)s") % {"moment": formats.moment(datetime.fromisoformat(data["until"]))}
        if data["until"]
        else ""
    )
    return Line(
        event,
        sentences[HandedBy(data["why"])] % names,
        "arrow-right-left",
        "bad" if data["why"] == HandedBy.ESCALATION else "",
        " · ".join(filter(None, [until, data["note"]])),
    )


def _given_back(event: Event) -> Line:
    data = event.data
    names = {"name": who_has_it(data), "former": data["from_name"]}
    sentences = {
        "given": _("%(former)s gave it back to %(name)s"),
        "taken": _("Taken back from %(former)s: now with %(name)s"),
        "time": _("The delegation is over: back with %(name)s"),
    }
    return Line(event, sentences[data["how"]] % names, "undo-2", "", data["note"])


def _passed_on(event: Event) -> Line:
    data = event.data
    names = {"name": data["asked_of_name"], "former": data["from_name"]}
    question = in_language(data.get("labels", {})) or data["text"]
    return Line(
        event, _("Question passed on from %(former)s to %(name)s") % names, "user-check", "", question
    )


def _due_moved(event: Event) -> Line:
    due = event.data["due_at"]
    text = _("New deadline: %(moment)s") % {
        "moment": formats.moment(datetime.fromisoformat(due)) if due else "–"
    }
    return Line(event, text, "calendar-clock", "", _("The working hours it is counted in changed."))


def _late(event: Event) -> Line:
    data = event.data
    names = ", ".join(data["names"])
    if data["minutes"] < 0:
        return Line(event, _("Due soon: %(names)s was told") % {"names": names}, "alarm-clock", "warn")
    return Line(event, _("Late: %(names)s was told") % {"names": names}, "alarm-clock", "bad")


SENTENCES: dict[str, Callable[[Event], Line]] = {
    "question.passed_on": _passed_on,
    "dispute.handed_over": _handed_over,
    "dispute.given_back": _given_back,
    "dispute.due_moved": _due_moved,
    "dispute.late": _late,
}
