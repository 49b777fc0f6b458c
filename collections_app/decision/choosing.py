"""The decision per customer as SQL: who gets a message on the day, and why somebody with something due does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Max

from accounts.models import LegalEntity
from collections_app.choices import UNENDED, NoticeStatus, Reason, Why
from collections_app.decision.book import Book, quoted
from collections_app.decision.sql import Scope, judged
from collections_app.models import Notice
from ledger.choices import InvoiceKind, StatementStatus
from ledger.models import BankStatement, Contact, Customer, Invoice, Payment

USABLE = r"^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$"
CHOSEN = """,
grouped AS (
    SELECT customer_id, currency, plan, max(step) AS top, sum(open - disputed - promised) AS amount,
           array_agg(id ORDER BY late DESC, id) AS ids
    FROM judged WHERE why = '{Why.ASKED}' GROUP BY customer_id, currency, plan
),
address AS (
    SELECT DISTINCT ON (c.id) c.id AS customer_id, k.id AS contact_id,
           COALESCE(NULLIF(k.email, ''), c.email) ~ '{usable}'
               AND (k.id IS NOT NULL OR NOT EXISTS (
                   SELECT 1 FROM {contact} d WHERE d.customer_id = c.id AND d.undeliverable_since IS NOT NULL
                       AND upper(d.email) = upper(c.email))) AS usable,
           COALESCE(NULLIF(c.country, ''), '{home}') IN ({closed}) AS closed
    FROM {customer} c LEFT JOIN {contact} k
        ON k.customer_id = c.id AND k.email ~ '{usable}' AND k.undeliverable_since IS NULL
    WHERE c.entity_id = {entity}
    ORDER BY c.id, k.is_billing DESC NULLS LAST, k.id
),
other AS (
    SELECT customer_id, currency,
           bool_or(status = '{sent}' AND "on" = {day}) AS today,
           bool_or(reason = '{Reason.REFUSED}' AND "on" = {day}) AS refused,
           bool_or(status IN ({live}) AND NOT (status IN ({replaced}) AND "on" < {day})) AS under_way
    FROM {notice} WHERE entity_id = {entity} AND ("on" = {day} OR status IN ({live}))
    GROUP BY customer_id, currency
),
account AS (
    SELECT customer_id, currency, sum(amount) AS amount FROM ({unplaced}) held GROUP BY customer_id, currency
),
{counted}
chosen AS (
    SELECT grouped.customer_id, grouped.currency, grouped.plan, grouped.top, grouped.amount, grouped.ids,
           address.contact_id, COALESCE(account.amount, 0.00) AS on_account,
           CASE
               WHEN other.today THEN '{Reason.SENT_TODAY}'
               WHEN other.under_way THEN '{Reason.IN_FLIGHT}'
               WHEN other.refused THEN '{Reason.REFUSED}'
               WHEN grouped.amount < {minimum} THEN '{Reason.BELOW_MINIMUM}'
               WHEN account.amount >= grouped.amount THEN '{Reason.COVERED}'
               WHEN {stale} THEN '{Reason.BANK_STALE}'
               WHEN {capped} THEN '{Reason.CAPPED}'
               WHEN {minds} AND address.closed THEN '{Reason.CLOSED}'
               WHEN NOT address.usable AND {by_mail} THEN '{Reason.NO_ADDRESS}'
               ELSE ''
           END AS reason
    FROM grouped JOIN address USING (customer_id) LEFT JOIN other USING (customer_id, currency)
    LEFT JOIN account USING (customer_id, currency){join_counted}
)"""
COUNTED = """counted AS (
    SELECT customer_id, {columns} FROM {notice}
    WHERE entity_id = {entity} AND status = '{sent}' AND "on" > {day} - {longest} AND "on" <= {day} GROUP BY customer_id
),"""


def chosen(scope: Scope) -> tuple[str, list[Any]]:
    """`WITH ... chosen AS (...)`: one row per customer and currency that has something to be asked for."""
    text, params = judged(scope)
    book, each = scope.book, scope.book.rules.items()
    caps = sorted({rule.version.cap_days for _plan, rule in each if rule.version.cap_messages})
    unplaced, values = _unplaced(scope)
    more = CHOSEN.format(
        usable=USABLE,
        entity=book.entity.pk,
        home=book.entity.country,
        day=scope.day,
        customer=Customer._meta.db_table,
        contact=Contact._meta.db_table,
        notice=Notice._meta.db_table,
        live=quoted(UNENDED),
        sent=NoticeStatus.SENT.value,
        replaced=quoted([NoticeStatus.DECIDED, NoticeStatus.TO_APPROVE]),
        unplaced=unplaced,
        closed=quoted(book.closed_countries(scope.on)),
        minimum=book.per_plan({plan: f"{rule.minimum}::numeric" for plan, rule in each}),
        stale=book.per_plan(_stale(scope), "FALSE"),
        capped=book.per_plan(_capped(book), "FALSE"),
        minds=book.per_plan({plan: str(rule.version.working_days).upper() for plan, rule in each}, "FALSE"),
        counted=_counted(scope, caps) if caps else "",
        join_counted=" LEFT JOIN counted USING (customer_id)" if caps else "",
        by_mail=book.by_mail(),
        Why=Why,
        Reason=Reason,
    )
    return text + more, [*params, *values]


def on_account(customer_id: int, entity: LegalEntity, currency: str) -> Decimal:
    """What one customer has on account in one currency now."""
    held, values = _unplaced(Scope(Book(entity, {}, {}), date.min, customer_id, currency))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(sum(amount), 0.00) FROM ({held}) held", values)  # noqa: S608  (our own text)
        amount: Decimal = cursor.fetchone()[0]
    return amount


def _unplaced(scope: Scope) -> tuple[str, list[Any]]:
    """What customers have on account now: money and credit notes not yet placed on an invoice."""
    mine: dict[str, Any] = {"entity": scope.book.entity}
    if scope.customer_id:
        mine |= {"customer": scope.customer_id, "currency": scope.currency}
    money = Payment.objects.filter(**mine, allocated__lt=F("amount") - F("returned")).order_by()
    notes = Invoice.objects.filter(**mine, kind=InvoiceKind.CREDIT_NOTE, allocated__lt=F("amount")).order_by()
    left = F("amount") - F("allocated")
    columns = ("customer_id", "currency", "held")
    texts: list[str] = []
    params: list[Any] = []
    for rows, held in ((money, left - F("returned")), (notes, left)):
        sql, values = rows.annotate(held=held).values_list(*columns).query.sql_with_params()
        texts.append(sql)
        params += values
    both = " UNION ALL ".join(texts)
    return f"SELECT * FROM ({both}) unplaced(customer_id, currency, amount)", params  # noqa: S608  (our own text)


def _stale(scope: Scope) -> dict[int, str]:
    """The plans that want newer bank statements than there are. What was never read from a bank is no reason."""
    minding = {
        plan: rule.version.bank_days for plan, rule in scope.book.rules.items() if rule.version.bank_days
    }
    if not minding:
        return {}
    newest = bank_read_until(scope.book.entity)
    return {
        plan: str(newest is not None and (scope.on - newest).days > days).upper()
        for plan, days in minding.items()
    }


def bank_read_until(entity: LegalEntity) -> date | None:
    """The last day of which the entity's bank statements are booked."""
    booked = BankStatement.objects.filter(entity=entity, status=StatementStatus.BOOKED)
    newest: date | None = booked.aggregate(newest=Max("closed_on"))["newest"]
    return newest


def _capped(book: Book) -> dict[int, str]:
    return {
        plan: f"COALESCE(counted.within_{rule.version.cap_days}, 0) >= {rule.version.cap_messages}"
        for plan, rule in book.rules.items()
        if rule.version.cap_messages
    }


def _counted(scope: Scope, caps: list[int]) -> str:
    """How many messages each customer had in the days that the plans count."""
    columns = [f'count(*) FILTER (WHERE "on" > {scope.day} - {days}) AS within_{days}' for days in caps]
    return COUNTED.format(
        columns=", ".join(columns),
        notice=Notice._meta.db_table,
        entity=scope.book.entity.pk,
        sent=NoticeStatus.SENT.value,
        day=scope.day,
        longest=caps[-1],
    )
