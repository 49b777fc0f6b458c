"""Computing the priority of disputes and keeping it with them, so that lists can be sorted by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Dispute, PriorityWeights
from disputes.priority import Facts, Weights, of_weights, priority
from ledger.choices import InvoiceKind
from ledger.models import Invoice
from ledger.segments import segments_of
from lib.money import ZERO

STALE = timedelta(hours=24)
OFTEN = timedelta(hours=1)
NEAR = timedelta(hours=72)
PIECE = 500
MOST_A_RUN = 20_000
FIELDS = (
    "amount", "age", "customer", "deadline", "full_amount", "full_days", "full_balance", "near_hours",
)  # fmt: skip


def prioritize(*, ids: Iterable[int], at: datetime) -> int:
    """Compute the priority of these disputes afresh; how many changed. Closed ones are left alone. Harmless twice."""
    changed = 0
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), PIECE):
        changed += _piece(wanted[start : start + PIECE], at)
    return changed


@transaction.atomic
def _piece(ids: list[int], at: datetime) -> int:
    """One transaction: the rows are locked first, so that the figures are of what they say now."""
    list(Dispute.objects.active().filter(pk__in=ids).locked().values_list("pk", flat=True))
    rows = list(Dispute.objects.active().filter(pk__in=ids).select_related("customer"))
    weights = weights_of(row.entity_id for row in rows)
    owed, followed = balances(rows), segments_of({row.customer for row in rows})
    changed = 0
    for row in rows:
        found = priority(facts_of(row, owed, followed[row.customer_id]), weights[row.entity_id], at)
        changed += (row.priority, row.priority_parts) != (found.points, found.parts)
        row.priority, row.priority_parts, row.priority_at = found.points, found.parts, at
    Dispute.objects.bulk_update(rows, ["priority", "priority_parts", "priority_at"], batch_size=PIECE)
    return changed


def facts_of(row: Dispute, owed: Mapping[tuple[int, str], Decimal], segment: str) -> Facts:
    """What is looked at in a dispute; `segment` is the one that counts for its customer."""
    return Facts(
        amount=row.amount,
        opened_at=row.opened_at,
        segment=segment,
        balance=owed.get((row.customer_id, row.currency), ZERO),
        due_at=row.due_at,
    )


def weights_of(entities: Iterable[int]) -> dict[int, Weights]:
    """The weights of each legal entity."""
    wanted = set(entities)
    rows = PriorityWeights.objects.filter(entity__in=wanted).values("entity", *FIELDS)
    known = {row.pop("entity"): row for row in rows}
    return {entity: of_weights(known.get(entity)) for entity in wanted}


def balances(rows: list[Dispute]) -> dict[tuple[int, str], Decimal]:
    """What the customers of these disputes owe now, per currency: open invoices, from the stored totals."""
    invoices = Invoice.objects.filter(
        customer__in={row.customer_id for row in rows}, kind=InvoiceKind.INVOICE, allocated__lt=F("amount")
    )
    sums = invoices.order_by().values("customer", "currency").annotate(owed=Sum(F("amount") - F("allocated")))
    return {(row["customer"], row["currency"]): row["owed"] for row in sums}


def prioritize_stale(*, at: datetime, most: int = MOST_A_RUN) -> int:
    """What the clock changes: every open dispute once a day, hourly while its deadline comes near."""
    near = Q(due_at__lt=at + NEAR, priority_at__lt=at - OFTEN) & (Q(priority_at__lt=F("due_at")))
    stale = Dispute.objects.active().filter(Q(priority_at=None) | Q(priority_at__lt=at - STALE) | near)
    return prioritize(ids=stale.order_by("pk").values_list("pk", flat=True)[:most], at=at)


@transaction.atomic
def set_weights(*, entity: LegalEntity, by: User, at: datetime, **fields: Any) -> PriorityWeights:
    """Change what makes a dispute urgent here; the disputes are computed afresh by the listener of the event."""
    if not policy.may(by, "dispute.decide", entity.pk):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")
    PriorityWeights.objects.get_or_create(entity=entity)
    row = PriorityWeights.objects.select_for_update().get(entity=entity)
    for name, value in fields.items():
        setattr(row, name, value)
    errors = problems_of(row)
    if errors:
        raise FieldErrors(errors)
    row.save()
    data = {name: str(getattr(row, name)) for name in FIELDS}
    emit(
        stream="priority",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="priority.weighed",
        actor=by,
        at=at,
        data=data,
    )
    return row


def problems_of(row: PriorityWeights | Weights) -> dict[str, str]:
    """What is wrong with weights, by field."""
    errors: dict[str, str] = {}
    points = [row.amount, row.age, row.customer, row.deadline]
    if any(one < 0 for one in points) or sum(points) > 100:
        errors["amount"] = _("The points must add up to at most 100.")
    for name in ("full_amount", "full_days", "full_balance", "near_hours"):
        if getattr(row, name) <= 0:
            errors[name] = _("All points must be reached somewhere above zero.")
    return errors
