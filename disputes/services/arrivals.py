"""The credit note arrives from the ERP: the request it answers is issued, and a dispute it settles is solved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import Resolution, Status, Verdict
from disputes.choices_outcome import Ended, Purpose, RequestKind, RequestState
from disputes.errors import FieldErrors, IllegalAct
from disputes.lifecycle import Act
from disputes.models import Approval, CreditArrival, CreditRequest, CreditRequestLine, Dispute, DisputeLine
from disputes.services.common import allow, lock, lock_invoices, moment_for, tell
from disputes.services.credits import (
    BOOKED_AS,
    facts_of,
    fits,
    fresh,
    issue,
    open_request,
    record_arrival,
    record_note,
    stop,
)
from disputes.services.ending import Ending, disputed_by_invoice, end
from disputes.services.waiting import drop, pending
from ledger.choices import InvoiceKind
from ledger.models import Allocation, Invoice
from lib.money import ZERO

S = RequestState
ENDS_BY = {
    RequestKind.CREDIT: Resolution.CREDIT,
    RequestKind.REBILL: Resolution.REBILL,
    RequestKind.WRITE_OFF: Resolution.WRITE_OFF,
}
Record = Callable[[CreditRequestLine], bool]


@transaction.atomic
def take_allocation(*, allocation_id: int, at: datetime) -> bool:
    """A credit note or write-off was placed on an invoice; whether some dispute counted it. Harmless twice."""
    rows = Allocation.objects.select_related("credit_note").filter(amount__gt=0, reversal=None)
    found = rows.filter(pk=allocation_id).first()
    if found is None or found.kind not in BOOKED_AS.values():
        return False
    kinds = [kind for kind, booked in BOOKED_AS.items() if booked == found.kind]
    number = found.credit_note.number if found.credit_note else ""
    return _take(found.invoice_id, kinds, number, lambda line: record_arrival(line, found, at=at), at=at)


@transaction.atomic
def take_credit_note(*, note_id: int, at: datetime) -> bool:
    """A credit note that names an invoice was recorded; whether some dispute counted it. Harmless twice."""
    note = Invoice.objects.filter(pk=note_id, kind=InvoiceKind.CREDIT_NOTE, corrects__isnull=False).first()
    if note is None or note.corrects_id is None:
        return False
    kinds = [RequestKind.CREDIT, RequestKind.REBILL]
    return _take(note.corrects_id, kinds, note.number, lambda line: record_note(line, note, at=at), at=at)


def notes_of_batch(batch_id: int) -> list[int]:
    """The credit notes of an import that name an invoice some dispute is or was about."""
    notes = Invoice.objects.filter(batch=batch_id, kind=InvoiceKind.CREDIT_NOTE)
    disputed = DisputeLine.objects.filter(closed_on=None).values("invoice")
    asked = CreditRequestLine.objects.filter(request__state__in=[S.REQUESTED, S.ISSUED]).values("invoice")
    rows = notes.filter(Q(corrects__in=disputed) | Q(corrects__in=asked)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _take(invoice_id: int, kinds: list[RequestKind], number: str, record: Record, *, at: datetime) -> bool:
    """Count what came for the request it answers, or for the dispute that is about the invoice."""
    lock_invoices([invoice_id])
    request = _request_for(invoice_id, kinds, number)
    disputed = _disputed_in(invoice_id)
    if request is None and disputed is None:
        request = _unseen(invoice_id, kinds)
    dispute_id = request.dispute_id if request else disputed
    if dispute_id is None:
        return False
    dispute = lock(dispute_id)
    # Again, now that nobody else can close it: a closing may have asked for it meanwhile.
    request = _request_for(invoice_id, kinds, number)
    if request is None and not dispute.is_open:
        request = _unseen(invoice_id, kinds)
        if request is None:
            return False
    request = request or _unasked(dispute, kinds[0], at)
    if request.dispute_id != dispute.pk:
        dispute = lock(request.dispute_id)
    line = request.lines.get(invoice=invoice_id)
    if not record(line):
        return False
    look(fresh(request), dispute, moment_for(dispute, at))
    return True


def _disputed_in(invoice_id: int) -> int | None:
    live = DisputeLine.objects.filter(invoice=invoice_id, closed_on=None).order_by("dispute_id")
    return live.values_list("dispute_id", flat=True).first()


def _request_for(invoice_id: int, kinds: list[RequestKind], number: str) -> CreditRequest | None:
    """The request this answers: one that names the document, else the oldest that waits for this invoice."""
    rows = CreditRequest.objects.filter(lines__invoice=invoice_id, kind__in=kinds).order_by("pk")
    if number:
        named = rows.filter(number__contains=number, state__in=[S.REQUESTED, S.ISSUED])
        for one in named:
            if number in [part.strip() for part in one.number.split(",")]:
                return one
    found: CreditRequest | None = rows.filter(state=S.REQUESTED).first()
    return found


def _unseen(invoice_id: int, kinds: list[RequestKind]) -> CreditRequest | None:
    """A document that somebody named and that has not come: this is it, under another number."""
    rows = CreditRequest.objects.filter(lines__invoice=invoice_id, kind__in=kinds, state=S.ISSUED)
    came = CreditArrival.objects.filter(line__request=OuterRef("pk"))
    found: CreditRequest | None = rows.filter(~Exists(came), lines__amount__gt=0).order_by("pk").first()
    return found


def _unasked(dispute: Dispute, kind: RequestKind, at: datetime) -> CreditRequest:
    """A credit nobody asked for on a disputed invoice: it is held against what is disputed, or asked to approve."""
    waiting = open_request(dispute)
    if waiting is not None:
        for invoice_id, amount in disputed_by_invoice(dispute).items():
            waiting.lines.get_or_create(invoice_id=invoice_id, defaults={"amount": amount})
        return waiting
    approval = pending(dispute)
    amounts = disputed_by_invoice(dispute)
    verdict = Verdict.JUSTIFIED
    if approval is not None and approval.purpose in (Purpose.CLOSE, Purpose.REQUEST):
        asked = {part["invoice"]: Decimal(part["amount"]) for part in approval.parts}
        amounts, verdict = {pk: asked.get(pk, ZERO) for pk in amounts}, Verdict(approval.verdict)
    request = CreditRequest.objects.create(
        dispute=dispute, kind=kind, verdict=verdict, requested_at=at, requested_by=None
    )
    for invoice_id, amount in amounts.items():
        CreditRequestLine.objects.create(request=request, invoice_id=invoice_id, amount=amount)
    return request


def look(request: CreditRequest, dispute: Dispute, at: datetime) -> None:
    """What came fits: issued, and a dispute that waited for it is solved. It does not: a person is shown how much."""
    if not fits(request):
        tell(dispute, "credit.differs", by=None, at=at, data=facts_of(request))
        return
    if request.state == S.REQUESTED:
        issue(request, by=None, at=at)
    if dispute.is_open:
        _solve(request, dispute, by=None, at=at)


def _solve(request: CreditRequest, dispute: Dispute, *, by: User | None, at: datetime) -> None:
    """Close the dispute with what has arrived."""
    drop(dispute, Ended.BOOKED, by=by, at=at)
    disputed = disputed_by_invoice(dispute)
    came = {
        line.invoice_id: min(line.arrived, disputed.get(line.invoice_id, ZERO))
        for line in request.lines.all()
    }
    parts = {pk: amount for pk, amount in came.items() if amount > 0}
    total = sum(parts.values(), ZERO)
    resolution = ENDS_BY[RequestKind(request.kind)]
    verdict = Verdict(request.verdict)
    if request.requested_by_id is None:
        verdict = Verdict.JUSTIFIED if total == dispute.amount else Verdict.PARTLY
    gives = resolution != Resolution.REBILL
    ending = Ending(
        Status.SOLVED, verdict, resolution, total if gives else ZERO, parts=parts if gives else {}
    )
    approved = Approval.objects.filter(
        dispute=dispute, state="approved", purpose=Purpose.REQUEST, outcome=None, amount__gte=ending.amount
    )
    same = approved.filter(resolution=resolution).first() if request.requested_by_id else None
    end(dispute, ending, by=by, at=at, approval=same)


@transaction.atomic
def take_as_issued(
    *, request_id: int, by: User, at: datetime, number: str = "", note: str = ""
) -> CreditRequest:
    """A person says it is done: the number of the document, or that what came is right although it differs.

    When the dispute waited for it and something came, it is solved with what came.
    """
    request, dispute = _locked(request_id)
    allow(dispute, Act.FOLLOW_CREDIT, by)
    _check_waits(request)
    request = fresh(request)
    if not number.strip() and not request.arrived:
        raise FieldErrors(
            {"number": _("Give the number of the document: nothing has come in the ledger yet.")}
        )
    at = moment_for(dispute, at)
    request.number = number.strip()[:80] or request.number
    request.note = note.strip() or request.note
    request.save(update_fields=["note"])
    issue(request, by=by, at=at)
    if dispute.is_open and request.arrived:
        _solve(request, dispute, by=by, at=at)
    return request


@transaction.atomic
def refuse_request(*, request_id: int, by: User, at: datetime, note: str) -> CreditRequest:
    """Billing will not do it, and says why. A closed dispute stays closed; a credit manager may reopen it."""
    request, dispute = _locked(request_id)
    allow(dispute, Act.FOLLOW_CREDIT, by)
    _check_waits(request)
    if not note.strip():
        raise FieldErrors({"note": _("Say why not.")})
    if fresh(request).arrived:
        raise IllegalAct(_("A part of it has come in the ledger already."), code="arrived_already")
    stop(request, S.REFUSED, by=by, at=moment_for(dispute, at), note=note.strip())
    return request


def _check_waits(request: CreditRequest) -> None:
    if not request.is_open:
        raise IllegalAct(
            _("This request has ended: %(state)s.") % {"state": request.get_state_display()},
            code="request_ended",
        )


def _locked(request_id: int) -> tuple[CreditRequest, Dispute]:
    """The request and its dispute as they are now, both locked, the dispute first."""
    dispute = lock(CreditRequest.objects.values_list("dispute_id", flat=True).get(pk=request_id))
    return CreditRequest.objects.select_for_update(of=("self",)).get(pk=request_id), dispute
