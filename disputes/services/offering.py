"""Offers and counter-offers: one at a time, within the maker's limits, answered once, for as long as they hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from disputes.choices import Resolution, Status, Telling, Verdict
from disputes.choices_outcome import LIVE_OFFERS, Ended, OfferSide, OfferState, Purpose
from disputes.errors import FieldErrors, IllegalAct
from disputes.lifecycle import Act
from disputes.models import Approval, Dispute, Offer
from disputes.services import asking
from disputes.services.approving import AGREED, ask_approval, ending_of_approval
from disputes.services.carrying import carry_out
from disputes.services.common import allow, day_of, holder_facts, lock, moment_for, tell, write
from disputes.services.ending import Ending, parts_of
from disputes.services.limits import needed
from disputes.services.waiting import back_to_stage, drop, end_offer, offer_facts, pending, waits_already
from ledger.models import Invoice
from lib.formats import money
from lib.money import ZERO, q

S = OfferState
FURTHEST = timedelta(days=365)


@transaction.atomic
def make_offer(
    *,
    dispute: Dispute,
    amount: Decimal,
    valid_until: date,
    by: User,
    at: datetime,
    side: str = OfferSide.OURS,
    rest_by: date | None = None,
    note: str = "",
) -> Offer:
    """Propose to credit `amount`, the rest being paid by a day; for the customer's side it notes what they propose.

    An open offer of the other side is countered by it; one of the same side must be taken back first. An offer of
    ours above what its maker may give up alone is shown to the customer only once it is approved.
    """
    dispute = lock(dispute.pk)
    allow(dispute, Act.OFFER, by)
    if pending(dispute) is not None:
        raise waits_already()
    at = moment_for(dispute, at)
    on = day_of(at, dispute.entity)
    _check(dispute, amount, valid_until, rest_by, side, note, on)
    running = _running(dispute)
    if running is not None and (running.side == side or running.state == S.TO_APPROVE):
        raise IllegalAct(_("There is already an offer that waits for an answer."), code="offer_open")
    if running is not None:
        end_offer(running, S.COUNTERED, by=by, at=at)
        tell(dispute, "offer.ended", by=by, at=at, data=offer_facts(running))
    offer = Offer(
        dispute=dispute,
        side=side,
        amount=amount,
        rest_by=rest_by,
        valid_until=valid_until,
        note=note.strip(),
        counters=running,
        made_by=by,
        made_at=at,
    )
    wanted = needed(dispute, _ending(offer), by, on) if side == OfferSide.OURS else None
    if wanted is not None and wanted.steps:
        offer.state = S.TO_APPROVE
    write(offer)
    tell(dispute, "offer.made", by=by, at=at, data=offer_facts(offer))
    if wanted is not None and wanted.steps:
        ask_approval(dispute, _ending(offer), wanted, by=by, at=at, purpose=Purpose.OFFER, offer=offer)
    return offer


def _check(
    dispute: Dispute,
    amount: Decimal,
    valid_until: date,
    rest_by: date | None,
    side: str,
    note: str,
    on: date,
) -> None:
    errors: dict[str, str] = {}
    if not 0 < amount <= dispute.amount or amount != q(amount, dispute.currency):
        errors["amount"] = _("The amount to credit must be more than zero and at most %(amount)s.") % {
            "amount": money(dispute.amount, dispute.currency)
        }
    if side not in OfferSide.values:
        errors["side"] = _("Say whose offer it is.")
    if not on <= valid_until <= on + FURTHEST:
        errors["valid_until"] = _("Choose a day from today on, within a year.")
    if rest_by is not None and not on <= rest_by <= on + FURTHEST:
        errors["rest_by"] = _("Choose a day from today on, within a year.")
    if len(note) > 4000:
        errors["note"] = _("A note has at most 4000 characters.")
    if errors:
        raise FieldErrors(errors)


@transaction.atomic
def accept_offer(*, offer_id: int, by: User, at: datetime, note: str = "") -> Offer:
    """The other side agrees: the dispute closes with the credit, and the rest is promised.

    Ours, accepted by the customer, was within its maker's limits or approved. The customer's, accepted by us,
    needs the limits of whoever accepts it; above them the offer waits for approval. Raises IllegalAct when it was
    answered or has run out.
    """
    offer, dispute = _locked(offer_id)
    allow(dispute, Act.OFFER, by)
    at = moment_for(dispute, at)
    on = day_of(at, dispute.entity)
    _check_open(offer, on)
    if pending(dispute) is not None:
        raise waits_already()
    if offer.amount > dispute.amount:
        raise IllegalAct(_("Less is disputed now than this offer credits."), code="offer_too_large")
    ending = _ending(offer)
    if offer.side == OfferSide.CUSTOMER:
        wanted = needed(dispute, ending, by, on)
        if wanted.steps:
            ask_approval(dispute, ending, wanted, by=by, at=at, purpose=Purpose.ACCEPT, offer=offer)
            return offer
    approval = offer.approvals.filter(state="approved").first()
    if offer.side == OfferSide.OURS and approval is None and _above_now(dispute, ending, offer, on):
        raise IllegalAct(
            _("The limits changed since this offer was made: take it back and make it again."),
            code="offer_above_limit",
        )
    _accepted(offer, dispute, ending, approval, by=by, at=at, note=note)
    return offer


def _above_now(dispute: Dispute, ending: Ending, offer: Offer, on: date) -> bool:
    """Whether its maker may no longer give this up alone. The matter was looked at when the offer was made."""
    return bool(needed(dispute, ending, offer.made_by, on, of_the_matter=False).steps)


def _accepted(
    offer: Offer,
    dispute: Dispute,
    ending: Ending,
    approval: Approval | None,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
) -> None:
    """Close the dispute as agreed and say what is left to pay; the room above makes the promise of it."""
    end_offer(offer, S.ACCEPTED, by=by, at=at, note=note)
    rest = _rest(dispute, ending)
    data = offer_facts(offer) | {"rest": rest, "note": note.strip()}
    tell(dispute, "offer.accepted", by=by, at=at, data=data)
    decider = by if offer.side == OfferSide.CUSTOMER else offer.made_by
    carry_out(dispute, ending, by=decider, at=at, approval=approval)


def _rest(dispute: Dispute, ending: Ending) -> list[dict[str, Any]]:
    """What stays to be paid of each invoice once it is credited."""
    credited = {part["invoice"]: Decimal(part["amount"]) for part in parts_of(dispute, ending)}
    ids = dispute.lines.filter(closed_on=None).values_list("invoice_id", flat=True)
    rows = Invoice.objects.filter(pk__in=set(ids)).order_by("pk")
    left = {row.pk: row.amount - row.allocated - credited.get(row.pk, ZERO) for row in rows}
    return [{"invoice": pk, "amount": str(amount)} for pk, amount in left.items() if amount > 0]


@transaction.atomic
def decline_offer(*, offer_id: int, by: User, at: datetime, note: str = "") -> Offer:
    """The other side does not agree."""
    return _answer(offer_id, S.DECLINED, by=by, at=at, note=note)


@transaction.atomic
def withdraw_offer(*, offer_id: int, by: User, at: datetime, note: str = "") -> Offer:
    """Take an offer back before it is answered; its request for approval goes with it."""
    return _answer(offer_id, S.WITHDRAWN, by=by, at=at, note=note)


def _answer(offer_id: int, state: OfferState, *, by: User, at: datetime, note: str) -> Offer:
    offer, dispute = _locked(offer_id)
    if offer.state == state:
        return offer
    allow(dispute, Act.OFFER, by)
    if offer.state not in LIVE_OFFERS or (state == S.DECLINED and not offer.is_open):
        raise _over(offer)
    at = moment_for(dispute, at)
    # The offer first: the end of its request would end it too, without the note.
    end_offer(offer, state, by=by, at=at, note=note)
    _drop_request_of(offer, dispute, Ended.TAKEN_BACK, by=by, at=at)
    tell(dispute, "offer.ended", by=by, at=at, data=offer_facts(offer) | {"note": note.strip()})
    return offer


@transaction.atomic
def expire_offers(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """End the offers whose last day is over; how many. Harmless twice."""
    late = Offer.objects.filter(dispute__entity=entity, state__in=LIVE_OFFERS, valid_until__lt=on)
    count = 0
    for pk in list(late.order_by("dispute_id").values_list("pk", flat=True)):
        offer, dispute = _locked(pk)
        if offer.state not in LIVE_OFFERS or offer.valid_until >= on:
            continue
        moment = moment_for(dispute, at)
        end_offer(offer, S.EXPIRED, by=None, at=moment)
        _drop_request_of(offer, dispute, Ended.EXPIRED, by=None, at=moment)
        tell(dispute, "offer.ended", by=None, at=moment, data=offer_facts(offer))
        count += 1
    return count


def _drop_request_of(offer: Offer, dispute: Dispute, why: Ended, *, by: User | None, at: datetime) -> None:
    """The request for approval of an offer that has ended goes with it."""
    waiting = pending(dispute)
    if waiting is not None and waiting.offer_id == offer.pk:
        drop(dispute, why, by=by, at=at, stays=True)


def _running(dispute: Dispute) -> Offer | None:
    found: Offer | None = Offer.objects.filter(dispute=dispute, state__in=LIVE_OFFERS).first()
    return found


def _locked(offer_id: int) -> tuple[Offer, Dispute]:
    """The offer and its dispute as they are now, both locked, the dispute first."""
    dispute = lock(Offer.objects.values_list("dispute_id", flat=True).get(pk=offer_id))
    rows = Offer.objects.select_for_update(of=("self",)).select_related("made_by")
    return rows.get(pk=offer_id), dispute


def _check_open(offer: Offer, on: date) -> None:
    if not offer.is_open:
        raise _over(offer)
    if offer.valid_until < on:
        raise IllegalAct(_("This offer has run out."), code="offer_over")


def _over(offer: Offer) -> IllegalAct:
    words = _("This offer no longer waits for an answer: %(state)s.")
    return IllegalAct(words % {"state": offer.get_state_display()}, code="offer_over", state=offer.state)


def _ending(offer: Offer) -> Ending:
    """What accepting the offer means."""
    whole = offer.amount >= offer.dispute.amount
    verdict = Verdict.JUSTIFIED if whole else Verdict.PARTLY
    return Ending(
        # Who agreed to an offer knows how it ends.
        Status.SOLVED,
        verdict,
        Resolution.CREDIT,
        offer.amount,
        offer.note,
        telling=Telling.OTHERWISE,
    )


def _shown(approval: Approval, dispute: Dispute, at: datetime) -> None:
    """Everybody agreed: the customer may see the offer now."""
    offer = Offer.objects.get(approvals=approval)
    offer.state = S.OPEN
    offer.save(update_fields=["state"])
    back_to_stage(dispute, at)
    tell(dispute, "offer.shown", by=None, at=at, data=offer_facts(offer) | holder_facts(dispute))
    asking.ask_again(dispute, since=approval.asked_at, at=at)


def _accept_agreed(approval: Approval, dispute: Dispute, at: datetime) -> None:
    """Everybody agreed to what the customer proposes."""
    offer = Offer.objects.get(approvals=approval)
    ending = ending_of_approval(approval)
    _accepted(offer, dispute, ending, approval, by=approval.asked_by, at=at)


AGREED[Purpose.OFFER] = _shown
AGREED[Purpose.ACCEPT] = _accept_agreed
