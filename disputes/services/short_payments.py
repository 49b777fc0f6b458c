"""A payment that was less than its invoice: a dispute for the difference, with the reason the payer's words suggest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from disputes import guess as guessing
from disputes.choices import CodeKind, Deed, Standard, Via
from disputes.models import ExternalCode, Reason, Told
from disputes.services.common import day_of, lock_invoices
from disputes.services.lines import LineInput, disputable
from disputes.services.opening import LONGEST_STATEMENT, open_dispute
from disputes.services.told import Source, keep, live_disputes, note, opener, told_before, usable_reason
from ledger.choices import InvoiceKind
from ledger.models import Invoice
from lib.money import ZERO, q


@dataclass(frozen=True, slots=True)
class Short:
    """What was told of it: `amount` is the difference, `reason` a code if somebody chose one, `source` its key."""

    invoice_id: int
    amount: Decimal
    currency: str
    source: str
    text: str = ""
    reason: str = ""


@transaction.atomic
def take_short_payment(*, short: Short, by: User | None, at: datetime) -> Told | None:
    """Open a dispute for the difference, or note it in the dispute that covers it already. Harmless twice.

    The invoice's lock is taken first, so that two deliveries of one event, or two payments at once, do not dispute
    the same part twice.
    """
    invoice = lock_invoices([short.invoice_id]).get(short.invoice_id)
    if invoice is None:
        return None
    before = told_before(short.source, invoice.pk)
    if before is not None:
        return before
    found = guessing.guess(short.text)
    facts = {"amount": str(short.amount), "text": short.text, "quote": "" if short.reason else found.quote}
    source = Source(Via.SHORT_PAYMENT, short.source, invoice, at, facts)
    if invoice.kind != InvoiceKind.INVOICE or short.currency != invoice.currency or short.amount <= 0:
        return keep(source, Deed.NOTHING, why="not_comparable")
    room = disputable([invoice], day_of(at, invoice.entity))[invoice.pk]
    part = q(min(short.amount, room), invoice.currency)
    live = live_disputes(invoice)
    if part <= ZERO:
        return keep(source, Deed.NOTED, live[0]) if live else keep(source, Deed.NOTHING, why="nothing_open")
    dispute = open_dispute(
        customer=invoice.customer,
        lines=[LineInput(invoice.pk, part)],
        reason=_reason(invoice, short.reason or found.reason),
        by=opener(by, invoice.entity_id),
        at=at,
        statement=short.text.strip()[:LONGEST_STATEMENT],
        via=Via.SHORT_PAYMENT,
    )
    if live and part < short.amount:
        # The rest of the difference is what the other dispute is about.
        note(live[0], source, Deed.NOTED)
    return keep(source, Deed.OPENED, dispute)


def _reason(invoice: Invoice, code: str) -> Reason:
    """The reason of this code: one of ours, or what the table says for a code of another system."""
    mapped = ExternalCode.objects.filter(
        entity=invoice.entity_id, standard=Standard.ANY, kind=CodeKind.REASON, code=code, active=True
    ).select_related("reason")
    row = mapped.first()
    return usable_reason(invoice.entity, row.reason.code if row and row.reason else code)
