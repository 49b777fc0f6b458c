"""The parts of a priority as sentences, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from disputes.models import Dispute
from ledger.choices import Segment
from lib import formats


@dataclass(frozen=True, slots=True)
class Said:
    """One part: its name, its points of how many, and why."""

    name: str
    points: int
    most: int
    why: str


def explain(dispute: Dispute) -> list[Said]:
    """What the stored priority is made of, the part that counts most first."""
    parts = dispute.priority_parts or {}
    said = [
        Said(str(title), parts[name]["points"], parts[name]["most"], why(parts[name], dispute))
        for name, title, why in (
            ("amount", _("Amount"), _amount),
            ("age", _("Age"), _age),
            ("customer", _("Customer"), _customer),
            ("deadline", _("Deadline"), _deadline),
        )
        if name in parts
    ]
    return sorted(said, key=lambda one: -one.points)


def _amount(part: dict[str, object], dispute: Dispute) -> str:
    amount = formats.money(Decimal(str(part["value"])), dispute.currency)
    return _("%(amount)s in dispute") % {"amount": amount}


def _age(part: dict[str, object], dispute: Dispute) -> str:
    days = int(str(part["value"]))
    return ngettext("open for %(days)s day", "open for %(days)s days", days) % {"days": days}


def _customer(part: dict[str, object], dispute: Dispute) -> str:
    owed = formats.money(Decimal(str(part["value"])), dispute.currency)
    segment = part.get("segment")
    label = Segment(str(segment)).label if segment in Segment.values else ""
    return _("owes %(amount)s, segment: %(segment)s") % {"amount": owed, "segment": label}


def _deadline(part: dict[str, object], dispute: Dispute) -> str:
    if not part["value"]:
        return _("no deadline runs")
    moment = formats.moment(datetime.fromisoformat(str(part["value"])))
    if part["late"]:
        return _("the deadline has gone by (%(moment)s)") % {"moment": moment}
    return _("the deadline is %(moment)s") % {"moment": moment}
