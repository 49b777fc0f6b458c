"""Events of a dispute as sentences for its timeline. Data in, words out; the words follow the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Event
from disputes import words_handing, words_questions, words_routes
from disputes.choices import Demand, Resolution, Verdict, Via
from disputes.evidence.sides import audience
from disputes.labels import in_language
from disputes.telling import Line, who_has_it
from disputes.words_outcome import SENTENCES as OUTCOMES
from ledger import answer_words
from lib import formats


def _money(data: dict[str, Any], key: str = "amount") -> str:
    return formats.money(Decimal(data[key]), data.get("currency", "EUR"))


def _given(data: dict[str, Any]) -> str:
    """What was given with a move, the note last."""
    given = dict(data.get("given", {}))
    note = given.pop(Demand.NOTE, "")
    parts = [f"{Demand(name).label}: {value}" for name, value in given.items() if name in Demand.values]
    return " · ".join([*parts, *([note] if note else [])])


def _opened(event: Event) -> Line:
    data = event.data
    text = _("Dispute opened: %(reason)s, %(amount)s") % {
        "reason": in_language(data["reason_labels"]),
        "amount": _money(data),
    }
    whole = data.get("split_from")
    source = _("split from %(ref)s") % {"ref": whole["ref"]} if whole else ""
    detail = " · ".join(filter(None, [source, data.get("statement", "")]))
    return Line(event, text, "circle-alert", "info", detail)


def _moved(event: Event) -> Line:
    data = event.data
    where = {"stage": in_language(data["to"]["labels"]), "holder": who_has_it(data)}
    if "undone" in data:
        return Line(event, _("Taken back: in “%(stage)s” again: %(holder)s") % where, "undo-2")
    text = _("Moved to “%(stage)s”: %(holder)s") % where
    by = in_language(data["labels"]) if data.get("labels") else ""
    return Line(event, text, "arrow-right", "", " · ".join(filter(None, [by, _given(data)])))


def _closed(event: Event) -> Line:
    data = event.data
    text = _("Closed: %(resolution)s, %(verdict)s") % {
        "resolution": Resolution(data["resolution"]).label,
        "verdict": str(Verdict(data["verdict"]).label).lower(),
    }
    amount = _money(data) if Decimal(data["amount"]) else ""
    tone = "ok" if data["status"] == "solved" else "bad"
    return Line(event, text, "circle-check", tone, " · ".join(filter(None, [amount, data.get("note", "")])))


def _reopened(event: Event) -> Line:
    return Line(
        event,
        _("Reopened: %(amount)s") % {"amount": _money(event.data)},
        "rotate-ccw",
        "warn",
        event.data["note"],
    )


def _told_again(event: Event) -> Line:
    data = event.data
    question = in_language(data.get("labels", {})) or data["text"]
    if event.kind == "question.overdue":
        name = data.get("fallback_name")
        text = _("Not answered in time: %(name)s is asked too") % {"name": name} if name else ""
        return Line(event, text or _("Not answered in time"), "clock-alert", "bad", question)
    text = _("%(name)s was reminded") % {"name": data["told_name"]}
    return Line(event, text, "bell", "", question)


def _passed_on(event: Event) -> Line:
    data = event.data
    question = in_language(data.get("labels", {})) or data["text"]
    text = _("Passed on from %(before)s to %(after)s") % {
        "before": data["from_name"],
        "after": data["to_name"],
    }
    return Line(event, text, "forward", "", f"{question}\n{data['reason']}")


def _answer_changed(event: Event) -> Line:
    data = event.data
    answer = in_language(data.get("answer_labels", {})) or data["answer"]
    text = _("Answer changed from %(before)s to %(after)s") % {"before": data["before"], "after": answer}
    return Line(event, text, "pencil", "", in_language(data.get("labels", {})) or data["text"])


def _put_off(event: Event) -> Line:
    data = event.data
    question = in_language(data.get("labels", {})) or data["text"]
    return Line(event, _("Put off past the deadline"), "clock-alert", "warn", question)


def _line_changed(event: Event) -> Line:
    data = event.data
    before = formats.money(Decimal(data["before"]), data["currency"])
    text = _("Disputed amount changed from %(before)s to %(after)s") % {
        "before": before,
        "after": _money(data),
    }
    return Line(event, text, "pencil", "", ", ".join(line["number"] for line in data["lines"]))


def _assigned(event: Event) -> Line:
    return Line(event, _("Assigned to %(holder)s") % {"holder": who_has_it(event.data)}, "user-check")


def _classified(event: Event) -> Line:
    text = _("Reason changed from %(before)s to %(after)s") % {
        "before": in_language(event.data["from"]["labels"]),
        "after": in_language(event.data["to"]["labels"]),
    }
    return Line(event, text, "tag")


def _cause_found(event: Event) -> Line:
    found = event.data["to"]
    if found is None:
        return Line(event, _("The root cause was taken back"), "search")
    return Line(event, _("Root cause: %(cause)s") % {"cause": in_language(found["labels"])}, "search", "info")


def _merged(event: Event) -> Line:
    """In the dispute that took the lines over, and in the one that gave them away."""
    data = event.data
    if event.object_id == data["into"]:
        text = _("%(ref)s was merged into this dispute: %(moved)s more") % {
            "ref": data["other_ref"],
            "moved": _money(data, "moved"),
        }
        return Line(event, text, "merge", "info", data.get("statement", ""))
    text = _("Merged into %(ref)s, which goes on with %(moved)s") % {
        "ref": data["into_ref"],
        "moved": _money(data, "moved"),
    }
    return Line(event, text, "merge")


def _split(event: Event) -> Line:
    data = event.data
    text = _("%(moved)s became a dispute of its own: %(ref)s") % {
        "moved": _money(data, "moved"),
        "ref": data["new_ref"],
    }
    return Line(event, text, "split", "info", ", ".join(line["number"] for line in data["lines"]))


def _in_mass(event: Event) -> Line:
    """Into a mass dispute, or out of it."""
    facts = {"mass": event.data["mass_ref"], "title": event.data["title"]}
    if event.kind == "dispute.joined_mass":
        return Line(event, _("Part of the mass dispute %(mass)s: %(title)s") % facts, "layers", "info")
    return Line(event, _("Detached from the mass dispute %(mass)s: %(title)s") % facts, "layers")


def _mailed(event: Event) -> Line:
    data = event.data
    text = _("E-mail from %(sender)s: %(subject)s") % {"sender": data["sender"], "subject": data["subject"]}
    return Line(event, text, "mail", "info", data["text"])


def _joined(event: Event) -> Line:
    return Line(event, _("%(name)s was called in") % {"name": event.data["name"]}, "user-plus")


def _told(event: Event) -> Line:
    """A short payment, or what the customer's system says about an invoice."""
    data = event.data
    if data["via"] == Via.SHORT_PAYMENT:
        text = _("Invoice %(number)s was paid %(amount)s short") % {
            "number": data["number"],
            "amount": _money(data),
        }
        quote = _("reason guessed from “%(quote)s”") % {"quote": data["quote"]} if data.get("quote") else ""
        return Line(event, text, "banknote", "warn", " · ".join(filter(None, [data.get("text"), quote])))
    return _said(event)


def _said(event: Event) -> Line:
    """What the customer's system says about an invoice, in words."""
    data = event.data
    facts = {
        "status": answer_words.status_words(data["standard"], data["status"]),
        "number": data["number"],
    }
    told = answer_words.reasons_told(data["standard"], data.get("reasons") or [])
    values = [f"{name}: {value}" for one in told for name, value in one.values]
    amount = _money(data) if data.get("amount") else ""
    parts = [amount, *(str(one) for one in told), *values, data.get("text", "")]
    text = _("The customer's system says of invoice %(number)s: %(status)s") % facts
    tone = answer_words.tone(data["status"])
    return Line(event, text, "file-check", "" if tone == "mute" else tone, "\n".join(filter(None, parts)))


def _added(event: Event) -> Line:
    text = _("File added: %(name)s") % event.data
    return Line(event, text, "paperclip", "info", event.data.get("note", ""))


def _shared(event: Event) -> Line:
    seen_by = audience(event.data["side"], event.data.get("company", ""))
    facts = {"name": event.data["name"], "side": seen_by}
    return Line(event, _("%(name)s is seen by: %(side)s") % facts, "eye")


def _redacted(event: Event) -> Line:
    words = _("File erased: %(name)s") if event.data["erased"] else _("File redacted: %(name)s")
    return Line(event, words % {"name": event.data["name"]}, "eraser", "warn", event.data["reason"])


def _packed(event: Event) -> Line:
    return Line(event, _("Evidence pack made"), "package", "", event.data["root"])


def _snoozed(event: Event) -> Line:
    until = formats.moment(datetime.fromisoformat(event.data["until"]))
    return Line(event, _("Snoozed until %(moment)s") % {"moment": until}, "alarm-clock")


def _woken(event: Event) -> Line:
    why = {
        "time": _("Back in the queue: its time has come"),
        "event": _("Back in the queue: something happened"),
        "customer": _("Back in the queue: the customer wrote"),
    }
    return Line(event, why.get(event.data["why"], _("Taken up again")), "bell-ring")


SENTENCES: dict[str, Callable[[Event], Line]] = {
    **OUTCOMES,
    **words_handing.SENTENCES,
    **words_routes.SENTENCES,
    "dispute.opened": _opened,
    "dispute.moved": _moved,
    "dispute.closed": _closed,
    "dispute.reopened": _reopened,
    "dispute.line_changed": _line_changed,
    "dispute.assigned": _assigned,
    "dispute.classified": _classified,
    "dispute.cause_found": _cause_found,
    "dispute.merged": _merged,
    "dispute.split": _split,
    "dispute.mailed": _mailed,
    "dispute.joined_mass": _in_mass,
    "dispute.left_mass": _in_mass,
    "dispute.joined": _joined,
    "dispute.told": _told,
    "dispute.snoozed": _snoozed,
    "dispute.woken": _woken,
    "evidence.added": _added,
    "evidence.shared": _shared,
    "evidence.redacted": _redacted,
    "pack.made": _packed,
}


def tell(event: Event) -> Line:
    """The event as a line of the timeline; an unknown kind by its name, so that nothing is hidden."""
    sentence = SENTENCES.get(event.kind) or words_questions.SENTENCES.get(event.kind)
    return sentence(event) if sentence else Line(event, event.kind, "circle")
