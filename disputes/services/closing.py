"""Closing a dispute outside its route, reopening it, and closing it by itself when its invoices are settled."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import DECISIONS, HolderSide, Resolution, Status, Telling, Verdict
from disputes.choices_outcome import Ended, RequestState
from disputes.errors import FieldErrors, IllegalAct
from disputes.lifecycle import Act
from disputes.models import Dispute, DisputeLine, Outcome
from disputes.services import branches
from disputes.services.common import (
    allow,
    day_of,
    holder_facts,
    lock,
    lock_invoices,
    moment_for,
    stage_facts,
    start_stay,
    tell,
)
from disputes.services.credits import KINDS, issue, open_request, stop
from disputes.services.ending import GIVES_UP, Ending, end
from disputes.services.holding import take_part
from disputes.services.lines import LineInput, disputable, last_lines, write_lines
from disputes.services.moving import begin_stage, finish
from disputes.services.outcomes_told import stop_telling
from disputes.services.waiting import drop
from ledger.choices import AllocationKind
from ledger.models import Allocation
from lib.money import ZERO

ENDS_AS = {
    Resolution.CREDIT: Status.SOLVED,
    Resolution.REBILL: Status.SOLVED,
    Resolution.WRITE_OFF: Status.SOLVED,
    Resolution.PAID: Status.SOLVED,
    Resolution.REJECTED: Status.REJECTED,
    Resolution.WITHDRAWN: Status.WITHDRAWN,
}


@transaction.atomic
def close_dispute(
    *,
    dispute: Dispute,
    verdict: str,
    resolution: str,
    by: User | None,
    at: datetime,
    amount: Decimal | None = None,
    note: str = "",
    parts: Mapping[int, Decimal] | None = None,
    expected_on: date | None = None,
    waits: bool = False,
    told: bool = False,
) -> Dispute:
    """Decide the outcome and close, wherever the dispute is on its route.

    `amount` is what we give up (credit, write-off): the whole disputed amount unless said otherwise; `parts`
    says how much of it for which invoice. Above what the person may give up alone the dispute waits for approval
    instead of being closed. With `waits` it stays open until the credit note (expected on a day) has come. With
    `told` the customer knows the outcome already: no letter goes.
    """
    dispute = lock(dispute.pk)
    allow(dispute, Act.WITHDRAW if resolution == Resolution.WITHDRAWN else Act.CLOSE, by)
    errors: dict[str, str] = {}
    if verdict not in Verdict.values:
        errors["verdict"] = _("Say whether the customer was right.")
    if resolution not in DECISIONS:
        errors["resolution"] = _("Say what is done about it.")
    if errors:
        raise FieldErrors(errors)
    kind = Resolution(resolution)
    given_up = (dispute.amount if amount is None else amount) if kind in GIVES_UP else ZERO
    if parts and kind in GIVES_UP and amount is None:
        given_up = sum(parts.values(), ZERO)
    ending = Ending(ENDS_AS[kind], Verdict(verdict), kind, given_up, note.strip(), expected_on=expected_on)
    if parts and kind in GIVES_UP:
        ending = replace(ending, parts=parts)
    if told:
        ending = replace(ending, telling=Telling.OTHERWISE)
    finish(dispute, ending, by=by, at=moment_for(dispute, at), waits=waits and kind in KINDS)
    return dispute


def withdraw_dispute(*, dispute: Dispute, by: User | None, at: datetime, note: str = "") -> Dispute:
    """The customer takes the claim back, or it was none."""
    return close_dispute(
        dispute=dispute,
        verdict=Verdict.UNJUSTIFIED,
        resolution=Resolution.WITHDRAWN,
        by=by,
        at=at,
        note=note,
    )


@transaction.atomic
def reopen_dispute(*, dispute: Dispute, by: User | None, at: datetime, note: str = "") -> Dispute:
    """Take a closed dispute up again at the start of its route, on what is still open of the same invoices.

    The time it was closed becomes a stay of the system, so that the stays still tile its life.
    """
    ids = DisputeLine.objects.filter(dispute=dispute).values_list("invoice_id", flat=True)
    invoices = lock_invoices(ids)
    dispute = lock(dispute.pk)
    allow(dispute, Act.REOPEN, by)
    at = moment_for(dispute, at)
    on = day_of(at, dispute.entity)
    lines = _lines_again(dispute, disputable(invoices.values(), on))
    if not lines:
        raise IllegalAct(_("Nothing is open any more of the invoices of this dispute."), code="nothing_open")
    waiting = open_request(dispute)
    if waiting is not None and not waiting.arrived:
        stop(waiting, RequestState.WITHDRAWN, by=by, at=at)
    outcome = Outcome.objects.get(dispute=dispute)
    was = {"verdict": outcome.verdict, "resolution": outcome.resolution, "amount": str(outcome.amount)}
    stop_telling(outcome)
    outcome.delete()
    stay = start_stay(dispute, dispute.closed_at or at, status=dispute.status, side=HolderSide.SYSTEM)
    stage = dispute.route_version.stages.get(initial=True)
    dispute.closed_at, dispute.closed_on, dispute.merged_into = None, None, None
    if dispute.mass is not None and not dispute.mass.is_open:
        dispute.mass = None  # What was decided together is over: this one goes on alone.
    branches.place(dispute, stage, at)
    dispute.save()
    write_lines(dispute, lines, on=on, at=at)
    dispute.refresh_from_db(fields=["amount"])
    start_stay(dispute, at)
    take_part(dispute, [by, dispute.holder_user], at)
    data: dict[str, Any] = {
        "outcome": was,
        "note": note.strip(),
        "amount": str(dispute.amount),
        "closed_for": str(at - stay.started_at),
    }
    data |= {"currency": dispute.currency, "to": stage_facts(stage), **holder_facts(dispute)}
    tell(dispute, "dispute.reopened", by=by, at=at, data=data)
    begin_stage(dispute, at)
    return dispute


def _lines_again(dispute: Dispute, room: dict[int, Decimal]) -> list[LineInput]:
    """The lines that were live at closing, cut to what is still open and undisputed of their invoices."""
    lines: list[LineInput] = []
    for line in last_lines(dispute):
        amount = min(line.amount, room[line.invoice_id])
        if amount > 0:
            room[line.invoice_id] -= amount
            whole = amount == line.amount
            lines.append(
                LineInput(line.invoice_id, amount, line.invoice_line_id, line.quantity if whole else None)
            )
    return lines


@transaction.atomic
def settle_if_paid(*, dispute_id: int, at: datetime) -> bool:
    """Close a dispute none of whose invoices has anything left to pay; whether it was closed. Harmless twice."""
    ids = list(
        DisputeLine.objects.filter(dispute=dispute_id, closed_on=None).values_list("invoice_id", flat=True)
    )
    invoices = lock_invoices(ids)
    dispute = lock(dispute_id)
    live = set(dispute.lines.filter(closed_on=None).values_list("invoice_id", flat=True))
    if (
        not live
        or not live <= set(invoices)
        or any(invoices[pk].allocated < invoices[pk].amount for pk in live)
    ):
        return False
    credited = Allocation.objects.filter(invoice__in=live).exclude(kind=AllocationKind.PAYMENT)
    given = min(sum(credited.values_list("amount", flat=True), ZERO), dispute.amount)
    if given > 0:
        verdict = Verdict.JUSTIFIED if given == dispute.amount else Verdict.PARTLY
        # Nothing is left to ask for.
        ending = Ending(Status.SOLVED, verdict, Resolution.CREDIT, given, telling=Telling.UNNEEDED)
    else:
        ending = Ending(Status.SOLVED, Verdict.UNJUSTIFIED, Resolution.PAID)
    at = moment_for(dispute, at)
    drop(dispute, Ended.BOOKED, by=None, at=at)
    end(dispute, ending, by=None, at=at)
    request = open_request(dispute)
    if request is not None and request.arrived:
        issue(request, by=None, at=at)
    return True
