"""The worklist as SQL: every customer with something to do, scored in one statement.

Facts come from the querysets of the rooms that own them, as in the decision. The points (docs/calls.md says them in
words) stand here and nowhere else.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from accounts.models import LegalEntity
from collections_app.choices import CallStatus, PromiseStatus
from collections_app.decision import promised
from collections_app.decision.facts import Part, named, standing
from collections_app.models import Call, Instalment, LegalFileLine, Promise
from ledger.models import Customer, Invoice

# Points at most.
AMOUNT, AGE, BROKEN, PLANNED, SILENCE, HABIT = 40, 20, 100, 60, 10, 10
# The overdue amount (in the entity's currency) that has all its points, the days of age and of silence that do.
LARGE, OLD, SILENT = 100_000, 90, 30
# A broken word brings a customer to the top until somebody has spoken to them, for so many days.
FRESH = 60

ITEM = ("pk", "customer_id", "currency", "due_on", "open_amount")
WORK = """
rate(currency, worth) AS (SELECT * FROM unnest(%s::text[], %s::numeric[])),
free AS (
    SELECT item.customer_id, item.due_on,
           (item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open) - {promised}) * rate.worth AS amount
    FROM item JOIN rate USING (currency)
    LEFT JOIN disputed ON disputed.invoice_id = item.id
    LEFT JOIN promised ON promised.invoice_id = item.id
    LEFT JOIN parted ON parted.invoice_id = item.id
),
late AS (
    SELECT customer_id, round(sum(amount), 2) AS overdue, {day} - min(due_on) AS age, count(*) AS invoices
    FROM free WHERE amount > 0 GROUP BY customer_id
),
work AS (
    SELECT mine.id, COALESCE(late.overdue, 0.00) AS overdue, late.age, COALESCE(late.invoices, 0) AS invoices,
           CASE WHEN GREATEST(broken.at, missed.at) > COALESCE(spoken.at, '-infinity')
                 AND GREATEST(broken.at, missed.at) > {now} - interval '{fresh} days'
                THEN GREATEST(broken.at, missed.at) END AS broken_at,
           COALESCE(missed.at > COALESCE(broken.at, '-infinity'), false) AS by_instalment,
           planned.day AS planned_on, planned.moment AS planned_at, spoken.at AS spoken_at,
           COALESCE(broken.often, 0) AS often
    FROM mine
    LEFT JOIN late ON late.customer_id = mine.id
    LEFT JOIN broken ON broken.customer_id = mine.id
    LEFT JOIN missed ON missed.customer_id = mine.id
    LEFT JOIN planned ON planned.customer_id = mine.id
    LEFT JOIN spoken ON spoken.customer_id = mine.id
    -- Whoever was called today is done for today, unless another call was agreed for it.
    WHERE planned.customer_id IS NOT NULL
       OR (late.customer_id IS NOT NULL AND (spoken.at IS NULL OR (spoken.at AT TIME ZONE '{zone}')::date < {day}))
),
pointed AS (
    SELECT work.*,
           LEAST({AMOUNT}, {AMOUNT} * ln(1 + overdue / 100) / ln(1 + {LARGE} / 100.0)) AS p_amount,
           {AGE} * LEAST(GREATEST(COALESCE(age, 0), 0), {OLD}) / {OLD}.0 AS p_age,
           CASE WHEN broken_at IS NULL THEN 0 ELSE {BROKEN} END AS p_broken,
           CASE WHEN planned_on IS NULL THEN 0 ELSE {PLANNED} END AS p_planned,
           {SILENCE} * LEAST(COALESCE({day} - (spoken_at AT TIME ZONE '{zone}')::date, {SILENT}), {SILENT})
               / {SILENT}.0 AS p_silence,
           LEAST(5 * often, {HABIT}) AS p_habit
    FROM work
),
scored AS (
    SELECT pointed.*, round((p_amount + p_age + p_broken + p_planned + p_silence + p_habit)::numeric, 2) AS score
    FROM pointed
)
"""
COLUMNS = """SELECT id, overdue, age, invoices, broken_at, by_instalment, planned_on, planned_at, spoken_at, often,
p_amount::numeric, p_age::numeric, p_broken::numeric, p_planned::numeric, p_silence::numeric, p_habit::numeric, score
FROM scored"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `why` is broken, planned or late; `behind` the score and customer of the last row shown."""

    why: str = ""
    behind: tuple[Decimal, int] | None = None
    size: int = 50


@dataclass(frozen=True, slots=True)
class Scored:
    """A customer with the facts and the points behind the score."""

    customer_id: int
    overdue: Decimal
    age: int | None
    invoices: int
    broken_at: datetime | None
    by_instalment: bool
    planned_on: date | None
    planned_at: datetime | None
    spoken_at: datetime | None
    often: int
    p_amount: Decimal
    p_age: Decimal
    p_broken: Decimal
    p_planned: Decimal
    p_silence: Decimal
    p_habit: Decimal
    score: Decimal


Facts = list[Part]


def _facts(entity: LegalEntity, customers: QuerySet[Customer], on: date, at: datetime) -> Facts:
    keys = customers.order_by().values_list("pk")
    mine = Q(customer__in=keys.values("pk"))
    pursued = LegalFileLine.objects.filter(invoice=OuterRef("pk"), closed_on=None)
    late: QuerySet[Any, Any] = Invoice.objects.open_now().filter(
        ~Exists(pursued), entity=entity, due_on__lt=on
    )
    year = Promise.objects.filter(
        entity=entity, status=PromiseStatus.BROKEN, promised_on__gt=_year_before(on)
    )
    missed = Instalment.objects.filter(plan__entity=entity, missed_at__isnull=False).order_by()
    calls = Call.objects.filter(mine, entity=entity).order_by()
    due = calls.filter(status=CallStatus.PLANNED, due_on__lte=on).values("customer_id")
    done = calls.filter(status=CallStatus.DONE, ended_at__lte=at).values("customer_id")
    broken = year.order_by().values("customer_id").annotate(last=Max("settled_at"), n=Count("pk"))
    return [
        ("mine(id)", keys),
        (
            "item(id, customer_id, currency, due_on, open)",
            late.filter(mine)
            .order_by()
            .values_list("pk", "customer_id", "currency", "due_on", "open_amount"),
        ),
        standing(Q(invoice__entity=entity)),
        *promised.parts(entity, on),
        ("broken(customer_id, at, often)", broken.values_list("customer_id", "last", "n")),
        (
            "missed(customer_id, at)",
            missed.values("plan__customer_id")
            .annotate(m=Max("missed_at"))
            .values_list("plan__customer_id", "m"),
        ),
        (
            "planned(customer_id, day, moment)",
            due.annotate(d=Min("due_on"), m=Min("due_at")).values_list("customer_id", "d", "m"),
        ),
        ("spoken(customer_id, at)", done.annotate(m=Max("ended_at")).values_list("customer_id", "m")),
    ]


def _year_before(on: date) -> date:
    return date.fromordinal(on.toordinal() - 365)


def scored(
    *,
    entity: LegalEntity,
    customers: QuerySet[Customer],
    rates: dict[str, Decimal],
    on: date,
    at: datetime,
    wanted: Wanted,
) -> list[Scored]:
    """The customers with something to do, those with most points first; one more than the page holds. One query.

    `rates` say what one unit of each currency is worth in the entity's; amounts in others do not count.
    """
    texts, params = named(_facts(entity, customers, on, at))
    day = f"DATE '{on.isoformat()}'"
    body = promised.parted(day) + WORK.lstrip().format(
        day=day,
        now=f"TIMESTAMPTZ '{at.isoformat()}'",
        promised=promised.PROMISED,
        fresh=FRESH,
        zone=entity.time_zone,
        AMOUNT=AMOUNT,
        AGE=AGE,
        BROKEN=BROKEN,
        PLANNED=PLANNED,
        SILENCE=SILENCE,
        HABIT=HABIT,
        LARGE=LARGE,
        OLD=OLD,
        SILENT=SILENT,
    )
    params += [list(rates), list(rates.values())]
    where, more = _where(wanted)
    text = f"WITH {', '.join(texts)}, {body}{COLUMNS} WHERE {where} ORDER BY score DESC, id DESC LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(text, [*params, *more, wanted.size + 1])
        return [Scored(*row) for row in cursor.fetchall()]


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    kinds = {"broken": "broken_at IS NOT NULL", "planned": "planned_on IS NOT NULL", "late": "overdue > 0"}
    text, params = kinds.get(wanted.why, "true"), []
    if wanted.behind is not None:
        text += " AND (score, id) < (%s, %s)"
        params = list(wanted.behind)
    return text, params
