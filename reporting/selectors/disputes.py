"""Disputes as of T: how many and how much, by any dimension; the list behind each figure; how long they take.

The amount of a dispute is the part of its lines that is still open at T. Where several lines share an
invoice, the
earlier line comes first, so that the amounts of all disputes add up to what the aging calls disputed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from psycopg import sql

from reporting.errors import unknown_dimension
from reporting.metrics.pareto import Cause
from reporting.selectors.frame import Frame, fetch
from reporting.selectors.position import open_items
from reporting.selectors.rates import rates_of


def _words(table: str) -> tuple[str, str]:
    return f"coalesce({table}.code, '')", f"coalesce({table}.labels ->> %(language)s, {table}.code, '')"


DIMENSIONS: dict[str, tuple[str, str]] = {
    "reason": _words("reason"),
    "root-cause": _words("cause"),
    "route": _words("route"),
    "stage": _words("stage"),
    "department": ("coalesce(department.code, '')", "coalesce(department.name, '')"),
    "customer": ("c.code", "c.name"),
    "segment": ("c.segment", "''"),
    "salesperson": ("coalesce(c.salesperson_id::text, '')", "coalesce(s.name, '')"),
    "country": ("c.country", "''"),
    "currency": ("d.currency", "''"),
    "entity": ("''", "''"),
}

DISPUTED = sql.SQL(""",
shared AS (
    SELECT l.dispute_id, rates.rate, least(own.open, sum(l.amount) OVER w) AS upto,
        least(own.open, sum(l.amount) OVER w - l.amount) AS before
    FROM disputes_disputeline l JOIN own ON own.id = l.invoice_id LEFT JOIN rates USING (currency)
    WHERE l.opened_on <= %(as_of)s AND l.recorded_at <= %(known_at)s
      AND (l.closed_on IS NULL OR l.closed_on > %(as_of)s OR l.closed_recorded_at > %(known_at)s)
    WINDOW w AS (PARTITION BY l.invoice_id ORDER BY l.opened_on, l.id)
),
amounts AS (
    SELECT dispute_id, sum(round(upto * rate, %(decimals)s) - round(before * rate, %(decimals)s)) AS amount
    FROM shared GROUP BY 1
),
d AS (
    SELECT d.*, coalesce(amounts.amount, 0) AS still FROM disputes_dispute d LEFT JOIN amounts ON dispute_id = d.id
    WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
      AND d.opened_on <= %(as_of)s AND d.opened_at <= %(known_at)s
      AND (d.closed_on IS NULL OR d.closed_on > %(as_of)s OR d.closed_at > %(known_at)s)
      AND (%(currency)s = '' OR d.currency = %(currency)s)
)
SELECT {columns}
FROM d JOIN ledger_customer c ON c.id = d.customer_id LEFT JOIN accounts_user s ON s.id = c.salesperson_id
JOIN disputes_reason reason ON reason.id = d.reason_id LEFT JOIN disputes_reason cause ON cause.id = d.root_cause_id
LEFT JOIN accounts_department department ON department.id = reason.department_id
JOIN disputes_routeversion version ON version.id = d.route_version_id
JOIN disputes_route route ON route.id = version.route_id
LEFT JOIN LATERAL (
    SELECT stage_id, started_at, holder_side, holder_user_id, holder_department_id FROM disputes_stay
    WHERE dispute_id = d.id AND started_at < %(moment)s ORDER BY seq DESC LIMIT 1
) stay ON true
LEFT JOIN disputes_stage stage ON stage.id = stay.stage_id
LEFT JOIN accounts_user holder ON holder.id = stay.holder_user_id
LEFT JOIN accounts_department team ON team.id = stay.holder_department_id
{rest}
""")


def moment_of(frame: Frame) -> datetime:
    """The end of the frame's day where the entity is, or the moment of its knowledge if that is earlier."""
    end = datetime.combine(frame.as_of + timedelta(days=1), time(), ZoneInfo(frame.entity.time_zone))
    return min(end, frame.known_at) if frame.known_at else end


def _ask(frame: Frame, columns: sql.Composable, rest: sql.Composable, **more: Any) -> list[dict[str, Any]]:
    head, params = open_items(frame, rates_of(frame.as_of, frame.entity.currency))
    language = (get_language() or "en").split("-")[0]
    params |= {"moment": moment_of(frame), "language": language, **more}
    return fetch((head + DISPUTED.format(columns=columns, rest=rest)).as_string(None), params)


def disputes_by(frame: Frame, by: str = "reason") -> list[Cause]:
    """Open disputes by one dimension, with their number and amount, largest amount first. Two queries."""
    if by not in DIMENSIONS:
        raise unknown_dimension(by, DIMENSIONS)
    key, label = (sql.SQL(text) for text in DIMENSIONS[by])  # type: ignore[arg-type]
    columns = sql.SQL("{} AS key, {} AS label, count(*) AS count, sum(d.still) AS amount").format(key, label)
    rest = sql.SQL("GROUP BY 1, 2 ORDER BY 4 DESC, 2")
    return [Cause(**row) for row in _ask(frame, columns, rest)]


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """One open dispute: what it is about, where it stands, since when."""

    pk: int
    number: int
    customer: str
    customer_id: int
    reason: str
    stage: str
    side: str
    holder: str
    amount: Decimal
    opened_on: date
    age: int
    stage_days: int

    @property
    def ref(self) -> str:
        return f"D-{self.number:06d}"


COLUMNS = sql.SQL("""d.id AS pk, d.number, c.name AS customer, d.customer_id,
    coalesce(reason.labels ->> %(language)s, reason.code) AS reason,
    coalesce(stage.labels ->> %(language)s, stage.code, '') AS stage, coalesce(stay.holder_side, '') AS side,
    coalesce(holder.name, team.name, '') AS holder, d.still AS amount, d.opened_on,
    %(as_of)s::date - d.opened_on AS age,
    floor(extract(epoch FROM greatest(%(moment)s - stay.started_at, interval '0')) / 86400)::int AS stage_days,
    count(*) OVER () AS found, sum(d.still) OVER () AS total""")


@dataclass(frozen=True, slots=True)
class Disputes:
    """A page of open disputes, how many there are in all and what they add up to."""

    rows: list[OpenDispute]
    found: int
    amount: Decimal


def disputes_behind(
    frame: Frame, *, by: str = "reason", key: str | None = None, page: int = 1, size: int = 50
) -> Disputes:
    """The open disputes behind a figure, largest first. `key`: only this value of dimension `by`. Two
    queries.
    """
    if by not in DIMENSIONS:
        raise unknown_dimension(by, DIMENSIONS)
    column = sql.SQL(DIMENSIONS[by][0])  # type: ignore[arg-type]
    condition = sql.SQL("true") if key is None else sql.SQL("{} = %(key)s").format(column)
    rest = sql.SQL("WHERE {} ORDER BY d.still DESC, d.id LIMIT %(limit)s OFFSET %(offset)s").format(condition)
    rows = _ask(frame, COLUMNS, rest, key=key, limit=size, offset=size * (page - 1))
    found, amount = (rows[0]["found"], rows[0]["total"]) if rows else (0, Decimal("0.00"))
    kept = [{k: v for k, v in row.items() if k not in {"found", "total"}} for row in rows]
    return Disputes(
        [OpenDispute(**{**row, "stage_days": row["stage_days"] or 0}) for row in kept], found, amount
    )
