"""Net sales by day, read where the days are kept and computed after them: the work goes by days, not by invoices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import sql

from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.kept import place_of

# One row always: it says how far the kept days hold, whatever is kept of them.
KEPT = """
SELECT k.last, s.key, s.currency, s.day, s.amount
FROM (
    SELECT entity_id, dim, least(last, (
        SELECT min(since) FROM reporting_ledgermark m
        WHERE (m.entity_id = d.entity_id OR m.entity_id IS NULL) AND m.dim IN ('', d.dim)) - 1) AS last
    FROM reporting_dayskept d WHERE entity_id = %(entity)s AND dim = %(dim)s
) k LEFT JOIN LATERAL (
    SELECT key, currency, sum(amount) AS amount,
        CASE WHEN day < %(whole_before)s THEN date_trunc('month', day)::date ELSE day END AS day
    FROM reporting_daysales
    WHERE entity_id = k.entity_id AND dim = k.dim AND day <= least(k.last, %(as_of)s)
      AND (%(key)s::text IS NULL OR key = %(key)s)
    GROUP BY 1, 2, 4
) s ON true
ORDER BY s.day
"""

SALES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT {key} AS key, o.currency, o.issued_on AS day,
    sum(CASE o.kind WHEN 'invoice' THEN o.amount ELSE -o.amount END) AS amount
FROM ledger_invoice o JOIN ledger_customer c ON c.id = o.customer_id{joins}
WHERE o.entity_id = %(entity)s AND o.issued_on <= %(as_of)s AND o.recorded_at <= %(known_at)s
  AND o.issued_on > %(after)s
  AND o.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR o.currency = %(currency)s)
GROUP BY 1, 2, 3 ORDER BY 3
""")


@dataclass(frozen=True, slots=True)
class Sold:
    """What was sold on a day (or, before the day asked for, in a month: then under its first) in one currency."""

    key: str
    currency: str
    day: date
    amount: Decimal


def sold(frame: Frame, by: str, whole_before: date) -> list[Sold]:
    """Net sales up to the frame's day by one dimension of customers, oldest first. One or two queries.

    `whole_before`: the first of a month; sales of the months before need not be told by day.
    """
    kept, last = kept_sales(frame, by, whole_before)
    return kept if last is not None and last >= frame.as_of else kept + sold_after(frame, by, last)


def kept_sales(frame: Frame, by: str, whole_before: date = date.min) -> tuple[list[Sold], date | None]:
    """What is kept, and the last day of it that holds."""
    place = place_of(frame, by)
    if place is None:
        return [], None
    dim, key = place
    params = {
        "entity": frame.entity.pk,
        "dim": dim,
        "key": key,
        "as_of": frame.as_of,
        "whole_before": whole_before,
    }
    rows = fetch(KEPT, params)
    told = by == dim
    found = [
        Sold(row["key"] if told else "", row["currency"], row["day"], row["amount"])
        for row in rows
        if row["day"] is not None
    ]
    return found, rows[0]["last"] if rows else None


def sold_after(frame: Frame, by: str, last: date | None = None) -> list[Sold]:
    """The same from the rows of the ledger, of the days after `last` (all days without it). One query."""
    customers, params = customers_sql(frame)
    values: dict[str, Any] = params | {
        "entity": frame.entity.pk,
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "currency": frame.currency,
        "after": last or "-infinity",
    }
    key, _label, joins = chosen(by, OF_CUSTOMERS).sql()
    statement = SALES.format(customers=sql.SQL(customers), key=key, joins=joins)  # type: ignore[arg-type]
    return [Sold(**row) for row in fetch(statement.as_string(None), values)]
