"""Disputes that came and went: openings (and openings again) and closings, counted by week or listed.

A closing is told by its event, so a dispute opened again since still counts as closed in the week it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from reporting.metrics.flow import Week, monday_of, weeks
from reporting.selectors.flow import Period, flow_params
from reporting.selectors.frame import Frame, fetch

MOVES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers}),
d AS MATERIALIZED (
    SELECT id, number, customer_id, reason_id,
        greatest(opened_on, (opened_at AT TIME ZONE %(zone)s)::date) AS opened_on
    FROM disputes_dispute
    WHERE entity_id = %(entity)s AND customer_id IN (SELECT customers.id FROM customers)
      AND (%(currency)s = '' OR currency = %(currency)s) AND opened_on <= %(last)s AND opened_at < %(end)s
),
moves AS (
    SELECT id, 'opened' AS kind, opened_on AS "on", '' AS how, 0 AS seq FROM d
    UNION ALL
    SELECT d.id, CASE e.kind WHEN 'dispute.closed' THEN 'solved' ELSE 'opened' END,
        greatest(d.opened_on, (e.at AT TIME ZONE %(zone)s)::date),
        CASE e.kind WHEN 'dispute.closed'
            THEN coalesce(nullif(e.data ->> 'resolution', ''), e.data ->> 'status', '') ELSE 'again' END, e.seq
    FROM accounts_event e JOIN d ON d.id = e.object_id
    WHERE e.entity_id = %(entity)s AND e.stream = 'dispute'
      AND e.kind IN ('dispute.closed', 'dispute.reopened') AND e.at < %(end)s
)
{tail}
""")

BY_WEEK = sql.SQL("""SELECT CASE WHEN "on" >= %(first)s THEN date_trunc('week', "on")::date END AS week, kind,
    count(*) AS count FROM moves WHERE "on" <= %(last)s GROUP BY 1, 2""")

LISTED = sql.SQL("""SELECT d.id AS pk, d.number, c.name AS customer, d.customer_id,
    coalesce(why.labels ->> %(language)s, why.code) AS reason, moves."on", moves.how, count(*) OVER () AS found
FROM moves JOIN d USING (id) JOIN ledger_customer c ON c.id = d.customer_id
JOIN disputes_reason why ON why.id = d.reason_id
WHERE moves.kind = %(kind)s AND moves."on" BETWEEN %(first)s AND %(last)s
ORDER BY moves."on" DESC, d.id DESC, moves.seq DESC LIMIT %(limit)s OFFSET %(offset)s""")


def _ask(frame: Frame, period: Period, tail: sql.Composable, **more: Any) -> list[dict[str, Any]]:
    customers, params = flow_params(frame, period)
    statement = MOVES.format(customers=customers, tail=tail)
    return fetch(statement.as_string(None), params | more)


def weekly(frame: Frame, period: Period) -> list[Week]:
    """Each week that touches the period, the first one whole: opened, solved, backlog. One query."""
    whole = Period(monday_of(period.first), min(period.last, frame.as_of))
    counts = {(row["week"], row["kind"]): row["count"] for row in _ask(frame, whole, BY_WEEK)}
    before = _before(counts)
    return weeks({key: n for key, n in counts.items() if key[0]}, before, whole.first, whole.last)


def _before(counts: Mapping[tuple[date | None, str], int]) -> int:
    """How many were open when the first week began."""
    return counts.get((None, "opened"), 0) - counts.get((None, "solved"), 0)


@dataclass(frozen=True, slots=True)
class Move:
    """One opening or closing. `how`: the outcome of a closing, "again" for an opening again."""

    pk: int
    number: int
    customer: str
    customer_id: int
    reason: str
    on: date
    how: str

    @property
    def ref(self) -> str:
        """What people call its dispute."""
        return f"D-{self.number:06d}"


def moves_behind(
    frame: Frame, period: Period, kind: str, *, page: int = 1, size: int = 50
) -> tuple[list[Move], int]:
    """A page of what was opened or solved in the period, the latest first, and how many in all. One query."""
    rows = _ask(frame, period, LISTED, kind=kind, limit=size, offset=size * (page - 1))
    found = rows[0]["found"] if rows else 0
    return [Move(**{key: value for key, value in row.items() if key != "found"}) for row in rows], found
