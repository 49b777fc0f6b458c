"""The facts of the decision: one named query each, from the querysets of the rooms that own them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import DateField, F, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from collections_app.choices import InstalmentStatus, PromiseStatus
from collections_app.decision.book import Book
from collections_app.models import Hold, Instalment, InstalmentInvoice, LegalFileLine, NoticeLine, Promise
from disputes.models import DisputeLine, Outcome
from disputes.standing import disputed_parts, granted_parts
from ledger.models import Customer, Invoice

# Stand-ins in a statement that is written once and used for many customers: no real row has them.
ANY_CUSTOMER, ANY_NOTICE, ANY_ENTITY, ANY_CURRENCY = -1, -2, -3, "¤¤¤"
ITEM = ("pk", "customer_id", "currency", "number", "issued_on", "due_on", "open_amount")


@dataclass(frozen=True, slots=True)
class Scope:
    """For which day, and for which customer only (all by default). `ignoring` is a notice being sent again.

    In play (`decision.play`) `played` is the table of what went before; with `then` the facts are those of the day;
    `ended` is a dispute that is played as closed, and told, on a day.
    """

    book: Book
    on: date
    customer_id: int | None = None
    currency: str = ""
    ignoring: int | None = None
    played: str = ""
    then: bool = False
    ended: tuple[int, date] | None = None

    @property
    def day(self) -> str:
        """The day as an SQL date."""
        return f"DATE '{self.on.isoformat()}'"


Part = tuple[str, "QuerySet[Any, Any] | Written"]
STANDING = "SELECT invoice_id, sum(amount) FROM ({}) stands(invoice_id, amount) GROUP BY invoice_id"


class Written(NamedTuple):
    """A query that is written already, and its parameters."""

    text: str
    params: list[Any]


def named(facts: Iterable[Part]) -> tuple[list[str], list[Any]]:
    """The facts as named queries of a WITH clause, and their parameters."""
    texts: list[str] = []
    params: list[Any] = []
    for name, queryset in facts:
        text, values = queryset if isinstance(queryset, Written) else queryset.query.sql_with_params()
        texts.append(f"{name} AS ({text})")
        params += values
    return texts, params


def standing(invoice: Q, on: date | None = None, but: int | None = None) -> Part:
    """What stands of each invoice and is not asked for: in dispute, or granted and not in the ledger yet.

    Now, or at the end of `on`; as if the dispute `but` were not there.
    """
    others = invoice & ~Q(dispute=but) if but else invoice
    written = [
        rows.query.sql_with_params() for rows in (disputed_parts(others, on), granted_parts(invoice, on))
    ]
    text = STANDING.format(" UNION ALL ".join(f"({one})" for one, _values in written))
    return "disputed(invoice_id, amount)", Written(text, [value for _, values in written for value in values])


def parts(scope: Scope) -> list[Part]:
    """Each fact with its name and columns, restricted to the scope."""
    invoice = Q(invoice__entity=scope.book.entity)
    if scope.customer_id:
        invoice &= Q(invoice__customer=scope.customer_id, invoice__currency=scope.currency)
    running = Q(until=None) | Q(until__gte=scope.on)
    holds = Hold.objects.filter(running, _holding(scope), entity=scope.book.entity).order_by()
    before = [] if scope.played else [("before(invoice_id, due_on, days, day)", _before(scope))]
    return [
        ("item(id, customer_id, currency, number, issued_on, due_on, open)", _open(scope)),
        ("customer(id, segment, country)", _customers(scope)),
        standing(invoice, scope.on if scope.then else None, scope.ended[0] if scope.ended else None),
        ("released(invoice_id, day)", _released(scope, invoice)),
        ("untold(invoice_id)", _untold(scope, invoice)),
        *promised_parts(scope),
        *before,
        ("held_customer(customer_id)", holds.filter(invoice=None).values_list("customer_id")),
        ("held_invoice(invoice_id)", holds.filter(invoice__isnull=False).values_list("invoice_id")),
        ("pursued(invoice_id)", _pursued(scope)),
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


def _released(scope: Scope, invoice: Q) -> QuerySet[Any, Any]:
    """When the last dispute of each invoice ended."""
    if scope.ended is None:
        over = DisputeLine.objects.filter(invoice, closed_on__lte=scope.on).order_by().values("invoice_id")
        return over.annotate(d=Max("closed_on")).values_list("invoice_id", "d")
    dispute, day = scope.ended
    ends = Coalesce("closed_on", Value(day), output_field=DateField())
    rows = DisputeLine.objects.filter(
        invoice, Q(closed_on__lte=scope.on) | Q(closed_on=None, dispute=dispute)
    )
    return rows.order_by().values("invoice_id").annotate(d=Max(ends)).values_list("invoice_id", "d")


def _untold(scope: Scope, invoice: Q) -> QuerySet[Any, Any]:
    """The invoices of a dispute that ended and whose outcome the customer has not been told."""
    then = scope.on if scope.then else None
    outcomes = Outcome.objects.untold(on_its_way=bool(scope.played), then=then)
    rows = DisputeLine.objects.filter(invoice, closed_on__lte=scope.on, closing__isnull=False)
    return rows.filter(dispute__in=outcomes.values("dispute")).order_by().values_list("invoice_id").distinct()


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


def _pursued(scope: Scope) -> QuerySet[Any, Any]:
    """What is in an open legal file; in play, what was on the day. One row per invoice, of an invoice's one file."""
    rows = LegalFileLine.objects.filter(file__entity=scope.book.entity).order_by()
    if scope.customer_id:
        rows = rows.filter(file__customer=scope.customer_id)
    if not scope.then:
        return rows.filter(closed_on=None).values_list("invoice_id")
    ended = Q(closed_on=None) | Q(closed_on__gt=scope.on)
    return rows.filter(ended, opened_on__lte=scope.on).values_list("invoice_id").distinct()


def _open(scope: Scope) -> QuerySet[Any, Any]:
    """What is open and within reach of the earliest step of any plan."""
    reach = date.fromordinal(scope.on.toordinal() - scope.book.earliest)
    rows = Invoice.objects.open_as_of(scope.on) if scope.then else Invoice.objects.open_now()
    rows = rows.filter(entity=scope.book.entity, issued_on__lte=scope.on, due_on__lte=reach)
    if scope.customer_id:
        rows = rows.filter(customer=scope.customer_id, currency=scope.currency)
    return rows.order_by().values_list(*ITEM)


def _customers(scope: Scope) -> QuerySet[Any, Any]:
    """Whose items they are, with the segment that counts: the declared one where neither a rule nor a person says
    anything."""
    rows = Customer.objects.filter(entity=scope.book.entity).order_by()
    if scope.customer_id:
        rows = rows.filter(pk=scope.customer_id)
    return rows.values_list("pk", Coalesce("effective__segment", "segment"), "country")


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
