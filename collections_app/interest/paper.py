"""The debit note as a document: a PDF by typst from what was frozen at issue, in the customer's language."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from collections_app.choices_interest import NoteKind, RateBasis
from collections_app.models import DebitNote, DebitNoteLine
from lib import formats

LAYOUT = Path(__file__).with_name("paper.typ")


def as_pdf(note: DebitNote, language: str = "") -> bytes:
    """The pages of the document; without a language that of the customer on the day of issue."""
    known = [code for code, _name in settings.LANGUAGES]
    chosen = language if language in known else note.facts["customer"].get("language", "")
    with override(chosen if chosen in known else "en"):
        data = _data(note, chosen if chosen in known else "en")
    return bytes(typst.compile(LAYOUT, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}))


def _data(note: DebitNote, language: str) -> dict[str, Any]:
    lines = list(note.lines.all())
    entity, customer = note.facts["entity"], note.facts["customer"]
    counter = note.kind == NoteKind.COUNTER
    sums = (note.interest, note.fees, note.total)
    return {
        "language": language,
        "title": str(NoteKind(note.kind).label),
        "number": note.ref,
        "page": _("Page"),
        "sender": [entity["name"], *_labelled((_("Tax id"), entity["tax_id"]))],
        "receiver": [
            customer["name"],
            *customer["address"].splitlines(),
            *_labelled((_("Tax id"), customer["tax_id"])),
        ],
        "facts": _facts(note, counter),
        "intro": _intro(note, counter),
        "heads": [
            _("Invoice"),
            _("Issued"),
            _("Due"),
            _("Amount"),
            _("Interest"),
            _("Recovery costs"),
            _("Total"),
        ],
        "rows": [_row(note, line) for line in lines],
        "total": [_("Total"), *(formats.money(sum_, note.currency) for sum_ in sums)],
        "legal": [] if counter else _legal(entity["country"]),
        "pay": _pay(note, entity) if not counter else "",
        **_annex(note, lines),
    }


def _annex(note: DebitNote, lines: list[DebitNoteLine]) -> dict[str, Any]:
    """The lines of the interest, invoice by invoice."""
    return {
        "annex": _("How the interest is reckoned"),
        "annex_heads": [
            _("Invoice"),
            pgettext("time", "From"),
            pgettext("time", "To"),
            _("Days"),
            _("Base"),
            _("Rate"),
            _("Interest"),
        ],
        "annex_rows": [row for line in lines for row in _explained(note, line)],
        "formula": _("Interest = base × rate × days / 365, rounded to the cent line by line."),
    }


def _labelled(*pairs: tuple[str, str]) -> list[str]:
    return [f"{label}: {value}" for label, value in pairs if value]


def _facts(note: DebitNote, counter: bool) -> list[tuple[str, str]]:
    facts = [(_("Number"), note.ref), (_("Date"), formats.day(note.issued_on))]
    if counter and note.cancels:
        return [*facts, (_("Cancels"), note.cancels.ref), (_("Reason"), note.reason)]
    return [
        *facts,
        (_("Interest until"), formats.day(note.until)),
        (_("Payable by"), formats.day(note.due_on)),
    ]


def _intro(note: DebitNote, counter: bool) -> str:
    if counter and note.cancels:
        words = _("This document cancels debit note %(number)s of %(day)s entirely. Nothing is owed for it.")
        return words % {"number": note.cancels.ref, "day": formats.day(note.cancels.issued_on)}
    return _("The following invoices were not paid by their due date. We charge you for the delay:")


def _row(note: DebitNote, line: DebitNoteLine) -> list[str]:
    facts = line.facts
    return [
        facts["number"],
        formats.day(date.fromisoformat(facts["issued_on"])),
        formats.day(date.fromisoformat(facts["due_on"])),
        formats.money(Decimal(facts["amount"]), note.currency),
        formats.money(line.interest, note.currency),
        formats.money(line.fee, note.currency),
        formats.money(line.interest + line.fee, note.currency),
    ]


def _explained(note: DebitNote, line: DebitNoteLine) -> list[list[str]]:
    rows = [
        [
            line.facts["number"],
            formats.day(date.fromisoformat(one["from"])),
            formats.day(date.fromisoformat(one["to"])),
            str(one["days"]),
            formats.money(Decimal(one["base"]), note.currency),
            f"{formats.number(Decimal(one['rate']))} % ({RateBasis(one['basis']).label})",
            formats.money(Decimal(one["amount"]), note.currency),
        ]
        for one in line.explanation
    ]
    if line.waived:
        off = formats.money(-line.waived, note.currency)
        rows.append([line.facts["number"], "", "", "", _("Waived"), "", off])
    return rows


def _legal(country: str) -> list[str]:
    """The law it rests on."""
    laws = {
        "ES": _(
            "Late interest and recovery costs under articles 5 to 8 of Spanish Law 3/2004 of 29 December."
        ),
        "FR": _(
            "Late payment penalties and recovery costs: articles L441-10 and D441-5 of the French Commercial Code."
        ),
    }
    other = _("Late interest and recovery costs under Directive 2011/7/EU on combating late payment.")
    return [laws.get(country, other), _("Compensation for delay, not subject to VAT.")]


def _pay(note: DebitNote, entity: dict[str, str]) -> str:
    amount, day = formats.money(note.total, note.currency), formats.day(note.due_on)
    if not entity["iban"]:
        words = _("Please pay %(amount)s by %(day)s, naming %(number)s.")
        return words % {"amount": amount, "day": day, "number": note.ref}
    words = _("Please pay %(amount)s by %(day)s to account %(iban)s, naming %(number)s.")
    grouped = " ".join(entity["iban"][at : at + 4] for at in range(0, len(entity["iban"]), 4))
    return words % {"amount": amount, "day": day, "iban": grouped, "number": note.ref}
