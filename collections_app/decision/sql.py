"""The decision as SQL: every open item of an entity judged in one statement, however many there are.

Facts come from the querysets of the rooms that own them (`decision.facts`: what is open, what is disputed), so that
each of those rules stands in one place; this module joins them and says what to ask for and why not. Dates and numbers
are written into the text (they are typed values, never words from outside); the querysets bring parameters.
"""

from typing import Any

from collections_app.choices import Why
from collections_app.decision.facts import Scope, named, parts

__all__ = ["Scope", "judged"]

# An agreement as a whole: what is due of it and not paid is asked for, from its oldest invoice on; the rest is to come.
# `due_on` is the day of the first instalment that is not paid in full: reminders follow it.
PARTED = """
covered AS (
    SELECT plan_id, invoice_id, due_on, LEAST(GREATEST(open_before - {left}, 0.00), amount) AS paid,
           amount - LEAST(GREATEST(open_before - {left}, 0.00), amount) AS rest
    FROM agreed
),
behind AS (
    SELECT plan_id, min(instalment.due_on) FILTER (WHERE upto > kept.paid) AS next_on,
           GREATEST(COALESCE(sum(amount) FILTER (WHERE instalment.due_on < {day}), 0.00) - kept.paid, 0.00) AS short
    FROM instalment JOIN (SELECT plan_id, sum(paid) AS paid FROM covered GROUP BY plan_id) kept USING (plan_id)
    GROUP BY plan_id, kept.paid
),
parted AS (
    SELECT invoice_id, rest, next_on,
           rest - LEAST(GREATEST(short - (sum(rest) OVER oldest - rest), 0.00), rest) AS to_come
    FROM covered JOIN behind USING (plan_id)
    WINDOW oldest AS (PARTITION BY plan_id ORDER BY due_on, invoice_id)
),
"""
# Most open items have none of these facts: they stand in one narrow row each for the items that have any, so that the
# rest is joined once and never computed with.
FACT = """
marked AS (
    SELECT invoice_id FROM disputed UNION SELECT invoice_id FROM promised UNION SELECT invoice_id FROM parted
    UNION SELECT invoice_id FROM released UNION SELECT invoice_id FROM held_invoice
    UNION SELECT invoice_id FROM pursued UNION SELECT invoice_id FROM untold
),
about AS (
    SELECT invoice_id, COALESCE(disputed.amount, 0.00) AS disputed, COALESCE(promised.amount, 0.00) AS promised,
           COALESCE(promised.open_before, 0.00) AS open_before, parted.rest, COALESCE(parted.to_come, 0.00) AS to_come,
           parted.next_on, released.day AS released_on, held_invoice.held, pursued.pursued, untold.untold
    FROM marked
    LEFT JOIN disputed USING (invoice_id) LEFT JOIN promised USING (invoice_id) LEFT JOIN parted USING (invoice_id)
    LEFT JOIN released USING (invoice_id)
    LEFT JOIN (SELECT DISTINCT invoice_id, TRUE AS held FROM held_invoice) held_invoice USING (invoice_id)
    LEFT JOIN (SELECT invoice_id, TRUE AS pursued FROM pursued) pursued USING (invoice_id)
    LEFT JOIN (SELECT invoice_id, TRUE AS untold FROM untold) untold USING (invoice_id)
),
payer AS MATERIALIZED (
    SELECT customer.id, segment, COALESCE(NULLIF(country, ''), '{home}') AS country, {plan} AS plan,
           customer.id IN (SELECT customer_id FROM held_customer) AS held
    FROM customer
),
known AS (
    SELECT item.*, about.invoice_id IS NOT NULL AS noted, about.released_on, about.held, about.pursued, about.untold,
           CASE WHEN about.invoice_id IS NULL THEN 0.00 ELSE LEAST(about.disputed, item.open) END AS disputed,
           CASE WHEN about.invoice_id IS NULL THEN 0.00
                ELSE LEAST(GREATEST(about.promised - GREATEST(about.open_before - item.open, 0.00), 0.00)
                           + about.to_come, item.open - LEAST(about.disputed, item.open)) END AS promised,
           -- What no instalment covers is late by the invoice's own date.
           CASE WHEN about.rest IS NULL OR item.open - LEAST(about.disputed, item.open) > about.rest THEN item.due_on
                ELSE GREATEST(item.due_on, about.next_on) END AS asked_by
    FROM item LEFT JOIN about ON about.invoice_id = item.id{skipped}
),
fact AS (
    SELECT item.id, item.customer_id, item.currency, item.number, item.issued_on, item.asked_by AS due_on, item.open,
           payer.segment, payer.country, payer.plan, {day} - item.asked_by AS late,
           item.noted, item.disputed, item.promised,
           CASE WHEN item.noted THEN item.open - item.disputed - item.promised ELSE item.open END AS free,
           before.days AS last_days, before.day AS last_on, item.released_on,
           payer.held OR item.held IS TRUE AS held, item.pursued IS TRUE AS pursued, item.untold IS TRUE AS untold
    FROM known item
    JOIN payer ON payer.id = item.customer_id
    LEFT JOIN before ON before.invoice_id = item.id AND before.due_on = item.asked_by
),
{weighed}
-- OFFSET keeps the planner from writing these expressions out again wherever they are used below.
reaching AS (SELECT weighed.*, {reached} AS reached FROM weighed OFFSET 0),
stepped AS (SELECT reaching.*, {step} AS step FROM reaching),
judged AS (
    SELECT stepped.*,
        CASE
            WHEN plan IS NULL THEN '{Why.NO_PLAN}'
            WHEN reached IS NULL THEN {not_due}
            WHEN pursued THEN '{Why.CONTENTIOUS}'
            WHEN held THEN '{Why.HELD}'
            WHEN noted AND disputed >= open THEN '{Why.DISPUTED}'
            WHEN noted AND free <= 0 THEN '{Why.PROMISED}'
            WHEN untold THEN '{Why.UNTOLD}'
            WHEN reached <= last_days OR step <= last_days THEN '{Why.ALREADY_ASKED}'
            WHEN step IS NULL THEN '{Why.AFTER_DISPUTE}'
            WHEN {day} < GREATEST(last_on, issued_on) + {gap} THEN '{Why.TOO_SOON}'
            ELSE '{Why.ASKED}'
        END AS why
    FROM stepped
)"""
PLAYED = """before(invoice_id, due_on, days, day) AS (
    SELECT invoice_id, due_on, max(days), max(day) FROM {table} GROUP BY invoice_id, due_on
)"""
# Only plans with conditions need what a customer owes in all.
PLAIN = "weighed AS (SELECT * FROM fact),"
WEIGHED = """weighed AS (
    SELECT fact.*, sum(GREATEST(free, 0.00)) FILTER (WHERE late > 0) OVER owed AS customer_late,
           count(*) FILTER (WHERE late > 0 AND free > 0) OVER owed AS customer_count
    FROM fact WINDOW owed AS (PARTITION BY customer_id, currency)
),"""
# What was open of an agreement's invoice: now, or in play on the day.
LEFT_THEN = "COALESCE((SELECT item.open FROM item WHERE item.id = agreed.invoice_id), 0.00)"


def judged(scope: Scope, more: str = "", skipped: str = "") -> tuple[str, list[Any]]:
    """`WITH ... judged AS (...)`: one row per open item within reach of a plan, with its facts and why.

    `more` is another named query, without parameters, that `skipped` asks which items are not wanted.
    """
    texts, params = named(parts(scope))
    texts += [more] if more else []
    if scope.played:
        texts.append(PLAYED.format(table=scope.played))
    book, day = scope.book, scope.day
    each = book.rules.items()
    plain = {plan: rule.reached(met=False) for plan, rule in each}
    fact = (PARTED + FACT).format(
        day=day,
        home=book.entity.country,
        skipped=skipped,
        left=LEFT_THEN if scope.then else "agreed.open",
        plan=book.plan_of("segment"),
        weighed=WEIGHED if book.conditional else PLAIN,
        reached=book.per_plan({plan: rule.reached() for plan, rule in each}),
        step=book.per_plan({plan: rule.step(day) for plan, rule in each}),
        not_due=_not_due(book.per_plan(plain)) if book.conditional else f"'{Why.NOT_DUE}'",
        gap=book.per_plan({plan: str(rule.gap) for plan, rule in each}),
        Why=Why,
    )
    return f"WITH {', '.join([*texts, fact])}", params


def _not_due(any_step: str) -> str:
    """Nothing is due: whether a step would be, but for its conditions."""
    return f"CASE WHEN {any_step} IS NULL THEN '{Why.NOT_DUE}' ELSE '{Why.NOT_MET}' END"
