"""How customers pay, as SQL: one statement learns it for all customers of an entity.

Lateness counts from the day the money came, weighted by amount. Invoices with a dispute that was not rejected or
withdrawn are left out: late because of a claim is no habit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import LegalEntity
from collections_app.decision.facts import Part, named, standing
from collections_app.models import Behaviour
from collections_app.models.behaviour import MONTH_END
from ledger.models import Invoice

# The days habits are learned from, the newest of them that count as recent, and those for the months of the year.
YEAR, RECENT, SEASONS = 365, 183, 1096
# Days past due that count as on time.
ON_TIME = 3
# Fewer paid invoices, or days on which money came, say nothing; a weekday or a day is usual when so much of it falls
# there (in percent). A day of the month is usual with those within two days of it.
FEWEST, FEWEST_DAYS, FEWEST_MONTHS, USUAL, AROUND = 4, 4, 6, 60, 2
# A month is late when it was, by so many days, in each of at least two years with at least two invoices due in it.
LATER, YEARS, PER_MONTH, ENOUGH, MOST_MONTHS = 7, 2, 2, 12, 3

SETTLED = """
rate(currency, worth) AS (SELECT * FROM unnest(%s::text[], %s::numeric[])),
settled AS (
    SELECT i.customer_id, p.received_on AS day, i.due_on, p.received_on - i.due_on AS late,
           a.amount * COALESCE(rate.worth, 1) AS weight
    FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
    JOIN ledger_payment p ON p.id = a.payment_id LEFT JOIN rate ON rate.currency = i.currency
    WHERE i.entity_id = {entity} AND a.kind = 'payment' AND a.reverses_id IS NULL
      AND p.received_on > {day} - {SEASONS} AND p.received_on <= {day}
      AND NOT EXISTS (SELECT 1 FROM ledger_allocation b WHERE b.reverses_id = a.id)
      AND NOT EXISTS (SELECT 1 FROM disputes_disputeline l JOIN disputes_dispute d ON d.id = l.dispute_id
                      WHERE l.invoice_id = i.id AND d.status NOT IN ('rejected', 'withdrawn'))
),
"""
LATENESS = """
by_late AS (
    SELECT customer_id, late, day > {day} - {RECENT} AS recent, sum(weight) AS weight, count(*) AS n
    FROM settled WHERE day > {day} - {YEAR} GROUP BY 1, 2, 3
),
upto AS (
    SELECT by_late.*, sum(weight) OVER (PARTITION BY customer_id ORDER BY late) AS upto,
           sum(weight) OVER (PARTITION BY customer_id) AS total,
           sum(weight) OVER (PARTITION BY customer_id, recent ORDER BY late) AS half_upto,
           sum(weight) OVER (PARTITION BY customer_id, recent) AS half_total
    FROM by_late
),
lateness AS (
    SELECT customer_id, sum(n) AS invoices, min(late) FILTER (WHERE upto * 2 >= total) AS late,
           min(late) FILTER (WHERE upto * 4 >= total) AS low, min(late) FILTER (WHERE upto * 4 >= total * 3) AS high,
           min(late) FILTER (WHERE recent AND half_upto * 2 >= half_total) AS recent,
           min(late) FILTER (WHERE NOT recent AND half_upto * 2 >= half_total) AS before,
           LEAST(COALESCE(sum(n) FILTER (WHERE recent), 0),
                 COALESCE(sum(n) FILTER (WHERE NOT recent), 0)) AS fewer,
           round(100 * COALESCE(sum(weight) FILTER (WHERE late <= {ON_TIME}), 0) / sum(weight)) AS on_time
    FROM upto GROUP BY customer_id
),
"""
DAYS = """
act AS (SELECT DISTINCT customer_id, day FROM settled WHERE day > {day} - {YEAR}),
acted AS (
    SELECT customer_id, count(*) AS days,
           count(*) FILTER (WHERE extract(month FROM day + 3) <> extract(month FROM day)) AS ends
    FROM act GROUP BY customer_id
),
weekday AS (
    SELECT DISTINCT ON (customer_id) customer_id, dow, count(*) AS n
    FROM (SELECT customer_id, extract(isodow FROM day)::int AS dow FROM act) named
    GROUP BY customer_id, dow ORDER BY customer_id, n DESC, dow
),
month_day AS (
    SELECT DISTINCT ON (customer_id) customer_id, dom, around FROM (
        SELECT customer_id, dom, count(*) AS n, sum(count(*)) OVER (
            PARTITION BY customer_id ORDER BY dom RANGE BETWEEN {AROUND} PRECEDING AND {AROUND} FOLLOWING) AS around
        FROM (SELECT customer_id, extract(day FROM day)::int AS dom FROM act) named GROUP BY customer_id, dom
    ) counted ORDER BY customer_id, around DESC, n DESC, dom
),
"""
MONTHS = """
due AS (
    SELECT customer_id, extract(month FROM due_on)::int AS month, extract(year FROM due_on)::int AS year, late,
           sum(weight) AS weight, count(*) AS n
    FROM settled GROUP BY 1, 2, 3, 4
),
due_upto AS (
    SELECT due.*, sum(weight) OVER (PARTITION BY customer_id ORDER BY late) AS upto,
           sum(weight) OVER (PARTITION BY customer_id) AS total, sum(n) OVER (PARTITION BY customer_id) AS number,
           sum(weight) OVER (PARTITION BY customer_id, month, year ORDER BY late) AS month_upto,
           sum(weight) OVER (PARTITION BY customer_id, month, year) AS month_total
    FROM due
),
usual AS (
    SELECT customer_id, min(late) FILTER (WHERE upto * 2 >= total) AS late
    FROM due_upto WHERE number >= {ENOUGH} GROUP BY customer_id
),
month AS (
    SELECT customer_id, month, min(late) FILTER (WHERE month_upto * 2 >= month_total) AS late
    FROM due_upto GROUP BY customer_id, month, year HAVING sum(n) >= {PER_MONTH}
),
season AS (
    SELECT customer_id, array_agg(month ORDER BY month) AS months FROM (
        SELECT customer_id, month FROM month JOIN usual USING (customer_id)
        GROUP BY customer_id, month, usual.late HAVING count(*) >= {YEARS} AND min(month.late) >= usual.late + {LATER}
    ) late GROUP BY customer_id HAVING count(*) <= {MOST_MONTHS}
),
"""
WORD = """
given AS (
    SELECT customer_id, bool_or(status = 'broken') AS broken FROM collections_app_promise
    WHERE entity_id = {entity} AND status IN ('kept', 'broken')
      AND promised_on > {day} - {YEAR} AND promised_on <= {day} GROUP BY customer_id, act
    UNION ALL
    SELECT customer_id, status = 'broken' FROM collections_app_instalmentplan
    WHERE entity_id = {entity} AND status IN ('fulfilled', 'broken')
      AND ended_on > {day} - {YEAR} AND ended_on <= {day}
),
word AS (
    SELECT customer_id, count(*) FILTER (WHERE broken) AS broken, count(*) FILTER (WHERE NOT broken) AS kept
    FROM given GROUP BY customer_id
),
claim AS (
    SELECT customer_id, count(*) AS n, count(*) FILTER (WHERE status = 'rejected') AS rejected FROM disputes_dispute
    WHERE entity_id = {entity} AND opened_on > {day} - {YEAR} AND opened_on <= {day} AND merged_into_id IS NULL
    GROUP BY customer_id
),
"""
OWED = """
owed AS (
    SELECT item.customer_id, sum(item.open * rate.worth) AS open,
           sum((item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open)) * rate.worth)
               FILTER (WHERE item.due_on < {day}) AS overdue
    FROM item LEFT JOIN rate USING (currency) LEFT JOIN disputed ON disputed.invoice_id = item.id
    GROUP BY item.customer_id
),
sold AS (
    SELECT i.customer_id, min(i.issued_on) AS since, sum(
               CASE i.kind WHEN 'credit_note' THEN -i.amount ELSE i.amount END * rate.worth
           ) FILTER (WHERE i.issued_on > {day} - {YEAR}) AS amount,
           array_agg(DISTINCT i.currency) FILTER (WHERE i.issued_on > {day} - {YEAR} OR i.allocated < i.amount) AS used
    FROM ledger_invoice i LEFT JOIN rate ON rate.currency = i.currency
    WHERE i.entity_id = {entity} AND i.issued_on <= {day} GROUP BY i.customer_id
)
"""
# In the order of the fields of Behaviour.
LEARNED = """
SELECT c.id, {day}, COALESCE(lateness.invoices, 0), COALESCE(acted.days, 0),
       CASE WHEN lateness.invoices >= {FEWEST} THEN lateness.late END,
       CASE WHEN lateness.invoices >= {FEWEST} THEN lateness.low END,
       CASE WHEN lateness.invoices >= {FEWEST} THEN lateness.high END,
       CASE WHEN lateness.fewer >= {FEWEST} THEN lateness.recent END,
       CASE WHEN lateness.fewer >= {FEWEST} THEN lateness.before END,
       CASE WHEN lateness.invoices >= {FEWEST} THEN lateness.on_time END,
       CASE WHEN acted.days >= {FEWEST_DAYS} AND weekday.n * 100 >= acted.days * {USUAL} THEN weekday.dow END,
       CASE WHEN acted.days < {FEWEST_MONTHS} THEN NULL WHEN acted.ends * 100 >= acted.days * {USUAL} THEN {MONTH_END}
            WHEN month_day.around * 100 >= acted.days * {USUAL} THEN month_day.dom END,
       COALESCE(season.months, '{{}}'), COALESCE(word.kept, 0), COALESCE(word.broken, 0),
       COALESCE(claim.n, 0), COALESCE(claim.rejected, 0),
       round(COALESCE(owed.open, 0), 2), round(COALESCE(owed.overdue, 0), 2), round(COALESCE(sold.amount, 0), 2),
       CASE WHEN c.credit_limit > 0 THEN LEAST(round(100 * COALESCE(owed.open, 0) / c.credit_limit), 1000000) END,
       sold.since, COALESCE(sold.used, '{{}}')
FROM ledger_customer c
LEFT JOIN lateness ON lateness.customer_id = c.id LEFT JOIN acted ON acted.customer_id = c.id
LEFT JOIN weekday ON weekday.customer_id = c.id LEFT JOIN month_day ON month_day.customer_id = c.id
LEFT JOIN season ON season.customer_id = c.id LEFT JOIN word ON word.customer_id = c.id
LEFT JOIN claim ON claim.customer_id = c.id LEFT JOIN owed ON owed.customer_id = c.id
LEFT JOIN sold ON sold.customer_id = c.id
WHERE c.entity_id = {entity}
"""
FIGURES = {
    "YEAR": YEAR,
    "RECENT": RECENT,
    "SEASONS": SEASONS,
    "ON_TIME": ON_TIME,
    "FEWEST": FEWEST,
    "FEWEST_DAYS": FEWEST_DAYS,
    "FEWEST_MONTHS": FEWEST_MONTHS,
    "USUAL": USUAL,
    "AROUND": AROUND,
    "LATER": LATER,
    "YEARS": YEARS,
    "PER_MONTH": PER_MONTH,
    "ENOUGH": ENOUGH,
    "MOST_MONTHS": MOST_MONTHS,
    "MONTH_END": MONTH_END,
}


def columns() -> list[str]:
    """The columns of `learned`, in its order."""
    return [str(field.column) for field in Behaviour._meta.concrete_fields]


def learned(entity: LegalEntity, rates: dict[str, Decimal], on: date) -> tuple[str, list[Any]]:
    """`WITH ... SELECT`: one row per customer of the entity, as of the end of `on`.

    `rates` say what one unit of a currency is worth in the entity's; money in others is not counted, and weighs as
    much as the entity's own.
    """
    items: Any = Invoice.objects.open_now().filter(entity=entity).order_by()
    parts: list[Part] = [
        (
            "item(id, customer_id, currency, due_on, open)",
            items.values_list("pk", "customer_id", "currency", "due_on", "open_amount"),
        ),
        standing(Q(invoice__entity=entity)),
    ]
    texts, params = named(parts)
    facts = {"entity": entity.pk, "day": f"DATE '{on.isoformat()}'", **FIGURES}
    body = (SETTLED + LATENESS + DAYS + MONTHS + WORD + OWED + LEARNED).format(**facts)
    return f"WITH {', '.join(texts)}, {body.lstrip()}", [*params, list(rates), list(rates.values())]
