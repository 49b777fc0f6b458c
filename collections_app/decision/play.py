"""Plays days through: what the plans would send on each, if every message left and nothing else happened.

For days to come the facts are those of now. For days gone by they are those of each day: what was open, disputed,
promised and held then. What the plans sent in play is remembered in a table of the transaction; nothing else is
written, and the caller's transaction takes even that away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from collections_app.choices import Why
from collections_app.decision.book import Book, quoted
from collections_app.decision.choosing import USABLE
from collections_app.decision.sql import Scope, judged
from collections_app.models import NoticeLine
from ledger.models import Contact, Customer

TABLE = "played"
MAKE = """
CREATE TEMPORARY TABLE played ON COMMIT DROP AS
SELECT invoice_id, due_on, step_days AS days, "on" AS day, NULL::bigint AS customer_id
FROM {line} WHERE counts AND "on" < %s AND invoice_id IN (SELECT id FROM ledger_invoice WHERE entity_id = %s)
"""
DAY = """,
going AS (
    SELECT customer_id, currency, plan, max(step) AS top, sum(open - disputed - promised) AS amount,
           count(*) AS items, array_agg(id) AS ids
    FROM judged WHERE why = '{Why.ASKED}' GROUP BY customer_id, currency, plan
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
    INSERT INTO played (invoice_id, due_on, days, day, customer_id)
    SELECT judged.id, judged.due_on, judged.step, {day}, sent.customer_id
    FROM sent JOIN judged USING (customer_id, currency) WHERE judged.why = '{Why.ASKED}'
    RETURNING 1
)
SELECT customer_id, currency, plan, top, amount, items FROM sent
"""
# A cap counts what went in play within its days; one message is all rows of a customer on a day.
CAP = """(SELECT count(DISTINCT p.day) FROM played p WHERE p.customer_id = going.customer_id
    AND p.day > {day} - {days}) < {most}"""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message in play: to whom, in which currency, by which plan and step, how much about how many invoices."""

    customer_id: int
    currency: str
    plan_id: int
    step_days: int
    amount: Decimal
    items: int


@dataclass(frozen=True, slots=True)
class Day:
    """What went on one day of the play."""

    on: date
    sent: list[Sending]


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
        cursor.execute(MAKE.format(line=NoticeLine._meta.db_table), [first, book.entity.pk])
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            on = date.fromordinal(ordinal)
            if on.weekday() < 5 and book.rules:
                text, params = _day(Scope(book, on, played=TABLE, then=then))
                cursor.execute(text, params)
                yield Day(on, [Sending(*row) for row in cursor.fetchall()])


def _day(scope: Scope) -> tuple[str, list[Any]]:
    text, params = judged(scope)
    book, each = scope.book, scope.book.rules.items()
    more = DAY.format(
        Why=Why,
        customer=Customer._meta.db_table,
        contact=Contact._meta.db_table,
        usable=USABLE,
        home=book.entity.country,
        day=scope.day,
        closed=quoted(book.closed_countries(scope.on)),
        by_mail=book.by_mail(),
        minimum=book.per_plan({plan: f"{rule.minimum}::numeric" for plan, rule in each}, "0"),
        minds=book.per_plan({plan: str(rule.version.working_days).upper() for plan, rule in each}, "FALSE"),
        capped=book.per_plan(
            {
                plan: CAP.format(day=scope.day, days=rule.version.cap_days, most=rule.version.cap_messages)
                for plan, rule in each
                if rule.version.cap_messages
            },
            "TRUE",
        ),
    )
    return text + more, params


def month_ahead(book: Book, on: date, days: int = 30) -> list[Day]:
    """The `days` from `on` on, if nobody pays and nothing is disputed or promised anew."""
    return play(book, on, on + timedelta(days=days - 1))


def replayed(book: Book, on: date, days: int = 90) -> list[Day]:
    """The `days` before `on`, with the facts of each day, as if these plans had been in force and alone."""
    return play(book, on - timedelta(days=days), on - timedelta(days=1), then=True)
