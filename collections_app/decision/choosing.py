"""The decision per customer as SQL: who gets a message on the day, and why somebody with something due does not."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Max

from accounts.models import LegalEntity
from collections_app.choices import UNENDED, Grouping, NoticeStatus, Reason, Why
from collections_app.decision.book import Book, quoted
from collections_app.decision.facts import ANY_CURRENCY, ANY_CUSTOMER, ANY_ENTITY
from collections_app.decision.sharing import shared, source
from collections_app.decision.sql import Scope, judged
from collections_app.models import Notice
from ledger.choices import InvoiceKind, StatementStatus
from ledger.models import BankStatement, Contact, Customer, Invoice, Payment
from lib.text import MAIL_ADDRESS

OTHER = """other AS (
    SELECT customer_id, currency,{own}
           bool_or(status = '{sent}' AND ("on" = {day} OR ended_at >= {morning} AND ended_at < {night})) AS today,
           bool_or(reason = '{Reason.REFUSED}' AND "on" = {day}) AS refused,
           bool_or(status IN ({live}) AND NOT (status IN ({replaced}) AND "on" < {day})) AS under_way
    FROM {notice}
    WHERE entity_id = {entity}
      AND ("on" = {day} OR status IN ({live}) OR status = '{sent}' AND ended_at >= {morning} AND ended_at < {night})
    GROUP BY customer_id, currency{by_own}
)"""
# Who is not decided about again: their message of the day is stored, on its way or gone.
SKIPPED = """ WHERE NOT EXISTS (
    SELECT 1 FROM other WHERE other.customer_id = item.customer_id AND other.currency = item.currency
        AND (today OR under_way))"""
CHOSEN = """,
asked AS (
    -- In the order of the groups, and in each group of the letter: one sort for both.
    SELECT customer_id, currency, plan{by_part}, step, free, late, id
    FROM {source} WHERE why = '{Why.ASKED}' ORDER BY customer_id, currency, plan{by_part}, late DESC, id
),
grouped AS (
    SELECT customer_id, currency, plan, {part} AS part, max(step) AS top, sum(free) AS amount,
           array_agg(id) AS ids{placed}
    FROM asked GROUP BY customer_id, currency, plan{by_part}
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
account AS (
    SELECT customer_id, currency, sum(amount) AS amount FROM ({unplaced}) held GROUP BY customer_id, currency
),
{counted}
chosen AS (
    SELECT grouped.customer_id, grouped.currency, grouped.plan, grouped.part, grouped.top, grouped.amount, grouped.ids,
           {to} AS contact_id, {kind} AS kind, COALESCE(account.amount, 0.00) AS on_account,
           CASE
               WHEN other.today THEN '{Reason.SENT_TODAY}'
               WHEN other.under_way THEN '{Reason.IN_FLIGHT}'
               WHEN other.refused THEN '{Reason.REFUSED}'
               WHEN grouped.amount < {minimum} THEN '{Reason.BELOW_MINIMUM}'
               WHEN account.amount >= grouped.{upto} THEN '{Reason.COVERED}'
               WHEN {stale} THEN '{Reason.BANK_STALE}'
               WHEN {capped} THEN '{Reason.CAPPED}'
               WHEN {minds} AND address.closed THEN '{Reason.CLOSED}'
               WHEN NOT address.usable AND {by_mail} THEN '{Reason.NO_ADDRESS}'
               ELSE ''
           END AS reason
    FROM grouped JOIN address USING (customer_id) LEFT JOIN {others}
    LEFT JOIN account USING (customer_id, currency){join_counted}
)"""
COUNTED = """counted AS (
    SELECT customer_id, {columns} FROM {notice}
    WHERE entity_id = {entity} AND status = '{sent}' AND "on" > {day} - {longest} AND "on" <= {day} GROUP BY customer_id
),"""
COUNTED_TO = """
counted_to AS (
    SELECT customer_id, COALESCE(contact_id, 0) AS part, {columns} FROM {notice}
    WHERE entity_id = {entity} AND status = '{sent}' AND "on" > {day} - {longest} AND "on" <= {day} GROUP BY 1, 2
),"""
JOIN_COUNTED = " LEFT JOIN counted USING (customer_id)"
JOIN_COUNTED_TO = """
    LEFT JOIN counted_to ON counted_to.customer_id = grouped.customer_id AND counted_to.part = grouped.part"""

# Where a plan writes several messages: those of a customer stand in a row, the most overdue first, so that a cap and
# money on account go to the first ones; a message of another kind stands in the way of all.
PLACED = """,
           row_number() OVER (PARTITION BY customer_id, currency ORDER BY max(late) DESC, part) AS place,
           sum(sum(free)) OVER (
               PARTITION BY customer_id, currency ORDER BY max(late) DESC, part) AS upto, kind"""
OWN = """ grouping AS kind, CASE grouping WHEN '{G.INVOICE}' THEN invoice_id
               WHEN '{G.CONTACT}' THEN COALESCE(contact_id, 0) ELSE 0 END AS part,"""
TO = "CASE WHEN grouped.kind = '{G.CONTACT}' THEN NULLIF(grouped.part, 0) ELSE address.contact_id END"
OTHERS = """LATERAL (
        SELECT bool_or(today) AS today, bool_or(refused) AS refused, bool_or(under_way) AS under_way FROM other
        WHERE other.customer_id = grouped.customer_id AND other.currency = grouped.currency
            AND (other.kind <> grouped.kind OR other.part = grouped.part)
    ) other ON TRUE"""


def chosen(scope: Scope, *, fresh: bool = False) -> tuple[str, list[Any]]:
    """`WITH ... chosen AS (...)`: one row per customer and currency that has something to be asked for.

    With `fresh`, customers whose message of the day is there already may be left out.
    """
    book, each = scope.book, scope.book.rules.items()
    other = _other(scope)
    text, params = judged(scope, other, SKIPPED if fresh and not book.parted else "")
    caps = sorted({rule.version.cap_days for _plan, rule in each if rule.version.cap_messages})
    unplaced, values = _unplaced(scope)
    more = CHOSEN.format(
        usable=MAIL_ADDRESS,
        entity=book.entity.pk,
        home=book.entity.country,
        day=scope.day,
        customer=Customer._meta.db_table,
        contact=Contact._meta.db_table,
        unplaced=unplaced,
        closed=quoted(book.closed_countries(scope.on)),
        minimum=book.per_plan({plan: f"{rule.minimum}::numeric" for plan, rule in each}),
        stale=book.per_plan(_stale(scope), "FALSE"),
        capped=book.per_plan(_capped(book), "FALSE"),
        minds=book.per_plan({plan: str(rule.version.working_days).upper() for plan, rule in each}, "FALSE"),
        counted=_counted(scope, caps) if caps else "",
        join_counted=(JOIN_COUNTED + (JOIN_COUNTED_TO if book.parted else "")) if caps else "",
        by_mail=book.by_mail(),
        **_parted(book),
        Why=Why,
        Reason=Reason,
    )
    return text + shared(book) + more, [*params, *values]


def _other(scope: Scope) -> str:
    """The customer's messages that stand in the way of another, as the named query `other`."""
    parted = scope.book.parted
    return OTHER.format(
        entity=scope.book.entity.pk,
        day=scope.day,
        # A letter held up since an earlier day counts on the day it left.
        morning=_midnight(scope.book.entity, scope.on),
        night=_midnight(scope.book.entity, scope.on + timedelta(days=1)),
        notice=Notice._meta.db_table,
        live=quoted(UNENDED),
        sent=NoticeStatus.SENT.value,
        replaced=quoted([NoticeStatus.DECIDED, NoticeStatus.TO_APPROVE]),
        own=OWN.format(G=Grouping) if parted else "",
        by_own=", kind, part" if parted else "",
        Reason=Reason,
    )


def _parted(book: Book) -> dict[str, str]:
    """What the statement says where a plan writes several messages, and what it says where none does."""
    said = {"source": source(book)}
    if not book.parted:
        said |= dict.fromkeys(("placed", "by_part"), "")
        said |= {"part": "0", "to": "address.contact_id", "kind": f"'{Grouping.CUSTOMER}'", "upto": "amount"}
        return said | {"others": "other USING (customer_id, currency)"}
    return said | {
        "part": "part",
        "placed": PLACED,
        "by_part": ", part, kind",
        "to": TO.format(G=Grouping),
        "kind": "grouped.kind",
        "upto": "upto",
        "others": OTHERS,
    }


def on_account(customer_id: int, entity: LegalEntity, currency: str) -> Decimal:
    """What one customer has on account in one currency now."""
    text, stand_ins = _on_account()
    real: dict[Any, Any] = {ANY_ENTITY: entity.pk, ANY_CUSTOMER: customer_id, ANY_CURRENCY: currency}
    with connection.cursor() as cursor:
        cursor.execute(text, [real.get(value, value) for value in stand_ins])
        amount: Decimal = cursor.fetchone()[0]
    return amount


@cache
def _on_account() -> tuple[str, list[Any]]:
    """The statement, with stand-ins for the entity, the customer and the currency."""
    anybody = Scope(Book(LegalEntity(pk=ANY_ENTITY), {}, {}), date.min, ANY_CUSTOMER, ANY_CURRENCY)
    held, values = _unplaced(anybody)
    return f"SELECT COALESCE(sum(amount), 0.00) FROM ({held}) held", values  # noqa: S608  (our own text)


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


def _midnight(entity: LegalEntity, day: date) -> str:
    moment = datetime.combine(day, time.min, ZoneInfo(entity.time_zone))
    return f"TIMESTAMPTZ '{moment.isoformat()}'"


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
    """Whether a plan's limit is reached, as SQL: of the customer, or of the contact where each has a message."""
    place = " + grouped.place - 1" if book.parted else ""
    capped = {}
    for plan, rule in book.rules.items():
        version = rule.version
        had = f"COALESCE(counted.within_{version.cap_days}, 0){place}"
        if version.grouping == Grouping.CONTACT:
            had = f"COALESCE(counted_to.within_{version.cap_days}, 0)"
        if version.cap_messages:
            capped[plan] = f"{had} >= {version.cap_messages}"
    return capped


def _counted(scope: Scope, caps: list[int]) -> str:
    """How many messages each customer had in the days that the plans count."""
    columns = [f'count(*) FILTER (WHERE "on" > {scope.day} - {days}) AS within_{days}' for days in caps]
    text = COUNTED + (COUNTED_TO if scope.book.parted else "")
    return text.format(
        columns=", ".join(columns),
        notice=Notice._meta.db_table,
        entity=scope.book.entity.pk,
        sent=NoticeStatus.SENT.value,
        day=scope.day,
        longest=caps[-1],
    )
