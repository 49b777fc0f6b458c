"""What the pages of customers and invoices show: search, filters, totals, aging. Reads only."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import User
from ledger import selectors
from ledger.choices import InvoiceKind
from ledger.models import Customer, Invoice
from lib.money import ZERO
from lib.shapes import share
from lib.text import fold

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=2)
OPEN = Case(
    When(kind=InvoiceKind.INVOICE, then=F("amount") - F("allocated")),
    default=Value(ZERO),
    output_field=MONEY,
)
STATES = ("open", "overdue", "paid", "credit_notes", "all")
# Aging buckets of METRICS.md: name, first and last day past due.
BUCKETS: tuple[tuple[str, int | None, int | None], ...] = (
    ("not_due", None, 0),
    ("1_30", 1, 30),
    ("31_60", 31, 60),
    ("61_90", 61, 90),
    ("over_90", 91, None),
)


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What a person asked the invoice list for. `state` is one of STATES, `bucket` a name of BUCKETS."""

    text: str = ""
    state: str = "open"
    bucket: str = ""
    customer: int | None = None
    entity: int | None = None


def invoices(user: User | AnonymousUser, wanted: InvoiceFilter, on: date) -> QuerySet[Invoice]:
    """The documents that fit, each with `open_amount` now."""
    rows = selectors.documents(user).annotate(open_amount=OPEN)
    if wanted.customer:
        rows = rows.filter(customer_id=wanted.customer)
    if wanted.entity:
        rows = rows.filter(entity_id=wanted.entity)
    if wanted.text:
        folded = fold(wanted.text)
        match = Q(number__icontains=wanted.text) | Q(order_reference__iexact=wanted.text)
        if folded:
            match |= Q(customer__name_key__contains=folded)
        rows = rows.filter(match)
    unpaid = rows.filter(kind=InvoiceKind.INVOICE).exclude(allocated=F("amount"))
    if wanted.bucket:
        return unpaid.filter(due_between(wanted.bucket, on))
    states = {
        "open": unpaid,
        "overdue": unpaid.filter(due_on__lt=on),
        "paid": rows.filter(kind=InvoiceKind.INVOICE, allocated=F("amount")),
        "credit_notes": rows.filter(kind=InvoiceKind.CREDIT_NOTE),
    }
    return states.get(wanted.state, rows)


def due_between(bucket: str, on: date) -> Q:
    """The due dates of an aging bucket at the end of `on`."""
    first, last = next(((first, last) for name, first, last in BUCKETS if name == bucket), (None, None))
    asked = Q()
    if first is not None:
        asked &= Q(due_on__lte=on - timedelta(days=first))
    if last is not None:
        asked &= Q(due_on__gte=on - timedelta(days=last))
    return asked


def totals(rows: QuerySet[Invoice]) -> list[dict[str, Any]]:
    """Currency, count, amount and open amount of the rows, largest open first."""
    summed = (
        rows.order_by()
        .values("currency")
        .annotate(count=Count("pk"), amount_sum=Sum("amount"), open_sum=Sum("open_amount"))
    )
    found: Any = list(summed)
    return sorted(found, key=lambda row: -row["open_sum"])


def customers(user: User | AnonymousUser, text: str, entity: int | None, on: date) -> QuerySet[Customer]:
    """The customers that fit, each with `open_sum` and `overdue_sum` in the entity's currency.

    `also_foreign`: something is open in another currency, which is not in these sums.
    """
    unpaid = (
        Invoice.objects.invoices()
        .filter(customer=OuterRef("pk"), currency=OuterRef("entity__currency"))
        .exclude(allocated=F("amount"))
        .order_by()
        .values("customer")
    )
    left = Sum(F("amount") - F("allocated"))
    rows = selectors.customers(user).select_related("salesperson", "entity")
    if entity:
        rows = rows.filter(entity_id=entity)
    folded = fold(text)
    if text:
        match = Q(code__icontains=text) | Q(tax_id__iexact=text)
        rows = rows.filter(match | Q(name_key__contains=folded) if folded else match)
    abroad = (
        Invoice.objects.open_now()
        .filter(customer=OuterRef("pk"))
        .exclude(currency=OuterRef("entity__currency"))
    )
    return rows.annotate(
        also_foreign=Exists(abroad),
        open_sum=_sum(unpaid.annotate(total=left).values("total")),
        overdue_sum=_sum(unpaid.filter(due_on__lt=on).annotate(total=left).values("total")),
    )


def _sum(query: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(query, output_field=MONEY), Value(ZERO), output_field=MONEY)


def aging(customer: Customer, on: date) -> list[dict[str, Any]]:
    """Per currency: the open amount of each bucket, its total, and what is overdue. One query."""
    sums: dict[str, Any] = {
        f"age_{name}": Coalesce(
            Sum("open_amount", filter=due_between(name, on)), Value(ZERO), output_field=MONEY
        )
        for name, _first, _last in BUCKETS
    }
    rows: Any = (
        Invoice.objects.filter(customer=customer).open_now().order_by().values("currency").annotate(**sums)
    )
    found = []
    for row in rows:
        values = [row[f"age_{name}"] for name, _first, _last in BUCKETS]
        total = sum(values, ZERO)
        parts = [
            {
                "name": BUCKETS[place][0],
                "value": value,
                "x": share(sum(values[:place], ZERO), total),
                "width": share(value, total),
            }
            for place, value in enumerate(values)
        ]
        found.append(
            {"currency": row["currency"], "parts": parts, "total": total, "overdue": total - values[0]}
        )
    return sorted(found, key=lambda row: (row["currency"] != customer.entity.currency, row["currency"]))
