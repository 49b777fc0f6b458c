"""The position at many days in one statement: each invoice is a staircase of open amounts, read at each day.

Invoices that were settled before the first day, and have not moved since, are not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from psycopg import sql

from reporting.metrics.aging import Parts
from reporting.metrics.dso import DsoFamily, family
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.rates import STALE_AFTER, Rate, Rates
from reporting.selectors.sales import SalesBook

ZERO = Decimal("0.00")
NO_PARTS = Parts()

RATES = """
SELECT d.day, r.currency, r.on, r.per_euro
FROM unnest(%(days)s::date[]) AS d (day) CROSS JOIN LATERAL (
    SELECT DISTINCT ON (currency) currency, "on", per_euro FROM ledger_exchangerate
    WHERE "on" <= d.day AND "on" > d.day - %(stale)s ORDER BY currency, "on" DESC
) r
"""

STAIRS = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers}),
days (day) AS (SELECT unnest(%(days)s::date[])),
rates (day, currency, rate) AS (VALUES {rates}),
inv AS MATERIALIZED (
    SELECT i.id, i.currency, i.due_on, i.issued_on, i.amount FROM ledger_invoice i
    LEFT JOIN (
        SELECT DISTINCT invoice_id AS id FROM ledger_allocation
        WHERE allocated_on > %(first)s OR recorded_at > %(known_at)s
    ) moved ON moved.id = i.id
    WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.issued_on <= %(last)s
      AND i.recorded_at <= %(known_at)s AND (i.allocated <> i.amount OR moved.id IS NOT NULL)
      AND i.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR i.currency = %(currency)s)
),
changes AS (
    SELECT id, issued_on AS at, amount FROM inv
    UNION ALL
    SELECT inv.id, greatest(a.allocated_on, inv.issued_on), -a.amount
    FROM ledger_allocation a JOIN inv ON inv.id = a.invoice_id
    WHERE a.allocated_on <= %(last)s AND a.recorded_at <= %(known_at)s
),
stairs AS (
    SELECT id, at, sum(sum(amount)) OVER w AS open, lead(at) OVER w AS until
    FROM changes GROUP BY id, at WINDOW w AS (PARTITION BY id ORDER BY at)
),
standing AS (
    SELECT days.day, stairs.id, stairs.open FROM stairs
    JOIN days ON days.day >= stairs.at AND days.day < coalesce(stairs.until, 'infinity') WHERE stairs.open > 0
),
live AS (
    SELECT days.day, l.invoice_id AS id, sum(l.amount) AS amount FROM disputes_disputeline l
    JOIN days ON l.opened_on <= days.day
      AND (l.closed_on IS NULL OR l.closed_on > days.day OR l.closed_recorded_at > %(known_at)s)
    WHERE l.recorded_at <= %(known_at)s AND l.invoice_id IN (SELECT id FROM inv) GROUP BY 1, 2
),
o AS (
    SELECT standing.day, inv.due_on >= standing.day AS not_due, inv.currency, rates.rate,
        round(standing.open * rates.rate, %(decimals)s) AS open,
        round(least(standing.open, coalesce(live.amount, 0)) * rates.rate, %(decimals)s) AS disputed
    FROM standing JOIN inv USING (id) LEFT JOIN live ON live.id = standing.id AND live.day = standing.day
    LEFT JOIN rates ON rates.day = standing.day AND rates.currency = inv.currency
)
SELECT day, not_due, currency, sum(open) AS open, sum(disputed) AS disputed FROM o GROUP BY 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """The receivables of one day: in three parts, and all that was not yet due, disputed or not."""

    day: date
    parts: Parts = NO_PARTS
    not_due: Decimal = ZERO

    @property
    def overdue(self) -> Decimal:
        return self.parts.total - self.not_due


def month_ends(as_of: date, months: int) -> list[date]:
    """The last days of the months before that of `as_of`, and `as_of` itself: `months` days in all, oldest
    first.
    """
    days = [as_of]
    while len(days) < months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]


def rates_on(days: Sequence[date], home: str) -> dict[date, Rates]:
    """The rates of each day. One query."""
    known: dict[date, dict[str, Rate]] = {day: {} for day in days}
    for row in fetch(RATES, {"days": list(days), "stale": STALE_AFTER.days}):
        known[row["day"]][row["currency"]] = Rate(row["currency"], row["on"], row["per_euro"])
    return {day: Rates(home, day, found) for day, found in known.items()}


def standings(frame: Frame, days: Sequence[date], rates: dict[date, Rates]) -> list[Standing]:
    """The position at the end of each of `days`, each amount at the rates of its own day. One query."""
    customers, params = customers_sql(frame)
    pairs = sql.SQL(", ").join(
        sql.SQL("({}::date, {}, {}::numeric)").format(
            sql.Literal(day), sql.Literal(currency), sql.Literal(factor)
        )
        for day, found in rates.items()
        for currency, factor in found.factors().items()
    )
    params |= {
        "days": list(days),
        "first": min(days),
        "last": max(days),
        "known_at": frame.known_at or "infinity",
        "entity": frame.entity.pk,
        "currency": frame.currency,
        "decimals": frame.decimals,
    }
    statement = STAIRS.format(customers=sql.SQL(customers), rates=pairs)  # type: ignore[arg-type]
    found: dict[date, dict[bool, tuple[Decimal, Decimal]]] = {day: {} for day in days}
    for row in fetch(statement.as_string(None), params):
        rates[row["day"]].check([row["currency"]])
        halves = found[row["day"]]
        open_, disputed = halves.get(row["not_due"], (ZERO, ZERO))
        halves[row["not_due"]] = (open_ + row["open"], disputed + row["disputed"])
    return [_standing(day, halves) for day, halves in found.items()]


def _standing(day: date, halves: dict[bool, tuple[Decimal, Decimal]]) -> Standing:
    not_due, late = halves.get(True, (ZERO, ZERO)), halves.get(False, (ZERO, ZERO))
    parts = Parts(not_due[0] - not_due[1], late[0] - late[1], not_due[1] + late[1])
    return Standing(day, parts, not_due[0])


@dataclass(frozen=True, slots=True)
class DsoPoint:
    """The whole DSO family at one day of a series."""

    standing: Standing
    figures: DsoFamily


def dso_series(
    frame: Frame, days: Sequence[date], book: SalesBook, rates: dict[date, Rates]
) -> list[DsoPoint]:
    """The DSO family at each day. `book`: the sales of the same frame up to the last of `days`.

    Every day but the last must be the last of its month: sales are known by month.
    """
    return [
        DsoPoint(
            standing, family(standing.parts, standing.not_due, book.at(standing.day, rates[standing.day]))
        )
        for standing in standings(frame, days, rates)
    ]
