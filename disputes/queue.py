"""The queue: saved views with counts, filters, totals that follow the filter, keyset pages. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, TextChoices
from django.utils.translation import pgettext_lazy

from accounts import policy
from accounts.models import User
from disputes import finding, selectors
from disputes.choices import Status
from disputes.models import Dispute

PAGE = 30
AGES = (7, 30, 60, 90)


class View(TextChoices):
    """The saved views everybody has."""

    TRIAGE = "triage", pgettext_lazy("view", "To triage")
    MINE = "mine", pgettext_lazy("view", "Mine")
    LATE = "late", pgettext_lazy("view", "Past deadline")
    SALES = "sales", pgettext_lazy("view", "Waiting for sales")
    CUSTOMER = "customer", pgettext_lazy("view", "Waiting for customer")
    ALL = "all", pgettext_lazy("view", "All")
    CLOSED = "closed", pgettext_lazy("view", "Closed")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to. Empty values narrow nothing."""

    view: str = View.ALL
    q: str = ""
    reason: str = ""
    customer: int | None = None
    holder: int | None = None
    minimum: Decimal | None = None
    older_than: int | None = None
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything beyond the view is chosen."""
        return any((self.q, self.reason, self.customer, self.holder, self.minimum, self.older_than))


@dataclass(frozen=True, slots=True)
class Totals:
    """What the filter leaves: disputes, customers, and the disputed amount per currency."""

    disputes: int = 0
    customers: int = 0
    amounts: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the queue, and where the next one starts (empty when there is none)."""

    rows: list[Dispute]
    after: str


def condition(view: str, user: User, at: datetime) -> Q:
    """Which disputes a saved view shows."""
    live = Q(closed_at=None)
    departments = policy.scope(user).departments
    return {
        View.TRIAGE: live & Q(status=Status.OPEN),
        View.MINE: live & (Q(holder_user=user) | Q(holder_department__in=departments)),
        View.LATE: live & Q(due_at__lt=at),
        View.SALES: live & Q(holder_user=F("customer__salesperson")),
        View.CUSTOMER: live & Q(status=Status.WAITING_CUSTOMER),
        View.ALL: live,
        View.CLOSED: Q(closed_at__isnull=False),
    }[View(view)]


def counts(user: User, at: datetime) -> dict[str, int]:
    """How many disputes each live view shows, in one query. Closed ones are not counted: they only grow."""
    views = [view for view in View if view not in (View.CLOSED, View.ALL)]
    sums: dict[str, Any] = {view.value: Count("pk", filter=condition(view, user, at)) for view in views}
    live = selectors.disputes_for(user).filter(closed_at=None)
    found: dict[str, int] = live.aggregate(**sums, **{View.ALL.value: Count("pk")})
    return found


def filtered(user: User, filters: Filters, at: datetime) -> QuerySet[Dispute]:
    """The disputes of the view that pass the filter, for this person."""
    rows = selectors.disputes_for(user).filter(condition(filters.view, user, at))
    if filters.q.strip():
        rows = rows.filter(finding.search(user, filters.q))
    if filters.reason:
        rows = rows.filter(reason__code=filters.reason)
    if filters.customer:
        rows = rows.filter(customer=filters.customer)
    if filters.holder:
        rows = rows.filter(holder_user=filters.holder)
    if filters.minimum:
        rows = rows.filter(amount__gte=filters.minimum)
    if filters.older_than:
        rows = rows.filter(opened_at__lt=at - timedelta(days=filters.older_than))
    return rows


def totals(user: User, filters: Filters, at: datetime) -> Totals:
    """What the filter leaves, over all pages, in one query."""
    rows = filtered(user, filters, at).order_by().values("currency")
    sums = list(
        rows.annotate(
            n=Count("pk"), customers=Count("customer", distinct=True), total=Sum("amount")
        ).order_by("-total")
    )
    return Totals(
        disputes=sum(row["n"] for row in sums),
        customers=sum(row["customers"] for row in sums),
        amounts=[(row["currency"], row["total"]) for row in sums],
    )


def page(user: User, filters: Filters, at: datetime, *, size: int = PAGE) -> Page:
    """One page: the most urgent first, the closed ones latest first. Page N costs what page 1 costs."""
    closed = filters.view == View.CLOSED
    rows = filtered(user, filters, at)
    rows = (
        rows.order_by("-closed_at", "-pk")
        if closed
        else rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    )
    if filters.after:
        rows = rows.filter(_behind(filters.after, closed=closed))
    shown = list(selectors.with_people(rows).prefetch_related("lines__invoice")[: size + 1])
    last = shown[size - 1] if len(shown) > size else None
    return Page(shown[:size], _place(last, closed=closed) if last else "")


def _place(dispute: Dispute, *, closed: bool) -> str:
    moment = dispute.closed_at if closed else dispute.due_at
    return f"{moment.isoformat() if moment else ''}~{dispute.pk}"


def _behind(after: str, *, closed: bool) -> Q:
    """The rows behind a place in the order; an unreadable place is the beginning."""
    moment_text, _, key = after.partition("~")
    try:
        pk, moment = int(key), datetime.fromisoformat(moment_text) if moment_text else None
    except ValueError:
        return Q()
    if moment is not None and moment.tzinfo is None:
        return Q()
    if closed:
        return Q(closed_at__lt=moment) | Q(closed_at=moment, pk__lt=pk) if moment else Q()
    if moment is None:
        return Q(due_at=None, pk__gt=pk)
    return Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk) | Q(due_at=None)
