"""The summary of a pack for people: a PDF by typst and a page of text. Data in, words out, in the active language."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts import events
from accounts.models import User
from disputes import words
from disputes.choices import Status
from disputes.evidence.pack import parts
from disputes.models import Dispute, Evidence
from lib import formats

LAYOUT = Path(__file__).with_name("summary.typ")
MOST_EVENTS = 400


def readme(dispute: Dispute) -> str:
    """What this is and how to check it."""
    lines = (
        _("Evidence pack of dispute %(ref)s") % {"ref": dispute.ref},
        "",
        _("summary.pdf: the dispute in words, and the root hash."),
        _(
            "dispute.json, events.json and the other lists: the same for programs; "
            "each event carries the hash of the one before it."
        ),
        _("evidence/: the files as they were added. A redacted file says so in index.json."),
        _("index.json: every file with its SHA-256, each entry chained to the one before it."),
        "",
        _("To check that nothing was changed, with any Python and without a network:"),
        f"  python verify_pack.py evidence-{dispute.ref}.zip ROOT",
        _(
            "ROOT is the root hash printed in summary.pdf. "
            "Take the script from whoever made the pack, not from a stranger."
        ),
    )
    return "\n".join(lines) + "\n"


def as_pdf(dispute: Dispute, files: list[Evidence], *, root: str, by: User, at: datetime) -> bytes:
    """The pages."""
    data = {
        "language": (get_language() or "en").split("-")[0],
        "root": root,
        "title": _("Evidence pack"),
        "subtitle": f"{dispute.ref} · {dispute.customer.name}",
        "made": _("Made on %(when)s by %(name)s") % {"when": formats.moment(at), "name": by.name},
        "zone": _("All times are in the time zone %(zone)s.")
        % {"zone": timezone.get_current_timezone_name()},
        "page": _("Page"),
        "facts": _facts(dispute),
        "statement": {"title": _("What the customer says"), "text": dispute.statement},
        "sections": [
            _lines(dispute),
            _outcome(dispute),
            _files(files),
            _questions(dispute),
            _stays(dispute),
            _events(dispute),
        ],
        "proof": _proof(),
        "root_title": _("Root hash (SHA-256)"),
    }
    made = typst.compile(LAYOUT, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return bytes(made)


def _facts(dispute: Dispute) -> list[tuple[str, str]]:
    facts = [
        (_("Legal entity"), f"{dispute.entity.name} ({dispute.entity.code})"),
        (_("Customer"), f"{dispute.customer.name} ({dispute.customer.code})"),
        (_("Reason"), dispute.reason.label),
        (_("Disputed amount"), formats.money(dispute.amount, dispute.currency)),
        (_("State"), str(Status(dispute.status).label)),
        (_("Coordinator"), dispute.coordinator.name),
        (_("Opened"), formats.moment(dispute.opened_at)),
    ]
    return [*facts, (_("Closed"), formats.moment(dispute.closed_at))] if dispute.closed_at else facts


def _lines(dispute: Dispute) -> dict[str, Any]:
    rows = [
        [
            one.invoice.number,
            formats.day(one.invoice.issued_on),
            formats.money(one.invoice.amount, dispute.currency),
            formats.money(one.amount, dispute.currency),
            _span(one.opened_on, one.closed_on),
        ]
        for one in dispute.lines.select_related("invoice")
    ]
    heads = [_("Invoice"), _("Issued"), _("Amount"), _("Disputed"), _("When")]
    return _table(_("What is disputed"), heads, rows, widths="auto auto auto auto 1fr", right=(2, 3))


def _outcome(dispute: Dispute) -> dict[str, Any]:
    one = getattr(dispute, "outcome", None)
    rows = []
    if one is not None:
        by = one.decided_by.name if one.decided_by else _("Automatic")
        verdict, resolution = one.get_verdict_display(), one.get_resolution_display()
        rows = [
            [
                verdict,
                resolution,
                formats.money(one.amount, dispute.currency),
                by,
                formats.moment(one.decided_at),
                one.note,
            ]
        ]
    heads = [_("Verdict"), _("Resolution"), _("Amount"), _("Who"), _("When"), _("Note")]
    return _table(_("Outcome"), heads, rows, widths="auto auto auto auto auto 1fr", right=(2,))


def _files(files: list[Evidence]) -> dict[str, Any]:
    rows = []
    for number, one in enumerate(files, 1):
        by = one.added_by.name if one.added_by else str(one.get_via_display())
        name = f"{one.name}\n{one.note}".strip()
        if one.redacted_by and one.redacted_at:
            told = (
                _("Erased on %(when)s by %(who)s: %(why)s")
                if one.is_erased
                else _("Redacted on %(when)s by %(who)s: %(why)s")
            )
            name += "\n" + told % {
                "when": formats.moment(one.redacted_at),
                "who": one.redacted_by.name,
                "why": one.redaction_reason,
            }
        hashes = one.sha256 if not one.now_sha256 else f"{one.sha256}\n→ {one.now_sha256}"
        rows.append(
            [
                f"{number:03d}",
                name,
                f"{one.kind}, {filesizeformat(one.size)}",
                f"{by}\n{formats.moment(one.added_at)}",
                hashes,
            ]
        )
    heads = ["", _("File"), _("Kind"), _("Added"), "SHA-256"]
    return _table(_("Evidence"), heads, rows, widths="auto 1fr auto auto 3.6cm", mono=(4,))


def _questions(dispute: Dispute) -> dict[str, Any]:
    rows = []
    for one in parts.questions_of(dispute):
        answer = getattr(one, "answer", None)
        said = (
            "\n".join(filter(None, [answer.words, answer.note])) if answer else str(one.get_status_display())
        )
        who = answer.answered_by.name if answer and answer.answered_by else ""
        when = formats.moment(answer.answered_at) if answer else ""
        rows.append(
            [
                f"{one.words}",
                f"{one.asked_of.name}\n{formats.moment(one.asked_at)}",
                said,
                f"{who}\n{when}".strip(),
            ]
        )
    heads = [_("Question"), pgettext("question", "Asked"), _("Answer"), _("Answered")]
    return _table(_("Questions and answers"), heads, rows, widths="1fr auto 1fr auto")


def _stays(dispute: Dispute) -> dict[str, Any]:
    rows = []
    for one in parts.stays_of(dispute):
        holder = one.holder_user or one.holder_department
        end = formats.moment(one.ended_at) if one.ended_at else _("now")
        who = str(holder) if holder else str(one.get_holder_side_display())
        rows.append([one.stage.label, who, formats.moment(one.started_at), end])
    heads = [_("Stage"), _("With"), pgettext("time", "From"), pgettext("time", "To")]
    return _table(_("Who had it, and when"), heads, rows, widths="1fr 1fr auto auto")


def _events(dispute: Dispute) -> dict[str, Any]:
    found = list(events.timeline("dispute", dispute.pk)[: MOST_EVENTS + 1])
    rows = []
    for one in found[:MOST_EVENTS]:
        told = words.tell(one)
        who = one.actor.name if one.actor else _("Automatic")
        text = "\n".join(filter(None, [told.text, told.detail]))
        rows.append([str(one.seq), formats.moment(one.at), who, text, one.hash[:16]])
    heads = ["", _("When"), _("Who"), _("What happened"), _("Hash")]
    section = _table(_("History"), heads, rows, widths="auto auto auto 1fr auto", mono=(4,))
    if len(found) > MOST_EVENTS:
        section["note"] = _("Only the first %(n)s events are printed; events.json has all of them.") % {
            "n": MOST_EVENTS
        }
    return section


def _proof() -> dict[str, str]:
    return {
        "title": _("How to check that nothing was changed"),
        "text": _(
            "This document belongs to a ZIP. Every file in it is listed in index.json with its SHA-256, "
            "and each entry carries the hash of the one before it. The last of these hashes is the root "
            "printed below: if one byte of one file is changed, taken out or put in, the root is another one. "
            "The events of the history are chained in the same way since the day the dispute was opened."
        ),
        "how": _("With any Python, without a network, in the folder of the ZIP:"),
    }


def _span(start: Any, end: Any) -> str:
    return f"{formats.day(start)} – {formats.day(end)}" if end else formats.day(start)


def _table(
    title: str,
    heads: list[str],
    rows: list[list[str]],
    *,
    widths: str,
    right: tuple[int, ...] = (),
    mono: tuple[int, ...] = (),
) -> dict[str, Any]:
    return {
        "title": title,
        "heads": heads,
        "rows": rows,
        "widths": widths.split(),
        "right": right,
        "mono": mono,
        "none": _("None"),
        "note": "",
    }
