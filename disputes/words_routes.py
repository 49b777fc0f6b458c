"""Branches, letters and other editions of a route, as sentences of the timeline."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts.models import Event
from disputes.labels import in_language
from disputes.telling import Line, who_has_it


def _rerouted(event: Event) -> Line:
    """The dispute went over to another edition of its route, or to another route."""
    data = event.data
    text = _("Taken over to edition %(number)s of the route: “%(stage)s”") % {
        "number": data["to"]["number"],
        "stage": in_language(data["to"]["stage"]["labels"]),
    }
    return Line(event, text, "route", "info", who_has_it(data))


def _letter(event: Event) -> Line:
    """A letter of the stage, or why there was none."""
    data = event.data
    if event.kind == "dispute.not_sent":
        text = _("No letter sent: there is no usable address")
        return Line(event, text, "mail-x", "warn", " · ".join(filter(None, [data["name"], data["address"]])))
    address = data.get("address") or data["to"]
    return Line(event, _("Letter to %(address)s") % {"address": address}, "mail", "", data["subject"])


def _branch(event: Event) -> Line:
    """What became of a branch of the stage."""
    data = event.data
    names = {"branch": in_language(data["labels"]), "holder": who_has_it(data)}
    if event.kind == "branch.done":
        detail = " · ".join(filter(None, [data["result"], data["note"]]))
        return Line(event, _("Branch “%(branch)s” is done") % names, "circle-check", "ok", detail)
    if event.kind == "branch.cancelled":
        return Line(event, _("Branch “%(branch)s” is no longer needed") % names, "circle-x")
    if event.kind == "branch.given":
        return Line(event, _("Branch “%(branch)s” now is with %(holder)s") % names, "user-check")
    return Line(event, _("Branch “%(branch)s” begins, with %(holder)s") % names, "git-fork", "info")


SENTENCES: dict[str, Callable[[Event], Line]] = {
    "dispute.rerouted": _rerouted,
    "dispute.letter": _letter,
    "dispute.not_sent": _letter,
    "branch.started": _branch,
    "branch.given": _branch,
    "branch.done": _branch,
    "branch.cancelled": _branch,
}
