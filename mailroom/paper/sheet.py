"""What one letter shows on paper, as plain data: stored with the letter, so that printing it again is the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import LegalEntity
from lib import formats
from mailroom import paybox
from mailroom.paper.letterhead import letterhead_of
from mailroom.paybox import PayBox
from mailroom.qr import Transfer, as_svg
from mailroom.rendering import Links, Table, Value
from mailroom.services.texts import Rendered


@dataclass(frozen=True, slots=True)
class Paper:
    """What a letter needs beside its words to stand on paper. `amount` is what it asks for, for the cover sheet."""

    postal: str
    on: date
    reference: str = ""
    amount: Decimal | None = None
    currency: str = ""
    # To be posted as registered mail with a receipt.
    registered: bool = False


def sheet_of(
    *, entity: LegalEntity, words: Rendered, paper: Paper, enclosures: Iterable[str] = ()
) -> dict[str, Any]:
    """The sheet's data: everything a printer needs but the letterhead."""
    head = letterhead_of(entity)
    with override(words.language):
        day = formats.day(paper.on, "long")
        names = ", ".join(enclosures)
        told = {"page": _("Page"), "reference": _("Our reference")}
        enclosed = _("Enclosed: %(names)s") % {"names": names} if names else ""
    parts = [part for part in words.parts if part != day]
    return {
        "language": words.language,
        "to": paper.postal.splitlines(),
        "date": f"{head.place}, {day}" if head.place else day,
        "reference": paper.reference,
        "subject": _about(words.subject, entity.name),
        "words": told,
        "parts": [as_data(part) for part in parts],
        "enclosures": enclosed,
        "amount": str(paper.amount) if paper.amount is not None else "",
        "currency": paper.currency,
        **({"registered": True} if paper.registered else {}),
    }


def _about(subject: str, sender: str) -> str:
    """The subject without the sender, who stands on the paper already."""
    words = subject.removeprefix(f"{sender} : ").removeprefix(f"{sender}: ")
    return words[:1].upper() + words[1:]


def as_data(part: Value) -> dict[str, Any]:
    """A paragraph, table, links or the box to pay in."""
    if isinstance(part, Table):
        return {
            "kind": "table",
            "head": list(part.head),
            "rows": [list(row) for row in part.rows],
            "right": sorted(part.right),
            "foot": list(part.foot),
        }
    if isinstance(part, Links):
        return {"kind": "links", "rows": [list(row) for row in part.rows]}
    if isinstance(part, PayBox):
        return {"kind": "pay", **paybox.as_data(part)}
    return {"kind": "text", "text": part}


def drawn(part: dict[str, Any]) -> dict[str, Any]:
    """The part as the layout wants it: the code to scan is drawn here, its words are what is stored."""
    if part["kind"] != "pay":
        return part
    code = as_svg(Transfer.from_data(part["transfer"])) if part["transfer"] else ""
    return {key: value for key, value in part.items() if key != "transfer"} | {"svg": code}
