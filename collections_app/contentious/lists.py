"""Lists of the contentious stage: files, what is ripe for one, what an open customer could bring into one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.models import LegalEntity, User
from collections_app.choices_contentious import FileStatus
from collections_app.decision.open_items import OpenItem, open_items
from collections_app.models import LegalFile, LegalFileLine, NoticeLine, Step
from disputes.standing import disputed_parts, granted_parts
from ledger.models import Customer, Invoice
from ledger.models.invoices import MONEY
from lib.money import ZERO

Person = User | AnonymousUser


def files_for(user: Person) -> QuerySet[LegalFile]:
    """The files the person may read, newest first, with `left`: what is open of their invoices."""
    lines = LegalFileLine.objects.filter(file=OuterRef("pk")).order_by().values("file")
    left = lines.annotate(a=Sum(F("invoice__amount") - F("invoice__allocated"))).values("a")
    rows = LegalFile.objects.visible_to(user).select_related("entity", "customer", "opened_by", "second_by")
    return rows.annotate(
        left=Coalesce(Subquery(left, output_field=MONEY), Value(ZERO), output_field=MONEY)
    ).order_by("-pk")


def narrowed(rows: QuerySet[Any, Any], state: str) -> QuerySet[Any, Any]:
    """The files of a tab: `open`, `paid` (open, with nothing left), or a status."""
    if state == "paid":
        return rows.exclude(status=FileStatus.CLOSED).filter(left=0)
    if state in FileStatus.values:
        return rows.filter(status=state)
    return rows.exclude(status=FileStatus.CLOSED)


def standing(user: Person, entity: LegalEntity) -> set[str]:
    """Where the entity's files stand."""
    rows = LegalFile.objects.visible_to(user).filter(entity=entity).order_by()
    return set(rows.values_list("status", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Ripe:
    """What a customer owes in one currency on invoices whose last step has gone without effect."""

    customer_id: int
    customer: str
    currency: str
    invoices: int
    amount: Decimal
    since: date


def ripe(entity: LegalEntity, on: date, customers: Collection[int] | None = None) -> list[Ripe]:
    """Who had the last step of the plan, and the days to answer it, and did not pay. One query, the largest first."""
    steps = Step.objects.filter(version=OuterRef("step__version")).order_by().values("version")
    waited = ExpressionWrapper(
        Value(on, DateField()) - F("step__version__answer_days"), output_field=DateField()
    )
    last = NoticeLine.objects.filter(
        invoice=OuterRef("pk"),
        counts=True,
        step_days__gt=0,
        on__lt=waited,
        step_days=Subquery(steps.annotate(m=Max("days")).values("m")),
    )
    mine = Q(invoice=OuterRef("pk"))
    rows: QuerySet[Any, Any] = Invoice.objects.open_now().filter(
        Exists(last),
        ~Exists(LegalFileLine.objects.filter(mine, closed_on=None)),
        ~Exists(disputed_parts(mine)),
        ~Exists(granted_parts(mine)),
        entity=entity,
    )
    if customers is not None:
        rows = rows.filter(customer__in=customers)
    found = rows.order_by().values_list("customer_id", "customer__name", "currency")
    summed = found.annotate(n=Count("pk"), a=Sum("open_amount"), s=Min("due_on"))
    return [Ripe(*row) for row in summed.order_by("-a", "customer_id")]


@dataclass(frozen=True, slots=True)
class Choice:
    """An overdue invoice, and the file it is in already (empty: none)."""

    item: OpenItem
    pursued: str

    @property
    def free(self) -> bool:
        """Whether it may come into a file."""
        return not (self.pursued or self.item.disputed or self.item.promised)


def choices_of(customer: Customer, on: date) -> dict[str, list[Choice]]:
    """The overdue invoices of a customer by currency, the oldest first. Two queries."""
    items = [one for one in open_items(customer, on) if one.late > 0]
    pursued = LegalFileLine.objects.filter(invoice__customer=customer, closed_on=None).select_related("file")
    in_file = {line.invoice_id: line.file.ref for line in pursued}
    found: dict[str, list[Choice]] = {}
    for one in items:
        found.setdefault(one.currency, []).append(Choice(one, in_file.get(one.invoice_id, "")))
    return found
