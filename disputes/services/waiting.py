"""What waits for approval, seen from below: whether something waits, and its end when it no longer makes sense."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import HolderSide, Status
from disputes.choices_outcome import LIVE_OFFERS, ApprovalState, Ended, OfferState, Purpose
from disputes.errors import IllegalAct
from disputes.models import Approval, Dispute, Offer
from disputes.services import asking
from disputes.services.common import day_of, first_run, holder_facts, start_stay, tell
from disputes.services.holding import Holder, find_holder, give_to, take_part
from disputes.services.timing import set_due

S = ApprovalState


def pending(dispute: Dispute) -> Approval | None:
    """The request this dispute waits for."""
    if dispute.status != Status.TO_APPROVE:
        return None
    found: Approval | None = Approval.objects.filter(dispute=dispute, state=S.PENDING).first()
    return found


def waits_already() -> IllegalAct:
    """The refusal of whatever would go past a request that waits."""
    return IllegalAct(
        _("This dispute waits for approval. Take the request back first."), code="waits_for_approval"
    )


def drop(dispute: Dispute, why: Ended, *, by: User | None, at: datetime, stays: bool = False) -> bool:
    """End the request that waits, if there is one, and say why; whether there was one.

    The dispute is at its stage again, with its holder. When it `stays` there, its questions are asked again. The
    caller holds its lock.
    """
    approval = pending(dispute)
    if approval is None:
        return False
    close_request(approval, S.EXPIRED if why == Ended.EXPIRED else S.WITHDRAWN, by=by, at=at, why=why)
    back_to_stage(dispute, at)
    data = facts_of(approval) | {"why": why.value, "state": approval.state} | holder_facts(dispute)
    tell(dispute, "approval.ended", by=by, at=at, data=data)
    if stays:
        asking.ask_again(dispute, since=approval.asked_at, at=at)
    return True


def back_to_stage(dispute: Dispute, at: datetime) -> None:
    """The dispute is where it was before somebody asked: its stage's status, holder and deadline.

    While branches run it is with whoever has the one that is due first.
    """
    stage, on = dispute.stage, day_of(at, dispute.entity)
    dispute.status = stage.status
    first = first_run(dispute)
    if first is not None:
        give_to(dispute, Holder(HolderSide(first.holder_side), first.holder_user, first.holder_department))
        dispute.due_at = first.due_at
    else:
        give_to(
            dispute,
            find_holder(stage=stage, customer=dispute.customer, coordinator=dispute.coordinator, on=on),
        )
    set_due(dispute, at)
    dispute.save()
    start_stay(dispute, at)
    take_part(dispute, [dispute.holder_user], at)


def close_request(
    approval: Approval, state: ApprovalState, *, by: User | None, at: datetime, why: Ended = Ended.NONE
) -> None:
    approval.state, approval.ended_at, approval.ended_by, approval.ended_why = state, at, by, why
    approval.save(update_fields=["state", "ended_at", "ended_by", "ended_why"])
    if approval.purpose == Purpose.OFFER and state != S.APPROVED:
        offer = Offer.objects.get(approvals=approval)
        if offer.state == OfferState.TO_APPROVE:
            end_offer(offer, OfferState.WITHDRAWN, by=by, at=at)


def facts_of(approval: Approval) -> dict[str, Any]:
    """A request as events tell it."""
    return {
        "approval": approval.pk,
        "purpose": approval.purpose,
        "resolution": approval.resolution,
        "verdict": approval.verdict,
        "amount": str(approval.amount),
        "currency": approval.dispute.currency,
    }


def end_offer(offer: Offer, state: OfferState, *, by: User | None, at: datetime, note: str = "") -> None:
    """Write the end of an offer. The caller holds its lock, or its dispute's."""
    offer.state, offer.answered_by, offer.answered_at = state, by, max(at, offer.made_at)
    offer.answer_note = note.strip()
    offer.save(update_fields=["state", "answered_by", "answered_at", "answer_note"])


def end_open_offers(dispute: Dispute, *, by: User | None, at: datetime) -> None:
    """The dispute ends another way: what was proposed no longer is. The caller holds the dispute's lock."""
    for offer in Offer.objects.filter(dispute=dispute, state__in=LIVE_OFFERS):
        end_offer(offer, OfferState.WITHDRAWN, by=by, at=at)
        tell(dispute, "offer.ended", by=by, at=at, data=offer_facts(offer))


def offer_facts(offer: Offer) -> dict[str, Any]:
    """An offer as events tell it."""
    return {
        "offer": offer.pk,
        "side": offer.side,
        "state": offer.state,
        "amount": str(offer.amount),
        "currency": offer.dispute.currency,
        "rest_by": offer.rest_by.isoformat() if offer.rest_by else "",
        "valid_until": offer.valid_until.isoformat(),
        "note": offer.note,
    }
