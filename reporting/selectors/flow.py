"""What moved in a period: disputes opened and closed, how long they took, who had them, how fast answers
came.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from psycopg import sql

from accounts.selectors import Offices
from disputes.selectors import WAIT_DIMENSIONS, StayFacts, add_up, measure
from reporting.errors import unknown_dimension
from reporting.selectors.disputes import moment_of
from reporting.selectors.frame import Frame, customers_sql, fetch
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
    """A dispute that lived in the period: when it was opened and closed, and what became of its amount."""

    pk: int
    number: int
    opened_on: date
    closed_on: date | None
    opened_at: datetime
    closed_at: datetime | None
    status: str
    currency: str
    amount: Decimal
    resolution: str
    verdict: str
    settled: Decimal
    reason: str

    @property
    def ref(self) -> str:
        """What people call it: D-000123."""
        return f"D-{self.number:06d}"


LIVES = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers})
SELECT d.id AS pk, d.number, d.opened_on, d.closed_on, d.opened_at, d.closed_at, d.status, d.currency,
d.amount,
    coalesce(u.resolution, '') AS resolution, coalesce(u.verdict, '') AS verdict, coalesce(u.amount, 0) AS settled,
    coalesce(r.labels ->> %(language)s, r.code) AS reason
FROM disputes_dispute d JOIN disputes_reason r ON r.id = d.reason_id
LEFT JOIN disputes_outcome u ON u.dispute_id = d.id AND d.closed_on IS NOT NULL
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND d.opened_on <= %(last)s AND d.opened_at <= %(known_at)s AND (d.closed_on IS NULL OR d.closed_on >= %(first)s)
ORDER BY d.id
""")


def _params(frame: Frame, period: Period) -> tuple[sql.SQL, dict[str, object]]:
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
        "language": (get_language() or "en").split("-")[0],
    }
    return sql.SQL(customers), params  # type: ignore[arg-type]


def lives(frame: Frame, period: Period) -> list[Life]:
    """The disputes that were open at some time of the period. One query."""
    customers, params = _params(frame, period)
    return [Life(**row) for row in fetch(LIVES.format(customers=customers).as_string(None), params)]


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


STAYS = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers})
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
    customers, params = _params(frame, period)
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


ANSWERS = sql.SQL("""
WITH customers (id) AS MATERIALIZED ({customers})
SELECT p.name AS person, a.answered_at - q.asked_at AS took, q.due_at IS NULL OR a.answered_at <= q.due_at AS in_time
FROM disputes_answer a JOIN disputes_question q ON q.id = a.question_id JOIN disputes_dispute d ON d.id = q.dispute_id
JOIN accounts_user p ON p.id = a.answered_by_id
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND a.answered_at >= %(start)s AND a.answered_at < %(end)s
""")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answered question: by whom, after how long, and whether within its deadline."""

    person: str
    took: timedelta
    in_time: bool


def replies(frame: Frame, period: Period) -> list[Reply]:
    """The answers given in the period. One query."""
    customers, params = _params(frame, period)
    return [Reply(**row) for row in fetch(ANSWERS.format(customers=customers).as_string(None), params)]
