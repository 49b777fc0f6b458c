"""The position at many days: each invoice is a staircase of open and disputed amounts, seen through due-date buckets.

Two statements for the same definition. In the home currency every step of a staircase adds to a bucket on the day it
comes in and takes away on the day it leaves, so that days are running sums of changes (`CHANGES`): the work goes by
what happened, not by days. Other currencies are worth something else each day, invoice by invoice: they are read at
each day (`EACH_DAY`). Invoices that were settled before the first day and have not moved since are not looked at, and
those that have not moved since the first day are one step, without their history.
"""

from psycopg import sql

STAIRS = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers}),
edges (bucket, starts, ends) AS (VALUES {edges}),
moved AS MATERIALIZED (
    SELECT invoice_id AS id FROM ledger_allocation WHERE allocated_on > %(first)s OR recorded_at > %(known_at)s
    UNION
    SELECT invoice_id FROM disputes_disputeline WHERE opened_on > %(first)s OR closed_on > %(first)s
      OR recorded_at > %(known_at)s OR closed_recorded_at > %(known_at)s
),
inv AS MATERIALIZED (
    SELECT i.id, i.currency, i.due_on, i.issued_on, i.amount, i.amount - i.allocated AS open, {key} AS key,
        moved.id IS NOT NULL OR i.issued_on > %(first)s AS moves
    FROM ledger_invoice i JOIN ledger_customer c ON c.id = i.customer_id{joins} LEFT JOIN moved ON moved.id = i.id
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.issued_on <= %(last)s
      AND i.recorded_at <= %(known_at)s AND (i.allocated <> i.amount OR moved.id IS NOT NULL)
      AND (i.currency = %(home)s) = {at_home}
      AND i.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR i.currency = %(currency)s)
),
moving AS (SELECT id, issued_on, amount FROM inv WHERE moves),
changes AS (
    SELECT id, issued_on AS at, amount, 0 AS disputed FROM moving
    UNION ALL
    SELECT moving.id, greatest(a.allocated_on, issued_on), -a.amount, 0
    FROM ledger_allocation a JOIN moving ON moving.id = a.invoice_id
    WHERE a.allocated_on <= %(last)s AND a.recorded_at <= %(known_at)s
    UNION ALL
    SELECT moving.id, greatest(l.opened_on, issued_on), 0, l.amount
    FROM disputes_disputeline l JOIN moving ON moving.id = l.invoice_id
    WHERE l.opened_on <= %(last)s AND l.recorded_at <= %(known_at)s
    UNION ALL
    SELECT moving.id, greatest(l.closed_on, issued_on), 0, -l.amount
    FROM disputes_disputeline l JOIN moving ON moving.id = l.invoice_id
    WHERE l.closed_on <= %(last)s AND l.recorded_at <= %(known_at)s AND l.closed_recorded_at <= %(known_at)s
),
steps AS (
    SELECT id, at, lead(at) OVER w AS until, sum(sum(amount)) OVER w AS open,
        least(sum(sum(amount)) OVER w, sum(sum(disputed)) OVER w) AS disputed
    FROM changes GROUP BY id, at WINDOW w AS (PARTITION BY id ORDER BY at)
),
live AS (
    SELECT invoice_id AS id, sum(amount) AS amount FROM disputes_disputeline WHERE closed_on IS NULL GROUP BY 1
),
stairs AS (
    SELECT inv.key, inv.currency, inv.due_on, steps.at, steps.until, steps.open, steps.disputed
    FROM steps JOIN inv USING (id) WHERE steps.open > 0
    UNION ALL
    SELECT inv.key, inv.currency, inv.due_on, %(first)s, NULL, inv.open, least(inv.open, coalesce(live.amount, 0))
    FROM inv LEFT JOIN live USING (id) WHERE NOT inv.moves AND inv.open > 0
)""")

CHANGES = sql.SQL(""",
alike AS (
    SELECT key, due_on, greatest(at, %(first)s) AS at, until, sum(open) AS open, sum(disputed) AS disputed
    FROM stairs WHERE coalesce(until, 'infinity') > %(first)s GROUP BY 1, 2, 3, 4
),
seen AS (
    SELECT key, edges.bucket, greatest(at, due_on + edges.starts) AS at, least(until, due_on + edges.ends) AS until,
        open, disputed
    FROM alike CROSS JOIN edges
    WHERE greatest(at, due_on + edges.starts) < coalesce(least(until, due_on + edges.ends), 'infinity')
)
SELECT key, bucket, at AS day, sum(open) AS open, sum(disputed) AS disputed FROM (
    SELECT key, bucket, at, open, disputed FROM seen
    UNION ALL SELECT key, bucket, until, -open, -disputed FROM seen WHERE until IS NOT NULL
) deltas WHERE at <= %(last)s GROUP BY 1, 2, 3
""")

EACH_DAY = sql.SQL(""",
days (day) AS (SELECT unnest(%(days)s::date[])),
rates (day, currency, rate) AS (VALUES {rates})
SELECT stairs.key, edges.bucket, days.day, stairs.currency,
    sum(round(stairs.open * rates.rate, %(decimals)s)) AS open,
    sum(round(stairs.disputed * rates.rate, %(decimals)s)) AS disputed
FROM stairs JOIN days ON days.day >= stairs.at AND days.day < coalesce(stairs.until, 'infinity')
JOIN edges ON days.day >= coalesce(stairs.due_on + edges.starts, '-infinity')
  AND days.day < coalesce(stairs.due_on + edges.ends, 'infinity')
LEFT JOIN rates ON rates.day = days.day AND rates.currency = stairs.currency
GROUP BY 1, 2, 3, 4
""")
