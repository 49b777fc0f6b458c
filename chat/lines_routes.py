"""System lines about routes: branches, letters of a stage, other editions, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import HolderSide
from disputes.labels import in_language

Facts = Mapping[str, Any]
ICONS = {
    "dispute.rerouted": "route",
    "dispute.letter": "mail",
    "dispute.not_sent": "mail-x",
    "branch.started": "git-fork",
    "branch.given": "user-check",
    "branch.done": "circle-check",
    "branch.cancelled": "circle-x",
}


def _who(facts: Facts) -> str:
    return str(facts.get("actor") or _("The system"))


def _holder(facts: Facts) -> str:
    """Who has it now: a name, or the side."""
    side = facts.get("holder_side")
    return str(facts.get("holder") or (HolderSide(side).label if side in HolderSide.values else ""))


def _rerouted(facts: Facts) -> str:
    told = {
        "who": _who(facts),
        "stage": in_language(((facts.get("to") or {}).get("stage") or {}).get("labels") or {}),
    }
    return _("%(who)s took the dispute over to another edition of its route: “%(stage)s”") % told


def _letter(facts: Facts) -> str:
    return _("Letter to %(address)s: %(subject)s") % {
        "address": facts.get("address") or facts.get("to", ""),
        "subject": facts.get("subject", ""),
    }


def _not_sent(facts: Facts) -> str:
    return _("No letter sent: there is no usable address")


def _branch_started(facts: Facts) -> str:
    told = {"branch": in_language(facts.get("labels") or {}), "holder": _holder(facts)}
    return _("Branch “%(branch)s” begins, with %(holder)s") % told


def _branch_given(facts: Facts) -> str:
    told = {"who": _who(facts), "branch": in_language(facts.get("labels") or {}), "holder": _holder(facts)}
    return _("%(who)s gave the branch “%(branch)s” to %(holder)s") % told


def _branch_done(facts: Facts) -> str:
    told = {
        "who": _who(facts),
        "branch": in_language(facts.get("labels") or {}),
        "result": facts.get("result", ""),
    }
    return _("%(who)s finished the branch “%(branch)s”: %(result)s") % told


def _branch_cancelled(facts: Facts) -> str:
    return _("Branch “%(branch)s” is no longer needed") % {"branch": in_language(facts.get("labels") or {})}


TELLERS: dict[str, Callable[[Facts], str]] = {
    "dispute.rerouted": _rerouted,
    "dispute.letter": _letter,
    "dispute.not_sent": _not_sent,
    "branch.started": _branch_started,
    "branch.given": _branch_given,
    "branch.done": _branch_done,
    "branch.cancelled": _branch_cancelled,
}
