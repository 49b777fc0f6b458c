"""What becomes of a bank transaction: placed, kept on an account, not a customer's, taken back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction as database
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger import services
from ledger.bank.known import UNDECIDED
from ledger.bank.learning import learn
from ledger.bank.matching import CERTAIN, SMALL, Proposal
from ledger.choices import AllocationKind, TransactionStatus
from ledger.errors import LedgerError
from ledger.models import Allocation, BankTransaction, Customer, Invoice, Payment
from lib.money import q

PLACED = (TransactionStatus.ALLOCATED, TransactionStatus.PART)
UNMATCHED_REASON = "unmatched"


@database.atomic
def place(
    *,
    transaction: BankTransaction,
    proposal: Proposal,
    at: datetime,
    by: User | None = None,
    dispute: bool = False,
    dispute_reason: str = "",
    note: str = "",
) -> BankTransaction:
    """Book the movement as the customer's payment and place it as proposed; the rest stays on the account.

    `dispute`: what is missing of the invoices is announced, so that it is disputed, for `dispute_reason` if given.
    """
    row = _waiting(transaction)
    customer = _payer(row, proposal)
    payment = services.record_payment(
        customer=customer,
        received_on=row.booked_on,
        amount=q(row.amount, row.currency),
        currency=row.currency,
        identity=_payment_identity(row),
        reference=(row.text or row.reference or row.end_to_end_id)[:250],
        method="bank",
        batch=row.statement.batch,
        at=at,
        by=by,
    )
    made = _allocate(row, payment, proposal, at=at, by=by)
    learn(row, customer)
    payment.refresh_from_db()
    row.payment = payment
    row.status = TransactionStatus.PART if payment.unapplied else TransactionStatus.ALLOCATED
    row.proposal = row.proposal | {"applied": {"allocations": made}}
    _save(row, at=at, by=by, note=note)
    if dispute:
        _tell_short(row, proposal, payment, dispute_reason, at=at, by=by)
    return row


def _payer(row: BankTransaction, proposal: Proposal) -> Customer:
    """The customer of the proposal; refuses what cannot be booked at all."""
    customer = Customer.objects.filter(pk=proposal.customer, entity_id=row.entity_id).first()
    if customer is None:
        raise LedgerError(_("The customer must be of the entity of this account."), code="other_customer")
    if row.amount <= 0 or row.amount != q(row.amount, row.currency):
        raise LedgerError(
            _("Only money that came in, in whole cents, can be booked here."), code="not_bookable"
        )
    if proposal.placed > row.amount:
        raise LedgerError(_("More would be placed than was paid."), code="more_than_left")
    return customer


@database.atomic
def set_aside(*, transaction: BankTransaction, at: datetime, by: User, note: str = "") -> BankTransaction:
    """Not from a customer: nobody has to look at it again."""
    row = _waiting(transaction)
    row.status = TransactionStatus.OTHER
    _save(row, at=at, by=by, note=note)
    return row


@database.atomic
def reverse(
    *, transaction: BankTransaction, at: datetime, by: User | None = None, note: str = ""
) -> BankTransaction:
    """Take a decision back: what was placed is open again, the payment is nobody's, the movement waits again.

    Each row is taken back as of its own day, because the match was never right; what was known when stays told.
    """
    row = _locked(transaction)
    if row.status == TransactionStatus.OTHER:
        if not row.returned and row.amount <= 0:
            raise LedgerError(_("Money that went out is not a customer's payment."), code="not_bookable")
    elif row.status in PLACED and row.payment:
        _take_back(row, at=at, by=by, note=note)
    else:
        raise LedgerError(_("There is nothing to take back here."), code="nothing_to_reverse")
    row.payment = None
    row.status = TransactionStatus.UNMATCHED
    row.proposal = {"taken_back": True}
    _save(row, at=at, by=by, note=note)
    return row


def on_account(customer: int) -> Proposal:
    """The money is this customer's and stays on the account, not placed."""
    return Proposal(customer, CERTAIN, ())


def _take_back(row: BankTransaction, *, at: datetime, by: User | None, note: str) -> None:
    payment = row.payment
    if payment is None or payment.returned:
        raise LedgerError(
            _("The bank took this payment back: undo the return first."), code="payment_returned"
        )
    chosen = row.proposal.get("applied", {}).get("allocations", [])
    standing = Allocation.objects.filter(reverses=None, reversal=None)
    for allocation in (standing.filter(payment=payment) | standing.filter(pk__in=chosen)).order_by("-pk"):
        services.reverse_allocation(
            allocation=allocation, on=allocation.allocated_on, at=at, by=by, note=note
        )
    services.return_payment(
        payment=payment, on=payment.received_on, at=at, reason=UNMATCHED_REASON, by=by, note=note
    )


def _waiting(transaction: BankTransaction) -> BankTransaction:
    row = _locked(transaction)
    if row.status not in UNDECIDED:
        raise LedgerError(_("Somebody has decided this movement already."), code="already_decided")
    return row


def _locked(transaction: BankTransaction) -> BankTransaction:
    rows = BankTransaction.objects.select_for_update(of=("self",)).select_related(
        "statement__batch", "payment"
    )
    return rows.get(pk=transaction.pk)


def _payment_identity(row: BankTransaction) -> str:
    """One payment per movement; one more for each time that a match was taken back."""
    name = f"bank:{row.identity}"
    before = Payment.objects.filter(entity_id=row.entity_id, identity__startswith=name).count()
    return f"{name}:{before + 1}" if before else name


def _allocate(
    row: BankTransaction, payment: Payment, proposal: Proposal, *, at: datetime, by: User | None
) -> list[int]:
    """The rows that the proposal asks for, through the services; their keys."""
    keys = {pk for pk, _amount in proposal.parts} | {pk for pk, _amount, _why in proposal.lessened}
    keys |= {pk for note, invoice, _amount in proposal.credits for pk in (note, invoice)}
    papers = {
        paper.pk: paper
        for paper in Invoice.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    }
    strange = [
        p for p in papers.values() if (p.customer_id, p.currency) != (payment.customer_id, row.currency)
    ]
    if strange or len(papers) < len(keys):
        raise LedgerError(
            _("The invoices must be of this customer and in this currency."), code="other_customer"
        )
    common: dict[str, Any] = {"at": at, "by": by}
    made = []
    for note, pk, amount in proposal.credits:
        on = _day(row.booked_on, papers[pk], papers[note])
        one = services.allocate(invoice=papers[pk], credit_note=papers[note], amount=amount, on=on, **common)
        made.append(one.pk)
    for pk, amount, why in proposal.lessened:
        kind = AllocationKind.WRITE_OFF if why == SMALL else AllocationKind.ADJUSTMENT
        on = _day(row.booked_on, papers[pk])
        one = services.allocate(invoice=papers[pk], amount=amount, on=on, kind=kind, note=why, **common)
        made.append(one.pk)
    for pk, amount in proposal.parts:
        on = _day(row.booked_on, papers[pk])
        one = services.allocate(invoice=papers[pk], payment=payment, amount=amount, on=on, **common)
        made.append(one.pk)
    return made


def _day(day: date, *papers: Invoice) -> date:
    """Never before what it joins."""
    return max(day, *(paper.issued_on for paper in papers))


def _save(row: BankTransaction, *, at: datetime, by: User | None, note: str) -> None:
    row.decided_by, row.decided_at, row.note = by, at, note[:250]
    row.save(update_fields=["payment", "status", "proposal", "decided_by", "decided_at", "note"])
    emit(
        stream="transaction",
        object_id=row.pk,
        entity_id=row.entity_id,
        kind=f"transaction.{row.status}",
        actor=by,
        at=at,
        data={
            "payment": row.payment_id,
            "amount": str(row.amount),
            "currency": row.currency,
            "note": note[:250],
        },
    )


def _tell_short(
    row: BankTransaction, proposal: Proposal, payment: Payment, reason: str, *, at: datetime, by: User | None
) -> None:
    """Less was paid than an invoice asks for; the room above disputes the difference."""
    for pk, amount in proposal.short:
        if amount <= Decimal(0):
            continue
        emit(
            stream="invoice",
            object_id=pk,
            entity_id=row.entity_id,
            kind="payment.short",
            actor=by,
            at=at,
            data={
                "invoice": pk,
                "amount": str(amount),
                "currency": row.currency,
                "transaction": row.pk,
                "payment": payment.pk,
                "text": row.text[:4000],
                **({"reason": reason} if reason else {}),
            },
        )
