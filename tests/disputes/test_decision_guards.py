"""Decisions: what the database refuses when somebody goes around the services, and what happens at one instant."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.choices import Role
from accounts.models import User
from disputes import services
from disputes.errors import IllegalAct, RoleMayNot
from disputes.models import Approval, ApprovalVote, CreditRequest, Dispute, Offer, Outcome
from tests.disputes.conftest import open_one
from tests.disputes.race import both
from tests.disputes.test_credits import note_for, place
from tests.disputes.test_guards import refuses
from tests.factories import AT, ON, Cast, make_invoice, make_person

HOUR = timedelta(hours=1)


def waiting(cast: Cast, amount: str = "800.00", by: User | None = None) -> Approval:
    dispute = open_one(cast, amount=amount, invoice=make_invoice(cast.norte, "20000.00"))
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=by or cast.adam, at=AT
    )
    return Approval.objects.get(dispute=dispute)


def vote(
    approval: Approval, user_id: int, *, counts_as: int = 0, step: int = 0, yes: bool = True
) -> ApprovalVote:
    return ApprovalVote.objects.create(
        approval=approval, user_id=user_id, counts_as_id=counts_as or user_id, step=step, yes=yes, at=AT
    )


@pytest.mark.django_db
def test_four_eyes_hold_in_the_database(catalogue: Cast) -> None:
    approval = waiting(catalogue)
    adam, alice, carl = catalogue.adam.pk, catalogue.alice.pk, catalogue.carl.pk
    refuses("approval_vote_by_another", lambda: vote(approval, adam))
    refuses("approval_vote_by_another", lambda: vote(approval, carl, counts_as=adam))
    refuses("approval_vote_for_a_step", lambda: vote(approval, alice, step=1))
    refuses("approval_has_every_yes", lambda: Approval.objects.update(state="approved", ended_at=AT))
    refuses("approval_refused_iff_no", lambda: Approval.objects.update(state="refused", ended_at=AT))
    refuses("approval_refused_iff_no", lambda: vote(approval, alice, yes=False))
    refuses("approval_ended_iff_dated", lambda: Approval.objects.update(state="withdrawn"))
    refuses("approval_is_final", lambda: Approval.objects.update(amount=1))
    refuses("approval_is_final", approval.delete)


@pytest.mark.django_db
def test_nobody_votes_twice_in_the_database(catalogue: Cast) -> None:
    berta = make_person("Berta", catalogue.entity, Role.CREDIT_MANAGER).pk
    approval = waiting(catalogue, "6000.00", by=catalogue.alice)
    carl, bill = catalogue.carl.pk, catalogue.bill.pk
    first = vote(approval, berta)
    refuses("approval_vote_once", lambda: vote(approval, berta, step=1))
    refuses("approval_vote_once", lambda: vote(approval, carl, counts_as=berta, step=1))
    refuses("approval_vote_once", lambda: vote(approval, berta, counts_as=carl, step=1))
    refuses("approval_vote_once_per_step", lambda: vote(approval, bill))
    refuses("approval_vote_is_final", lambda: ApprovalVote.objects.update(yes=False))
    refuses("approval_vote_is_final", first.delete)


@pytest.mark.django_db
def test_a_request_waits_only_while_its_dispute_does(catalogue: Cast) -> None:
    approval = waiting(catalogue)
    dispute = Dispute.objects.get(pk=approval.dispute_id)

    def away() -> None:
        dispute.stays.filter(ended_at=None).update(ended_at=AT)
        Dispute.objects.filter(pk=dispute.pk).update(status="open")

    refuses("approval_pending_while_to_approve|stay", away)
    second = Approval.objects.get()
    second.pk = None
    refuses("approval_one_pending_per_dispute", lambda: second.save(force_insert=True))


@pytest.mark.django_db
def test_an_outcome_is_what_was_approved(catalogue: Cast) -> None:
    approval = waiting(catalogue)
    services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR)
    refuses("outcome_as_approved", lambda: Outcome.objects.update(amount=Decimal("800.01")))
    refuses("outcome_as_approved", lambda: Outcome.objects.update(resolution="write_off"))
    late = open_one(catalogue)
    services.close_dispute(dispute=late, verdict="partly", resolution="credit", by=catalogue.alice, at=AT)
    refuses(
        "outcome_as_approved|unique", lambda: Outcome.objects.filter(dispute=late).update(approval=approval)
    )


@pytest.mark.django_db
def test_an_offer_only_gets_its_answer_and_is_alone(dispute: Dispute, catalogue: Cast) -> None:
    offer = services.make_offer(
        dispute=dispute, amount=Decimal(100), valid_until=ON, by=catalogue.alice, at=AT
    )
    refuses("offer_is_final", lambda: Offer.objects.update(amount=1))
    refuses("offer_ended_iff_dated", lambda: Offer.objects.update(state="accepted"))
    twin = Offer.objects.get()
    twin.pk = None
    refuses("offer_one_open_per_dispute", lambda: twin.save(force_insert=True))
    services.decline_offer(offer_id=offer.pk, by=catalogue.alice, at=AT)
    refuses("offer_is_final", lambda: Offer.objects.update(state="open", answered_at=None))


# --- at one instant --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_fill_two_steps_and_close_once(catalogue: Cast) -> None:
    """Without the locks of dispute and request the second breaks on the guards of votes; either is enough."""
    approval = waiting(catalogue, "800.00")

    def attempt() -> Approval:
        return services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR)

    results = both("disputes_dispute", approval.dispute_id, attempt, attempt)
    assert sorted(type(one).__name__ for one in results) == ["Approval", "IllegalAct"]
    assert Outcome.objects.count() == ApprovalVote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_both_steps_voted_at_once_close_it(catalogue: Cast) -> None:
    """The guard of votes decides it in any case: `disputes_check_vote` locks the request until the end."""
    dispute = open_one(catalogue, amount="6000.00", invoice=make_invoice(catalogue.norte, "20000.00"))
    services.make_move(dispute=dispute, move_code="prepare_credit", by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    fields = {"credit_amount": "6000", "credit_note_number": "CN-1"}
    services.make_move(dispute=dispute, move_code="credit_sent", by=catalogue.bill, at=AT, fields=fields)
    approval = Approval.objects.get()
    results = both(
        "disputes_dispute",
        dispute.pk,
        lambda: services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR),
        lambda: services.vote(approval_id=approval.pk, yes=True, by=catalogue.adam, at=AT + HOUR),
    )
    assert [type(one).__name__ for one in results] == ["Approval", "Approval"]
    assert (Outcome.objects.count(), CreditRequest.objects.get().state) == (1, "issued")


@pytest.mark.django_db(transaction=True)
def test_approve_and_take_back_at_once_one_wins(catalogue: Cast) -> None:
    """Without the locks of dispute and request the second breaks on `approval_is_final`; either is enough."""
    approval = waiting(catalogue)
    results = both(
        "disputes_dispute",
        approval.dispute_id,
        lambda: services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR),
        lambda: services.take_back(approval_id=approval.pk, by=catalogue.adam, at=AT + HOUR),
    )
    assert sorted(type(one).__name__ for one in results) == ["Approval", "IllegalAct"]
    approval.refresh_from_db()
    assert (approval.state == "approved") is Outcome.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_offer_accepted_twice_at_once_is_accepted_once(dispute: Dispute, catalogue: Cast) -> None:
    """Without the locks of dispute and offer the second breaks on a constraint; either is enough."""
    offer = services.make_offer(
        dispute=dispute, amount=Decimal(100), valid_until=ON, by=catalogue.alice, at=AT
    )

    def attempt() -> Offer:
        return services.accept_offer(offer_id=offer.pk, by=catalogue.sam, at=AT + HOUR)

    results = both("disputes_dispute", dispute.pk, attempt, attempt)
    assert sorted(type(one).__name__ for one in results) == ["IllegalAct", "Offer"]
    assert CreditRequest.objects.count() == Outcome.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_credit_note_that_arrives_while_it_is_closed_is_counted_once(catalogue: Cast) -> None:
    """Whoever comes first: one request, one arrival, one outcome. Without the dispute's lock one does not wait."""
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    allocation = place(note_for(invoice, "300"), invoice)
    results = both(
        "disputes_dispute",
        dispute.pk,
        lambda: services.take_allocation(allocation_id=allocation.pk, at=AT + HOUR),
        lambda: services.close_dispute(
            dispute=dispute, verdict="justified", resolution="credit", by=catalogue.alice, at=AT + HOUR
        ),
    )
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, IllegalAct)]
    request = CreditRequest.objects.get()
    assert (request.state, request.arrived, Outcome.objects.count()) == ("issued", Decimal("300.00"), 1)


@pytest.mark.django_db(transaction=True)
def test_a_vote_and_other_amounts_at_once(catalogue: Cast) -> None:
    """Either the votes close what was asked for, or the change takes the request back; without the lock both."""
    approval = waiting(catalogue)
    dispute = approval.dispute
    line = services.LineInput(dispute.lines.get().invoice_id, Decimal("700"))
    results = both(
        "disputes_dispute",
        dispute.pk,
        lambda: services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR),
        lambda: services.change_lines(dispute=dispute, lines=[line], by=catalogue.alice, at=AT + HOUR),
    )
    assert len([one for one in results if isinstance(one, IllegalAct | RoleMayNot)]) == 1
    approval.refresh_from_db()
    assert (approval.state == "approved") is Outcome.objects.exists()
