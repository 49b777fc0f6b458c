"""The position at many days: each invoice is a staircase of open and disputed amounts, seen through due-date buckets.

Two statements for the same definition. In the home currency every step of a staircase adds to a bucket on the day it
comes in and takes away on the day it leaves, so that days are running sums of changes (`CHANGES`): the work goes by
what happened, not by days. Other currencies are worth something else each day, invoice by invoice: they are read at
each day (`EACH_DAY`). Invoices that were settled before the first day and have not moved since are not looked at.
"""

from psycopg import sql

STAIRS = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers}),
edges (bucket, starts, ends) AS (VALUES {edges}),
inv AS MATERIALIZED (
    SELECT i.id, i.currency, i.due_on, i.issued_on, i.amount, {key} AS key FROM ledger_invoice i
    JOIN ledger_customer c ON c.id = i.customer_id{joins}
    LEFT JOIN (
        SELECT DISTINCT invoice_id AS id FROM ledger_allocation
        WHERE allocated_on > %(first)s OR recorded_at > %(known_at)s
    ) moved ON moved.id = i.id
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.issued_on <= %(last)s
      AND i.recorded_at <= %(known_at)s AND (i.allocated <> i.amount OR moved.id IS NOT NULL)
      AND (i.currency = %(home)s) = {at_home}
      AND i.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR i.currency = %(currency)s)
),
changes AS (
    SELECT id, issued_on AS at, amount, 0 AS disputed FROM inv
    UNION ALL
    SELECT inv.id, greatest(a.allocated_on, inv.issued_on), -a.amount, 0
    FROM ledger_allocation a JOIN inv ON inv.id = a.invoice_id
    WHERE a.allocated_on <= %(last)s AND a.recorded_at <= %(known_at)s
    UNION ALL
    SELECT inv.id, greatest(l.opened_on, inv.issued_on), 0, l.amount
    FROM disputes_disputeline l JOIN inv ON inv.id = l.invoice_id
    WHERE l.opened_on <= %(last)s AND l.recorded_at <= %(known_at)s
    UNION ALL
    SELECT inv.id, greatest(l.closed_on, inv.issued_on), 0, -l.amount
    FROM disputes_disputeline l JOIN inv ON inv.id = l.invoice_id
    WHERE l.closed_on <= %(last)s AND l.recorded_at <= %(known_at)s AND l.closed_recorded_at <= %(known_at)s
),
stairs AS (
    SELECT id, at, lead(at) OVER w AS until, sum(sum(amount)) OVER w AS open,
        least(sum(sum(amount)) OVER w, sum(sum(disputed)) OVER w) AS disputed
    FROM changes GROUP BY id, at WINDOW w AS (PARTITION BY id ORDER BY at)
)""")

CHANGES = sql.SQL(""",
seen AS (
    SELECT inv.key, edges.bucket, greatest(stairs.at, inv.due_on + edges.starts, %(first)s) AS at,
        least(stairs.until, inv.due_on + edges.ends) AS until, stairs.open, stairs.disputed
    FROM stairs JOIN inv USING (id) CROSS JOIN edges
    WHERE stairs.open > 0 AND greatest(stairs.at, inv.due_on + edges.starts, %(first)s)
      < coalesce(least(stairs.until, inv.due_on + edges.ends), 'infinity')
)
SELECT key, bucket, at AS day, sum(open) AS open, sum(disputed) AS disputed FROM (
    SELECT key, bucket, at, open, disputed FROM seen
    UNION ALL SELECT key, bucket, until, -open, -disputed FROM seen WHERE until IS NOT NULL
) deltas WHERE at <= %(last)s GROUP BY 1, 2, 3
""")

EACH_DAY = sql.SQL(""",
days (day) AS (SELECT unnest(%(days)s::date[])),
rates (day, currency, rate) AS (VALUES {rates})
SELECT inv.key, edges.bucket, days.day, inv.currency, sum(round(stairs.open * rates.rate, %(decimals)s)) AS open,
    sum(round(stairs.disputed * rates.rate, %(decimals)s)) AS disputed
FROM stairs JOIN inv USING (id) JOIN days ON days.day >= stairs.at AND days.day < coalesce(stairs.until, 'infinity')
JOIN edges ON days.day >= coalesce(inv.due_on + edges.starts, '-infinity')
  AND days.day < coalesce(inv.due_on + edges.ends, 'infinity')
LEFT JOIN rates ON rates.day = days.day AND rates.currency = inv.currency
WHERE stairs.open > 0 GROUP BY 1, 2, 3, 4
""")
