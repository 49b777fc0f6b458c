"""What should come in, by week: as agreed or promised, as this customer usually pays, otherwise by the due date.

Every open and undisputed amount is expected once, on the ground that deserves most trust: instalments agreed and
promises, then the customer's habit (the median lateness of what they paid in the last year, when that are enough
invoices), then the due date. What is disputed is not expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q
from psycopg import sql

from collections_app.models import InstalmentInvoice, InstalmentPlan
from ledger.models import Customer
from reporting.metrics.forecast import Covered, Due, still_to_come
from reporting.selectors.disputes import moment_of
from reporting.selectors.frame import Frame, fetch
from reporting.selectors.position import open_items
from reporting.selectors.rates import Rates, rates_of

ZERO = Decimal("0.00")
# So many invoices paid in the year before make a habit; fewer do not.
ENOUGH = 5
PROMISE, PREDICTION, DUE = "promise", "prediction", "due"

NOW = sql.SQL(""" SELECT own.id, own.open, least(own.open, coalesce(live.amount, 0)) AS disputed
FROM own LEFT JOIN live USING (id) WHERE own.id = ANY(%(invoices)s)""")

EXPECTED = sql.SQL(""",
agreed (id, amount) AS (SELECT * FROM unnest(%(agreed)s::bigint[], %(amounts)s::numeric[])),
said AS (
    SELECT DISTINCT ON (p.invoice_id) p.invoice_id AS id, p.promised_on, p.amount, p.open_before
    FROM collections_app_promise p
    WHERE p.made_on <= %(as_of)s AND p.made_at <= %(known_at)s AND p.promised_on >= %(as_of)s
      AND p.status NOT IN ('refused', 'waiting')
      AND (p.status NOT IN ('replaced', 'cancelled') OR p.settled_at >= %(moment)s)
    ORDER BY p.invoice_id, p.made_at DESC, p.id DESC
),
habits AS (
    SELECT customer_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY paid_on - due_on) AS late FROM (
        SELECT i.customer_id, i.due_on, max(a.allocated_on) AS paid_on
        FROM ledger_invoice i JOIN ledger_allocation a ON a.invoice_id = i.id
        WHERE i.entity_id = %(entity)s AND i.kind = 'invoice' AND i.allocated = i.amount
          AND i.issued_on > %(as_of)s::date - 550 AND a.allocated_on <= %(as_of)s AND a.recorded_at <= %(known_at)s
        GROUP BY i.id HAVING sum(a.amount) = i.amount AND bool_or(a.kind = 'payment')
    ) paid WHERE paid_on > %(as_of)s::date - 365 GROUP BY 1 HAVING count(*) >= %(enough)s
),
e AS (
    SELECT o.id, o.due_on, o.rate, o.currency, o.open - o.disputed - coalesce(agreed.amount, 0) AS free,
        said.promised_on, o.due_on + habits.late AS usual,
        greatest(0, least(
            o.open - o.disputed - coalesce(agreed.amount, 0),
            round(coalesce(said.amount - greatest(said.open_before - own.open, 0), 0) * o.rate, %(decimals)s)
        )) AS promised
    FROM o JOIN own USING (id) LEFT JOIN said USING (id) LEFT JOIN agreed USING (id)
    LEFT JOIN habits ON habits.customer_id = o.customer_id
),
came AS (
    SELECT date_trunc('week', a.allocated_on)::date AS week, a.invoice_id,
        round(a.amount * o.rate, %(decimals)s) AS amount
    FROM ledger_allocation a JOIN o ON o.id = a.invoice_id
    WHERE a.kind = 'payment' AND a.allocated_on > %(as_of)s AND a.allocated_on <= %(until)s
)
SELECT CASE WHEN day < %(as_of)s THEN NULL ELSE date_trunc('week', day)::date END AS week, trust,
    sum(amount) AS amount, count(*) FILTER (WHERE amount > 0) AS invoices, array_agg(DISTINCT currency) AS currencies
FROM (
    SELECT promised_on AS day, 'promise' AS trust, promised AS amount, currency FROM e WHERE promised_on IS NOT NULL
    UNION ALL SELECT CASE WHEN usual >= %(as_of)s THEN usual ELSE due_on END,
        CASE WHEN usual >= %(as_of)s THEN 'prediction' ELSE 'due' END, free - promised, currency FROM e
) expected
WHERE amount > 0 OR amount IS NULL GROUP BY 1, 2
UNION ALL
SELECT week, 'came', sum(amount), count(DISTINCT invoice_id), '{{}}' FROM came GROUP BY 1
ORDER BY 1 NULLS FIRST, 2
""")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected in a week (its Monday; None: already late and not promised), and on what ground.

    The ground `came` is no expectation: it is what came in since, of the invoices that were open.
    """

    week: date | None
    trust: str
    amount: Decimal
    invoices: int


def expected(frame: Frame, until: date | None = None) -> list[Expected]:
    """Open and undisputed amounts by week and ground, and what came in of them up to `until`. Two to six queries."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    found, agreed = _instalments(frame, rates)
    head, params = open_items(frame, rates)
    params |= {
        "agreed": list(agreed),
        "amounts": list(agreed.values()),
        "enough": ENOUGH,
        "until": until or frame.as_of,
        "moment": moment_of(frame),
    }
    rows = fetch((head + EXPECTED.format()).as_string(None), params)
    rates.check({currency for row in rows for currency in row["currencies"]})
    found += [Expected(row["week"], row["trust"], row["amount"], row["invoices"]) for row in rows]
    return _added(found)


def _added(found: Sequence[Expected]) -> list[Expected]:
    """The same week and ground only once, what is late first."""
    sums: dict[tuple[date | None, str], Expected] = {}
    for row in found:
        one = sums.get((row.week, row.trust))
        more = (
            replace(row, amount=row.amount + one.amount, invoices=row.invoices + one.invoices) if one else row
        )
        sums[row.week, row.trust] = more
    return sorted(sums.values(), key=lambda row: (row.week or date.min, row.trust))


def _instalments(frame: Frame, rates: Rates) -> tuple[list[Expected], dict[int, Decimal]]:
    """What agreements on instalments still bring, by week; and what that takes of each invoice, in home currency."""
    plans = _running(frame)
    if not plans:
        return [], {}
    covers = [cover for plan in plans for cover in plan.invoices.all()]
    narrow = replace(frame, customers=Customer.objects.filter(pk__in=[plan.customer_id for plan in plans]))
    head, params = open_items(narrow, rates)
    params["invoices"] = [cover.invoice_id for cover in covers]
    rows = {row["id"]: row for row in fetch((head + NOW.format()).as_string(None), params)}
    expected_rows, taken = [], dict[int, Decimal]()
    for plan in plans:
        parts = [_covered(cover, rows.get(cover.invoice_id)) for cover in plan.invoices.all()]
        shares = [
            Due(one.due_on, one.amount) for one in sorted(plan.instalments.all(), key=lambda one: one.number)
        ]
        for part in still_to_come(shares, parts):
            row = rows[part.invoice]
            room = rates.convert(row["open"], plan.currency) - rates.convert(row["disputed"], plan.currency)
            before = taken.get(part.invoice, ZERO)
            amount = min(rates.convert(part.amount, plan.currency), room - before)
            taken[part.invoice] = before + amount
            late = part.due_on < frame.as_of
            week = None if late else part.due_on - timedelta(days=part.due_on.weekday())
            expected_rows.append(Expected(week, DUE if late else PROMISE, amount, 1))
    return expected_rows, taken


def _running(frame: Frame) -> list[InstalmentPlan]:
    """The agreements that ran at the end of the day, as known."""
    ran = Q(ended_on=None) | Q(ended_on__gt=frame.as_of)
    rows = InstalmentPlan.objects.filter(
        entity=frame.entity, customer__in=frame.customers, agreed_on__lte=frame.as_of
    )
    if frame.known_at is not None:
        rows = rows.filter(agreed_at__lte=frame.known_at)
        ran |= Q(ended_at__gt=frame.known_at)
    if frame.currency:
        rows = rows.filter(currency=frame.currency)
    return list(rows.filter(ran).order_by("pk").prefetch_related("instalments", "invoices__invoice"))


def _covered(cover: InstalmentInvoice, row: dict[str, Decimal] | None) -> Covered:
    """A part of an invoice in instalments: what of it is still open, and still open and undisputed."""
    open_now, disputed = (row["open"], row["disputed"]) if row else (ZERO, ZERO)
    left = max(ZERO, cover.amount - max(ZERO, cover.open_before - open_now))
    return Covered(cover.invoice_id, cover.invoice.due_on, left, min(left, open_now - disputed))
