"""The end of a dispute: its outcome, its last stay, its lines. Who may give up how much is asked before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import Demand, Resolution, Telling, Verdict
from disputes.errors import FieldErrors
from disputes.models import Approval, Dispute, DisputeLine, Move, Outcome
from disputes.services import asking, branches
from disputes.services.common import day_of, stage_facts, tell
from disputes.services.lines import close_lines, closings
from disputes.services.outcomes_told import begin_telling, telling_of
from disputes.services.waiting import end_open_offers
from lib.formats import money
from lib.money import ZERO, split_exact, unit

GIVES_UP = {Resolution.CREDIT, Resolution.WRITE_OFF}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a dispute ends: its last status, the verdict, and what we gave up (credited or written off).

    `parts` shares the amount out over the invoices, by their key; without it every line gives its share.
    """

    status: str
    verdict: Verdict
    resolution: Resolution
    amount: Decimal = ZERO
    note: str = ""
    parts: Mapping[int, Decimal] = field(default_factory=dict)
    # The document billing has made already, and the day by which one that is asked for is expected.
    number: str = ""
    expected_on: date | None = None
    # How the customer is told, when whoever ends it says so; by letter otherwise, where the route writes letters.
    telling: str = ""

    @property
    def gives_up(self) -> bool:
        """Whether something is lost by it."""
        return self.resolution in GIVES_UP and self.amount > 0


def check_ending(dispute: Dispute, ending: Ending) -> None:
    """Refuse an amount that is more than is disputed, altogether or of one invoice; raises FieldErrors."""
    if ending.amount > dispute.amount or ending.amount < 0:
        raise FieldErrors(
            {Demand.CREDIT_AMOUNT: _("The amount must lie between zero and the disputed amount.")}
        )
    if not ending.parts:
        return
    disputed = disputed_by_invoice(dispute)
    for invoice_id, amount in ending.parts.items():
        if not 0 <= amount <= disputed.get(invoice_id, ZERO):
            sentence = _("At most %(amount)s is disputed of this invoice.")
            most = money(disputed.get(invoice_id, ZERO), dispute.currency)
            raise FieldErrors({"parts": sentence % {"amount": most}})
    if sum(ending.parts.values(), ZERO) != ending.amount:
        raise FieldErrors({"parts": _("The parts do not add up to the amount.")})


def disputed_by_invoice(dispute: Dispute) -> dict[int, Decimal]:
    """What is disputed of each invoice, in the order of the lines."""
    totals: dict[int, Decimal] = {}
    for line in dispute.lines.filter(closed_on=None).order_by("pk"):
        totals[line.invoice_id] = totals.get(line.invoice_id, ZERO) + line.amount
    return totals


def parts_of(dispute: Dispute, ending: Ending) -> list[dict[str, Any]]:
    """What is given up of each invoice, as plain facts; shared out by what is disputed when nobody said."""
    disputed = disputed_by_invoice(dispute)
    parts = dict(ending.parts)
    if not parts and ending.amount > 0:
        shares = split_exact(ending.amount, list(disputed.values()), unit(dispute.currency))
        parts = dict(zip(disputed, shares, strict=True))
    numbers = dict(
        DisputeLine.objects.filter(dispute=dispute, invoice__in=parts).values_list(
            "invoice_id", "invoice__number"
        )
    )
    return [
        {"invoice": invoice_id, "number": numbers[invoice_id], "amount": str(amount)}
        for invoice_id, amount in parts.items()
        if amount > 0
    ]


def end(
    dispute: Dispute,
    ending: Ending,
    *,
    by: User | None,
    at: datetime,
    move: Move | None = None,
    approval: Approval | None = None,
) -> Outcome:
    """Close the dispute with its outcome; its lines no longer count as disputed from this day on.

    The caller holds its lock and has asked whether this may be decided.
    """
    branches.cancel_open(dispute, by=by, at=at)
    asking.withdraw_open(dispute, by=by, at=at, all_of_them=True)
    end_open_offers(dispute, by=by, at=at)
    parts = parts_of(dispute, ending)
    on = max(day_of(at, dispute.entity), dispute.opened_on)
    dispute.stays.filter(ended_at=None).update(ended_at=at)
    dispute.status, dispute.closed_at, dispute.closed_on, dispute.due_at = ending.status, at, on, None
    dispute.save()
    close_lines(dispute.lines.filter(closed_on=None), on=on, at=at, closing=closings(dispute) + 1)
    outcome = Outcome(
        dispute=dispute,
        verdict=ending.verdict,
        resolution=ending.resolution,
        amount=ending.amount,
        note=ending.note,
        decided_by=by,
        decided_at=at,
        approval=approval,
        telling=ending.telling or telling_of(ending.resolution),
    )
    if outcome.telling == Telling.OTHERWISE:
        outcome.told_by, outcome.told_at = by, at
    outcome.full_clean(exclude=["dispute", "decided_by", "approval", "told_by"])
    outcome.save()
    _tell_closed(dispute, ending, parts, by=by, at=at, move=move, approval=approval)
    begin_telling(dispute, outcome, at)
    return outcome


def _tell_closed(
    dispute: Dispute,
    ending: Ending,
    parts: list[dict[str, Any]],
    *,
    by: User | None,
    at: datetime,
    move: Move | None,
    approval: Approval | None,
) -> None:
    tell(
        dispute,
        "dispute.closed",
        by=by,
        at=at,
        data={
            "move": move.code if move else "",
            "labels": move.labels if move else {},
            "from": stage_facts(dispute.stage),
            "status": dispute.status,
            "verdict": ending.verdict,
            "resolution": ending.resolution,
            "amount": str(ending.amount),
            "disputed": str(dispute.amount),
            "currency": dispute.currency,
            "note": ending.note,
            "parts": parts,
            "approval": approval.pk if approval else None,
        },
    )
