"""Net sales by month: invoices minus credit notes, by issue date, tax included."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from psycopg import sql

from reporting.metrics.dso import COUNT_BACK, SIMPLE, Month, Sales, months_back
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.kept import place_of
from reporting.selectors.rates import Rates
from reporting.selectors.sold import Sold, sold

ZERO = Decimal("0.00")
SIMPLE_DAYS = 90

SALES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT {key} AS key, date_trunc('month', o.issued_on)::date AS month, o.currency,
    sum(CASE o.kind WHEN 'invoice' THEN o.amount ELSE -o.amount END) AS amount,
    sum(CASE WHEN o.issued_on <= %(since)s THEN 0 WHEN o.kind = 'invoice' THEN o.amount ELSE -o.amount END) AS recent
FROM ledger_invoice o JOIN ledger_customer c ON c.id = o.customer_id{joins}
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
    by_key: dict[str, list[SalesRow]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            self.by_key.setdefault(row.key, []).append(row)

    def at(self, as_of: date, rates: Rates, key: str | None = None) -> Sales:
        """What a DSO at `as_of` needs, in the home currency. `key`: only this value of the dimension."""
        rows = self.rows if key is None else self.by_key.get(key, [])
        mine = [row for row in rows if row.month <= as_of]
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
    """Net sales up to the frame's day, by month, currency and dimension. One or two queries."""
    since = frame.as_of - timedelta(days=days)
    if place_of(frame, by) is not None:
        return SalesBook(_by_month(sold(frame, by, since.replace(day=1)), since), method, days)
    customers, params = customers_sql(frame)
    params |= {
        "entity": frame.entity.pk,
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "currency": frame.currency,
        "since": since,
    }
    key, _label, joins = chosen(by, OF_CUSTOMERS).sql()
    statement = SALES.format(customers=sql.SQL(customers), key=key, joins=joins)  # type: ignore[arg-type]
    return SalesBook([SalesRow(**row) for row in fetch(statement.as_string(None), params)], method, days)


def _by_month(rows: list[Sold], since: date) -> list[SalesRow]:
    """Days added up to months; what was sold after `since` apart."""
    sums: dict[tuple[date, str, str], tuple[Decimal, Decimal]] = {}
    for row in rows:
        key = (row.day.replace(day=1), row.key, row.currency)
        amount, recent = sums.get(key, (ZERO, ZERO))
        sums[key] = (amount + row.amount, recent + (row.amount if row.day > since else ZERO))
    return [SalesRow(key, month, currency, *amounts) for (month, key, currency), amounts in sums.items()]


def sales_between(
    frame: Frame, first: date, last: date, rates: Rates, by: str = "entity"
) -> dict[str, Decimal]:
    """Net sales of the days `first` to `last`, both included, in the home currency of `rates`, by one dimension.

    One query.
    """
    book = sales_book(frame.at(last), by, method=SIMPLE, days=(last - first).days + 1)
    sums: dict[str, Decimal] = {}
    for row in book.rows:
        sums[row.key] = sums.get(row.key, ZERO) + rates.convert(row.recent, row.currency)
    return sums
