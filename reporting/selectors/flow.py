"""What moved in a period: disputes opened and closed, how long they took, who had them, how fast answers
came.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from psycopg import sql

from accounts.selectors import Offices
from disputes.selectors import WAIT_DIMENSIONS, StayFacts, add_up, measure
from reporting.errors import unknown_dimension
from reporting.selectors.dimensions import OF_LIVES, chosen
from reporting.selectors.disputes import moment_of
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.position import language
from reporting.selectors.rates import Rates

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of `first` to the end of `last`, both included."""

    first: date
    last: date

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """The first moment and the one after the last, where the entity is."""
        start = datetime.combine(self.first, time(), ZoneInfo(zone))
        return start, datetime.combine(self.last + timedelta(days=1), time(), ZoneInfo(zone))


@dataclass(frozen=True, slots=True)
class Life:
    """A dispute that lived in the period, as it stood at the end of it (or of the day asked about).

    `amount` is what was in dispute when it was closed, or is now; `again` counts the closings of the period that
    did not last: the dispute was opened again.
    """

    pk: int
    number: int
    opened_on: date
    closed_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    currency: str
    amount: Decimal
    status: str
    resolution: str
    verdict: str
    settled: Decimal
    reason: str
    customer: str
    again: int
    key: str
    label: str

    @property
    def outcome(self) -> str:
        """The resolution it ended with, or the status of one that has none."""
        return self.resolution or self.status

    @property
    def ref(self) -> str:
        """What people call it: D-000123."""
        return f"D-{self.number:06d}"


# A closing is told by its event, so that a dispute opened again since still counts as closed on the days it was.
ENDS = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers}),
marks AS MATERIALIZED (
    SELECT object_id AS id, kind, at, data, lead(kind) OVER (PARTITION BY object_id ORDER BY seq) AS next
    FROM accounts_event WHERE entity_id = %(entity)s AND stream = 'dispute'
      AND kind IN ('dispute.closed', 'dispute.reopened') AND at < %(end)s
),
ends AS (
    SELECT id, at, data, (at AT TIME ZONE %(zone)s)::date AS "on" FROM marks
    WHERE next IS NULL AND kind = 'dispute.closed'
)""")

LIVES = sql.SQL(""",
again AS (
    SELECT id, count(*) AS count FROM marks WHERE next = 'dispute.reopened' AND at >= %(start)s GROUP BY 1
)
SELECT d.id AS pk, d.number, d.opened_on, d.opened_at,
    CASE WHEN e.id IS NOT NULL THEN greatest(d.opened_on, e."on") END AS closed_on, e.at AS closed_at,
    d.currency, coalesce((e.data ->> 'disputed')::numeric, d.amount) AS amount,
    coalesce(e.data ->> 'status', 'open') AS status, coalesce(e.data ->> 'resolution', '') AS resolution,
    coalesce(e.data ->> 'verdict', '') AS verdict, coalesce((e.data ->> 'amount')::numeric, 0) AS settled,
    coalesce(why.labels ->> %(language)s, why.code) AS reason, c.name AS customer, coalesce(again.count, 0) AS again,
    {key} AS key, {label} AS label
FROM disputes_dispute d JOIN disputes_reason why ON why.id = d.reason_id JOIN ledger_customer c ON c.id = d.customer_id
LEFT JOIN ends e ON e.id = d.id LEFT JOIN again ON again.id = d.id{joins}
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND d.opened_on <= %(last)s AND d.opened_at < %(end)s
  AND (e."on" IS NULL OR greatest(d.opened_on, e."on") >= %(first)s OR again.count > 0)
ORDER BY d.id
""")


def flow_params(frame: Frame, period: Period) -> tuple[sql.SQL, dict[str, object]]:
    customers, params = customers_sql(frame)
    start, end = period.bounds(frame.entity.time_zone)
    params |= {
        "entity": frame.entity.pk,
        "currency": frame.currency,
        "known_at": frame.known_at or "infinity",
        "first": period.first,
        "last": period.last,
        "start": start,
        "end": min(end, moment_of(frame)),
        "language": language(),
        "zone": frame.entity.time_zone,
    }
    return sql.SQL(customers), params  # type: ignore[arg-type]


def lives(frame: Frame, period: Period, by: str = "entity") -> list[Life]:
    """The disputes that were open at some time of the period, with their key in one dimension. One query."""
    key, label, joins = chosen(by, OF_LIVES).sql("d")
    customers, params = flow_params(frame, period)
    statement = ENDS.format(customers=customers) + LIVES.format(key=key, label=label, joins=joins)
    return [Life(**row) for row in fetch(statement.as_string(None), params)]


LOST = frozenset({"credit", "write_off", "rebill"})


def freed(lives: list[Life], period: Period, rates: Rates) -> Decimal:
    """Cash freed: what was in disputes closed in the period and can now be asked for; without what was
    credited.
    """
    total = ZERO
    for life in lives:
        if life.closed_on and period.first <= life.closed_on <= period.last:
            kept = life.amount - (min(life.settled, life.amount) if life.resolution in LOST else ZERO)
            total += rates.convert(kept, life.currency)
    return total


SETTLED = sql.SQL(""",
rates (currency, rate) AS (VALUES {rates})
SELECT d.currency, count(*) AS count, sum(round((was.amount
    - CASE WHEN e.data ->> 'resolution' = ANY(%(lost)s) THEN least(was.settled, was.amount) ELSE 0 END
    ) * rates.rate, %(decimals)s)) AS freed
FROM ends e JOIN disputes_dispute d USING (id) LEFT JOIN rates USING (currency), LATERAL (SELECT
    coalesce((e.data ->> 'disputed')::numeric, d.amount) AS amount,
    coalesce((e.data ->> 'amount')::numeric, 0) AS settled) was
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND d.opened_on <= %(last)s AND d.opened_at < %(end)s
  AND greatest(d.opened_on, e."on") BETWEEN %(first)s AND %(last)s
GROUP BY 1
""")


@dataclass(frozen=True, slots=True)
class Settled:
    """The disputes closed in a period: how many, and the cash freed by that."""

    count: int
    freed: Decimal


def settled(frame: Frame, period: Period, rates: Rates) -> Settled:
    """What `lives` and `freed` say of the disputes closed in the period, added up by the database. One query."""
    customers, params = flow_params(frame, period)
    statement = ENDS.format(customers=customers) + SETTLED.format(rates=rates.sql)
    rows = fetch(statement.as_string(None), params | {"lost": [*LOST], "decimals": frame.decimals})
    rates.check({row["currency"] for row in rows})
    return Settled(sum(row["count"] for row in rows), sum((row["freed"] for row in rows), ZERO))


STAYS = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT stay.dispute_id AS dispute, stage.code AS stage,
    coalesce(stage.labels ->> %(language)s, stage.code) AS stage_label, stay.holder_side AS side,
    stay.holder_user_id AS "user", coalesce(holder.email, '') AS email, coalesce(holder.name, '') AS user_name,
    stay.holder_department_id AS team, coalesce(team.code, '') AS team_code, coalesce(team.name, '') AS team_name,
    c.country, stay.started_at, stay.ended_at
FROM disputes_stay stay JOIN disputes_dispute d ON d.id = stay.dispute_id
JOIN disputes_stage stage ON stage.id = stay.stage_id JOIN ledger_customer c ON c.id = d.customer_id
LEFT JOIN accounts_user holder ON holder.id = stay.holder_user_id
LEFT JOIN accounts_department team ON team.id = stay.holder_department_id
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND stay.started_at < %(end)s AND coalesce(stay.ended_at, 'infinity') > %(start)s
""")


@dataclass(frozen=True, slots=True)
class Wait:
    """How long disputes were somewhere: minutes of the calendar, and minutes of the holder's working time."""

    key: str
    label: str
    disputes: int
    minutes: Decimal
    working: Decimal


def waits(frame: Frame, period: Period, by: str = "stage") -> list[Wait]:
    """Time of the period by stage, holder, side or department, longest first, as the ledger measures it."""
    if by not in WAIT_DIMENSIONS:
        raise unknown_dimension(by, WAIT_DIMENSIONS)
    customers, params = flow_params(frame, period)
    rows = fetch(STAYS.format(customers=customers).as_string(None), params)
    waited = measure(
        (StayFacts(**row) for row in rows),
        Offices(frame.entity),
        since=params["start"],  # type: ignore[arg-type]
        until=params["end"],  # type: ignore[arg-type]
    )
    return [
        Wait(share.key, share.label, share.disputes, _minutes(share.calendar), _minutes(share.working))
        for share in add_up(waited, by)
    ]


def _minutes(time: timedelta) -> Decimal:
    return Decimal(time // timedelta(microseconds=1)) / 60_000_000
