"""The decision as SQL: every open item of an entity judged in one statement, however many there are.

Facts come from the querysets of the rooms that own them (`decision.facts`: what is open, what is disputed), so that
each of those rules stands in one place; this module joins them and says what to ask for and why not. Dates and numbers
are written into the text (they are typed values, never words from outside); the querysets bring parameters.
"""

from typing import Any

from collections_app.choices import Why
from collections_app.decision.facts import Scope, parts

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
FACT = """
known AS (
    SELECT item.*, LEAST(COALESCE(disputed.amount, 0.00), item.open) AS disputed,
           LEAST(GREATEST(COALESCE(promised.amount - GREATEST(promised.open_before - item.open, 0.00), 0.00), 0.00)
                 + COALESCE(parted.to_come, 0.00),
                 item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open)) AS promised,
           -- What no instalment covers is late by the invoice's own date.
           CASE WHEN item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open) > parted.rest THEN item.due_on
                ELSE GREATEST(item.due_on, parted.next_on) END AS asked_by
    FROM item
    LEFT JOIN disputed ON disputed.invoice_id = item.id
    LEFT JOIN promised ON promised.invoice_id = item.id
    LEFT JOIN parted ON parted.invoice_id = item.id
),
fact AS (
    SELECT item.id, item.customer_id, item.currency, item.number, item.issued_on, item.asked_by AS due_on, item.open,
           item.segment, COALESCE(NULLIF(item.country, ''), '{home}') AS country,
           {day} - item.asked_by AS late,
           {plan} AS plan, item.disputed, item.promised,
           before.days AS last_days, before.day AS last_on, released.day AS released_on,
           held_customer.customer_id IS NOT NULL OR held_invoice.invoice_id IS NOT NULL AS held
    FROM known item
    LEFT JOIN released ON released.invoice_id = item.id
    LEFT JOIN before ON before.invoice_id = item.id AND before.due_on = item.asked_by
    LEFT JOIN held_customer ON held_customer.customer_id = item.customer_id
    LEFT JOIN held_invoice ON held_invoice.invoice_id = item.id
    -- Keeps the planner from writing these expressions out again wherever they are used below: a third faster.
    OFFSET 0
),
{weighed}
stepped AS (SELECT weighed.*, {reached} AS reached, {step} AS step FROM weighed),
judged AS (
    SELECT stepped.*,
        CASE
            WHEN plan IS NULL THEN '{Why.NO_PLAN}'
            WHEN reached IS NULL THEN {not_due}
            WHEN held THEN '{Why.HELD}'
            WHEN disputed >= open THEN '{Why.DISPUTED}'
            WHEN disputed + promised >= open THEN '{Why.PROMISED}'
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
    SELECT fact.*, sum(GREATEST(open - disputed - promised, 0.00)) FILTER (WHERE late > 0) OVER owed AS customer_late,
           count(*) FILTER (WHERE late > 0 AND open > disputed + promised) OVER owed AS customer_count
    FROM fact WINDOW owed AS (PARTITION BY customer_id, currency)
),"""
# What was open of an agreement's invoice: now, or in play on the day.
LEFT_THEN = "COALESCE((SELECT item.open FROM item WHERE item.id = agreed.invoice_id), 0.00)"


def judged(scope: Scope) -> tuple[str, list[Any]]:
    """`WITH ... judged AS (...)`: one row per open item within reach of a plan, with its facts and why."""
    texts: list[str] = []
    params: list[Any] = []
    for name, queryset in parts(scope):
        sql, values = queryset.query.sql_with_params()
        texts.append(f"{name} AS ({sql})")
        params += values
    if scope.played:
        texts.append(PLAYED.format(table=scope.played))
    book, day = scope.book, scope.day
    each = book.rules.items()
    plain = {plan: rule.reached(met=False) for plan, rule in each}
    fact = (PARTED + FACT).format(
        day=day,
        home=book.entity.country,
        left=LEFT_THEN if scope.then else "agreed.open",
        plan=book.plan_of("item.segment"),
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
