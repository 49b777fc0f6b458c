"""Brings answers and invoices together, whichever came first, and tells the invoice's stream."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.events import emit
from ledger.answers.messages import APPROVED
from ledger.choices import InvoiceKind
from ledger.models import Invoice, InvoiceAnswer

MOST = 1000


class Named(Protocol):
    """Something that names a document."""

    @property
    def number(self) -> str:
        """The number as the message writes it."""

    @property
    def is_credit(self) -> bool:
        """Whether the message calls it a credit note."""


def find_invoices(entity_id: int, named: Iterable[Named]) -> dict[tuple[str, bool], Invoice]:
    """The documents that are named, by number and kind; a number that only one document has is enough."""
    wanted = {(one.number, one.is_credit) for one in named}
    rows = Invoice.objects.filter(entity=entity_id, number__in={number for number, _credit in wanted})
    found: dict[str, dict[bool, Invoice]] = {}
    for invoice in rows:
        found.setdefault(invoice.number, {})[invoice.kind == InvoiceKind.CREDIT_NOTE] = invoice
    pairs: dict[tuple[str, bool], Invoice] = {}
    for number, credit in wanted:
        of_number = found.get(number, {})
        match = of_number.get(credit) or (next(iter(of_number.values())) if len(of_number) == 1 else None)
        if match is not None:
            pairs[number, credit] = match
    return pairs


@transaction.atomic
def attach_waiting(*, entity_id: int | None, at: datetime) -> int:
    """Give answers that came before their invoice to it; how many. Harmless twice: a row is taken once."""
    waiting = InvoiceAnswer.objects.filter(invoice=None)
    if entity_id is not None:
        waiting = waiting.filter(entity=entity_id)
    known = Invoice.objects.filter(entity=OuterRef("entity"), number=OuterRef("document_number"))
    rows = waiting.filter(Exists(known)).order_by("pk").select_for_update(of=("self",), no_key=True)
    done = 0
    for answer in rows[:MOST]:
        match = Invoice.objects.filter(entity=answer.entity_id, number=answer.document_number)
        # An invoice before a credit note of the same number.
        answer.invoice = match.order_by("-kind").first()
        answer.save(update_fields=["invoice"])
        tell_answer(answer, at=at)
        done += 1
    return done


def tell_answer(answer: InvoiceAnswer, *, at: datetime) -> None:
    """Write into the invoice's stream what the customer's system says about it."""
    invoice = answer.invoice
    assert invoice is not None
    amount = amount_in_question(answer, invoice)
    emit(
        stream="invoice",
        object_id=invoice.pk,
        entity_id=invoice.entity_id,
        kind="invoice.answered",
        actor=None,
        at=at,
        data={
            "invoice": invoice.pk,
            "number": invoice.number,
            "answer": answer.pk,
            "standard": answer.standard,
            "status": answer.status_code,
            "reasons": answer.reasons,
            "text": answer.text,
            "amount": str(amount) if amount is not None else None,
            "currency": invoice.currency,
            "effective_on": answer.effective_on.isoformat() if answer.effective_on else None,
        },
    )


def amount_in_question(answer: InvoiceAnswer, invoice: Invoice) -> Decimal | None:
    """What the message disputes of the invoice: said outright, or all but what it approves. None: it does not say.

    Zero when all of it is approved.
    """
    if answer.currency and answer.currency != invoice.currency:
        return None
    if answer.amount is not None:
        return answer.amount
    approved = [Decimal(reason["amount"]) for reason in answer.reasons if _approves(reason)]
    if not approved:
        return None
    return max(invoice.amount - sum(approved, Decimal(0)), Decimal("0.00"))


def _approves(reason: dict[str, Any]) -> bool:
    return reason.get("means") == APPROVED and bool(reason.get("amount"))
