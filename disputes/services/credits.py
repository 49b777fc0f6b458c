"""What billing and the ERP are asked for, and the arrival of it in the ledger, which closes the loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Department, User
from disputes.choices import Resolution, Verdict
from disputes.choices_outcome import RequestKind, RequestState
from disputes.models import CreditArrival, CreditRequest, CreditRequestLine, Dispute
from disputes.services.common import tell
from ledger.choices import AllocationKind
from ledger.models import Allocation
from lib.money import ZERO

S = RequestState
KINDS = {
    Resolution.CREDIT: RequestKind.CREDIT,
    Resolution.REBILL: RequestKind.REBILL,
    Resolution.WRITE_OFF: RequestKind.WRITE_OFF,
}
# How an answer to a request of each kind looks in the ledger.
BOOKED_AS = {
    RequestKind.CREDIT: AllocationKind.CREDIT_NOTE,
    RequestKind.REBILL: AllocationKind.CREDIT_NOTE,
    RequestKind.WRITE_OFF: AllocationKind.WRITE_OFF,
}
BILLING = "billing"


def open_request(dispute: Dispute) -> CreditRequest | None:
    """The request of this dispute that still waits."""
    rows = CreditRequest.objects.filter(dispute=dispute, state=S.REQUESTED)
    found: CreditRequest | None = rows.prefetch_related("lines__arrivals", "lines__invoice").first()
    return found


def write_request(
    dispute: Dispute,
    amounts: Mapping[int, Decimal],
    *,
    kind: RequestKind,
    verdict: Verdict,
    by: User | None,
    at: datetime,
    expected_on: date | None = None,
    number: str = "",
    note: str = "",
) -> CreditRequest:
    """Ask billing for it, once: a request that waits already takes these amounts instead of its own.

    A `number` is a document that billing has made; what the ledger has of it already is counted at once. The
    caller holds the dispute's lock.
    """
    request = open_request(dispute) or CreditRequest(
        dispute=dispute, requested_by=by, requested_at=at, department=_billing(dispute)
    )
    request.kind, request.verdict = kind, verdict
    request.expected_on = expected_on or request.expected_on
    request.number, request.note = number or request.number, note or request.note
    request.full_clean(exclude=["dispute", "department", "requested_by"], validate_constraints=False)
    request.save()
    for line in request.lines.all():
        if line.invoice_id not in amounts:
            line.amount = ZERO
            line.save(update_fields=["amount"])
    for invoice_id, amount in amounts.items():
        CreditRequestLine.objects.update_or_create(
            request=request, invoice_id=invoice_id, defaults={"amount": amount}
        )
    if not number:
        tell(dispute, "credit.requested", by=by, at=at, data=facts_of(request))
    _take_in_what_is_there(request, at)
    return request


def _billing(dispute: Dispute) -> Department | None:
    """The department that makes credit notes: the one called billing, else the reason's."""
    found = Department.objects.filter(entity_id=dispute.entity_id, code=BILLING).first()
    return found or dispute.reason.department


def fresh(request: CreditRequest) -> CreditRequest:
    """The request as it is now, with its lines and what arrived."""
    rows = CreditRequest.objects.select_related("dispute__entity", "department", "requested_by")
    return rows.prefetch_related("lines__arrivals", "lines__invoice").get(pk=request.pk)


def fits(request: CreditRequest) -> bool:
    """Whether exactly what was asked for has come, invoice by invoice."""
    lines = list(request.lines.all())
    return bool(lines) and all(line.arrived == line.amount for line in lines)


def issue(request: CreditRequest, *, by: User | None, at: datetime) -> None:
    """The document is there: the request has ended well."""
    request.state, request.ended_at, request.ended_by = S.ISSUED, max(at, request.requested_at), by
    request.save(update_fields=["state", "ended_at", "ended_by", "number"])
    tell(request.dispute, "credit.issued", by=by, at=at, data=facts_of(fresh(request)))


def stop(
    request: CreditRequest, state: RequestState, *, by: User | None, at: datetime, note: str = ""
) -> None:
    """The request ends without a document: billing refused it, or nobody needs it any more."""
    request.state, request.ended_at, request.ended_by = state, max(at, request.requested_at), by
    request.note = note or request.note
    request.save(update_fields=["state", "ended_at", "ended_by", "note"])
    tell(request.dispute, "credit.ended", by=by, at=at, data=facts_of(fresh(request)) | {"note": note})


def _take_in_what_is_there(request: CreditRequest, at: datetime) -> None:
    """Count what the ledger has of this dispute's invoices and nobody has counted yet."""
    lines = {line.invoice_id: line for line in request.lines.all() if line.amount > 0}
    found = Allocation.objects.filter(
        invoice__in=lines,
        kind=BOOKED_AS[RequestKind(request.kind)],
        reverses=None,
        reversal=None,
        allocated_on__gte=request.dispute.opened_on,
    )
    counted = CreditArrival.objects.filter(allocation__in=found.values("pk")).values("allocation")
    for allocation in found.exclude(pk__in=counted).select_related("credit_note").order_by("pk"):
        record_arrival(lines[allocation.invoice_id], allocation, at=at)


def record_arrival(line: CreditRequestLine, allocation: Allocation, *, at: datetime) -> bool:
    """Count an allocation for a line; False when it, or its credit note, was counted before."""
    note = allocation.credit_note
    known = CreditArrival.objects.filter(allocation=allocation).exists() or (
        note is not None and line.arrivals.filter(credit_note=note, allocation=None).exists()
    )
    if known:
        return False
    CreditArrival.objects.create(
        line=line,
        allocation=allocation,
        credit_note=note,
        amount=allocation.amount,
        number=note.number if note else "",
        at=at,
    )
    _take_number(line, note.number if note else "")
    return True


def record_note(line: CreditRequestLine, note: Any, *, at: datetime) -> bool:
    """Count a credit note that names the line's invoice; False when it, or a part of it, was counted before."""
    if line.arrivals.filter(credit_note=note).exists():
        return False
    elsewhere = CreditArrival.objects.filter(credit_note=note)
    left = note.amount - sum(elsewhere.values_list("amount", flat=True), ZERO)
    if left <= 0:
        return False
    CreditArrival.objects.create(line=line, credit_note=note, amount=left, number=note.number, at=at)
    _take_number(line, note.number)
    return True


def _take_number(line: CreditRequestLine, number: str) -> None:
    request = line.request
    known = [part.strip() for part in request.number.split(",") if part.strip()]
    if number and number not in known:
        request.number = ", ".join([*known, number])[:80]
        request.save(update_fields=["number"])


def facts_of(request: CreditRequest) -> dict[str, Any]:
    """A request as events tell it."""
    lines: Iterable[CreditRequestLine] = request.lines.select_related("invoice").prefetch_related("arrivals")
    rows = list(lines)
    return {
        "request": request.pk,
        "kind": request.kind,
        "state": request.state,
        "amount": str(sum((line.amount for line in rows), ZERO)),
        "arrived": str(sum((line.arrived for line in rows), ZERO)),
        "currency": request.dispute.currency,
        "number": request.number,
        "department": request.department.name if request.department else "",
        "expected_on": request.expected_on.isoformat() if request.expected_on else "",
        "parts": [
            {"invoice": line.invoice_id, "number": line.invoice.number, "amount": str(line.amount)}
            for line in rows
        ],
    }
