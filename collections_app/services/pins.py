"""A person keeps a customer in a segment, or lets the rules decide again."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from collections_app.errors import SegmentError
from collections_app.models import SegmentPin
from collections_app.segmenting.deciding import store
from collections_app.services.segments import locked, recompute, rules_in_force
from ledger.choices import Segment
from ledger.models import Customer
from lib.errors import FieldErrors

LONGEST = 300


@transaction.atomic
def pin(*, customer: Customer, segment: str, reason: str, by: User, on: date, at: datetime) -> SegmentPin:
    """The customer is in `segment` until somebody lets go of it. Raises FieldErrors without a reason."""
    locked(customer.entity)
    reason = reason.strip()[:LONGEST]
    if segment not in Segment.values:
        raise FieldErrors({"segment": _("There is no such segment.")})
    if not reason:
        raise FieldErrors({"reason": _("Say why the customer is in this segment.")})
    facts = {"segment": segment, "reason": reason, "by": by, "at": at}
    kept, _fresh = SegmentPin.objects.update_or_create(customer=customer, defaults=facts)
    _say(customer, "customer.segment_pinned", {"segment": segment, "text": reason}, by, at)
    store(customer.entity, rules_in_force(customer.entity), on, customer.pk)
    return kept


@transaction.atomic
def unpin(*, customer: Customer, by: User, on: date, at: datetime) -> None:
    """The rules decide again. Raises SegmentError when nobody has set a segment."""
    locked(customer.entity)
    gone, _each = SegmentPin.objects.filter(customer=customer).delete()
    if not gone:
        raise SegmentError(_("Nobody has set this customer's segment."), code="not_pinned")
    _say(customer, "customer.segment_unpinned", {}, by, at)
    recompute(entity=customer.entity, by=by, on=on, at=at, customer_id=customer.pk)


def _say(customer: Customer, kind: str, data: dict[str, str], by: User, at: datetime) -> None:
    emit(
        stream="customer",
        object_id=customer.pk,
        entity_id=customer.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data=data,
    )
