"""System lines about decisions, in words: approvals, requests to billing, offers, promises among ourselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import (
    OfferSide,
    OfferState,
    Promised,
    PromiseState,
    RequestKind,
    Resolution,
    Telling,
)
from lib import formats

Facts = Mapping[str, Any]
ICONS = {
    "approval.asked": "stamp",
    "approval.agreed": "stamp",
    "approval.refused": "circle-x",
    "approval.ended": "undo-2",
    "approval.done": "arrow-right",
    "credit.requested": "file-minus",
    "credit.issued": "file-check",
    "credit.differs": "file-question-mark",
    "credit.ended": "circle-x",
    "credit.reversed": "file-x",
    "offer.made": "handshake",
    "offer.shown": "handshake",
    "offer.accepted": "handshake",
    "offer.ended": "handshake",
    "internal_promise.made": "calendar-check",
    "internal_promise.broken": "calendar-check",
    "internal_promise.ended": "calendar-check",
    "outcome.told": "mail-check",
}
KINDS = tuple(ICONS)


def _who(facts: Facts) -> str:
    return str(facts.get("actor") or _("The system"))


def _money(facts: Facts, name: str = "amount") -> str:
    return formats.money(Decimal(str(facts[name])), str(facts.get("currency") or formats.HOME_CURRENCY))


def _about(facts: Facts) -> dict[str, str]:
    return {
        "who": _who(facts),
        "what": str(Resolution(facts["resolution"]).label),
        "amount": _money(facts),
        "note": str(facts.get("note") or ""),
    }


def _asked(facts: Facts) -> str:
    return _("%(who)s asks for approval: %(what)s, %(amount)s") % _about(facts)


def _agreed(facts: Facts) -> str:
    return _("%(who)s approved: %(what)s, %(amount)s") % _about(facts)


def _refused(facts: Facts) -> str:
    return _("%(who)s did not approve %(what)s, %(amount)s: %(note)s") % _about(facts)


def _ended(facts: Facts) -> str:
    return _("The request for approval has ended: %(what)s, %(amount)s") % _about(facts)


def _done(facts: Facts) -> str:
    return _("Everybody agreed")


def _request(facts: Facts) -> dict[str, str]:
    return {
        "who": _who(facts),
        "kind": str(RequestKind(facts["kind"]).label),
        "number": str(facts.get("number") or ""),
        "amount": _money(facts),
        "arrived": _money(facts, "arrived"),
        "note": str(facts.get("note") or ""),
    }


def _requested(facts: Facts) -> str:
    return _("Asked for: %(kind)s, %(amount)s") % _request(facts)


def _issued(facts: Facts) -> str:
    return _("Done: %(kind)s %(number)s, %(amount)s") % _request(facts)


def _differs(facts: Facts) -> str:
    return _("%(arrived)s of %(amount)s has come: %(kind)s %(number)s") % _request(facts)


def _taken_back(facts: Facts) -> str:
    document = str(facts["document"] or RequestKind(facts["kind"]).label)
    words = _("%(document)s was taken back in the ledger: %(amount)s no longer count")
    return words % {"document": document, "amount": _money(facts, "back")}


def _stopped(facts: Facts) -> str:
    if facts["state"] == "refused":
        return _("Refused: %(kind)s, %(amount)s. %(note)s") % _request(facts)
    return _("No longer asked for: %(kind)s, %(amount)s") % _request(facts)


def _offer(facts: Facts) -> dict[str, str]:
    return {
        "who": _who(facts),
        "offer": str(OfferSide(facts["side"]).label),
        "amount": _money(facts),
        "state": str(OfferState(facts["state"]).label).lower(),
    }


def _offer_line(facts: Facts) -> str:
    return _("%(offer)s, %(amount)s: %(state)s") % _offer(facts)


def _promise(facts: Facts) -> dict[str, str]:
    what = facts["text"] if facts["what"] == Promised.OTHER else str(Promised(facts["what"]).label)
    late = _("kept late") if facts.get("late") else str(PromiseState(facts["state"]).label).lower()
    day = formats.day(date.fromisoformat(str(facts["due_on"])))
    return {"name": str(facts["keeper"]), "what": str(what), "day": day, "state": late}


def _promised(facts: Facts) -> str:
    return _("%(name)s promises: %(what)s by %(day)s") % _promise(facts)


def _promise_over(facts: Facts) -> str:
    return _("Promise of %(name)s, %(what)s: %(state)s") % _promise(facts)


def _told(facts: Facts) -> str:
    if facts.get("how") == Telling.OTHERWISE:
        return _("The customer knows the outcome")
    return _("The customer need not be told the outcome")


TELLERS: dict[str, Callable[[Facts], str]] = {
    "approval.asked": _asked,
    "approval.agreed": _agreed,
    "approval.refused": _refused,
    "approval.ended": _ended,
    "approval.done": _done,
    "credit.requested": _requested,
    "credit.issued": _issued,
    "credit.differs": _differs,
    "credit.ended": _stopped,
    "credit.reversed": _taken_back,
    "offer.made": _offer_line,
    "offer.shown": _offer_line,
    "offer.accepted": _offer_line,
    "offer.ended": _offer_line,
    "internal_promise.made": _promised,
    "internal_promise.broken": _promise_over,
    "internal_promise.ended": _promise_over,
    "outcome.told": _told,
}
