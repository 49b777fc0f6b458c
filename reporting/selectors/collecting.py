"""What getting paid looks like: promises and what became of them, notices and what was paid since."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import sql

from collections_app.services.limits import rules_of
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.disputes import moment_of
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame, customers_sql, fetch

HORIZONS = (7, 14, 30)

PROMISES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT p.id AS pk, c.code AS customer_code, c.name AS customer, i.id AS invoice_id, i.number AS invoice,
    i.currency, p.amount, p.promised_on, p.open_before - (i.amount - coalesce(paid.amount, 0)) AS paid,
    {key} AS key, {label} AS label
FROM collections_app_promise p JOIN ledger_invoice i ON i.id = p.invoice_id
JOIN ledger_customer c ON c.id = p.customer_id{joins}
LEFT JOIN LATERAL (
    SELECT sum(a.amount) AS amount FROM ledger_allocation a
    WHERE a.invoice_id = i.id AND a.allocated_on <= least(p.promised_on + %(grace)s, %(as_of)s)
      AND a.recorded_at <= %(known_at)s
) paid ON true
WHERE p.entity_id = %(entity)s AND p.customer_id IN (SELECT customers.id FROM customers)
  AND p.status NOT IN ('refused', 'waiting')
  AND (p.status NOT IN ('replaced', 'cancelled') OR p.settled_at >= %(moment)s)
  AND p.made_at <= %(known_at)s AND p.made_on <= %(as_of)s
  AND (%(currency)s = '' OR i.currency = %(currency)s)
  AND p.promised_on BETWEEN %(first)s AND %(last)s
ORDER BY p.promised_on, p.id
""")


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise and what was paid of it by its day and the days of grace."""

    pk: int
    customer_code: str
    customer: str
    invoice_id: int
    invoice: str
    currency: str
    amount: Decimal
    promised_on: date
    paid: Decimal
    key: str
    label: str
    grace: int

    @property
    def counted(self) -> Decimal:
        """What was paid of it, never less than nothing."""
        return max(self.paid, Decimal("0.00"))

    def state(self, as_of: date) -> str:
        """kept, broken, or running (its day and grace are not over)."""
        if self.paid >= self.amount:
            return "kept"
        return "broken" if (as_of - self.promised_on).days > self.grace else "running"


def promises(frame: Frame, period: Period, by: str = "customer") -> list[PromiseRow]:
    """The promises for a day of the period, with their key in one dimension of customers. One query."""
    key, label, joins = chosen(by, OF_CUSTOMERS).sql("i")
    customers, params = customers_sql(frame)
    grace = rules_of(frame.entity).grace_days
    params |= {
        "entity": frame.entity.pk,
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "currency": frame.currency,
        "first": period.first,
        "last": period.last,
        "grace": grace,
        "moment": moment_of(frame),
    }
    statement = PROMISES.format(customers=sql.SQL(customers), key=key, label=label, joins=joins)  # type: ignore[arg-type]
    return [PromiseRow(**row, grace=grace) for row in fetch(statement.as_string(None), params)]


NOTICES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT l.step_days, t.channel, {key} AS key, {label} AS label, i.currency,
    count(DISTINCT l.notice_id) AS notices, count(*) AS invoices,
    sum(l.asked) AS asked, sum(least(l.asked, coalesce(paid.in_7, 0))) AS in_7,
    sum(least(l.asked, coalesce(paid.in_14, 0))) AS in_14, sum(least(l.asked, coalesce(paid.in_30, 0))) AS in_30
FROM collections_app_noticeline l JOIN collections_app_notice n ON n.id = l.notice_id
JOIN collections_app_step t ON t.id = l.step_id JOIN ledger_invoice i ON i.id = l.invoice_id
JOIN ledger_customer c ON c.id = n.customer_id{joins}
LEFT JOIN LATERAL (
    SELECT sum(a.amount) FILTER (WHERE a.allocated_on <= l.on + 7) AS in_7,
        sum(a.amount) FILTER (WHERE a.allocated_on <= l.on + 14) AS in_14,
        sum(a.amount) FILTER (WHERE a.allocated_on <= l.on + 30) AS in_30
    FROM ledger_allocation a
    WHERE a.invoice_id = l.invoice_id AND a.kind = 'payment' AND a.allocated_on >= l.on
      AND a.allocated_on <= %(as_of)s AND a.recorded_at <= %(known_at)s
) paid ON true
WHERE n.entity_id = %(entity)s AND n.customer_id IN (SELECT customers.id FROM customers)
  AND n.status = 'sent' AND l.counts
  AND l.on BETWEEN %(first)s AND %(last)s AND n.decided_at <= %(known_at)s
  AND (%(currency)s = '' OR i.currency = %(currency)s)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 4, 3, 5
""")


@dataclass(frozen=True, slots=True)
class ChaseRow:
    """One step and channel: what was asked for, and what of it was paid within 7, 14 and 30 days."""

    step_days: int
    channel: str
    key: str
    label: str
    currency: str
    notices: int
    invoices: int
    asked: Decimal
    in_7: Decimal
    in_14: Decimal
    in_30: Decimal


def chases(frame: Frame, period: Period, by: str = "entity") -> list[ChaseRow]:
    """The notices sent in the period by step, channel and one dimension, and the payments since. One query."""
    key, label, joins = chosen(by, OF_CUSTOMERS).sql("i")
    customers, params = customers_sql(frame)
    params |= {
        "entity": frame.entity.pk,
        "as_of": frame.as_of,
        "known_at": frame.known_at or "infinity",
        "currency": frame.currency,
        "first": period.first,
        "last": period.last,
    }
    statement = NOTICES.format(customers=sql.SQL(customers), key=key, label=label, joins=joins)  # type: ignore[arg-type]
    return [ChaseRow(**row) for row in fetch(statement.as_string(None), params)]
