"""A credit note or write-off is taken back in the ledger: it no longer counts as what closed the loop."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from disputes.choices import Resolution
from disputes.choices_outcome import RequestState
from disputes.errors import IllegalAct
from disputes.models import CreditArrival, CreditRequest, Dispute, DisputeLine, Outcome
from disputes.services.closing import reopen_dispute
from disputes.services.common import lock, lock_invoices, moment_for, tell
from disputes.services.credits import facts_of, fresh, open_request, record_arrival, stop
from ledger.models import Allocation

S = RequestState
CLOSED_BY = (Resolution.CREDIT, Resolution.REBILL, Resolution.WRITE_OFF)


@transaction.atomic
def take_back_allocation(*, reversal_id: int, at: datetime) -> bool:
    """An allocation was taken back; whether some dispute had counted it. Harmless twice.

    Its request waits again. A dispute that only its arrival had closed is open again; what a person decided stays
    decided.
    """
    reversal = Allocation.objects.filter(pk=reversal_id, reverses__isnull=False).first()
    if reversal is None:
        return False
    counted = _counted(reversal)
    found = counted.first()
    if found is None:
        return False
    dispute_id = found.line.request.dispute_id
    lock_invoices(DisputeLine.objects.filter(dispute=dispute_id).values_list("invoice_id", flat=True))
    dispute = lock(dispute_id)
    arrival = counted.first()
    if arrival is None:
        return False
    request, number = arrival.line.request, arrival.number
    at = moment_for(dispute, at)
    before = fresh(request).arrived
    _forget(arrival, reversal, at)
    amount = before - fresh(request).arrived
    _open_again(dispute, at)
    _waits_again(request, dispute, number, at)
    data = facts_of(fresh(request)) | {"back": str(amount), "document": number}
    tell(dispute, "credit.reversed", by=None, at=at, data=data)
    if request.requested_by_id is None and request.state == S.REQUESTED and not fresh(request).arrived:
        # Nobody had asked for it: there is nothing to wait for.
        stop(request, S.WITHDRAWN, by=None, at=at)
    return True


def _counted(reversal: Allocation) -> QuerySet[CreditArrival]:
    """What was counted of the allocation: itself, or its credit note when that was recorded."""
    own = Q(allocation=reversal.reverses_id)
    if reversal.credit_note_id is not None:
        own |= Q(allocation=None, credit_note=reversal.credit_note_id, line__invoice=reversal.invoice_id)
    return CreditArrival.objects.filter(own).select_related("line__request")


def _forget(arrival: CreditArrival, reversal: Allocation, at: datetime) -> None:
    """It no longer counts; of a credit note that was counted as a whole, what still stands on the invoice does."""
    arrival.delete()
    if arrival.allocation_id is None:
        standing = Allocation.objects.filter(
            invoice=reversal.invoice_id, credit_note=reversal.credit_note_id, reverses=None, reversal=None
        )
        for allocation in standing.select_related("credit_note").order_by("pk"):
            record_arrival(arrival.line, allocation, at=at)


def _open_again(dispute: Dispute, at: datetime) -> None:
    """Open what the system had closed because of it, unless nothing is left to dispute."""
    outcome = Outcome.objects.filter(dispute=dispute, decided_by=None, resolution__in=CLOSED_BY).first()
    if dispute.is_open or outcome is None:
        return
    try:
        with transaction.atomic():
            reopen_dispute(dispute=dispute, by=None, at=at)
    except IllegalAct:
        return
    dispute.refresh_from_db()


def _waits_again(request: CreditRequest, dispute: Dispute, number: str, at: datetime) -> None:
    """The request is as it was before, without the number of the document; another one may wait by now."""
    if request.state == S.ISSUED and open_request(dispute) is None:
        request.state, request.ended_at, request.ended_by = S.REQUESTED, None, None
    left = CreditArrival.objects.filter(line__request=request).values_list("number", flat=True)
    if number and number not in set(left):
        parts = [part.strip() for part in request.number.split(",")]
        request.number = ", ".join(part for part in parts if part and part != number)
    request.save(update_fields=["state", "ended_at", "ended_by", "number"])
