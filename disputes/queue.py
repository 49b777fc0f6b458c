"""The queue: views, filters, keyset pages. Reads only; the figures above it are in `queue_sums`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, TextChoices
from django.utils.translation import pgettext_lazy

from accounts import policy
from accounts.models import User
from disputes import finding, selectors
from disputes.choices import Status
from disputes.models import Dispute, Outcome
from disputes.queue_rows import Order, Row, dress, place_of, read
from lib.text import fold

PAGE = 50
AGES = (7, 30, 60, 90)
POINTS = (75, 50, 25)


class View(TextChoices):
    """The views everybody has."""

    TRIAGE = "triage", pgettext_lazy("view", "To triage")
    MINE = "mine", pgettext_lazy("view", "Mine")
    LATE = "late", pgettext_lazy("view", "Past deadline")
    SALES = "sales", pgettext_lazy("view", "Waiting for sales")
    CUSTOMER = "customer", pgettext_lazy("view", "Waiting for customer")
    SNOOZED = "snoozed", pgettext_lazy("view", "Snoozed")
    ALL = "all", pgettext_lazy("view", "All")
    TO_TELL = "to_tell", pgettext_lazy("view", "Outcome to be told")
    CLOSED = "closed", pgettext_lazy("view", "Closed")


# What has ended: shown latest first, and not counted.
ENDED = (View.TO_TELL, View.CLOSED)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to. Empty values narrow nothing."""

    view: str = View.ALL
    q: str = ""
    reason: str = ""
    status: str = ""
    customer: int | None = None
    customer_name: str = ""
    holder: int | None = None
    coordinator: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    older_than: int | None = None
    priority: int | None = None
    sort: str = ""
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything beyond the view is chosen."""
        kept = (one.name for one in fields(self) if one.name not in ("view", "sort", "after"))
        return any(getattr(self, name) for name in kept)

    @property
    def points(self) -> bool:
        """Whether priorities are what one looks at."""
        return bool(self.priority) or self.order == Order.PRIORITY

    @property
    def order(self) -> Order:
        """The closed ones latest first; the others by their deadline, or by their priority."""
        if self.view in ENDED:
            return Order.CLOSED
        return Order.PRIORITY if self.sort == Order.PRIORITY else Order.DEADLINE


NUMBERS = ("customer", "holder", "coordinator", "older_than", "priority")
AMOUNTS = ("minimum", "maximum")


def kept_filters(kept: Mapping[str, str]) -> Filters:
    """The filter that a saved view keeps. What is not understood (any more) narrows nothing."""
    known = {one.name for one in fields(Filters)} - {"after"}
    found: dict[str, Any] = {}
    for name, value in kept.items():
        try:
            if name in known:
                found[name] = (
                    int(value) if name in NUMBERS else Decimal(value) if name in AMOUNTS else str(value)
                )
        except (ValueError, ArithmeticError):
            continue
    if found.get("view") not in View.values:
        found["view"] = View.ALL.value
    return Filters(**found)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue, and where the next one starts (empty when there is none)."""

    rows: list[Row]
    after: str


def condition(view: str, user: User, at: datetime) -> Q:
    """Which disputes a view shows. What is snoozed stands in its own view and in "All" only."""
    live = Q(closed_at=None)
    asleep = Q(snoozed_until__gt=at)
    awake = live & (Q(snoozed_until=None) | Q(snoozed_until__lte=at))
    departments = policy.scope(user).departments
    return {
        View.TRIAGE: awake & Q(status=Status.OPEN),
        View.MINE: awake & (Q(holder_user=user) | Q(holder_department__in=departments)),
        View.LATE: awake & Q(due_at__lt=at),
        View.SALES: awake & Q(holder_user=F("customer__salesperson")),
        View.CUSTOMER: awake & Q(status=Status.WAITING_CUSTOMER),
        View.SNOOZED: live & asleep,
        View.ALL: live,
        View.TO_TELL: Q(pk__in=Outcome.objects.untold(on_its_way=True).values("dispute")),
        View.CLOSED: Q(closed_at__isnull=False),
    }[View(view)]


def narrowing(user: User, filters: Filters, at: datetime) -> Q:
    """The view and its filters as one condition."""
    found = condition(filters.view, user, at)
    if filters.q.strip():
        found &= finding.search(user, filters.q)
    if filters.older_than:
        found &= Q(opened_at__lt=at - timedelta(days=filters.older_than))
    if filters.customer_name.strip():
        found &= Q(customer__name_key__icontains=fold(filters.customer_name))
    exact: dict[str, Any] = {
        "reason__code": filters.reason,
        "status": filters.status,
        "customer": filters.customer,
        "holder_user": filters.holder,
        "coordinator": filters.coordinator,
        "amount__gte": filters.minimum,
        "amount__lte": filters.maximum,
        "priority__gte": filters.priority,
    }
    return found & Q(**{name: value for name, value in exact.items() if value})


def filtered(user: User, filters: Filters, at: datetime) -> QuerySet[Dispute]:
    """The disputes of the view that pass the filter, for this person."""
    return selectors.disputes_for(user).filter(narrowing(user, filters, at))


def page(user: User, filters: Filters, at: datetime, *, size: int = PAGE) -> Page:
    """One page, in the order that the filter asks for. Page N costs what page 1 costs."""
    found = read(_ordered(user, filters, at, after=filters.after)[: size + 1])
    after = str(place_of(found[size - 1], filters.order)) if len(found) > size else ""
    return Page(dress(found[:size], user, at), after)


def _ordered(user: User, filters: Filters, at: datetime, *, after: str) -> QuerySet[Dispute]:
    rows = filtered(user, filters, at).order_by(*ORDERS[filters.order])
    return rows.filter(_behind(after, filters.order)) if after else rows


ORDERS: dict[Order, tuple[Any, ...]] = {
    Order.CLOSED: (F("closed_at").desc(), F("pk").desc()),
    Order.DEADLINE: (F("due_at").asc(nulls_last=True), F("pk")),
    Order.PRIORITY: (F("priority").desc(), F("pk")),
}


def _behind(after: str, order: Order) -> Q:
    """The rows behind a place in the order; an unreadable place is the beginning."""
    first, _, key = after.partition("~")
    try:
        pk = int(key)
        if order == Order.PRIORITY:
            return Q(priority__lt=int(first)) | Q(priority=int(first), pk__gt=pk)
        moment = datetime.fromisoformat(first) if first else None
    except ValueError:
        return Q()
    if moment is not None and moment.tzinfo is None:
        return Q()
    if order == Order.CLOSED:
        return Q(closed_at__lt=moment) | Q(closed_at=moment, pk__lt=pk) if moment else Q()
    if moment is None:
        return Q(due_at=None, pk__gt=pk)
    return Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk) | Q(due_at=None)


def one(user: User, filters: Filters, pk: int, at: datetime) -> Row | None:
    """The row of one dispute, when the view shows it."""
    return next(iter(dress(read(filtered(user, filters, at).filter(pk=pk)), user, at)), None)


def beside(user: User, filters: Filters, pk: int, at: datetime, *, forward: bool) -> int | None:
    """The dispute after (or before) this one in the order of the view, whether or not the view still shows this one."""
    here = read(selectors.disputes_for(user).filter(pk=pk))
    if not here:
        return None
    behind = _behind(str(place_of(here[0], filters.order)), filters.order)
    rows = _ordered(user, filters, at, after="").exclude(pk=pk)
    rows = rows.filter(behind) if forward else rows.exclude(behind).reverse()
    found: int | None = rows.values_list("pk", flat=True).first()
    return found
