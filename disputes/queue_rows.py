"""The rows of the queue, as the template prints them: every word, colour and figure is ready before.

Filters and tags inside a loop over fifty rows cost more than the query and the server together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.badges import look
from disputes.choices import CLOSED, HolderSide, Status
from disputes.guests import is_guest_somewhere
from disputes.labels import in_language
from disputes.models import Dispute
from disputes.selectors import unread_in
from lib import formats

SHOWN_NUMBERS = 2
NUMBERS = """
SELECT line.dispute_id, invoice.number
FROM disputes_disputeline line JOIN ledger_invoice invoice ON invoice.id = line.invoice_id
WHERE line.dispute_id = ANY(%s) ORDER BY line.id
"""
FIELDS = (
    "pk",
    "number",
    "customer__name",
    "reason__labels",
    "stage__labels",
    "status",
    "amount",
    "currency",
    "due_at",
    "closed_on",
    "closed_at",
    "snoozed_until",
    "holder_side",
    "holder_user__name",
    "holder_department__name",
    "holder_user",
    "customer__salesperson",
    "priority",
)


class Order(StrEnum):
    """What the rows are sorted by."""

    DEADLINE = "deadline"
    PRIORITY = "priority"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute of the list, in words."""

    pk: int
    ref: str
    customer: str
    tone: str
    icon: str
    words: str
    reason: str
    numbers: str
    amount: str
    is_open: bool
    late: bool
    when: str
    when_exact: str
    when_iso: str
    holder: str
    person: bool
    snoozed: str
    priority: str
    unread: str
    choose: str


@dataclass(frozen=True, slots=True)
class Words:
    """What every row says, looked up once for all of them."""

    language: str
    choose: str
    snoozed: str
    priority: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in the order of its view."""

    first: datetime | int | None
    pk: int

    def __str__(self) -> str:
        first = self.first.isoformat() if isinstance(self.first, datetime) else self.first
        return f"{'' if first is None else first}~{self.pk}"


def read(rows: QuerySet[Dispute]) -> list[tuple[Any, ...]]:
    """The facts of the rows, in their order."""
    return list(rows.values_list(*FIELDS))


def place_of(facts: tuple[Any, ...], order: Order) -> Place:
    """Where it stands: the closed by when they were closed, the others by their deadline or priority."""
    at = {Order.CLOSED: "closed_at", Order.DEADLINE: "due_at", Order.PRIORITY: "priority"}[order]
    return Place(facts[FIELDS.index(at)], facts[0])


def dress(found: Iterable[tuple[Any, ...]], user: User, at: datetime) -> list[Row]:
    """The facts in words; the numbers of the invoices, and what is unread, of all of them in one query each."""
    facts = list(found)
    ids = [one[0] for one in facts]
    numbers, unread = _numbers(ids), unread_in(user, ids)
    words = Words(
        get_language() or "en",
        _("Choose %(ref)s"),
        _("Snoozed until %(moment)s"),
        _("Priority %(points)s"),
    )
    rows = [_row(one, numbers.get(one[0], []), unread.get(one[0], 0), at, words) for one in facts]
    # Another company may have it, which a guest does not learn.
    return [replace(row, holder="", person=False) for row in rows] if is_guest_somewhere(user) else rows


def _numbers(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS, [ids])
        lines = cursor.fetchall()
    for dispute, number in lines:
        known = found.setdefault(dispute, [])
        if number not in known:
            known.append(number)
    return found


def _row(facts: tuple[Any, ...], numbers: list[str], unread: int, at: datetime, say: Words) -> Row:
    (pk, number, customer, reason, stage, status, amount, currency, due_at, closed_on, closed_at, snoozed_until,
     side, user, team, holder, salesperson, points) = facts  # fmt: skip
    is_open = status not in CLOSED
    tone, drawing = look(status, with_sales=bool(is_open and holder and holder == salesperson))
    ref = f"D-{number:06d}"
    asleep = is_open and snoozed_until is not None and snoozed_until > at
    when, exact, iso = _when(due_at if is_open else closed_at, closed_on, at)
    return Row(
        pk=pk,
        ref=ref,
        customer=customer,
        tone=tone,
        icon=drawing,
        words=in_language(stage, say.language) if is_open else str(Status(status).label),
        reason=in_language(reason, say.language),
        numbers=_some(numbers),
        amount=formats.money(Decimal(amount), currency),
        is_open=is_open,
        late=bool(is_open and due_at and due_at < at),
        when=when,
        when_exact=exact,
        when_iso=iso,
        holder=(user or team or "") if side == HolderSide.OURS else str(HolderSide(side).label),
        person=side == HolderSide.OURS and bool(user),
        priority=say.priority % {"points": points},
        unread=_unread_words(unread),
        snoozed=say.snoozed % {"moment": formats.moment(snoozed_until)} if asleep else "",
        choose=say.choose % {"ref": ref},
    )


def _unread_words(n: int) -> str:
    return ngettext("%(n)s unread message", "%(n)s unread messages", n) % {"n": n} if n else ""


def _when(moment: datetime | None, closed_on: Any, at: datetime) -> tuple[str, str, str]:
    """Deadline or day of closing: short, exact, and for machines."""
    if closed_on is not None:
        return formats.day(closed_on), "", closed_on.isoformat()
    if moment is None:
        return "", "", ""
    return formats.ago(moment, at), formats.moment(moment), moment.isoformat()


def _some(numbers: list[str]) -> str:
    more = len(numbers) - SHOWN_NUMBERS
    return ", ".join(numbers[:SHOWN_NUMBERS]) + (f" +{more}" if more > 0 else "")
