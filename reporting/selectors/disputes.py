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

from psycopg import sql

from reporting.metrics.pareto import Cause
from reporting.selectors.dimensions import OF_LIVES, Dimension, chosen
from reporting.selectors.frame import Frame, fetch
from reporting.selectors.position import OF_DISPUTED, SHARED, language, open_items
from reporting.selectors.rates import rates_of

# The stage is that of the day asked about, so it has its joins in the statement itself.
DIMENSIONS = OF_LIVES | {
    "stage": Dimension("coalesce(stage.code, '')", "coalesce(stage.labels ->> %(language)s, stage.code, '')"),
    # Who has it that day: a person, a department, or a side.
    "holder": Dimension(
        "CASE WHEN stay.holder_user_id IS NOT NULL THEN 'user:' || stay.holder_user_id"
        " WHEN team.code IS NOT NULL THEN 'department:' || team.code"
        " ELSE 'side:' || coalesce(stay.holder_side, '') END",
        "coalesce(holder.name, team.name, '')",
    ),
}

# Open is what stands in a stage just before the moment; stays do not overlap, so there is one at most.
DISPUTED = sql.SQL(""",
amounts AS (
    SELECT dispute_id, sum(part) AS amount FROM shared GROUP BY 1
),
d AS (
    SELECT d.*, coalesce(amounts.amount, 0) AS still FROM disputes_dispute d LEFT JOIN amounts ON dispute_id = d.id
    WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
      AND d.opened_on <= %(as_of)s AND d.opened_at <= %(known_at)s
      AND (d.closed_at IS NULL OR d.closed_at >= %(moment)s)
      AND (%(currency)s = '' OR d.currency = %(currency)s)
)
SELECT {columns}
FROM d JOIN ledger_customer c ON c.id = d.customer_id
JOIN disputes_reason why ON why.id = d.reason_id{joins}
JOIN disputes_stay stay ON stay.dispute_id = d.id AND stay.status NOT IN ('solved', 'rejected', 'withdrawn')
    AND stay.started_at < %(moment)s AND (stay.ended_at IS NULL OR stay.ended_at >= %(moment)s)
LEFT JOIN disputes_stage stage ON stage.id = stay.stage_id
LEFT JOIN accounts_user holder ON holder.id = stay.holder_user_id
LEFT JOIN accounts_department team ON team.id = stay.holder_department_id
{rest}
""")


def moment_of(frame: Frame) -> datetime:
    """The end of the frame's day where the entity is, or the moment of its knowledge if that is earlier."""
    end = datetime.combine(frame.as_of + timedelta(days=1), time(), ZoneInfo(frame.entity.time_zone))
    return min(end, frame.known_at) if frame.known_at else end


def _ask(
    frame: Frame, by: str, columns: sql.Composable, rest: sql.Composable, **more: Any
) -> list[dict[str, Any]]:
    head, params = open_items(frame, rates_of(frame.as_of, frame.entity.currency), OF_DISPUTED)
    joins = chosen(by, DIMENSIONS).sql("d")[2]
    params |= {"moment": moment_of(frame), "language": language(), **more}
    statement = head + SHARED + DISPUTED.format(columns=columns, rest=rest, joins=joins)
    return fetch(statement.as_string(None), params)


def disputes_by(frame: Frame, by: str = "reason") -> list[Cause]:
    """Open disputes by one dimension, with their number and amount, largest amount first. Two queries."""
    key, label, _joins = chosen(by, DIMENSIONS).sql("d")
    columns = sql.SQL("{} AS key, {} AS label, count(*) AS count, sum(d.still) AS amount").format(key, label)
    rest = sql.SQL("GROUP BY 1, 2 ORDER BY 4 DESC, 2")
    return [Cause(**row) for row in _ask(frame, by, columns, rest)]


@dataclass(frozen=True, slots=True)
class StageNow:
    """A stage and what stands in it: how many disputes, what is in dispute, half of them for longer than `median`."""

    key: str
    label: str
    count: int
    amount: Decimal
    median: timedelta


STAGES = sql.SQL("""coalesce(stage.code, '') AS key, coalesce(stage.labels ->> %(language)s, stage.code, '') AS label,
    why.code AS reason, coalesce(why.labels ->> %(language)s, why.code) AS reason_label, count(*) AS count,
    sum(d.still) AS amount, make_interval(secs => coalesce(percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM greatest(%(moment)s - stay.started_at, interval '0'))), 0)) AS median""")


def open_now(frame: Frame) -> tuple[list[Cause], list[StageNow]]:
    """Open disputes by reason, largest amount first, and by stage, in route order. Two queries."""
    rest = sql.SQL("GROUP BY GROUPING SETS ((1, 2), (3, 4)) ORDER BY min(stage.position) NULLS LAST, 2")
    causes, stages = [], []
    for row in _ask(frame, "stage", STAGES, rest):
        reason, label = row.pop("reason"), row.pop("reason_label")
        if reason is None:
            stages.append(StageNow(**row))
        else:
            causes.append(Cause(reason, label, row["count"], row["amount"]))
    return sorted(causes, key=lambda cause: (-cause.amount, cause.label)), stages


def stages_now(frame: Frame) -> list[StageNow]:
    """Where the open disputes stand, in the order a dispute goes through the stages. Two queries."""
    return open_now(frame)[1]


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
    coalesce(why.labels ->> %(language)s, why.code) AS reason,
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


def held_by(frame: Frame, person: int) -> tuple[int, Decimal]:
    """How many open disputes wait for a person, and what they hold up. Two queries."""
    found = disputes_behind(frame, by="holder", key=f"user:{person}", size=1)
    return found.found, found.amount


def disputes_behind(
    frame: Frame, *, by: str = "reason", key: str | None = None, page: int = 1, size: int = 50
) -> Disputes:
    """The open disputes behind a figure, largest first. `key`: only this value of dimension `by`. Two
    queries.
    """
    column = chosen(by, DIMENSIONS).sql("d")[0]
    condition = sql.SQL("true") if key is None else sql.SQL("{} = %(key)s").format(column)
    rest = sql.SQL("WHERE {} ORDER BY d.still DESC, d.id LIMIT %(limit)s OFFSET %(offset)s").format(condition)
    rows = _ask(frame, by, COLUMNS, rest, key=key, limit=size, offset=size * (page - 1))
    found, amount = (rows[0]["found"], rows[0]["total"]) if rows else (0, Decimal("0.00"))
    kept = [{k: v for k, v in row.items() if k not in {"found", "total"}} for row in rows]
    return Disputes(
        [OpenDispute(**{**row, "stage_days": row["stage_days"] or 0}) for row in kept], found, amount
    )
