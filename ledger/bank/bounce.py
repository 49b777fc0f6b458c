"""A returned collection or transfer takes back the payment that it undoes."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction as database
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger import services
from ledger.bank.known import UNDECIDED
from ledger.bank.matching_text import tokens
from ledger.choices import TransactionStatus
from ledger.errors import LedgerError
from ledger.models import BankTransaction, Payment, PaymentReturn
from lib.money import q

# A direct debit may come back for thirteen months when it was not authorised.
LONGEST = timedelta(days=400)


def payments_of(row: BankTransaction) -> list[Payment]:
    """The payments that this return may take back: same end-to-end id, mandate, payer, or the invoice it names."""
    came = _came(row)
    word = "" if row.end_to_end_id.upper() == "NOTPROVIDED" else row.end_to_end_id
    ways = (
        Q(transactions__end_to_end_id=word) | Q(identity=word) | Q(reference=word) if word else None,
        Q(transactions__mandate_id=row.mandate_id) if row.mandate_id else None,
        _names(row),
        Q(transactions__party_account=row.party_account) if row.party_account else None,
        Q(transactions__party_name__iexact=row.party_name) if row.party_name else None,
    )
    for way in ways:
        rows = list(came.filter(way).distinct().order_by("-received_on", "-pk")[:5]) if way else []
        if rows:
            return rows
    return []


@database.atomic
def take_back(
    *,
    row: BankTransaction,
    at: datetime,
    by: User | None = None,
    payment: Payment | None = None,
) -> BankTransaction:
    """Take the payment back that the return undoes, when there is exactly one; else a person looks at it.

    `payment` is a person's choice. Money of ours that came back (more than zero) stays for a person too.
    """
    row = BankTransaction.objects.select_for_update().get(pk=row.pk)
    if row.status not in UNDECIDED or row.amount >= 0:
        return row
    found = [payment] if payment else payments_of(row)
    if len(found) != 1:
        return row
    chosen = found[0]
    if chosen.entity_id != row.entity_id or chosen.currency != row.currency:
        raise LedgerError(_("The payment must be in this entity and currency."), code="other_customer")
    amount = q(min(-row.amount, chosen.amount - chosen.returned), row.currency)
    back = services.return_payment(
        payment=chosen, on=row.booked_on, at=at, amount=amount, reason=row.return_reason, by=by
    )
    row.status, row.payment, row.payment_return = TransactionStatus.RETURNED, chosen, back
    row.decided_by, row.decided_at = by, at
    row.save(update_fields=["status", "payment", "payment_return", "decided_by", "decided_at"])
    _tell(row, back, at=at, by=by)
    return row


@database.atomic
def undo(*, row: BankTransaction, at: datetime, by: User | None = None, note: str = "") -> BankTransaction:
    """The return was not of this payment: the money is on the customer's account again, not placed."""
    row = BankTransaction.objects.select_for_update().get(pk=row.pk)
    if row.status != TransactionStatus.RETURNED or row.payment_return is None:
        raise LedgerError(_("There is nothing to take back here."), code="nothing_to_reverse")
    services.reverse_return(
        row=row.payment_return, on=row.payment_return.returned_on, at=at, by=by, note=note
    )
    row.status, row.payment, row.payment_return = TransactionStatus.UNMATCHED, None, None
    row.proposal = {"taken_back": True}
    row.decided_by, row.decided_at, row.note = by, at, note[:250]
    row.save()
    return row


def _came(row: BankTransaction) -> QuerySet[Payment]:
    """Payments of the amount (the bank may add its charges) before the return, that were not taken back."""
    return Payment.objects.filter(
        entity_id=row.entity_id,
        currency=row.currency,
        amount__lte=-row.amount,
        amount__gte=-row.amount - abs(row.charges or Decimal(0)),
        received_on__lte=row.booked_on,
        received_on__gte=row.booked_on - LONGEST,
        returned=0,
    )


def _names(row: BankTransaction) -> Q | None:
    """By the invoice that the return names."""
    words = {row.text[token.start : token.end] for token in tokens(row.text)} | {row.reference}
    words = {word for word in words if len(word) > 3}
    return Q(allocations__invoice__number__in=words) if words else None


def _tell(row: BankTransaction, back: PaymentReturn, *, at: datetime, by: User | None) -> None:
    emit(
        stream="transaction",
        object_id=row.pk,
        entity_id=row.entity_id,
        kind="transaction.returned",
        actor=by,
        at=at,
        data={"payment": back.payment_id, "amount": str(back.amount), "reason": back.reason},
    )
