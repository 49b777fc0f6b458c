"""Brings the cube in step: what changed customers are now, as rows of CustomerStanding and as sums in the cells.

The cells are the sums of the standings at every moment, because both are written here, in one transaction, by one at
a time. A standing is what its customer is unless there is a mark of that customer; whoever reads takes these out and
computes them (see reading.py). The standings know no day: facts of all days count, and `latest` says from when on
that is the position.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from accounts.models import LegalEntity
from lib.money import unit
from reporting.cube.models import AgingKept

DAY = timedelta(days=1)
# Positions of the last days can be told from the cells too.
BACK = 7 * DAY
# The first half of an advisory lock's number; the second is the entity.
LOCK = 7_303
# From so many changed customers on, everything is made anew.
MANY = 20_000

TAKE_MARKS = "DELETE FROM reporting_customermark WHERE entity_id = %s RETURNING customer_id"

# {of}: "true", or a condition on the customer; {live}: the same on the invoice of a dispute line.
FRESH = sql.SQL("""
CREATE TEMP TABLE reporting_fresh ON COMMIT DROP AS
WITH live AS (
    SELECT invoice_id AS id, sum(amount) AS amount FROM disputes_disputeline
    WHERE closed_on IS NULL AND {live} GROUP BY 1
),
left_over AS (
    SELECT customer_id, currency, amount - allocated - returned AS amount FROM ledger_payment
    WHERE entity_id = %(entity)s AND allocated + returned <> amount AND {of}
    UNION ALL
    SELECT customer_id, currency, amount - allocated FROM ledger_invoice
    WHERE entity_id = %(entity)s AND kind = 'credit_note' AND allocated <> amount AND {of}
),
parts AS (
    SELECT i.customer_id, i.due_on, sum(round(i.amount - i.allocated, %(decimals)s)) AS open,
        sum(round(least(i.amount - i.allocated, coalesce(live.amount, 0)), %(decimals)s)) AS disputed, count(*) AS items
    FROM ledger_invoice i LEFT JOIN live USING (id)
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.allocated <> i.amount AND i.currency = %(home)s AND {of}
    GROUP BY 1, 2
    UNION ALL
    SELECT customer_id, NULL, sum(-round(amount, %(decimals)s)), 0, count(*) FROM left_over
    WHERE currency = %(home)s GROUP BY 1
),
abroad AS (
    SELECT customer_id FROM ledger_invoice
    WHERE entity_id = %(entity)s AND kind = 'invoice' AND allocated <> amount AND currency <> %(home)s AND {of}
    UNION SELECT customer_id FROM left_over WHERE currency <> %(home)s
),
days AS (
    SELECT customer_id, issued_on AS day FROM ledger_invoice
    WHERE entity_id = %(entity)s AND issued_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, received_on FROM ledger_payment
    WHERE entity_id = %(entity)s AND received_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, a.allocated_on FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
    WHERE i.entity_id = %(entity)s AND a.allocated_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, a.allocated_on FROM ledger_allocation a
    JOIN ledger_invoice i ON i.id = a.credit_note_id
    WHERE i.entity_id = %(entity)s AND a.allocated_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, a.allocated_on FROM ledger_allocation a JOIN ledger_payment p ON p.id = a.payment_id
    WHERE p.entity_id = %(entity)s AND a.allocated_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, r.returned_on FROM ledger_paymentreturn r JOIN ledger_payment p ON p.id = r.payment_id
    WHERE p.entity_id = %(entity)s AND r.returned_on > %(since)s AND {of}
    UNION ALL SELECT customer_id, greatest(l.opened_on, l.closed_on)
    FROM disputes_disputeline l JOIN ledger_invoice i ON i.id = l.invoice_id
    WHERE i.entity_id = %(entity)s AND greatest(l.opened_on, l.closed_on) > %(since)s AND {of}
),
summed AS (
    SELECT customer_id, array_agg(due_on ORDER BY due_on) AS due_on, array_agg(open ORDER BY due_on) AS open,
        array_agg(disputed ORDER BY due_on) AS disputed, array_agg(items ORDER BY due_on) AS items
    FROM parts GROUP BY 1
),
last AS (SELECT customer_id, max(day) AS day FROM days GROUP BY 1)
SELECT c.id AS customer_id, coalesce(c.salesperson_id::text, '') AS salesperson,
    coalesce(pf.collector_id::text, '') AS collector, coalesce(placed.segment, c.segment) AS segment, c.country,
    coalesce(summed.due_on, '{{}}') AS due_on, coalesce(summed.open, '{{}}') AS open,
    coalesce(summed.disputed, '{{}}') AS disputed, coalesce(summed.items, '{{}}') AS items,
    abroad.customer_id IS NOT NULL AS abroad, coalesce(last.day, '0001-01-01') AS latest
FROM ledger_customer c LEFT JOIN summed ON summed.customer_id = c.id LEFT JOIN abroad ON abroad.customer_id = c.id
LEFT JOIN last ON last.customer_id = c.id LEFT JOIN collections_app_portfolio pf ON pf.customer_id = c.id
LEFT JOIN collections_app_effectivesegment placed ON placed.customer_id = c.id
WHERE c.entity_id = %(entity)s AND coalesce(summed.customer_id, abroad.customer_id, last.customer_id) IS NOT NULL
""")
SOME = sql.SQL("customer_id = ANY(%(customers)s)")
SOME_LINES = sql.SQL("invoice_id IN (SELECT id FROM ledger_invoice WHERE customer_id = ANY(%(customers)s))")
EVERY = sql.SQL("true")

# What is added to each cell: what the customers are now, less what they were.
ADD = """
INSERT INTO reporting_agingcell AS cell (entity_id, dim, key, due_on, open, disputed, items)
SELECT %(entity)s, v.dim, v.key, part.due_on, sum(part.open), sum(part.disputed), sum(part.items) FROM (
    SELECT f.customer_id, 1 AS sign, f.salesperson, f.collector, f.segment, f.country, p.*
    FROM reporting_fresh f, unnest(f.due_on, f.open, f.disputed, f.items) AS p (due_on, open, disputed, items)
    UNION ALL
    SELECT s.customer_id, -1, s.salesperson, s.collector, s.segment, s.country, p.due_on, -p.open, -p.disputed, -p.items
    FROM reporting_customerstanding s,
        unnest(s.due_on, s.open, s.disputed, s.items) AS p (due_on, open, disputed, items)
    WHERE s.entity_id = %(entity)s AND s.customer_id = ANY(%(customers)s)
) part, LATERAL (VALUES ('entity', ''), ('salesperson', part.salesperson), ('collector', part.collector),
    ('segment', part.segment), ('country', part.country)) AS v (dim, key)
GROUP BY 2, 3, 4 HAVING sum(part.open) <> 0 OR sum(part.disputed) <> 0 OR sum(part.items) <> 0
ON CONFLICT (entity_id, dim, key, due_on) DO UPDATE SET open = cell.open + excluded.open,
    disputed = cell.disputed + excluded.disputed, items = cell.items + excluded.items
"""
EMPTY = "DELETE FROM reporting_agingcell WHERE entity_id = %(entity)s AND items = 0"
FORGET = (
    "DELETE FROM reporting_customerstanding WHERE entity_id = %(entity)s AND customer_id = ANY(%(customers)s)"
)
WIPE = """
DELETE FROM reporting_customerstanding WHERE entity_id = %(entity)s;
DELETE FROM reporting_agingcell WHERE entity_id = %(entity)s
"""
KEEP = """
INSERT INTO reporting_customerstanding (entity_id, customer_id, salesperson, collector, segment, country, due_on, open,
    disputed, items, abroad, latest)
SELECT %(entity)s, customer_id, salesperson, collector, segment, country, due_on, open, disputed, items, abroad, latest
FROM reporting_fresh
"""


@transaction.atomic
def fold_aging(*, entity: LegalEntity, today: date) -> int:
    """Take the changed customers of an entity into the cells; how many there were (all of them: the first time).

    The marks are taken first and the customers read afterwards: a change in between is read, and its mark stays. Only
    one at a time for an entity: a second one returns 0 at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, entity.pk])
        row = cursor.fetchone()
        if not row or not row[0]:
            return 0
        cursor.execute(TAKE_MARKS, [entity.pk])
        marked = {found[0] for found in cursor.fetchall()}
        known = AgingKept.objects.filter(entity=entity, currency=entity.currency).exists()
        every = not known or None in marked or len(marked) > MANY
        if not every and not marked:
            return 0
        changed = [] if every else sorted(marked)
        done = _fold(cursor, entity, today - BACK, None if every else changed)
    AgingKept.objects.update_or_create(
        entity=entity,
        defaults={"currency": entity.currency, "since": today - BACK, "folded_on": today},
    )
    return done


def _fold(cursor: Any, entity: LegalEntity, since: date, customers: Sequence[int] | None) -> int:
    """Read the customers (None: all of them), and put what they are now in the place of what they were."""
    params = {
        "entity": entity.pk,
        "home": entity.currency,
        "decimals": 0 if unit(entity.currency) == 1 else 2,
        "since": since,
        "customers": list(customers or ()),
    }
    every = customers is None
    fresh = FRESH.format(of=EVERY if every else SOME, live=EVERY if every else SOME_LINES)
    cursor.execute("DROP TABLE IF EXISTS reporting_fresh")
    cursor.execute(fresh.as_string(None), params)
    for statement in (WIPE, ADD, KEEP) if every else (ADD, EMPTY, FORGET, KEEP):
        cursor.execute(statement, params)
    return int(cursor.rowcount) if customers is None else len(customers)
