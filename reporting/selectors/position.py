"""The ledger as of T, as known at K, in one statement: what is open, disputed, not yet placed, by any dimension.

The same definition, row by row, stands in reporting/metrics/position.py; the tests hold the two against
each other.
"""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from reporting.errors import unknown_dimension
from reporting.metrics.aging import Aging, Collector
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.rates import Rate, Rates, rates_of

UNAPPLIED = "unapplied"

# Dimension -> the key of a row, and the name a reader knows it by ("" when it is told from the key).
DIMENSIONS: dict[str, tuple[str, str]] = {
    "entity": ("''", "''"),
    "customer": ("c.code", "c.name"),
    "segment": ("c.segment", "''"),
    "salesperson": ("coalesce(c.salesperson_id::text, '')", "coalesce(s.name, '')"),
    "country": ("c.country", "''"),
    "currency": ("o.currency", "''"),
}

# From "now" back to T: what is placed today, less what was placed later than T (or written down later than
# K).
OPEN = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers}),
rates (currency, rate) AS (VALUES {rates}),
later AS MATERIALIZED (
    SELECT invoice_id, payment_id, credit_note_id, amount FROM ledger_allocation
    WHERE allocated_on > %(as_of)s OR recorded_at > %(known_at)s
),
later_on AS (SELECT invoice_id AS id, sum(amount) AS amount FROM later GROUP BY 1),
live AS (
    SELECT invoice_id AS id, sum(amount) AS amount FROM disputes_disputeline
    WHERE opened_on <= %(as_of)s AND recorded_at <= %(known_at)s
      AND (closed_on IS NULL OR closed_on > %(as_of)s OR closed_recorded_at > %(known_at)s)
    GROUP BY 1
),
own AS (
    SELECT i.id, i.customer_id, i.currency, i.due_on, i.amount - i.allocated + coalesce(later_on.amount, 0) AS open
    FROM ledger_invoice i LEFT JOIN later_on USING (id)
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice'
      AND i.issued_on <= %(as_of)s AND i.recorded_at <= %(known_at)s
      AND (i.allocated <> i.amount OR later_on.amount IS NOT NULL)
      AND i.customer_id IN (SELECT customers.id FROM customers)
      AND (%(currency)s = '' OR i.currency = %(currency)s)
),
o AS (
    SELECT own.id, own.customer_id, own.currency, own.due_on, %(as_of)s::date - own.due_on AS late, rates.rate,
        round(own.open * rates.rate, %(decimals)s) AS open,
        round(least(own.open, coalesce(live.amount, 0)) * rates.rate, %(decimals)s) AS disputed
    FROM own LEFT JOIN rates USING (currency) LEFT JOIN live ON live.id = own.id
    WHERE own.open > 0
)""")

LOOSE = sql.SQL(""",
loose AS (
    SELECT p.customer_id, p.currency,
        p.amount - p.allocated - p.returned + coalesce(b.amount, 0) + coalesce(r.amount, 0) AS amount
    FROM ledger_payment p
    LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.payment_id = p.id
    LEFT JOIN (
        SELECT payment_id, sum(amount) AS amount FROM ledger_paymentreturn
        WHERE returned_on > %(as_of)s OR recorded_at > %(known_at)s GROUP BY 1
    ) r ON r.payment_id = p.id
    WHERE p.entity_id = %(entity)s AND p.received_on <= %(as_of)s AND p.recorded_at <= %(known_at)s
      AND (p.allocated + p.returned <> p.amount OR b.amount IS NOT NULL OR r.amount IS NOT NULL)
    UNION ALL
    SELECT n.customer_id, n.currency, n.amount - n.allocated + coalesce(b.amount, 0)
    FROM ledger_invoice n
    LEFT JOIN (SELECT credit_note_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.credit_note_id = n.id
    WHERE n.entity_id = %(entity)s AND n.kind = 'credit_note'
      AND n.issued_on <= %(as_of)s AND n.recorded_at <= %(known_at)s
      AND (n.allocated <> n.amount OR b.amount IS NOT NULL)
),
everything AS (
    SELECT o.customer_id, o.currency, {bucket} AS bucket, o.rate, o.open, o.disputed FROM o
    UNION ALL
    SELECT l.customer_id, l.currency, 'unapplied', rates.rate, -round(l.amount * rates.rate, %(decimals)s), 0
    FROM loose l LEFT JOIN rates USING (currency)
    WHERE l.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR l.currency = %(currency)s)
)""")

BY = sql.SQL("""
SELECT {key} AS key, {label} AS label, o.bucket, count(*) AS items, o.currency, sum(o.open) AS open,
    sum(o.disputed) AS disputed
FROM everything o JOIN ledger_customer c ON c.id = o.customer_id LEFT JOIN accounts_user s ON s.id = c.salesperson_id
GROUP BY 1, 2, 3, o.currency
""")


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One value of the dimension: its key, its name, its aging, how many invoices are open."""

    key: str
    label: str
    aging: Aging
    items: int


@dataclass(frozen=True, slots=True)
class Position:
    """The whole, its rows (largest balance first) and the exchange rates that were used."""

    total: Aging
    items: int
    rows: list[PositionRow]
    rates: list[Rate]


def bucket_sql(frame: Frame) -> sql.Composable:
    """The bucket of a row from its days past due, by the same edges as the pure definition."""
    names = frame.buckets.names
    steps = [sql.SQL("WHEN o.late <= 0 THEN {}").format(sql.Literal(names[0]))]
    for edge, name in zip(frame.buckets.edges, names[1:], strict=False):
        steps.append(sql.SQL("WHEN o.late <= {} THEN {}").format(sql.Literal(edge), sql.Literal(name)))
    return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(steps), sql.Literal(names[-1]))


def open_items(frame: Frame, rates: Rates) -> tuple[sql.Composable, dict[str, Any]]:
    """The WITH clause that ends in `o`: every open invoice in the home currency; and its parameters."""
    customers, params = customers_sql(frame)
    pairs = sql.SQL(", ").join(
        sql.SQL("({}, {}::numeric)").format(sql.Literal(currency), sql.Literal(factor))
        for currency, factor in rates.factors().items()
    )
    params |= {
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "entity": frame.entity.pk,
        "currency": frame.currency,
        "decimals": frame.decimals,
    }
    return OPEN.format(customers=sql.SQL(customers), rates=pairs), params  # type: ignore[arg-type]


def position(frame: Frame, by: str = "entity") -> Position:
    """Open, disputed and unplaced amounts by bucket, in all and by one dimension. Two queries, whatever the
    size.
    """
    if by not in DIMENSIONS:
        raise unknown_dimension(by, DIMENSIONS)
    rates = rates_of(frame.as_of, frame.entity.currency)
    head, params = open_items(frame, rates)
    key, label = (sql.SQL(text) for text in DIMENSIONS[by])  # type: ignore[arg-type]
    tail = LOOSE.format(bucket=bucket_sql(frame)) + BY.format(key=key, label=label)
    rows = fetch((head + tail).as_string(None), params)
    currencies = {row["currency"] for row in rows}
    rates.check(currencies)
    return _added_up(frame, rows, rates.used(currencies))


def _added_up(frame: Frame, found: list[dict[str, Any]], rates: list[Rate]) -> Position:
    names = frame.buckets.names
    total = Collector(names)
    sums: dict[tuple[str, str], Collector] = {}
    items: dict[tuple[str, str], int] = {}
    for row in found:
        key = (row["key"], row["label"])
        one = sums.setdefault(key, Collector(names))
        for collector in (total, one):
            if row["bucket"] == UNAPPLIED:
                collector.unapplied += row["open"]
            else:
                collector.add(row["bucket"], row["open"], row["disputed"])
        items[key] = items.get(key, 0) + (row["items"] if row["bucket"] != UNAPPLIED else 0)
    rows = [PositionRow(key, label, one.result(), items[key, label]) for (key, label), one in sums.items()]
    rows.sort(key=lambda row: (-row.aging.total, row.label, row.key))
    return Position(total.result(), sum(items.values()), rows, rates)
