"""The ledger as of T, as known at K, in one statement: what is open, disputed, not yet placed, by any dimension.

The same definition, row by row, stands in reporting/metrics/position.py; the tests hold the two against
each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import get_language
from psycopg import sql

from reporting.cube.reading import KEPT, Reading, reading
from reporting.metrics.aging import Aging, Collector
from reporting.selectors.dimensions import OF_CUSTOMERS, OF_POSITION, chosen
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.rates import Rate, Rates, rates_of

UNAPPLIED = "unapplied"

# From "now" back to T: what is placed today, less what was placed later than T (or written down later than
# K).
OPEN = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers}),
rates (currency, rate) AS (VALUES {rates}),
later AS MATERIALIZED (
    SELECT invoice_id, payment_id, credit_note_id, amount FROM ledger_allocation
    WHERE (allocated_on > %(as_of)s OR recorded_at > %(known_at)s){later_of}
),
later_on AS (SELECT invoice_id AS id, sum(amount) AS amount FROM later GROUP BY 1),
live AS (
    SELECT invoice_id AS id, sum(amount) AS amount FROM disputes_disputeline
    WHERE opened_on <= %(as_of)s AND recorded_at <= %(known_at)s
      AND (closed_on IS NULL OR closed_on > %(as_of)s OR closed_recorded_at > %(known_at)s){live_of}
    GROUP BY 1
),
own AS (
    SELECT i.id, i.customer_id, i.currency, i.due_on, i.amount - i.allocated + coalesce(later_on.amount, 0) AS open
    FROM ledger_invoice i LEFT JOIN later_on USING (id)
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice'
      AND i.issued_on <= %(as_of)s AND i.recorded_at <= %(known_at)s
      AND (i.allocated <> i.amount OR later_on.amount IS NOT NULL)
      AND i.customer_id IN (SELECT customers.id FROM customers)
      AND (%(currency)s = '' OR i.currency = %(currency)s){own_of}
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
        WHERE (returned_on > %(as_of)s OR recorded_at > %(known_at)s){returns_of} GROUP BY 1
    ) r ON r.payment_id = p.id
    WHERE p.entity_id = %(entity)s AND p.received_on <= %(as_of)s AND p.recorded_at <= %(known_at)s
      AND (p.allocated + p.returned <> p.amount OR b.amount IS NOT NULL OR r.amount IS NOT NULL){paid_of}
    UNION ALL
    SELECT n.customer_id, n.currency, n.amount - n.allocated + coalesce(b.amount, 0)
    FROM ledger_invoice n
    LEFT JOIN (SELECT credit_note_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.credit_note_id = n.id
    WHERE n.entity_id = %(entity)s AND n.kind = 'credit_note'
      AND n.issued_on <= %(as_of)s AND n.recorded_at <= %(known_at)s
      AND (n.allocated <> n.amount OR b.amount IS NOT NULL){credited_of}
),
everything AS (
    SELECT o.customer_id, o.dispute_id, o.currency, {bucket} AS bucket, o.rate, o.open, o.disputed FROM {source} o
    UNION ALL
    SELECT l.customer_id, NULL, l.currency, 'unapplied', rates.rate, -round(l.amount * rates.rate, %(decimals)s), 0
    FROM loose l LEFT JOIN rates USING (currency)
    WHERE l.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR l.currency = %(currency)s)
)""")

# What is open, in pieces: what each dispute holds up of each invoice, and the rest of it.
WHOLE = sql.SQL(""", whole AS (SELECT o.*, NULL::bigint AS dispute_id FROM o)""")
PIECES = sql.SQL(""",
pieces AS (
    SELECT own.customer_id, own.currency, %(as_of)s::date - own.due_on AS late, shared.rate, shared.dispute_id,
        shared.part AS open, shared.part AS disputed
    FROM shared JOIN own ON own.id = shared.invoice_id WHERE shared.part > 0 OR shared.part IS NULL
    UNION ALL
    SELECT o.customer_id, o.currency, o.late, o.rate, NULL, o.open - o.disputed, 0 FROM o
    WHERE o.open > o.disputed OR o.open IS NULL
)""")
# Where several lines share an invoice, the earlier one comes first, so that disputes add up to the disputed amount.
SHARED = sql.SQL(""",
cut AS (
    SELECT l.dispute_id, l.invoice_id, rates.rate, least(own.open, sum(l.amount) OVER w) AS upto,
        least(own.open, sum(l.amount) OVER w - l.amount) AS before
    FROM disputes_disputeline l JOIN own ON own.id = l.invoice_id LEFT JOIN rates USING (currency)
    WHERE l.opened_on <= %(as_of)s AND l.recorded_at <= %(known_at)s
      AND (l.closed_on IS NULL OR l.closed_on > %(as_of)s OR l.closed_recorded_at > %(known_at)s)
    WINDOW w AS (PARTITION BY l.invoice_id ORDER BY l.opened_on, l.id)
),
shared AS (
    SELECT dispute_id, invoice_id, rate,
        sum(round(upto * rate, %(decimals)s) - round(before * rate, %(decimals)s)) AS part
    FROM cut GROUP BY 1, 2, 3
)""")

BY = sql.SQL("""
SELECT {key} AS key, {label} AS label, o.bucket, count(*) AS items, o.currency, sum(o.open) AS open,
    sum(o.disputed) AS disputed
FROM everything o JOIN ledger_customer c ON c.id = o.customer_id
LEFT JOIN disputes_dispute d ON d.id = o.dispute_id{joins}
GROUP BY 1, 2, 3, o.currency
""")


def _of(row: str) -> str:
    """Only the customers whose rows are read beside the cube: all of theirs, or what is in another currency."""
    read = f" AND {row}.customer_id = ANY(%(only)s)"
    return read + f" AND ({row}.customer_id = ANY(%(again)s) OR {row}.currency <> %(home)s)"


OF_ONLY = {
    "later_of": """ AND id IN (
        SELECT a.id FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
        WHERE i.customer_id = ANY(%(only)s)
        UNION ALL SELECT a.id FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.credit_note_id
        WHERE i.customer_id = ANY(%(only)s)
        UNION ALL SELECT a.id FROM ledger_allocation a JOIN ledger_payment p ON p.id = a.payment_id
        WHERE p.customer_id = ANY(%(only)s))""",
    "live_of": " AND invoice_id IN (SELECT id FROM ledger_invoice WHERE customer_id = ANY(%(only)s))",
    "own_of": _of("i"),
    "returns_of": " AND payment_id IN (SELECT id FROM ledger_payment WHERE customer_id = ANY(%(only)s))",
    "paid_of": _of("p"),
    "credited_of": _of("n"),
}


# Only invoices that are disputed, where nothing else is asked about.
OF_DISPUTED = dict.fromkeys(OF_ONLY, "") | {
    "later_of": " AND invoice_id IN (SELECT invoice_id FROM disputes_disputeline)",
    "own_of": " AND i.id IN (SELECT live.id FROM live)",
}
OF_ALL = dict.fromkeys(OF_ONLY, "")


def _parts(which: Mapping[str, str]) -> dict[str, sql.Composable]:
    return {name: sql.SQL(text) for name, text in which.items()}  # type: ignore[arg-type]


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


def language() -> str:
    """The reader's language, as labels are kept by it."""
    return (get_language() or "en").split("-")[0]


def bucket_sql(frame: Frame) -> sql.Composable:
    """The bucket of a row from its days past due, by the same edges as the pure definition."""
    names = frame.buckets.names
    steps = [sql.SQL("WHEN o.late <= 0 THEN {}").format(sql.Literal(names[0]))]
    for edge, name in zip(frame.buckets.edges, names[1:], strict=False):
        steps.append(sql.SQL("WHEN o.late <= {} THEN {}").format(sql.Literal(edge), sql.Literal(name)))
    return sql.SQL("CASE {} ELSE {} END").format(sql.SQL(" ").join(steps), sql.Literal(names[-1]))


def open_items(
    frame: Frame, rates: Rates, which: Mapping[str, str] = OF_ALL
) -> tuple[sql.Composable, dict[str, Any]]:
    """The WITH clause that ends in `o`: every open invoice in the home currency; and its parameters.

    `which`: OF_DISPUTED, or OF_ONLY what is read beside the cube, with its parameters (reporting/cube/reading.py).
    """
    customers, params = customers_sql(frame)
    params |= {
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "entity": frame.entity.pk,
        "currency": frame.currency,
        "home": frame.entity.currency,
        "decimals": frame.decimals,
    }
    return OPEN.format(customers=sql.SQL(customers), rates=rates.sql, **_parts(which)), params  # type: ignore[arg-type]


def position(frame: Frame, by: str = "entity") -> Position:
    """Open, disputed and unplaced amounts by bucket, in all and by one dimension. Two to four queries, whatever the
    size.

    Where the cube has it, it is read there; either way the figures are the same.
    """
    return kept_position(frame, by) or computed_position(frame, by)


def kept_position(frame: Frame, by: str = "entity") -> Position | None:
    """The same where the cube has it, and None where it has not. One to three queries."""
    how = reading(frame, by)
    if how is None:
        return None
    rates = rates_of(frame.as_of, frame.entity.currency)
    rows = _read(frame, by, rates, how)
    return None if rows is None else _told(frame, rates, rows)


def computed_position(frame: Frame, by: str = "entity") -> Position:
    """The same from the rows of the ledger, whatever is kept. Two queries."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    statement, params = _statement(frame, by, rates)
    return _told(frame, rates, fetch(statement.as_string(None), params))


def _read(frame: Frame, by: str, rates: Rates, how: Reading) -> list[dict[str, Any]] | None:
    """From the cells and the rows of some customers; None when others have changed by now."""
    bucket = bucket_sql(frame)
    narrow = replace(frame, customers=frame.customers.filter(pk__in=how.only))
    statement, params = _statement(narrow, by, rates, OF_ONLY)
    rows = fetch((statement + sql.SQL("UNION ALL") + how.cells(bucket)).as_string(None), params | how.params)
    found = [row for row in rows if row["bucket"] != KEPT]
    return found if len(found) < len(rows) else None


def _statement(
    frame: Frame, by: str, rates: Rates, which: Mapping[str, str] = OF_ALL
) -> tuple[sql.Composable, dict[str, Any]]:
    key, label, joins = chosen(by, OF_POSITION).sql()
    head, params = open_items(frame, rates, which)
    whole = by in OF_CUSTOMERS
    pieces = WHOLE if whole else SHARED + PIECES
    source = sql.SQL("whole" if whole else "pieces")
    tail = pieces + LOOSE.format(bucket=bucket_sql(frame), source=source, **_parts(which))
    tail += BY.format(key=key, label=label, joins=joins)
    return head + tail, params | {"language": language()}


def _told(frame: Frame, rates: Rates, rows: list[dict[str, Any]]) -> Position:
    currencies = {row["currency"] for row in rows}
    rates.check(currencies)
    return _added_up(frame, rows, rates.used(currencies))


def _added_up(frame: Frame, found: list[dict[str, Any]], rates: list[Rate]) -> Position:
    names = frame.buckets.names
    total = Collector(names)
    sums: dict[tuple[str, str], Collector] = {}
    items: dict[tuple[str, str], int] = {}
    for row in found:
        key, bucket, amount, disputed = (
            (row["key"], row["label"]),
            row["bucket"],
            row["open"],
            row["disputed"],
        )
        one = sums.get(key)
        if one is None:
            one = sums[key] = Collector(names)
            items[key] = 0
        if bucket == UNAPPLIED:
            total.unapplied += amount
            one.unapplied += amount
        else:
            total.add(bucket, amount, disputed)
            one.add(bucket, amount, disputed)
            items[key] += row["items"]
    rows = [PositionRow(*key, one.result(), items[key]) for key, one in sums.items()]
    rows.sort(key=lambda row: (-row.aging.total, row.label, row.key))
    return Position(total.result(), sum(items.values()), rows, rates)
