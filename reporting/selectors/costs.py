"""What disputes cost in a period: their lines day by day, the acts of our people on them, the credit given."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from psycopg import sql

from reporting.metrics.costs import Cost, Held, Rates, financing, work
from reporting.models import CostRates
from reporting.selectors.flow import Life, Period, flow_params, lives
from reporting.selectors.frame import Frame, fetch
from reporting.selectors.rates import rates_of

ZERO = Decimal("0.00")
DAY = timedelta(days=1)
GIVEN = frozenset({"credit", "write_off"})
DISPUTE = "dispute"

LINES = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT l.dispute_id AS pk, l.amount, greatest(l.opened_on, %(first)s) AS first,
    least(%(last)s, CASE WHEN l.closed_recorded_at <= %(known_at)s THEN l.closed_on - 1 END) AS last
FROM disputes_disputeline l JOIN disputes_dispute d ON d.id = l.dispute_id
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s)
  AND l.opened_on <= %(last)s AND l.recorded_at <= %(known_at)s
  AND (l.closed_on IS NULL OR l.closed_on > %(first)s OR l.closed_recorded_at > %(known_at)s)
""")
ACTS = """
SELECT object_id AS pk, (at AT TIME ZONE %(zone)s)::date AS day, count(*) AS acts FROM accounts_event
WHERE entity_id = %(entity)s AND stream = 'dispute' AND actor_id IS NOT NULL AND at >= %(start)s AND at < %(end)s
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Costly:
    """A dispute and what it cost in the period."""

    life: Life
    key: str
    label: str
    cost: Cost


def cost_rates(frame: Frame) -> list[Rates]:
    """The rates of the entity, the oldest first. One query."""
    rows = CostRates.objects.filter(entity=frame.entity).order_by("from_on")
    return [Rates(*row) for row in rows.values_list("from_on", "financing", "hour", "minutes")]


def costs(frame: Frame, period: Period, by: str = "root-cause") -> list[Costly]:
    """What each dispute that lived in the period cost in it, in the home currency. Five queries.

    `by` as for lives, or `dispute`.
    """
    period = Period(period.first, min(period.last, frame.as_of))
    known, exchange = cost_rates(frame), rates_of(frame.as_of, frame.entity.currency)
    customers, params = flow_params(frame, period)
    held: dict[int, list[Held]] = defaultdict(list)
    for row in fetch(LINES.format(customers=customers).as_string(None), params):
        held[row["pk"]].append(Held(row["amount"], row["first"], row["last"]))
    acts: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in fetch(ACTS, params):
        acts[row["pk"]].append((row["day"], row["acts"]))
    found = []
    for life in lives(frame, period, "entity" if by == DISPUTE else by):
        ended = life.closed_on is not None and period.first <= life.closed_on <= period.last
        given = life.settled if ended and life.resolution in GIVEN else ZERO
        cost = Cost(
            exchange.convert(financing(held[life.pk], known), life.currency),
            work(acts[life.pk], known),
            exchange.convert(given, life.currency),
        )
        key, label = (life.ref, life.ref) if by == DISPUTE else (life.key, life.label)
        found.append(Costly(life, key, label, cost))
    return found
