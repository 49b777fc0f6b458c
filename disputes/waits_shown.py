"""The wait-time ledger as the card of a dispute shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import HolderSide
from disputes.models import Dispute
from disputes.services import open_hand_over
from disputes.waiting import Waited, add_up, waits_of
from lib import shapes

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A stay with its times in words."""

    stay: Waited
    calendar: str
    working: str


@dataclass(frozen=True, slots=True)
class SideShown:
    """What one side took, in words and as a bar."""

    words: str
    calendar: str
    working: str
    bar: SafeString


def length(time: timedelta) -> str:
    """A length of time as `2 d 3 h 5 min`, whole minutes."""
    minutes = int(time / MINUTE)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [
        _("%(n)s d") % {"n": days} if days else "",
        _("%(n)s h") % {"n": hours} if hours else "",
        _("%(n)s min") % {"n": minutes} if minutes or not (days or hours) else "",
    ]
    return " ".join(part for part in parts if part)


def working_length(time: timedelta) -> str:
    """Working time as `11 h 30 min`: a day of the calendar is no day of work."""
    hours, minutes = divmod(int(time / MINUTE), 60)
    shown = [_("%(n)s h") % {"n": hours}] if hours else []
    if minutes or not hours:
        shown.append(_("%(n)s min") % {"n": minutes})
    return " ".join(shown)


def waits_panel(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """Whose turn it is and was, and what each side took."""
    waited = waits_of(dispute, at)
    if not waited:
        return None
    whole = Decimal(sum((one.calendar for one in waited), timedelta()) // MINUTE)
    sides = [
        SideShown(
            str(HolderSide(share.key).label),
            length(share.calendar),
            working_length(share.working),
            shapes.bar(Decimal(share.calendar // MINUTE), whole),
        )
        for share in add_up(waited, "side")
    ]
    rows = [Row(one, length(one.calendar), working_length(one.working)) for one in waited]
    return {"last": waited[-1], "sides": sides, "rows": rows, "passed": open_hand_over(dispute)}
