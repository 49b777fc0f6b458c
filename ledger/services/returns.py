"""Money that the bank took back: a bounced direct debit, a returned transfer."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger.errors import LedgerError
from ledger.models import Allocation, Invoice, Payment, PaymentReturn
from ledger.services.money import reverse_allocation


@transaction.atomic
def return_payment(
    *,
    payment: Payment,
    on: date,
    at: datetime,
    amount: Decimal | None = None,
    reason: str = "",
    by: User | None = None,
    note: str = "",
) -> PaymentReturn:
    """Take `amount` of the payment back as of `on` (all of it by default); its invoices are open again.

    What is not placed goes first; then the latest allocations are taken back, as many as are needed, and what is
    freed too much stays on the customer's account. What was placed until a later day is taken back as of that day.
    """
    payment = _locked(payment)
    wanted = payment.amount - payment.returned if amount is None else amount
    if wanted <= 0 or wanted > payment.amount - payment.returned:
        raise LedgerError(
            _("Only %(left)s %(currency)s of this payment can be taken back.")
            % {"left": payment.amount - payment.returned, "currency": payment.currency},
            code="more_than_paid",
        )
    on = max(on, payment.received_on)
    freed = Decimal(0)
    for allocation in _standing(payment):
        if payment.unapplied + freed >= wanted:
            break
        reverse_allocation(
            allocation=allocation, on=max(on, allocation.allocated_on), at=at, by=by, note=note
        )
        freed += allocation.amount
        on = max(on, allocation.allocated_on)
    on = _first_day(payment, wanted, on)
    row = PaymentReturn(
        payment=payment,
        amount=wanted,
        returned_on=on,
        reason=reason[:20],
        note=note[:250],
        by=by,
        recorded_at=at,
    )
    row.full_clean()
    row.save(force_insert=True)
    _tell(row, "payment.returned", at=at, by=by)
    return row


@transaction.atomic
def reverse_return(
    *, row: PaymentReturn, on: date, at: datetime, by: User | None = None, note: str = ""
) -> PaymentReturn:
    """The return was a mistake: the money is there again, not placed. Reversing twice is refused."""
    _locked(row.payment)
    if row.reverses_id or PaymentReturn.objects.filter(reverses=row).exists():
        raise LedgerError(_("This return is already taken back."), code="already_reversed")
    reversal = PaymentReturn(
        payment_id=row.payment_id,
        amount=-row.amount,
        returned_on=max(on, row.returned_on),
        reason=row.reason,
        reverses=row,
        note=note[:250],
        by=by,
        recorded_at=at,
    )
    reversal.full_clean()
    reversal.save(force_insert=True)
    _tell(reversal, "payment.return_reversed", at=at, by=by)
    return reversal


def _locked(payment: Payment) -> Payment:
    """The payment, locked after the invoices it is placed on: the order of the house."""
    placed = Allocation.objects.filter(payment=payment).values("invoice")
    list(Invoice.objects.select_for_update(no_key=True).filter(pk__in=placed).order_by("pk"))
    return Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)


def _first_day(payment: Payment, wanted: Decimal, on: date) -> date:
    """The first day from `on` on, at the end of which and of every later one so much of the payment is left."""
    placed = payment.allocations.values_list("allocated_on", "amount")
    rows = sorted([*placed, *payment.returns.values_list("returned_on", "amount")])
    left, running = {}, payment.amount
    for day, amount in rows:
        running -= amount
        left[day] = running
    for rest, until in zip(left.values(), [*left][1:], strict=False):
        if rest < wanted:
            on = max(on, until)
    return on


def _standing(payment: Payment) -> list[Allocation]:
    """The allocations of the payment that nothing took back, latest first."""
    rows = Allocation.objects.filter(payment=payment, reverses=None, reversal=None).select_related("invoice")
    return list(rows.order_by("-allocated_on", "-pk"))


def _tell(row: PaymentReturn, kind: str, *, at: datetime, by: User | None) -> None:
    payment = row.payment
    emit(
        stream="customer",
        object_id=payment.customer_id,
        entity_id=payment.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={
            "payment": payment.pk,
            "amount": str(row.amount),
            "currency": payment.currency,
            "reason": row.reason,
            "on": row.returned_on.isoformat(),
        },
    )
