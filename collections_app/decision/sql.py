"""The decision as SQL: every open item of an entity judged in one statement, however many there are.

Facts come from the querysets of the rooms that own them (what is open, what is disputed), so that each of
those rules stands in one place; this module joins them and says what to ask for and why not. Dates and numbers
are written into the text (they are typed values, never words from outside); the querysets bring parameters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum

from collections_app.choices import LIVE, InstalmentStatus, NoticeStatus, PromiseStatus, Reason, Why
from collections_app.decision.book import Book
from collections_app.models import Hold, Instalment, InstalmentInvoice, Notice, NoticeLine, Promise
from disputes.models import DisputeLine
from ledger.models import Contact, Customer, Invoice

USABLE = r"^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$"
ITEM = ("pk", "customer_id", "currency", "number", "issued_on", "due_on", "customer__segment", "open_amount")


@dataclass(frozen=True, slots=True)
class Scope:
    """For which day, and for which customer only (all by default). `ignoring` is a notice being sent again."""

    book: Book
    on: date
    customer_id: int | None = None
    currency: str = ""
    ignoring: int | None = None

    @property
    def day(self) -> str:
        """The day as an SQL date."""
        return f"DATE '{self.on.isoformat()}'"


Part = tuple[str, QuerySet[Any, Any]]


def _parts(scope: Scope) -> list[Part]:
    """The facts: one named query each, restricted to the scope."""
    invoice = Q(invoice__entity=scope.book.entity)
    if scope.customer_id:
        invoice &= Q(invoice__customer=scope.customer_id, invoice__currency=scope.currency)
    live = DisputeLine.objects.filter(invoice, closed_on=None).order_by().values("invoice_id")
    over = DisputeLine.objects.filter(invoice, closed_on__lte=scope.on).order_by().values("invoice_id")
    promises = Promise.objects.filter(
        invoice, status=PromiseStatus.MADE, promised_on__gte=scope.on
    ).order_by()
    running = Q(until=None) | Q(until__gte=scope.on)
    holds = Hold.objects.filter(running, lifted_at=None, entity=scope.book.entity).order_by()
    return [
        ("item(id, customer_id, currency, number, issued_on, due_on, segment, open)", _open(scope)),
        ("disputed(invoice_id, amount)", live.annotate(a=Sum("amount")).values_list("invoice_id", "a")),
        ("released(invoice_id, day)", over.annotate(d=Max("closed_on")).values_list("invoice_id", "d")),
        (
            "promised(invoice_id, amount, open_before)",
            promises.values_list("invoice_id", "amount", "open_before"),
        ),
        ("agreed(plan_id, invoice_id, due_on, amount, open, open_before)", _agreed(scope)),
        ("instalment(plan_id, due_on, amount, upto)", _instalments(scope)),
        ("before(invoice_id, due_on, days, day)", _before(scope)),
        ("held_customer(customer_id)", holds.filter(invoice=None).values_list("customer_id")),
        ("held_invoice(invoice_id)", holds.filter(invoice__isnull=False).values_list("invoice_id")),
    ]


def _open(scope: Scope) -> QuerySet[Any, Any]:
    """What is open and within reach of the earliest step of any plan."""
    reach = date.fromordinal(scope.on.toordinal() - scope.book.earliest)
    rows = Invoice.objects.open_now().filter(
        entity=scope.book.entity, issued_on__lte=scope.on, due_on__lte=reach
    )
    if scope.customer_id:
        rows = rows.filter(customer=scope.customer_id, currency=scope.currency)
    return rows.values_list(*ITEM)


def _before(scope: Scope) -> QuerySet[Any, Any]:
    """The last step each invoice was asked at, and when, by the day it was due by then."""
    rows = NoticeLine.objects.filter(counts=True).order_by()
    if scope.customer_id:
        rows = rows.filter(invoice__customer=scope.customer_id)
    if scope.ignoring:
        rows = rows.exclude(notice=scope.ignoring)
    last = rows.values("invoice_id", "due_on").annotate(m=Max("step_days"), d=Max("on"))
    return last.values_list("invoice_id", "due_on", "m", "d")


def _agreed(scope: Scope) -> QuerySet[Any, Any]:
    """The parts of invoices that running agreements cover, those paid by now included."""
    rows = InstalmentInvoice.objects.filter(
        plan__status=InstalmentStatus.RUNNING, plan__entity=scope.book.entity
    )
    if scope.customer_id:
        rows = rows.filter(plan__customer=scope.customer_id, plan__currency=scope.currency)
    left = F("invoice__amount") - F("invoice__allocated")
    return (
        rows.order_by()
        .annotate(left=left)
        .values_list("plan_id", "invoice_id", "invoice__due_on", "amount", "left", "open_before")
    )


def _instalments(scope: Scope) -> QuerySet[Any, Any]:
    """The instalments of running agreements."""
    rows = Instalment.objects.filter(plan__status=InstalmentStatus.RUNNING, plan__entity=scope.book.entity)
    if scope.customer_id:
        rows = rows.filter(plan__customer=scope.customer_id, plan__currency=scope.currency)
    return rows.order_by().values_list("plan_id", "due_on", "amount", "upto")


# An agreement as a whole: what is due of it and not paid is asked for, from its oldest invoice on; the rest is to come.
# `due_on` is the day of the first instalment that is not paid in full: reminders follow it.
PARTED = """
covered AS (
    SELECT plan_id, invoice_id, due_on, LEAST(GREATEST(open_before - open, 0.00), amount) AS paid,
           amount - LEAST(GREATEST(open_before - open, 0.00), amount) AS rest
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
stepped AS (SELECT fact.*, {reached} AS reached, {step} AS step FROM fact),
judged AS (
    SELECT stepped.*,
        CASE
            WHEN plan IS NULL THEN '{Why.NO_PLAN}'
            WHEN reached IS NULL THEN '{Why.NOT_DUE}'
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

CHOSEN = """,
grouped AS (
    SELECT customer_id, currency, plan, max(step) AS top, sum(open - disputed - promised) AS amount,
           array_agg(id ORDER BY late DESC, id) AS ids
    FROM judged WHERE why = '{Why.ASKED}' GROUP BY customer_id, currency, plan
),
address AS (
    SELECT DISTINCT ON (c.id) c.id AS customer_id, k.id AS contact_id,
           COALESCE(NULLIF(k.email, ''), c.email) ~ '{usable}' AS usable
    FROM {customer} c LEFT JOIN {contact} k ON k.customer_id = c.id AND k.email ~ '{usable}'
    WHERE c.entity_id = {entity}
    ORDER BY c.id, k.is_billing DESC NULLS LAST, k.id
),
other AS (
    SELECT customer_id, currency,
           bool_or(status = '{sent}' AND "on" = {day}) AS today,
           bool_or(status IN ({live}) AND NOT (status = '{decided}' AND "on" < {day})) AS under_way
    FROM {notice} WHERE entity_id = {entity} AND ("on" = {day} OR status IN ({live}))
    GROUP BY customer_id, currency
),
chosen AS (
    SELECT grouped.customer_id, grouped.currency, grouped.plan, grouped.top, grouped.amount, grouped.ids,
           address.contact_id,
           CASE
               WHEN other.today THEN '{Reason.SENT_TODAY}'
               WHEN other.under_way THEN '{Reason.IN_FLIGHT}'
               WHEN grouped.amount < {minimum} THEN '{Reason.BELOW_MINIMUM}'
               WHEN NOT address.usable THEN '{Reason.NO_ADDRESS}'
               ELSE ''
           END AS reason
    FROM grouped JOIN address USING (customer_id) LEFT JOIN other USING (customer_id, currency)
)"""


def judged(scope: Scope) -> tuple[str, list[Any]]:
    """`WITH ... judged AS (...)`: one row per open item within reach of a plan, with its facts and why."""
    texts: list[str] = []
    params: list[Any] = []
    for name, queryset in _parts(scope):
        sql, values = queryset.query.sql_with_params()
        texts.append(f"{name} AS ({sql})")
        params += values
    book, day = scope.book, scope.day
    rules = book.rules.values()
    steps = {rule.plan_id: _step(scope, rule.plan_id) for rule in rules}
    fact = (PARTED + FACT).format(
        day=day,
        plan=book.plan_of("item.segment"),
        reached=book.per_plan({rule.plan_id: rule.reached() for rule in rules}),
        step=book.per_plan(steps),
        gap=book.per_plan({rule.plan_id: str(rule.gap) for rule in rules}),
        Why=Why,
    )
    return f"WITH {', '.join([*texts, fact])}", params


def _step(scope: Scope, plan_id: int) -> str:
    """The step an item is at. After a dispute the missed steps are not made up for: the next regular one
    follows; when none is left, the lowest one not yet sent, once a cool-down has passed."""
    rule = scope.book.rules[plan_id]
    return (
        f"CASE WHEN released_on IS NULL THEN {rule.reached()}"
        f" ELSE COALESCE({rule.reached(after='released_on')},"
        f" CASE WHEN late >= {rule.last} AND {scope.day} >= released_on + {rule.gap}"
        f" THEN {rule.next_after('last_days')} END) END"
    )


def chosen(scope: Scope) -> tuple[str, list[Any]]:
    """`WITH ... chosen AS (...)`: one row per customer and currency that has something to be asked for."""
    text, params = judged(scope)
    book = scope.book
    more = CHOSEN.format(
        usable=USABLE,
        entity=book.entity.pk,
        day=scope.day,
        customer=Customer._meta.db_table,
        contact=Contact._meta.db_table,
        notice=Notice._meta.db_table,
        live=_quoted(LIVE),
        sent=NoticeStatus.SENT.value,
        decided=NoticeStatus.DECIDED.value,
        minimum=book.per_plan({rule.plan_id: f"{rule.minimum}::numeric" for rule in book.rules.values()}),
        Why=Why,
        Reason=Reason,
    )
    return text + more, params


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in map(str, words))
