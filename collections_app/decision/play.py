"""Plays days through: what the plans would send on each, if every message left and nothing else happened.

For days to come the facts are those of now. For days gone by they are those of each day: what was open, disputed,
promised and held then. What the plans sent in play is remembered in a table of the transaction; nothing else is
written, and the caller's transaction takes even that away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from collections_app.choices import Grouping, Why
from collections_app.decision.book import Book, Rule, quoted
from collections_app.decision.choosing import PLACED
from collections_app.decision.sharing import shared, source
from collections_app.decision.sql import Scope, judged
from collections_app.models import NoticeLine
from ledger.models import Contact, Customer
from lib.text import MAIL_ADDRESS

TABLE = "played"
QUARTER = 92
MAKE = """
CREATE TEMPORARY TABLE played ON COMMIT DROP AS
SELECT invoice_id, due_on, step_days AS days, "on" AS day, NULL::bigint AS customer_id, NULL::bigint AS part
FROM {line} WHERE counts AND "on" < %s AND invoice_id IN (SELECT id FROM ledger_invoice WHERE {whose} = %s)
"""
DAY = """,
going AS (
    SELECT customer_id, currency, plan, {part} AS part, max(step) AS top, sum(free) AS amount,
           count(*) AS items{placed}
    FROM {source} WHERE why = '{Why.ASKED}' GROUP BY customer_id, currency, plan{by_part}
),
sent AS (
    SELECT going.* FROM going JOIN {customer} c ON c.id = going.customer_id
    WHERE amount >= {minimum}
      AND NOT ({minds} AND COALESCE(NULLIF(c.country, ''), '{home}') IN ({closed}))
      AND (NOT {by_mail} OR c.email ~ '{usable}' OR EXISTS (
          SELECT 1 FROM {contact} k WHERE k.customer_id = c.id AND k.email ~ '{usable}'))
      AND {capped}
),
kept AS (
    INSERT INTO played (invoice_id, due_on, days, day, customer_id, part)
    SELECT item.id, item.due_on, item.step, {day}, customer_id, sent.part
    FROM sent JOIN {source} item USING (customer_id, currency) WHERE item.why = '{Why.ASKED}'{own}
    RETURNING 1
)
"""
SENT = "SELECT customer_id, currency, plan, top, amount, items, {to} AS contact_id FROM sent"
TO = f"CASE kind WHEN '{Grouping.CONTACT}' THEN NULLIF(part, 0) END"
ITEMS = """SELECT item.id, plan, sent.top, item.free
FROM sent JOIN {source} item USING (customer_id, currency, plan) WHERE item.why = '{Why.ASKED}'{own}"""
# A cap counts what went in play within its days; one message is all rows of a customer on a day.
# Where a plan writes one for each invoice, every row is one; where it writes one for each contact, theirs count.
CAP = """(SELECT count(DISTINCT p.day) FROM played p WHERE p.customer_id = going.customer_id
    AND p.day > {day} - {days}) < {most}"""
CAP_EACH = """(SELECT count(*) FROM played p WHERE p.customer_id = going.customer_id
    AND p.day > {day} - {days}) + place <= {most}"""
CAP_TO = """(SELECT count(DISTINCT p.day) FROM played p WHERE p.customer_id = going.customer_id
    AND p.part = going.part AND p.day > {day} - {days}) < {most}"""
OWN = " AND item.part = sent.part"


@dataclass(frozen=True, slots=True)
class Sending:
    """One message in play: to whom, in which currency, by which plan and step, how much about how many invoices;
    `contact_id` where each contact has a message."""

    customer_id: int
    currency: str
    plan_id: int
    step_days: int
    amount: Decimal
    items: int
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What went on one day of the play."""

    on: date
    sent: list[Sending]


@dataclass(frozen=True, slots=True)
class Next:
    """When an invoice is asked for next in play: by which plan, in a message of which step, and how much of it."""

    on: date
    plan_id: int
    step_days: int
    amount: Decimal


def play(book: Book, first: date, last: date, *, then: bool = False) -> list[Day]:
    """The working days from `first` to `last`, one after the other. With `then` each has the facts of its own day.

    Leaves nothing behind. One statement a day, whatever the number of customers.
    """
    with transaction.atomic():
        days = list(_played(book, first, last, then))
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE played")
    return days


def _played(book: Book, first: date, last: date, then: bool) -> Iterator[Day]:
    with connection.cursor() as cursor:
        make = MAKE.format(line=NoticeLine._meta.db_table, whose="entity_id")
        cursor.execute(make, [first, book.entity.pk])
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            on = date.fromordinal(ordinal)
            if on.weekday() < 5 and book.rules:
                text, params = _day(Scope(book, on, played=TABLE, then=then))
                to = TO if book.parted else "NULL::bigint"
                cursor.execute(text + SENT.format(to=to), params)
                yield Day(on, [Sending(*row) for row in cursor.fetchall()])


def _day(scope: Scope) -> tuple[str, list[Any]]:
    text, params = judged(scope)
    book, each = scope.book, scope.book.rules.items()
    more = DAY.format(
        Why=Why,
        customer=Customer._meta.db_table,
        contact=Contact._meta.db_table,
        usable=MAIL_ADDRESS,
        home=book.entity.country,
        day=scope.day,
        closed=quoted(book.closed_countries(scope.on)),
        by_mail=book.by_mail(),
        minimum=book.per_plan({plan: f"{rule.minimum}::numeric" for plan, rule in each}, "0"),
        minds=book.per_plan({plan: str(rule.version.working_days).upper() for plan, rule in each}, "FALSE"),
        capped=book.per_plan(
            {
                plan: cap_of(rule).format(
                    day=scope.day, days=rule.version.cap_days, most=rule.version.cap_messages
                )
                for plan, rule in each
                if rule.version.cap_messages
            },
            "TRUE",
        ),
        source=source(book),
        part="part" if book.parted else "0",
        placed=PLACED if book.parted else "",
        by_part=", part, kind" if book.parted else "",
        own=OWN if book.parted else "",
    )
    return text + shared(book) + more, params


def next_asked(
    book: Book,
    customer: Customer,
    currency: str,
    invoices: Collection[int],
    first: date,
    ended: tuple[int, date],
) -> dict[int, Next]:
    """When each of the invoices is asked for next, from `first` on, were the dispute `ended` (its key, and the day)
    closed and told. One statement a day, until all are found or a quarter is over; nothing stays behind."""
    found: dict[int, Next] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        make = MAKE.format(line=NoticeLine._meta.db_table, whose="customer_id")
        cursor.execute(make, [first, customer.pk])
        for on in (first + timedelta(days=n) for n in range(QUARTER)):
            if on.weekday() < 5 and book.rules and len(found) < len(invoices):
                text, params = _day(Scope(book, on, customer.pk, currency, played=TABLE, ended=ended))
                own = OWN if book.parted else ""
                cursor.execute(text + ITEMS.format(Why=Why, own=own, source=source(book)), params)
                for invoice, plan, step, amount in cursor.fetchall():
                    if invoice in invoices:
                        found.setdefault(invoice, Next(on, plan, step, amount))
        cursor.execute("DROP TABLE played")
    return found


def cap_of(rule: Rule) -> str:
    """How a plan's messages of the last days are counted."""
    return {Grouping.INVOICE: CAP_EACH, Grouping.CONTACT: CAP_TO}.get(Grouping(rule.version.grouping), CAP)


def month_ahead(book: Book, on: date, days: int = 30) -> list[Day]:
    """The `days` from `on` on, if nobody pays and nothing is disputed or promised anew."""
    return play(book, on, on + timedelta(days=days - 1))


def replayed(book: Book, on: date, days: int = 90) -> list[Day]:
    """The `days` before `on`, with the facts of each day, as if these plans had been in force and alone."""
    return play(book, on - timedelta(days=days), on - timedelta(days=1), then=True)
