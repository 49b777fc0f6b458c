"""The summary of a legal file's pack for people: the layout of the disputes' packs, the words of a claim."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import typst
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.events import timeline
from accounts.models import User
from collections_app.contentious.claim import Claim
from collections_app.models import LegalFile
from collections_app.timeline import KINDS, sentence_of
from disputes.evidence.pack.summary import LAYOUT
from lib import formats

MOST_EVENTS = 200


def readme(file: LegalFile) -> str:
    """What this is and how to check it."""
    lines = (
        _("Evidence pack of legal file %(ref)s") % {"ref": file.ref},
        "",
        _("summary.pdf: the claim in words, and the root hash."),
        _("invoices/: the invoices as they were sent, or what the books say of them."),
        _("letters/: the reminders and the formal notice as they were sent."),
        _("statement.pdf, interest.pdf: the account, and how the interest is reckoned."),
        _("disputes/: what the customer disputed and how it was settled; each is a pack of its own."),
        _("events.json: the history of this file, each event with the hash of the one before it."),
        _("index.json: every file with its SHA-256, each entry chained to the one before it."),
        "",
        _("To check that nothing was changed, with any Python and without a network:"),
        f"  python verify_pack.py evidence-{file.ref}.zip ROOT",
    )
    return "\n".join(lines) + "\n"


def as_pdf(
    file: LegalFile,
    claim: Claim,
    entries: Sequence[tuple[str, str]],
    *,
    root: str,
    by: User,
    at: datetime,
) -> bytes:
    """The pages; `entries` are the members of the pack with their hashes."""
    data = {
        "language": (get_language() or "en").split("-")[0],
        "root": root,
        "title": _("Evidence pack"),
        "subtitle": f"{file.ref} · {file.customer.name}",
        "made": _("Made on %(when)s by %(name)s") % {"when": formats.moment(at), "name": by.name},
        "zone": _("All times are in the time zone %(zone)s.")
        % {"zone": timezone.get_current_timezone_name()},
        "page": _("Page"),
        "facts": _facts(file, claim),
        "statement": {"title": "", "text": ""},
        "sections": [_invoices(claim), _history(file), _members(entries)],
        "proof": {
            "title": _("How to check that nothing was changed"),
            "text": _(
                "This document belongs to a ZIP. Every file in it is listed in index.json with its SHA-256, "
                "and each entry carries the hash of the one before it. The last of these hashes is the root "
                "printed below: if one byte of one file is changed, taken out or put in, the root is another "
                "one."
            ),
            "how": _("With any Python, without a network, in the folder of the ZIP:"),
        },
        "root_title": _("Root hash (SHA-256)"),
    }
    return bytes(typst.compile(LAYOUT, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}))


def _facts(file: LegalFile, claim: Claim) -> list[tuple[str, str]]:
    def money(amount: Any) -> str:
        return formats.money(amount, claim.currency)

    return [
        (_("Legal entity"), f"{file.entity.name} ({file.entity.code})"),
        (_("Customer"), f"{file.customer.name} ({file.customer.code})"),
        (_("State"), str(file.get_status_display())),
        (_("As of"), formats.day(claim.on)),
        (_("Principal"), money(claim.principal)),
        (_("Interest"), money(claim.interest)),
        (_("Recovery costs"), money(claim.costs)),
        (_("Total"), money(claim.total)),
    ]


def _invoices(claim: Claim) -> dict[str, Any]:
    rows = [
        [
            one.invoice.number,
            formats.day(one.invoice.issued_on),
            formats.day(one.invoice.due_on),
            *(
                formats.money(amount, claim.currency)
                for amount in (one.invoice.amount, one.principal, one.interest + one.costs)
            ),
        ]
        for one in claim.lines
    ]
    heads = [_("Invoice"), _("Issued"), _("Due"), _("Amount"), _("Principal"), _("Interest and costs")]
    return _table(_("What is claimed"), heads, rows, "1fr auto auto auto auto auto", right=(3, 4, 5))


def _history(file: LegalFile) -> dict[str, Any]:
    rows = [
        [
            str(one.seq),
            formats.moment(one.at),
            one.actor.name if one.actor else _("Automatic"),
            sentence_of(one.kind, one.data),
            one.hash[:16],
        ]
        for one in timeline("legal_file", file.pk)[:MOST_EVENTS]
        if one.kind in KINDS
    ]
    heads = ["", _("When"), _("Who"), _("What happened"), _("Hash")]
    return _table(_("History"), heads, rows, "auto auto auto 1fr auto", mono=(4,))


def _members(entries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    rows = [[path, digest] for path, digest in entries]
    return _table(_("Files"), [_("File"), "SHA-256"], rows, "1fr 6cm", mono=(1,))


def _table(
    title: str,
    heads: list[str],
    rows: list[list[str]],
    widths: str,
    *,
    right: tuple[int, ...] = (),
    mono: tuple[int, ...] = (),
) -> dict[str, Any]:
    facts = {"title": title, "heads": heads, "rows": rows, "widths": widths.split(), "note": ""}
    return facts | {"right": right, "mono": mono, "none": _("None")}
