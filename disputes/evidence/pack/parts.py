"""What a pack says about its dispute, as plain JSON: facts, lines, stays, questions, outcome, events.

Rooms above add what they know under a name of their own: `add_part` is their slot. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from accounts import events
from disputes.models import Dispute, Evidence

Build = Callable[[Dispute], Iterable[dict[str, Any]]]
PARTS: dict[str, Build] = {}


def add_part(name: str, build: Build) -> None:
    """From now on every pack has `name`.json with the rows that `build` gives for its dispute, one after the other."""
    PARTS[name] = build


def facts_of(dispute: Dispute) -> dict[str, Any]:
    """The dispute with its lines, stays, questions, people and outcome."""
    return {
        "ref": dispute.ref,
        "entity": {"code": dispute.entity.code, "name": dispute.entity.name},
        "customer": {"code": dispute.customer.code, "name": dispute.customer.name},
        "reason": {"code": dispute.reason.code, "labels": dispute.reason.labels},
        "status": dispute.status,
        "amount": dispute.amount,
        "currency": dispute.currency,
        "statement": dispute.statement,
        "facts": dispute.facts,
        "coordinator": dispute.coordinator.name,
        "opened_at": dispute.opened_at,
        "closed_at": dispute.closed_at,
        "lines": [_line(one) for one in dispute.lines.select_related("invoice")],
        "stays": [_stay(one) for one in stays_of(dispute)],
        "questions": [_question(one) for one in questions_of(dispute)],
        "participants": [
            {"name": one.user.name, "joined_at": one.joined_at}
            for one in dispute.participations.select_related("user").order_by("joined_at", "pk")
        ],
        "outcome": _outcome(dispute),
    }


def stays_of(dispute: Dispute) -> Any:
    """Where it was and with whom, in order."""
    return dispute.stays.select_related("stage", "holder_user", "holder_department").order_by("seq")


def questions_of(dispute: Dispute) -> Any:
    """What was asked, in order, with the answers."""
    related = ("template", "asked_of", "asked_by", "answer__answered_by")
    return dispute.questions.select_related(*related).order_by("asked_at", "pk")


def events_of(dispute: Dispute) -> Iterator[dict[str, Any]]:
    """The events with everything their hashes are made of, and the names of who did it."""
    for one in events.timeline("dispute", dispute.pk).iterator(chunk_size=500):
        yield one.as_data()


def redaction_of(one: Evidence) -> dict[str, Any] | None:
    """Who took the content of a file away, when and why."""
    if one.redacted_by is None or one.redacted_at is None:
        return None
    return {
        "at": one.redacted_at.astimezone(UTC).isoformat(timespec="seconds"),
        "by": one.redacted_by.name,
        "reason": one.redaction_reason,
    }


def plain(value: object) -> str:
    """Amounts and moments as JSON has them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value)} has no place in a pack")


def _line(one: Any) -> dict[str, Any]:
    names = ("amount", "quantity", "opened_on", "closed_on")
    return {"invoice": one.invoice.number, **{name: getattr(one, name) for name in names}}


def _stay(one: Any) -> dict[str, Any]:
    holder = one.holder_user or one.holder_department
    return {
        "seq": one.seq,
        "stage": {"code": one.stage.code, "labels": one.stage.labels},
        "status": one.status,
        "side": one.holder_side,
        "holder": str(holder) if holder else "",
        "from": one.started_at,
        "to": one.ended_at,
    }


def _question(one: Any) -> dict[str, Any]:
    answer = getattr(one, "answer", None)
    return {
        "text": one.text,
        "kind": one.kind,
        "status": one.status,
        "asked_of": one.asked_of.name,
        "asked_by": one.asked_by.name if one.asked_by else "",
        "asked_at": one.asked_at,
        "due_at": one.due_at,
        "ended_at": one.ended_at,
        "answer": answer
        and {
            "value": answer.value,
            "words": answer.words,
            "note": answer.note,
            "by": answer.answered_by.name if answer.answered_by else "",
            "at": answer.answered_at,
            "via": answer.via,
        },
    }


def _outcome(dispute: Dispute) -> dict[str, Any] | None:
    one = getattr(dispute, "outcome", None)
    if one is None:
        return None
    names = ("verdict", "resolution", "amount", "note", "decided_at")
    by = one.decided_by.name if one.decided_by else ""
    return {**{name: getattr(one, name) for name in names}, "decided_by": by}
