"""Requests for approval: asked, voted on, taken back. While one waits, its dispute is with the next approver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from disputes.choices import HolderSide, Resolution, Status, Verdict
from disputes.choices_outcome import ApprovalState, Ended, Purpose
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import Approval, ApprovalVote, Dispute, Move, Offer
from disputes.services import asking
from disputes.services.common import allow, day_of, holder_facts, lock, moment_for, start_stay, tell
from disputes.services.ending import Ending, parts_of
from disputes.services.holding import Holder, give_to, take_part
from disputes.services.limits import Needed
from disputes.services.timing import set_due
from disputes.services.voters import Electorate, next_voter, open_steps, seat_of
from disputes.services.waiting import back_to_stage, close_request, drop, facts_of, pending, waits_already

# A request nobody decides for a month runs out. The deadline is that of the stage it was asked in.
LASTS = timedelta(days=30)
S = ApprovalState
# What happens once everybody has agreed: other services put themselves here.
AGREED: dict[str, Callable[[Approval, Dispute, datetime], None]] = {}


def ending_of_approval(approval: Approval) -> Ending:
    """The ending that was asked for."""
    return Ending(
        status=approval.ends_as,
        verdict=Verdict(approval.verdict),
        resolution=Resolution(approval.resolution),
        amount=approval.amount,
        note=approval.note,
        parts={part["invoice"]: Decimal(part["amount"]) for part in approval.parts},
        number=approval.number,
        telling=approval.telling,
    )


def ask_approval(
    dispute: Dispute,
    ending: Ending,
    wanted: Needed,
    *,
    by: User | None,
    at: datetime,
    move: Move | None = None,
    purpose: Purpose = Purpose.CLOSE,
    offer: Offer | None = None,
) -> Approval:
    """Put an ending before those who must agree. The caller holds the dispute's lock.

    Raises IllegalAct when another request waits, or when there are not enough people to ask.
    """
    if pending(dispute) is not None:
        raise waits_already()
    on = day_of(at, dispute.entity)
    people = Electorate(dispute.entity_id, on, {by.pk} if by else set())
    if not people.possible(wanted.steps):
        raise IllegalAct(
            _("This needs the approval of other people, and there are not enough of them here."),
            code="nobody_to_approve",
            steps=wanted.steps,
        )
    asking.withdraw_open(dispute, by=by, at=at, all_of_them=True)
    approval = Approval(
        dispute=dispute,
        purpose=purpose,
        offer=offer,
        move=move,
        ends_as=ending.status,
        verdict=ending.verdict,
        resolution=ending.resolution,
        amount=ending.amount,
        disputed=dispute.amount,
        weighed=wanted.weighed,
        note=ending.note,
        number=ending.number,
        telling=ending.telling,
        parts=parts_of(dispute, ending),
        steps=wanted.steps,
        asked_by=by,
        asked_at=at,
        expires_on=on + LASTS,
    )
    approval.full_clean(exclude=["dispute", "offer", "move", "asked_by"], validate_constraints=False)
    approval.save()
    dispute.status = Status.TO_APPROVE
    _hand_over(dispute, approval, at)
    data = {"steps": approval.steps, "parts": approval.parts, "note": approval.note}
    tell(dispute, "approval.asked", by=by, at=at, data=facts_of(approval) | data | holder_facts(dispute))
    return approval


@transaction.atomic
def vote(*, approval_id: int, yes: bool, by: User, at: datetime, note: str = "") -> Approval:
    """Say yes or no. The last yes does what was asked for; one no gives the dispute back to its stage.

    Raises RoleMayNot for who asked, who has voted, or whose voice is not needed; IllegalAct when it has ended;
    FieldErrors for a no without a reason.
    """
    approval, dispute = _lock(approval_id)
    if not approval.is_open:
        raise IllegalAct(
            _("This request has ended: %(state)s.") % {"state": approval.get_state_display()},
            code="approval_ended",
            state=approval.state,
        )
    allow(dispute, Act.APPROVE, by)
    at = moment_for(dispute, max(at, approval.asked_at))
    on = day_of(at, dispute.entity)
    seat = seat_of(approval, dispute, by, on)
    if seat is None:
        raise _not_yours(approval, by)
    if not yes and not note.strip():
        raise FieldErrors({"note": _("Say why not.")})
    ApprovalVote.objects.create(
        approval=approval,
        user=by,
        counts_as=seat.counts_as,
        step=seat.step,
        yes=yes,
        note=note.strip(),
        at=at,
    )
    data: dict[str, Any] = {"note": note.strip(), "step": approval.steps[seat.step], "name": by.name}
    data |= {"for": seat.counts_as.name if seat.counts_as.pk != by.pk else "", "yes": yes}
    take_part(dispute, [by], at)
    if not yes:
        close_request(approval, S.REFUSED, by=by, at=at)
        back_to_stage(dispute, at)
        tell(
            dispute, "approval.refused", by=by, at=at, data=facts_of(approval) | data | holder_facts(dispute)
        )
        asking.ask_again(dispute, since=approval.asked_at, at=at)
        return approval
    _said_yes(approval, dispute, data, by=by, at=at)
    return approval


def _said_yes(approval: Approval, dispute: Dispute, data: dict[str, Any], *, by: User, at: datetime) -> None:
    """On to the next voice, or, after the last one, what was asked for."""
    left = open_steps(Approval.objects.prefetch_related("votes").get(pk=approval.pk))
    data["left"] = [role for _place, role in left]
    if left:
        _hand_over(dispute, approval, at)
        tell(dispute, "approval.agreed", by=by, at=at, data=facts_of(approval) | data | holder_facts(dispute))
        return
    close_request(approval, S.APPROVED, by=by, at=at)
    tell(dispute, "approval.agreed", by=by, at=at, data=facts_of(approval) | data)
    AGREED[approval.purpose](approval, dispute, at)


def _not_yours(approval: Approval, by: User) -> RoleMayNot:
    if by.pk == approval.asked_by_id:
        return RoleMayNot(_("Nobody approves their own request."), code="own_request")
    if any(by.pk in (one.user_id, one.counts_as_id) for one in approval.votes.all()):
        return RoleMayNot(_("You have voted on this already."), code="voted_already")
    return RoleMayNot(_("Your approval is not asked for here."), code="role_may_not")


@transaction.atomic
def take_back(*, approval_id: int, by: User, at: datetime) -> Approval:
    """Take a request back: who asked may, and whoever may decide disputes. The dispute is at its stage again."""
    approval, dispute = _lock(approval_id)
    if approval.state == S.WITHDRAWN:
        return approval
    if not approval.is_open:
        raise IllegalAct(
            _("This request has ended: %(state)s.") % {"state": approval.get_state_display()},
            code="approval_ended",
            state=approval.state,
        )
    if by.pk != approval.asked_by_id:
        allow(dispute, Act.CLOSE, by)
    at = moment_for(dispute, max(at, approval.asked_at))
    drop(dispute, Ended.TAKEN_BACK, by=by, at=at, stays=True)
    approval.refresh_from_db()
    return approval


@transaction.atomic
def expire_approvals(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """End the requests nobody decided in time; how many. Harmless twice."""
    late = Approval.objects.filter(dispute__entity=entity, state=S.PENDING, expires_on__lt=on)
    ended = 0
    for dispute_id in list(late.order_by("dispute_id").values_list("dispute_id", flat=True)):
        dispute = lock(dispute_id)
        waiting = pending(dispute)
        if waiting is not None and waiting.expires_on < on:
            moment = moment_for(dispute, at)
            ended += drop(dispute, Ended.EXPIRED, by=None, at=moment, stays=True)
    return ended


def _lock(approval_id: int) -> tuple[Approval, Dispute]:
    """The request and its dispute as they are now, both locked, the dispute first."""
    approval = Approval.objects.get(pk=approval_id)
    dispute = lock(approval.dispute_id)
    rows = Approval.objects.select_for_update(of=("self",)).prefetch_related("votes")
    return rows.get(pk=approval_id), dispute


def _hand_over(dispute: Dispute, approval: Approval, at: datetime) -> None:
    """The next approver has the dispute now."""
    approval = Approval.objects.prefetch_related("votes").get(pk=approval.pk)
    person = next_voter(approval, dispute, day_of(at, dispute.entity)) or dispute.coordinator
    give_to(dispute, Holder(HolderSide.OURS, user=person))
    set_due(dispute, at)
    dispute.save()
    start_stay(dispute, at)
    take_part(dispute, [person], at)
