"""What should come in, by week: the day promised, otherwise the due date; disputed parts are not expected."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import sql

from reporting.selectors.frame import Frame, fetch
from reporting.selectors.position import open_items
from reporting.selectors.rates import rates_of

EXPECTED = sql.SQL(""",
said AS (
    SELECT DISTINCT ON (p.invoice_id) p.invoice_id AS id, p.promised_on, p.amount FROM collections_app_promise p
    WHERE p.made_on <= %(as_of)s AND p.made_at <= %(known_at)s AND p.promised_on >= %(as_of)s
      AND p.status NOT IN ('replaced', 'cancelled', 'refused', 'waiting')
    ORDER BY p.invoice_id, p.made_at DESC, p.id DESC
),
e AS (
    SELECT o.id, o.due_on, o.rate, o.currency, o.open - o.disputed AS free, o.disputed, said.promised_on,
        least(o.open - o.disputed, round(coalesce(said.amount, 0) * o.rate, %(decimals)s)) AS promised
    FROM o LEFT JOIN said ON said.id = o.id
)
SELECT CASE WHEN day < %(as_of)s THEN NULL ELSE date_trunc('week', day)::date END AS week, trust,
    sum(amount) AS amount, count(*) FILTER (WHERE amount > 0) AS invoices, array_agg(DISTINCT currency) AS currencies
FROM (
    SELECT promised_on AS day, 'promise' AS trust, promised AS amount, currency FROM e WHERE promised_on IS
    NOT NULL
    UNION ALL SELECT due_on, 'due', free - promised, currency FROM e
) expected
WHERE amount > 0 OR amount IS NULL GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2
""")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected in a week (its Monday; None: already late and not promised), and on what ground."""

    week: date | None
    trust: str
    amount: Decimal
    invoices: int


def expected(frame: Frame) -> list[Expected]:
    """Open and undisputed amounts by week and ground. Two queries."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    head, params = open_items(frame, rates)
    rows = fetch((head + EXPECTED).as_string(None), params)
    rates.check({currency for row in rows for currency in row["currencies"]})
    return [Expected(row["week"], row["trust"], row["amount"], row["invoices"]) for row in rows]
