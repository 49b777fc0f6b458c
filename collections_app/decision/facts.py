"""The facts of the decision: one named query each, from the querysets of the rooms that own them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum

from collections_app.choices import InstalmentStatus, PromiseStatus
from collections_app.decision.book import Book
from collections_app.models import Hold, Instalment, InstalmentInvoice, NoticeLine, Promise
from disputes.models import DisputeLine
from ledger.models import Invoice

ITEM = (
    "pk",
    "customer_id",
    "currency",
    "number",
    "issued_on",
    "due_on",
    "customer__segment",
    "customer__country",
    "open_amount",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """For which day, and for which customer only (all by default). `ignoring` is a notice being sent again.

    In play (`decision.play`) `played` is the table of what went before; with `then` the facts are those of the day.
    """

    book: Book
    on: date
    customer_id: int | None = None
    currency: str = ""
    ignoring: int | None = None
    played: str = ""
    then: bool = False

    @property
    def day(self) -> str:
        """The day as an SQL date."""
        return f"DATE '{self.on.isoformat()}'"


Part = tuple[str, QuerySet[Any, Any]]


def parts(scope: Scope) -> list[Part]:
    """Each fact with its name and columns, restricted to the scope."""
    invoice = Q(invoice__entity=scope.book.entity)
    if scope.customer_id:
        invoice &= Q(invoice__customer=scope.customer_id, invoice__currency=scope.currency)
    live = DisputeLine.objects.filter(invoice, _standing(scope)).order_by().values("invoice_id")
    over = DisputeLine.objects.filter(invoice, closed_on__lte=scope.on).order_by().values("invoice_id")
    running = Q(until=None) | Q(until__gte=scope.on)
    holds = Hold.objects.filter(running, _holding(scope), entity=scope.book.entity).order_by()
    before = [] if scope.played else [("before(invoice_id, due_on, days, day)", _before(scope))]
    return [
        ("item(id, customer_id, currency, number, issued_on, due_on, segment, country, open)", _open(scope)),
        ("disputed(invoice_id, amount)", live.annotate(a=Sum("amount")).values_list("invoice_id", "a")),
        ("released(invoice_id, day)", over.annotate(d=Max("closed_on")).values_list("invoice_id", "d")),
        *promised_parts(scope),
        *before,
        ("held_customer(customer_id)", holds.filter(invoice=None).values_list("customer_id")),
        ("held_invoice(invoice_id)", holds.filter(invoice__isnull=False).values_list("invoice_id")),
    ]


def promised_parts(scope: Scope) -> list[Part]:
    """What is promised for a day to come: promises, and the agreements on instalments that run."""
    invoice = Q(invoice__entity=scope.book.entity)
    if scope.customer_id:
        invoice &= Q(invoice__customer=scope.customer_id)
    if scope.currency:
        invoice &= Q(invoice__currency=scope.currency)
    promises = Promise.objects.filter(invoice, _promised(scope), promised_on__gte=scope.on).order_by()
    return [
        (
            "promised(invoice_id, amount, open_before)",
            promises.values_list("invoice_id", "amount", "open_before"),
        ),
        ("agreed(plan_id, invoice_id, due_on, amount, open, open_before)", _agreed(scope)),
        ("instalment(plan_id, due_on, amount, upto)", _instalments(scope)),
    ]


def _standing(scope: Scope) -> Q:
    """Disputed parts that stand; in play, those that stood on the day."""
    if not scope.then:
        return Q(closed_on=None)
    return Q(opened_on__lte=scope.on) & (Q(closed_on=None) | Q(closed_on__gt=scope.on))


def _promised(scope: Scope) -> Q:
    """Promises that run; in play, those that ran on the day."""
    if not scope.then:
        return Q(status=PromiseStatus.MADE)
    counted = Q(
        status__in=[PromiseStatus.MADE, PromiseStatus.KEPT, PromiseStatus.BROKEN, PromiseStatus.REPLACED]
    )
    return counted & Q(made_on__lte=scope.on) & (Q(settled_at=None) | Q(settled_at__date__gt=scope.on))


def _holding(scope: Scope) -> Q:
    """Holds that stand; in play, those that stood on the day."""
    if not scope.then:
        return Q(lifted_at=None)
    return Q(set_at__date__lte=scope.on) & (Q(lifted_at=None) | Q(lifted_at__date__gt=scope.on))


def _open(scope: Scope) -> QuerySet[Any, Any]:
    """What is open and within reach of the earliest step of any plan."""
    reach = date.fromordinal(scope.on.toordinal() - scope.book.earliest)
    rows = Invoice.objects.open_as_of(scope.on) if scope.then else Invoice.objects.open_now()
    rows = rows.filter(entity=scope.book.entity, issued_on__lte=scope.on, due_on__lte=reach)
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
    rows = InstalmentInvoice.objects.filter(_running(scope))
    left = F("invoice__amount") - F("invoice__allocated")
    return (
        rows.order_by()
        .annotate(left=left)
        .values_list("plan_id", "invoice_id", "invoice__due_on", "amount", "left", "open_before")
    )


def _instalments(scope: Scope) -> QuerySet[Any, Any]:
    """The instalments of running agreements."""
    rows = Instalment.objects.filter(_running(scope))
    return rows.order_by().values_list("plan_id", "due_on", "amount", "upto")


def _running(scope: Scope) -> Q:
    """Agreements that run; in play, those that ran on the day."""
    mine = Q(plan__entity=scope.book.entity)
    if scope.customer_id:
        mine &= Q(plan__customer=scope.customer_id)
    if scope.currency:
        mine &= Q(plan__currency=scope.currency)
    if not scope.then:
        return mine & Q(plan__status=InstalmentStatus.RUNNING)
    ended = Q(plan__ended_on=None) | Q(plan__ended_on__gt=scope.on)
    return mine & Q(plan__agreed_on__lte=scope.on) & ended
