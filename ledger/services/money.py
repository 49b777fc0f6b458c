"""Money that came in, and where it is placed."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger.choices import AllocationKind
from ledger.errors import LedgerError
from ledger.models import Allocation, Customer, ImportBatch, Invoice, Payment


@transaction.atomic
def record_payment(
    *,
    customer: Customer,
    received_on: date,
    amount: Decimal,
    currency: str,
    identity: str,
    at: datetime,
    reference: str = "",
    method: str = "",
    by: User | None = None,
    batch: ImportBatch | None = None,
) -> Payment:
    """Money received. The same `identity` twice is the same payment."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = Payment.objects.filter(entity_id=customer.entity_id, identity=identity).first()
    if known is not None:
        if (known.customer_id, known.received_on, known.amount, known.currency) != (
            customer.pk,
            received_on,
            amount,
            currency,
        ):
            raise LedgerError(
                _("A payment with the identity %(identity)s is already recorded with other facts.")
                % {"identity": identity},
                code="payment_differs",
            )
        return known
    payment = Payment(
        entity_id=customer.entity_id,
        customer=customer,
        received_on=received_on,
        amount=amount,
        currency=currency,
        identity=identity,
        reference=reference,
        method=method,
        batch=batch,
        recorded_at=at,
    )
    payment.full_clean()
    payment.save(force_insert=True)
    emit(
        stream="customer",
        object_id=customer.pk,
        entity_id=customer.entity_id,
        kind="payment.recorded",
        actor=by,
        at=at,
        data={"payment": payment.pk, "amount": str(amount), "currency": currency},
    )
    return payment


@transaction.atomic
def allocate(
    *,
    invoice: Invoice,
    amount: Decimal,
    on: date,
    at: datetime,
    payment: Payment | None = None,
    credit_note: Invoice | None = None,
    kind: str = "",
    by: User | None = None,
    note: str = "",
) -> Allocation:
    """Place a part of a payment or credit note, a write-off or an adjustment on an invoice.

    `kind` follows from the source and must be given without one. Never more than is open, nor than is left of
    the source: asked here under the rows' locks, and by the database again.
    """
    ids = sorted({invoice.pk} | ({credit_note.pk} if credit_note else set()))
    rows = {
        row.pk: row
        for row in Invoice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    }
    if len(rows) < len(ids):
        raise LedgerError(_("The invoice is not there any more: its import was undone."), code="invoice_gone")
    invoice = rows[invoice.pk]
    credit_note = rows[credit_note.pk] if credit_note else None
    if payment:
        payment = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
    if amount <= 0:
        raise LedgerError(_("The amount must be more than zero."), code="amount_not_positive")
    _ask(invoice, amount, on, invoice.allocations.all())
    if payment:
        _ask(
            payment,
            amount,
            on,
            payment.allocations.all(),
            payment.returns.values_list("returned_on", "amount"),
        )
    if credit_note:
        _ask(credit_note, amount, on, credit_note.applications.all())
    allocation = Allocation(
        invoice=invoice,
        kind=kind or (AllocationKind.PAYMENT if payment else AllocationKind.CREDIT_NOTE),
        payment=payment,
        credit_note=credit_note,
        amount=amount,
        allocated_on=on,
        recorded_at=at,
        by=by,
        note=note,
    )
    allocation.full_clean()
    allocation.save(force_insert=True)
    _tell(allocation, "payment.allocated", at=at, by=by)
    return allocation


@transaction.atomic
def reverse_allocation(
    *, allocation: Allocation, on: date, at: datetime, by: User | None = None, note: str = ""
) -> Allocation:
    """Take an allocation back as of `on`. Reversing twice is refused; the first reversal stays."""
    Invoice.objects.select_for_update(no_key=True).get(pk=allocation.invoice_id)
    if Allocation.objects.filter(reverses=allocation).exists():
        raise LedgerError(_("This allocation is already taken back."), code="already_reversed")
    reversal = Allocation(
        invoice_id=allocation.invoice_id,
        kind=allocation.kind,
        payment_id=allocation.payment_id,
        credit_note_id=allocation.credit_note_id,
        amount=-allocation.amount,
        allocated_on=on,
        reverses=allocation,
        recorded_at=at,
        by=by,
        note=note,
    )
    reversal.full_clean()
    reversal.save(force_insert=True)
    _tell(reversal, "payment.reversed", at=at, by=by)
    return reversal


def _ask(
    owner: Invoice | Payment,
    amount: Decimal,
    on: date,
    placed: QuerySet[Allocation],
    taken: Iterable[tuple[date, Decimal]] = (),
) -> None:
    """Refuse an amount that does not fit into the owner on `on` or any day after it; `taken` went back to the bank."""
    rows = sorted([*placed.values_list("allocated_on", "amount"), *taken])
    left = owner.amount - _peak(rows, on)
    if amount > left:
        raise LedgerError(
            _("Only %(left)s %(currency)s of %(owner)s is left on that day.")
            % {"left": left, "currency": owner.currency, "owner": owner},
            code="more_than_left",
        )


def _peak(rows: Iterable[tuple[date, Decimal]], since: date) -> Decimal:
    """The most that is placed at the end of `since` or any later day; rows in the order of their days."""
    sums: dict[date, Decimal] = {since: Decimal(0)}
    running = Decimal(0)
    for day, amount in rows:
        running += amount
        sums[max(day, since)] = running
    return max(sums.values())


def _tell(allocation: Allocation, kind: str, *, at: datetime, by: User | None) -> None:
    emit(
        stream="invoice",
        object_id=allocation.invoice_id,
        entity_id=allocation.invoice.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"allocation": allocation.pk, "kind": allocation.kind, "amount": str(allocation.amount)},
    )
