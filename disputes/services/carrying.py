"""What follows once an ending may be carried out: the dispute ends or waits, and billing is asked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from disputes.choices import Resolution
from disputes.choices_outcome import Purpose, RequestState
from disputes.models import Approval, Dispute, Move
from disputes.services import asking
from disputes.services.approving import AGREED, ending_of_approval
from disputes.services.arrivals import look
from disputes.services.common import holder_facts, tell
from disputes.services.credits import KINDS, fits, fresh, issue, open_request, stop, write_request
from disputes.services.ending import Ending, disputed_by_invoice, end, parts_of
from disputes.services.waiting import back_to_stage


def carry_out(
    dispute: Dispute,
    ending: Ending,
    *,
    by: User | None,
    at: datetime,
    move: Move | None = None,
    approval: Approval | None = None,
    waits: bool = False,
) -> None:
    """Do what was decided. The caller holds the dispute's lock, and whoever must agree has agreed."""
    amounts = _amounts(dispute, ending)
    if not waits:
        end(dispute, ending, by=by, at=at, move=move, approval=approval)
    if ending.resolution in KINDS and amounts:
        request = write_request(
            dispute,
            amounts,
            kind=KINDS[ending.resolution],
            verdict=ending.verdict,
            by=by,
            at=at,
            expected_on=ending.expected_on,
            number=ending.number,
            note=ending.note,
        )
        request = fresh(request)
        if waits and request.arrived:
            look(request, dispute, at)
        elif not waits and (fits(request) or ending.number):
            issue(request, by=by, at=at)
    elif not waits:
        _no_longer_needed(dispute, by, at)


def _amounts(dispute: Dispute, ending: Ending) -> dict[int, Decimal]:
    """What is asked for of each invoice; a new invoice replaces the whole disputed part."""
    if ending.resolution == Resolution.REBILL:
        return disputed_by_invoice(dispute)
    return {part["invoice"]: Decimal(part["amount"]) for part in parts_of(dispute, ending)}


def _no_longer_needed(dispute: Dispute, by: User | None, at: datetime) -> None:
    """The dispute ended with nothing given up: a request that waits is taken back, or has come already."""
    request = open_request(dispute)
    if request is None:
        return
    if request.arrived:
        issue(request, by=by, at=at)
    else:
        stop(request, RequestState.WITHDRAWN, by=by, at=at)


def _close(approval: Approval, dispute: Dispute, at: datetime) -> None:
    """Everybody agreed: close as it was asked for."""
    ending = ending_of_approval(approval)
    carry_out(dispute, ending, by=approval.asked_by, at=at, move=approval.move, approval=approval)


def _request(approval: Approval, dispute: Dispute, at: datetime) -> None:
    """Everybody agreed: back to the stage, and billing is asked."""
    back_to_stage(dispute, at)
    tell(dispute, "approval.done", by=None, at=at, data={"approval": approval.pk, **holder_facts(dispute)})
    carry_out(dispute, ending_of_approval(approval), by=approval.asked_by, at=at, waits=True)
    if dispute.is_open:
        asking.ask_again(dispute, since=approval.asked_at, at=at)


AGREED[Purpose.CLOSE] = _close
AGREED[Purpose.REQUEST] = _request
