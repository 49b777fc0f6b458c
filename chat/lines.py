"""System lines in words: what happened, told in the reader's language from the facts kept with the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chat import lines_guests, lines_outcome, lines_questions, lines_routes, lines_talk
from disputes.choices import HandedBy, HolderSide, Resolution, Status
from disputes.evidence.sides import audience
from lib import formats

Facts = Mapping[str, Any]
ICONS = {
    **lines_outcome.ICONS,
    **lines_guests.ICONS,
    **lines_talk.ICONS,
    "dispute.opened": "flag",
    "dispute.moved": "arrow-right",
    "dispute.line_changed": "pencil",
    "dispute.assigned": "user-check",
    "dispute.classified": "tag",
    "dispute.cause_found": "search",
    "dispute.merged": "merge",
    "dispute.split": "split",
    "dispute.mailed": "mail",
    "dispute.joined_mass": "layers",
    "dispute.left_mass": "layers",
    "dispute.joined": "user-plus",
    "dispute.closed": "circle-check",
    "dispute.reopened": "rotate-ccw",
    "dispute.snoozed": "alarm-clock",
    "dispute.woken": "bell-ring",
    "evidence.added": "paperclip",
    "evidence.shared": "eye",
    "question.passed_on": "user-check",
    "dispute.handed_over": "arrow-right-left",
    "dispute.given_back": "undo-2",
    "dispute.due_moved": "calendar-clock",
    "evidence.redacted": "eraser",
    "pack.made": "package",
    "dispute.late": "alarm-clock",
}


def words(code: str, facts: Facts) -> str:
    """The sentence for a system line; its code when nobody wrote a sentence for it."""
    tell = TELLERS.get(code) or lines_questions.TELLERS.get(code) or lines_routes.TELLERS.get(code)
    return tell(facts) if tell else code


def icon(code: str) -> str:
    """The drawing beside a system line."""
    return ICONS.get(code) or lines_questions.ICONS.get(code) or lines_routes.ICONS.get(code, "info")


def _label(labels: Any) -> str:
    """Words given per language, in the active one; English, then any, when it is missing."""
    if not isinstance(labels, Mapping) or not labels:
        return ""
    language = (get_language() or "en").split("-")[0]
    return str(labels.get(language) or labels.get("en") or next(iter(labels.values())))


def _who(facts: Facts) -> str:
    return str(facts.get("actor") or _("The system"))


def _money(facts: Facts, name: str) -> str:
    try:
        return formats.money(
            Decimal(str(facts.get(name))), str(facts.get("currency") or formats.HOME_CURRENCY)
        )
    except InvalidOperation:
        return str(facts.get(name) or "")


def _stage(facts: Facts) -> str:
    return _label((facts.get("to") or {}).get("labels"))


def _holder(facts: Facts) -> str:
    """Who has it now: a name, or the side."""
    if facts.get("holder"):
        return str(facts["holder"])
    side = facts.get("holder_side")
    return str(HolderSide(side).label) if side in HolderSide.values else ""


def _opened(facts: Facts) -> str:
    return _("%(who)s opened the dispute: %(reason)s, %(amount)s") % {
        "who": _who(facts),
        "reason": _label(facts.get("reason_labels")),
        "amount": _money(facts, "amount"),
    }


def _moved(facts: Facts) -> str:
    told = {
        "who": _who(facts),
        "move": _label(facts.get("labels")),
        "stage": _stage(facts),
        "holder": _holder(facts),
    }
    if not told["move"]:
        return _("Now in “%(stage)s”, with %(holder)s") % told
    return _("%(who)s: %(move)s. Now in “%(stage)s”, with %(holder)s") % told


def _line_changed(facts: Facts) -> str:
    return _("%(who)s changed the disputed amount from %(before)s to %(amount)s") % {
        "who": _who(facts),
        "before": _money(facts, "before"),
        "amount": _money(facts, "amount"),
    }


def _assigned(facts: Facts) -> str:
    return _("%(who)s gave the dispute to %(holder)s") % {"who": _who(facts), "holder": _holder(facts)}


def _classified(facts: Facts) -> str:
    return _("%(who)s changed the reason to %(reason)s") % {"who": _who(facts), "reason": _stage(facts)}


def _cause_found(facts: Facts) -> str:
    if not facts.get("to"):
        return _("%(who)s took the root cause back") % {"who": _who(facts)}
    return _("%(who)s found the root cause: %(cause)s") % {"who": _who(facts), "cause": _stage(facts)}


def _merged(facts: Facts) -> str:
    return _("%(who)s merged %(other)s into %(into)s: %(moved)s") % {
        "who": _who(facts),
        "other": facts.get("other_ref", ""),
        "into": facts.get("into_ref", ""),
        "moved": _money(facts, "moved"),
    }


def _split(facts: Facts) -> str:
    return _("%(who)s split off %(ref)s: %(moved)s") % {
        "who": _who(facts),
        "ref": facts.get("new_ref", ""),
        "moved": _money(facts, "moved"),
    }


def _mailed(facts: Facts) -> str:
    told = {"sender": facts.get("sender", ""), "subject": facts.get("subject", "")}
    return _("E-mail from %(sender)s: %(subject)s") % told


def _joined_mass(facts: Facts) -> str:
    told = {"who": _who(facts), "mass": facts.get("mass_ref", ""), "title": facts.get("title", "")}
    return _("%(who)s put it into the mass dispute %(mass)s: %(title)s") % told


def _left_mass(facts: Facts) -> str:
    told = {"who": _who(facts), "mass": facts.get("mass_ref", "")}
    return _("%(who)s detached it from the mass dispute %(mass)s") % told


def _joined(facts: Facts) -> str:
    return _("%(who)s called in %(name)s") % {"who": _who(facts), "name": facts.get("name", "")}


def _closed(facts: Facts) -> str:
    resolution, status = facts.get("resolution"), facts.get("status")
    how = Resolution(resolution).label if resolution in Resolution.values else ""
    ended = Status(status).label if status in Status.values else ""
    return _("%(who)s closed the dispute: %(status)s, %(resolution)s") % {
        "who": _who(facts),
        "status": ended,
        "resolution": how,
    }


def _reopened(facts: Facts) -> str:
    return _("%(who)s reopened the dispute") % {"who": _who(facts)}


def _snoozed(facts: Facts) -> str:
    until = formats.moment(datetime.fromisoformat(str(facts["until"])))
    return _("%(who)s put the dispute aside until %(moment)s") % {"who": _who(facts), "moment": until}


def _woken(facts: Facts) -> str:
    if facts.get("actor"):
        return _("%(who)s took the dispute up again") % {"who": _who(facts)}
    return _("The dispute is back in the queue")


def _evidence_added(facts: Facts) -> str:
    return _("%(who)s added the file %(name)s") % {"who": _who(facts), "name": facts.get("name", "")}


def _evidence_shared(facts: Facts) -> str:
    seen = audience(str(facts.get("side")), facts.get("company", ""))
    return _("%(who)s decided who sees %(name)s: %(side)s") % {
        "who": _who(facts),
        "name": facts.get("name", ""),
        "side": seen,
    }


def _handed_over(facts: Facts) -> str:
    told = {"who": _who(facts), "former": facts.get("from_name", ""), "holder": _holder(facts)}
    sentences = {
        HandedBy.DELEGATION: _("%(who)s delegated the dispute to %(holder)s for a time"),
        HandedBy.ABSENCE: _("%(former)s is away: %(holder)s has the dispute now"),
        HandedBy.ESCALATION: _("Late with %(former)s: %(holder)s has the dispute now"),
    }
    fallback = _("%(who)s handed the dispute over to %(holder)s")
    return sentences.get(facts.get("why"), fallback) % told  # type: ignore[arg-type]


def _given_back(facts: Facts) -> str:
    return _("The dispute is back with %(holder)s") % {"holder": _holder(facts)}


def _passed_on(facts: Facts) -> str:
    return _("“%(question)s” is now asked of %(name)s instead of %(former)s") % {
        "question": _label(facts.get("labels")) or facts.get("text", ""),
        "name": facts.get("asked_of_name", ""),
        "former": facts.get("from_name", ""),
    }


def _due_moved(facts: Facts) -> str:
    due = facts.get("due_at")
    return _("New deadline: %(moment)s") % {
        "moment": formats.moment(datetime.fromisoformat(str(due))) if due else "–"
    }


def _evidence_redacted(facts: Facts) -> str:
    told = {"who": _who(facts), "name": facts.get("name", ""), "reason": facts.get("reason", "")}
    return _("%(who)s redacted the file %(name)s: %(reason)s") % told


def _pack_made(facts: Facts) -> str:
    return _("%(who)s made an evidence pack") % {"who": _who(facts)}


def _late(facts: Facts) -> str:
    told = {"names": ", ".join(facts.get("names") or [])}
    if int(facts.get("minutes") or 0) < 0:
        return _("This dispute is due soon. Told: %(names)s") % told
    return _("This dispute is late. Told: %(names)s") % told


TELLERS: dict[str, Callable[[Facts], str]] = {
    **lines_talk.TELLERS,
    **lines_outcome.TELLERS,
    **lines_guests.TELLERS,
    "dispute.opened": _opened,
    "dispute.moved": _moved,
    "dispute.line_changed": _line_changed,
    "dispute.assigned": _assigned,
    "dispute.classified": _classified,
    "dispute.cause_found": _cause_found,
    "dispute.merged": _merged,
    "dispute.split": _split,
    "dispute.mailed": _mailed,
    "dispute.joined_mass": _joined_mass,
    "dispute.left_mass": _left_mass,
    "dispute.joined": _joined,
    "dispute.closed": _closed,
    "dispute.reopened": _reopened,
    "dispute.snoozed": _snoozed,
    "dispute.woken": _woken,
    "evidence.added": _evidence_added,
    "evidence.shared": _evidence_shared,
    "question.passed_on": _passed_on,
    "dispute.handed_over": _handed_over,
    "dispute.given_back": _given_back,
    "dispute.due_moved": _due_moved,
    "evidence.redacted": _evidence_redacted,
    "pack.made": _pack_made,
    "dispute.late": _late,
}
