"""Net sales by month: invoices minus credit notes, by issue date, tax included."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from psycopg import sql

from reporting.metrics.dso import COUNT_BACK, SIMPLE, Month, Sales, months_back
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.position import DIMENSIONS
from reporting.selectors.rates import Rates

ZERO = Decimal("0.00")
SIMPLE_DAYS = 90

SALES = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers})
SELECT {key} AS key, date_trunc('month', o.issued_on)::date AS month, o.currency,
    sum(CASE o.kind WHEN 'invoice' THEN o.amount ELSE -o.amount END) AS amount,
    sum(CASE WHEN o.issued_on <= %(since)s THEN 0 WHEN o.kind = 'invoice' THEN o.amount ELSE -o.amount END) AS recent
FROM ledger_invoice o JOIN ledger_customer c ON c.id = o.customer_id
WHERE o.entity_id = %(entity)s AND o.issued_on <= %(as_of)s AND o.recorded_at <= %(known_at)s
  AND o.customer_id IN (SELECT customers.id FROM customers) AND (%(currency)s = '' OR o.currency = %(currency)s)
GROUP BY 1, 2, 3 ORDER BY 2
""")


@dataclass(frozen=True, slots=True)
class SalesRow:
    """What was sold in a month in one currency, and the part of it in the last days that were asked for."""

    key: str
    month: date
    currency: str
    amount: Decimal
    recent: Decimal


@dataclass(frozen=True, slots=True)
class SalesBook:
    """All known sales of a frame up to its day."""

    rows: list[SalesRow]
    method: str = COUNT_BACK
    days: int = SIMPLE_DAYS

    def at(self, as_of: date, rates: Rates, key: str | None = None) -> Sales:
        """What a DSO at `as_of` needs, in the home currency. `key`: only this value of the dimension."""
        mine = [row for row in self.rows if (key is None or row.key == key) and row.month <= as_of]
        by_month: dict[tuple[int, int], Decimal] = {}
        for row in mine:
            month = (row.month.year, row.month.month)
            by_month[month] = by_month.get(month, ZERO) + rates.convert(row.amount, row.currency)
        recent = ZERO
        if self.method == SIMPLE:
            recent = sum((rates.convert(row.recent, row.currency) for row in mine), ZERO)
        return Sales(months_back(by_month, as_of), self.method, recent, self.days)

    def by_month(self, as_of: date, rates: Rates) -> list[tuple[date, Month]]:
        """The months counted back from `as_of`, newest first, with their first day."""
        first, rows = as_of.replace(day=1), []
        for month in self.at(as_of, rates).months:
            rows.append((first, month))
            first = (first - timedelta(days=1)).replace(day=1)
        return rows


def sales_book(
    frame: Frame, by: str = "entity", *, method: str = COUNT_BACK, days: int = SIMPLE_DAYS
) -> SalesBook:
    """Net sales up to the frame's day, by month, currency and dimension. One query."""
    customers, params = customers_sql(frame)
    params |= {
        "entity": frame.entity.pk,
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "currency": frame.currency,
        "since": frame.as_of - timedelta(days=days),
    }
    statement = SALES.format(customers=sql.SQL(customers), key=sql.SQL(DIMENSIONS[by][0]))  # type: ignore[arg-type]
    return SalesBook([SalesRow(**row) for row in fetch(statement.as_string(None), params)], method, days)


def sales_between(frame: Frame, first: date, last: date, rates: Rates) -> Decimal:
    """Net sales of the days `first` to `last`, both included, in the home currency of `rates`. One query."""
    book = sales_book(frame.at(last), method=SIMPLE, days=(last - first).days + 1)
    return sum((rates.convert(row.recent, row.currency) for row in book.rows), ZERO)
