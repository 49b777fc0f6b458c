"""The script of a call: by reason, in the language of whoever picks up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from django.utils import translation

from collections_app.choices import CallReason
from collections_app.decision.open_items import OpenItem
from ledger.models import Contact, Customer
from lib import formats
from lib.money import ZERO

FILE = Path(__file__).parent.parent / "catalogue" / "scripts.yaml"
# Up to this much (in the currency of the items) it may be an oversight.
SMALL = Decimal("250.00")
FALLBACK = "en"


@cache
def scripts() -> dict[str, dict[str, list[str]]]:
    """Every script: lines by reason and language."""
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Script:
    """What to say, in which language."""

    kind: str
    language: str
    lines: list[str]


def kind_of(reason: str, items: Sequence[OpenItem], *, broken: bool) -> str:
    """Which script fits: what the call was planned for, else what the open items say."""
    if reason in (CallReason.CALL_BACK, CallReason.CONTACT, CallReason.BEFORE_DUE):
        return reason
    if broken or reason == CallReason.BROKEN:
        return "broken"
    overdue = [item for item in items if item.overdue > 0]
    if not overdue:
        disputed = any(item.disputed for item in items)
        return "disputed" if disputed else "before_due"
    small = sum((item.overdue for item in overdue), ZERO) <= SMALL
    return "oversight" if small or reason == CallReason.OVERSIGHT else "overdue"


def script_of(
    *,
    kind: str,
    items: Sequence[OpenItem],
    customer: Customer,
    contact: Contact | None,
    me: str,
    on: date,
) -> Script:
    """The lines with the customer's own figures in them, as said in the contact's language."""
    language = contact.language if contact else customer.language
    by_language = scripts()[kind]
    spoken = language if language in by_language else FALLBACK
    with translation.override(spoken):
        values = _values(kind, items, customer, on) | {"me": me, "entity": customer.entity.name}
    values |= {"contact": contact.name if contact else customer.name, "customer": customer.name}
    # A name that ends with a full stop (S.A.) ends the sentence with it.
    lines = [line.format_map(values).replace("..", ".") for line in by_language[spoken]]
    return Script(kind, spoken, lines)


def _values(kind: str, items: Sequence[OpenItem], customer: Customer, on: date) -> dict[str, str]:
    """Amounts of one currency only: that of the largest part."""
    coming = kind == "before_due"
    chosen = [item for item in items if (item.free if coming else item.overdue) > 0] or list(items)
    sums: dict[str, Decimal] = {}
    for item in chosen:
        sums[item.currency] = sums.get(item.currency, ZERO) + item.free
    currency = max(sums, key=lambda one: sums[one], default=customer.entity.currency)
    of_it = [item for item in chosen if item.currency == currency]
    oldest = min(of_it, key=lambda item: item.due_on, default=None)
    return {
        "amount": formats.money(sums.get(currency, ZERO), currency),
        "number": oldest.number if oldest else "",
        "days": str(max(oldest.late, 0)) if oldest else "0",
        "day": formats.day(oldest.due_on if oldest else on, "long"),
    }
