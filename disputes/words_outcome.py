"""The lines of the timeline about decisions: approvals, requests to billing, offers, promises among ourselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import Event
from disputes.choices import Resolution
from disputes.choices_outcome import (
    Ended,
    OfferSide,
    OfferState,
    Promised,
    PromiseState,
    Purpose,
    RequestKind,
    Telling,
)
from disputes.telling import Line
from lib import formats


def _money(data: dict[str, Any], key: str = "amount") -> str:
    return formats.money(Decimal(data[key]), data.get("currency") or formats.HOME_CURRENCY)


def _day(text: str) -> str:
    return formats.day(date.fromisoformat(text)) if text else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def what(data: dict[str, Any]) -> str:
    """What a request is about: “Credit note, 800,00 €”."""
    words = _joined(str(Resolution(data["resolution"]).label), _money(data))
    return words if data["purpose"] == Purpose.CLOSE else _joined(str(Purpose(data["purpose"]).label), words)


def _asked(event: Event) -> Line:
    data = event.data
    roles = ", ".join(str(Role(role).label) for role in data["steps"])
    text = _("Approval asked for: %(what)s") % {"what": what(data)}
    return Line(event, text, "stamp", "warn", _joined(roles, data.get("note", "")))


def _agreed(event: Event) -> Line:
    data = event.data
    detail = _("for %(name)s") % {"name": data["for"]} if data.get("for") else ""
    left = ", ".join(str(Role(role).label) for role in data.get("left", []))
    still = _("still needed: %(roles)s") % {"roles": left} if left else ""
    text = _("Approved: %(what)s") % {"what": what(data)}
    return Line(event, text, "stamp", "ok", _joined(detail, data.get("note", ""), still))


def _refused(event: Event) -> Line:
    data = event.data
    detail = _("for %(name)s") % {"name": data["for"]} if data.get("for") else ""
    text = _("Not approved: %(what)s") % {"what": what(data)}
    return Line(event, text, "circle-x", "bad", _joined(detail, data.get("note", "")))


def _ended(event: Event) -> Line:
    text = _("The request for approval has ended: %(what)s") % {"what": what(event.data)}
    return Line(event, text, "undo-2", "", str(Ended(event.data["why"]).label))


def _done(event: Event) -> Line:
    return Line(event, _("Everybody agreed: back in its stage"), "arrow-right")


def _parts(data: dict[str, Any]) -> str:
    rows = data.get("parts", [])
    if len(rows) < 2:
        return ", ".join(row["number"] for row in rows)
    return ", ".join(
        f"{row['number']}: {formats.money(Decimal(row['amount']), data['currency'])}" for row in rows
    )


def _requested(event: Event) -> Line:
    data = event.data
    text = _("Asked for: %(kind)s, %(amount)s") % {
        "kind": RequestKind(data["kind"]).label,
        "amount": _money(data),
    }
    by_day = _("expected on %(day)s") % {"day": _day(data["expected_on"])} if data["expected_on"] else ""
    return Line(event, text, "file-minus", "info", _joined(data["department"], _parts(data), by_day))


def _issued(event: Event) -> Line:
    data = event.data
    text = _("Done: %(kind)s %(number)s, %(amount)s") % {
        "kind": RequestKind(data["kind"]).label,
        "number": data["number"],
        "amount": _money(data),
    }
    return Line(event, text, "file-check", "ok", _parts(data))


def _differs(event: Event) -> Line:
    data = event.data
    text = _("%(arrived)s of %(amount)s has come: %(kind)s %(number)s") % {
        "arrived": _money(data, "arrived"),
        "amount": _money(data),
        "kind": RequestKind(data["kind"]).label,
        "number": data["number"],
    }
    return Line(event, text, "file-question-mark", "warn", _parts(data))


def _taken_back(event: Event) -> Line:
    data = event.data
    text = _("%(document)s was taken back in the ledger: %(amount)s no longer count") % {
        "document": data["document"] or RequestKind(data["kind"]).label,
        "amount": _money(data, "back"),
    }
    return Line(event, text, "file-x", "warn", _parts(data))


def _stopped(event: Event) -> Line:
    data = event.data
    words = {
        "refused": _("Refused: %(kind)s, %(amount)s"),
        "withdrawn": _("No longer asked for: %(kind)s, %(amount)s"),
    }[data["state"]]
    text = words % {"kind": RequestKind(data["kind"]).label, "amount": _money(data)}
    return Line(event, text, "circle-x", "bad" if data["state"] == "refused" else "", data.get("note", ""))


def _terms(data: dict[str, Any]) -> str:
    rest = _("the rest is paid by %(day)s") % {"day": _day(data["rest_by"])} if data["rest_by"] else ""
    valid = _("valid until %(day)s") % {"day": _day(data["valid_until"])}
    return _joined(rest, valid, data.get("note", ""))


def _offered(event: Event) -> Line:
    data = event.data
    words = {
        "ours": _("We offer to credit %(amount)s"),
        "customer": _("The customer offers: credit %(amount)s"),
    }
    return Line(event, words[data["side"]] % {"amount": _money(data)}, "handshake", "info", _terms(data))


def _shown(event: Event) -> Line:
    text = _("The offer of %(amount)s is approved: the customer may have it") % {"amount": _money(event.data)}
    return Line(event, text, "handshake", "ok", _terms(event.data))


def _accepted(event: Event) -> Line:
    data = event.data
    text = _("%(offer)s accepted: %(amount)s") % {
        "offer": OfferSide(data["side"]).label,
        "amount": _money(data),
    }
    return Line(event, text, "handshake", "ok", _terms(data))


def _offer_over(event: Event) -> Line:
    data = event.data
    text = _("%(offer)s, %(amount)s: %(state)s") % {
        "offer": OfferSide(data["side"]).label,
        "amount": _money(data),
        "state": str(OfferState(data["state"]).label).lower(),
    }
    return Line(event, text, "handshake", "", data.get("note", ""))


def promised(data: dict[str, Any]) -> str:
    """What is promised, in words."""
    return data["text"] if data["what"] == Promised.OTHER else str(Promised(data["what"]).label)


def _promised(event: Event) -> Line:
    data = event.data
    text = _("%(name)s promises: %(what)s by %(day)s") % {
        "name": data["keeper"],
        "what": promised(data),
        "day": _day(data["due_on"]),
    }
    return Line(event, text, "calendar-check", "info")


def _promise_over(event: Event) -> Line:
    data = event.data
    state = _("kept late") if data.get("late") else str(PromiseState(data["state"]).label).lower()
    text = _("Promise of %(name)s, %(what)s: %(state)s") % {
        "name": data["keeper"],
        "what": promised(data),
        "state": state,
    }
    tone = {"kept": "ok", "broken": "bad"}.get(data["state"], "")
    return Line(event, text, "calendar-check", "warn" if data.get("late") else tone)


def _told(event: Event) -> Line:
    otherwise = event.data["how"] == Telling.OTHERWISE
    text = (
        _("The customer knows the outcome") if otherwise else _("The customer need not be told the outcome")
    )
    return Line(event, text, "mail-check", "ok" if otherwise else "")


SENTENCES: dict[str, Callable[[Event], Line]] = {
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
    "offer.made": _offered,
    "offer.shown": _shown,
    "offer.accepted": _accepted,
    "offer.ended": _offer_over,
    "internal_promise.made": _promised,
    "internal_promise.broken": _promise_over,
    "internal_promise.ended": _promise_over,
    "outcome.told": _told,
}
