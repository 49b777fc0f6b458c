"""The open invoices behind a figure: every bar of a chart opens to its rows, and the rows add up to the bar."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg import sql

from reporting.selectors.frame import Frame, fetch
from reporting.selectors.position import bucket_sql, open_items
from reporting.selectors.rates import rates_of


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """One open invoice behind a figure, in the home currency."""

    pk: int
    number: str
    customer: str
    customer_id: int
    issued_on: date
    due_on: date
    late: int
    currency: str
    open: Decimal
    disputed: Decimal
    # What of it the figure counts.
    measured: Decimal


ITEMS = sql.SQL("""
SELECT o.id AS pk, i.number, c.name AS customer, o.customer_id, i.issued_on, o.due_on, o.late, o.currency,
    o.open, o.disputed, {measure} AS measured, count(*) OVER () AS found, sum({measure}) OVER () AS amount
FROM o JOIN ledger_invoice i ON i.id = o.id JOIN ledger_customer c ON c.id = o.customer_id
WHERE {condition}
ORDER BY {measure} DESC, o.id LIMIT %(limit)s OFFSET %(offset)s
""")

# Which open invoices, and which amount of theirs, a part of a chart stands for.
PARTS: dict[str, tuple[str, str]] = {
    "open": ("true", "o.open"),
    "disputed": ("o.disputed > 0", "o.disputed"),
    "undisputed": ("o.open > o.disputed", "o.open - o.disputed"),
    "late": ("o.late > 0 AND o.open > o.disputed", "o.open - o.disputed"),
    "not_due": ("o.late <= 0 AND o.open > o.disputed", "o.open - o.disputed"),
    "overdue": ("o.late > 0", "o.open"),
}


@dataclass(frozen=True, slots=True)
class Items:
    """A page of open invoices, how many there are in all and what they add up to."""

    rows: list[OpenInvoice]
    found: int
    amount: Decimal


def items_behind(
    frame: Frame, *, part: str = "open", bucket: str = "", page: int = 1, size: int | None = 50
) -> Items:
    """The invoices behind a figure, largest first. `part` and `bucket` as in PARTS and the frame's buckets; all of them
    without a `size`."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    head, params = open_items(frame, rates)
    chosen = PARTS.get(part, PARTS["open"])
    condition: sql.Composable = sql.SQL(chosen[0])  # type: ignore[arg-type]
    measure = sql.SQL(chosen[1])  # type: ignore[arg-type]
    if bucket in frame.buckets.names:
        condition = sql.SQL("{} AND {} = {}").format(condition, bucket_sql(frame), sql.Literal(bucket))
    params |= {"limit": size, "offset": (size or 0) * (page - 1)}
    rows = fetch((head + ITEMS.format(condition=condition, measure=measure)).as_string(None), params)
    rates.check({row["currency"] for row in rows})
    found, amount = (rows[0]["found"], rows[0]["amount"]) if rows else (0, Decimal("0.00"))
    kept = [{k: v for k, v in row.items() if k not in {"found", "amount"}} for row in rows]
    return Items([OpenInvoice(**row) for row in kept], found, amount)
