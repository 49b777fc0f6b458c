"""What a customer's system says about an invoice: opens a dispute, goes into the open one, or takes one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import LegalEntity
from disputes.choices import Deed, Effect, Status, Via
from disputes.models import Dispute, ExternalCode, Reason, Told
from disputes.services.closing import withdraw_dispute
from disputes.services.codes import known_codes, reason_for, status_effect
from disputes.services.common import day_of, lock, lock_invoices
from disputes.services.lines import LineInput, change_lines, disputable
from disputes.services.managing import classify
from disputes.services.opening import LONGEST_STATEMENT, open_dispute
from disputes.services.told import (
    TO_CLASSIFY,
    Source,
    keep,
    live_disputes,
    told_before,
    untouched,
    usable_reason,
)
from ledger import answer_words
from ledger.choices import InvoiceKind
from lib.money import ZERO, q


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as it was told: `amount` is what it disputes, None when it does not say."""

    answer_id: int
    invoice_id: int
    standard: str
    status: str
    reasons: Sequence[Mapping[str, Any]]
    text: str = ""
    amount: Decimal | None = None


@transaction.atomic
def take_answer(*, heard: Heard, at: datetime) -> Told | None:
    """Do what the table of codes says. Harmless twice.

    The invoice's lock is taken first: two messages about it that come at once find each other's dispute.
    """
    invoice = lock_invoices([heard.invoice_id]).get(heard.invoice_id)
    if invoice is None:
        return None
    key = f"answer:{heard.answer_id}"
    before = told_before(key, invoice.pk)
    if before is not None:
        return before
    codes = known_codes(invoice.entity_id, heard.standard)
    effect = status_effect(codes, heard.status)
    facts = {
        "status": heard.status,
        "standard": heard.standard,
        "reasons": list(heard.reasons),
        "text": heard.text,
    }
    if heard.amount is not None:
        facts["amount"] = str(heard.amount)
    source = Source(Via.ANSWER, key, invoice, at, facts)
    if effect == Effect.NONE:
        return keep(source, Deed.NOTHING, why="no_effect")
    if invoice.kind != InvoiceKind.INVOICE:
        return keep(source, Deed.NOTHING, why="not_an_invoice")
    live = live_disputes(invoice)
    if effect == Effect.WITHDRAW:
        return _accepted(source, live)
    if effect == Effect.UPDATE:
        return keep(source, Deed.NOTED, live[0]) if live else keep(source, Deed.NOTHING, why="no_dispute")
    return _disputed(source, heard, codes, live)


def _accepted(source: Source, live: list[Dispute]) -> Told:
    """The customer accepts. A dispute that only their answers made and nobody has touched ends by itself.

    Where people have worked, they decide: there may be more to it than the system knows. They get a note.
    """
    own = [dispute for dispute in live if dispute.opened_via == Via.ANSWER and untouched(dispute)]
    if not own:
        return keep(source, Deed.NOTED, live[0]) if live else keep(source, Deed.NOTHING, why="no_dispute")
    told = keep(source, Deed.WITHDRAWN, own[0])
    with override(source.invoice.entity.language):
        words = _("The customer's system accepted the invoice.")
    for dispute in own:
        withdraw_dispute(dispute=dispute, by=None, at=source.at, note=words)
    return told


def _disputed(source: Source, heard: Heard, codes: list[ExternalCode], live: list[Dispute]) -> Told:
    """The customer contests: into the dispute that is about it already, else a new one."""
    invoice = source.invoice
    found = reason_for(codes, heard.standard, heard.status, heard.reasons)
    reason = usable_reason(invoice.entity, found.reason or TO_CLASSIFY)
    room = disputable([invoice], day_of(source.at, invoice.entity))[invoice.pk]
    if heard.amount is not None and heard.amount <= ZERO:
        # A partial approval that leaves nothing out.
        return (
            keep(source, Deed.NOTED, live[0]) if live else keep(source, Deed.NOTHING, why="nothing_contested")
        )
    mine = _about_it(live, reason, room)
    if mine is not None:
        _go_into(mine, source, heard, reason)
        return keep(source, Deed.UPDATED, mine, unmapped=found.unmapped)
    part = q(min(heard.amount, room) if heard.amount else room, invoice.currency)
    if part <= ZERO:
        return keep(source, Deed.NOTHING, why="nothing_open", unmapped=found.unmapped)
    dispute = open_dispute(
        customer=invoice.customer,
        lines=[LineInput(invoice.pk, part)],
        reason=reason,
        by=None,
        at=source.at,
        statement=statement_of(heard, invoice.entity),
        via=Via.ANSWER,
    )
    return keep(source, Deed.OPENED, dispute, unmapped=found.unmapped)


def _about_it(live: list[Dispute], reason: Reason, room: Decimal) -> Dispute | None:
    """The open dispute this message speaks of: one from an earlier answer, one for the same reason, or, when the
    whole invoice is disputed already, the newest."""
    answers = [dispute for dispute in live if dispute.opened_via == Via.ANSWER]
    same = [dispute for dispute in live if dispute.reason_id == reason.pk]
    return next(iter(answers or same or (live if room <= ZERO else [])), None)


def _go_into(dispute: Dispute, source: Source, heard: Heard, reason: Reason) -> None:
    """Add what is said now. Reason and amount follow only while nobody has touched the dispute."""
    free = dispute.opened_via == Via.ANSWER and untouched(dispute)
    locked = lock(dispute.pk)
    more = statement_of(heard, source.invoice.entity)
    if more and more not in locked.statement:
        locked.statement = "\n\n".join(filter(None, [locked.statement, more]))[:LONGEST_STATEMENT]
        locked.save(update_fields=["statement"])
    specific = reason.code != TO_CLASSIFY
    waiting = locked.reason.code == TO_CLASSIFY and locked.status == Status.OPEN
    if specific and (waiting or free):
        classify(dispute=locked, reason=reason, by=None, at=source.at)
    if free and heard.amount:
        _set_amount(locked, source, heard.amount)


def _set_amount(dispute: Dispute, source: Source, amount: Decimal) -> None:
    """The message names another amount than the one before: the dispute is about that much."""
    invoice = source.invoice
    room = disputable([invoice], day_of(source.at, invoice.entity), but_for=dispute)[invoice.pk]
    wanted = q(min(amount, room), invoice.currency)
    lines = list(dispute.lines.filter(closed_on=None))
    alone = len(lines) == 1 and lines[0].invoice_id == invoice.pk
    if alone and ZERO < wanted != lines[0].amount:
        change_lines(dispute=dispute, lines=[LineInput(invoice.pk, wanted)], by=None, at=source.at)


def statement_of(heard: Heard, entity: LegalEntity) -> str:
    """What the customer says, in their words; where they give only codes, in ours."""
    with override(entity.language):
        lines = []
        for told in answer_words.reasons_told(heard.standard, heard.reasons):
            lines.append(told.text if told.text and not told.is_wish else str(told))
            lines += [f"{name}: {value}" for name, value in told.values]
        lines += [heard.text] if heard.text else []
        if not lines:
            lines = [answer_words.status_words(heard.standard, heard.status)]
    return "\n".join(dict.fromkeys(filter(None, lines)))[:LONGEST_STATEMENT]
