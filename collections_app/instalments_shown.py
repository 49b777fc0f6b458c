"""An agreement on instalments as a page and the API show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from collections_app.agreed import paid_of, shares_of
from collections_app.choices import InstalmentStatus
from collections_app.models import InstalmentInvoice, InstalmentPlan
from collections_app.schedules import Standing, standing
from lib.money import ZERO

S = InstalmentStatus
LOOKS = {
    S.WAITING: ("warn", "hourglass"),
    S.PROPOSED: ("info", "handshake"),
    S.RUNNING: ("info", "calendar-check"),
    S.FULFILLED: ("ok", "check"),
    S.BROKEN: ("bad", "triangle-alert"),
    S.CANCELLED: ("mute", "x"),
    S.REFUSED: ("bad", "ban"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One instalment and where it stands: `paid`, `part` (some of it), `late`, `missed` or `to_come`."""

    number: int
    due_on: date
    amount: Decimal
    paid: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An agreement with everything a page shows."""

    tone: str
    icon: str
    standing: Standing
    rows: list[Row]
    invoices: list[InstalmentInvoice]


def of(plan: InstalmentPlan, on: date) -> Shown:
    """The agreement as it stands on `on`. Four queries."""
    tone, icon = LOOKS[S(plan.status)]
    paid = paid_of([plan])[plan.pk]
    rows = [
        _row(one.number, one.due_on, one.amount, one.upto, paid, on, one.missed_at is not None)
        for one in plan.instalments.order_by("number")
    ]
    covered = list(plan.invoices.select_related("invoice").order_by("invoice__due_on", "invoice_id"))
    return Shown(tone, icon, standing(shares_of(plan), paid, on), rows, covered)


def _row(
    number: int, due_on: date, amount: Decimal, upto: Decimal, paid: Decimal, on: date, missed: bool
) -> Row:
    of_it = min(max(paid - (upto - amount), ZERO), amount)
    if of_it >= amount:
        state = "paid"
    elif due_on < on:
        state = "missed" if missed else "late"
    else:
        state = "part" if of_it else "to_come"
    return Row(number, due_on, amount, of_it, state)
