"""Whoever gives up more than they may alone asks others: who is asked, who may vote, and what a vote does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import events
from accounts.choices import Role
from accounts.models import Absence, User
from disputes import decisions, selectors, services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Approval, CreditRequest, Dispute, Outcome, Tolerance
from disputes.services import LineInput
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_invoice, make_person

HOUR = timedelta(hours=1)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def kinds(dispute: Dispute) -> list[str]:
    return list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))


def big(cast: Cast, amount: str = "800.00") -> Dispute:
    invoice = make_invoice(cast.norte, "20000.00")
    return open_one(cast, amount=amount, invoice=invoice)


def credit(dispute: Dispute, by: User, **more: Any) -> Dispute:
    return services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=by, at=more.pop("at", AT + HOUR), **more
    )


def asked(cast: Cast, amount: str = "800.00") -> tuple[Dispute, Approval]:
    """Adam asks to credit it; Alice has to agree."""
    dispute = credit(big(cast, amount), cast.adam)
    return dispute, Approval.objects.get(dispute=dispute)


@pytest.fixture
def second(catalogue: Cast) -> User:
    """Another credit manager."""
    return make_person("Berta", catalogue.entity, Role.CREDIT_MANAGER)


def test_up_to_the_limit_one_decides_alone(catalogue: Cast) -> None:
    dispute = credit(big(catalogue, "500.00"), catalogue.alice)
    assert (dispute.status, dispute.outcome.approval) == ("solved", None)
    request = CreditRequest.objects.get(dispute=dispute)
    assert (request.kind, request.state, request.amount, request.department) == (
        "credit",
        "requested",
        Decimal("500.00"),
        catalogue.billing,
    )


def test_above_it_the_dispute_waits_in_its_stage_with_the_approver(catalogue: Cast, second: User) -> None:
    dispute = credit(big(catalogue), catalogue.alice, note="As agreed by phone")
    approval = Approval.objects.get(dispute=dispute)
    assert (dispute.status, dispute.stage.code, dispute.holder_user) == ("to_approve", "to_triage", second)
    assert (approval.steps, approval.amount, approval.asked_by) == (
        ["credit_manager"],
        Decimal("800.00"),
        catalogue.alice,
    )
    assert not Outcome.objects.exists()
    assert selectors.moves_for(dispute, catalogue.alice) == []
    assert kinds(dispute)[-1] == "approval.asked"
    services.vote(approval_id=approval.pk, yes=True, by=second, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.approval, dispute.outcome.decided_by) == (
        "solved",
        approval,
        catalogue.alice,
    )
    assert dispute.outcome.note == "As agreed by phone"
    assert [stay.holder_user for stay in dispute.stays.all()] == [catalogue.alice, second]
    settle_constraints()


def test_above_five_thousand_two_must_agree_in_any_order(catalogue: Cast, second: User) -> None:
    dispute = credit(big(catalogue, "6000.00"), catalogue.alice)
    approval = Approval.objects.get()
    assert (approval.steps, dispute.holder_user) == (["credit_manager", "admin"], second)
    services.vote(approval_id=approval.pk, yes=True, by=catalogue.adam, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.holder_user) == ("to_approve", second)
    services.vote(approval_id=approval.pk, yes=True, by=second, at=AT + 3 * HOUR)
    dispute.refresh_from_db()
    assert dispute.status == "solved"
    settle_constraints()


def test_nobody_approves_their_own_request_nor_votes_twice(catalogue: Cast, second: User) -> None:
    credit(big(catalogue, "6000.00"), catalogue.alice)
    approval = Approval.objects.get()
    with pytest.raises(RoleMayNot, match="own request"):
        services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + HOUR)
    services.vote(approval_id=approval.pk, yes=True, by=second, at=AT + HOUR)
    with pytest.raises(RoleMayNot, match="voted"):
        services.vote(approval_id=approval.pk, yes=True, by=second, at=AT + HOUR)
    assert Approval.objects.get().votes.count() == 1


@pytest.mark.parametrize("who", ["carl", "sam", "eva", "bill", "fin", "mallory", "adam"])
def test_a_voice_that_is_not_asked_for_changes_nothing(catalogue: Cast, second: User, who: str) -> None:
    """Adam administers: his voice counts only where no credit manager is left, and Berta is."""
    dispute = credit(big(catalogue), catalogue.alice)
    with pytest.raises(RoleMayNot):
        services.vote(
            approval_id=Approval.objects.get().pk, yes=True, by=getattr(catalogue, who), at=AT + 2 * HOUR
        )
    dispute.refresh_from_db()
    assert (dispute.status, Approval.objects.get().votes.count()) == ("to_approve", 0)


def test_an_administrator_steps_in_where_nobody_of_the_role_is_left(catalogue: Cast) -> None:
    dispute = credit(big(catalogue), catalogue.alice)
    assert dispute.holder_user == catalogue.adam


def test_without_enough_people_it_is_refused_and_nothing_changes(catalogue: Cast) -> None:
    """Alice asks; a credit manager and an administrator must agree, and there is only Adam."""
    dispute = big(catalogue, "6000.00")
    with pytest.raises(IllegalAct, match="not enough"):
        credit(dispute, catalogue.alice)
    dispute.refresh_from_db()
    assert (dispute.status, Approval.objects.count()) == ("open", 0)


def test_one_no_gives_it_back_to_the_stage_with_the_reason(catalogue: Cast) -> None:
    dispute, approval = asked(catalogue)
    with pytest.raises(FieldErrors):
        services.vote(approval_id=approval.pk, yes=False, by=catalogue.alice, at=AT + 2 * HOUR)
    services.vote(
        approval_id=approval.pk, yes=False, by=catalogue.alice, at=AT + 2 * HOUR, note="Half is enough"
    )
    dispute.refresh_from_db()
    assert (dispute.status, dispute.stage.code, dispute.holder_user) == ("open", "to_triage", catalogue.alice)
    event = events.timeline("dispute", dispute.pk).last()
    assert event is not None
    assert (event.kind, event.data["note"]) == ("approval.refused", "Half is enough")
    with pytest.raises(IllegalAct, match="ended"):
        services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + 3 * HOUR)
    settle_constraints()


def test_who_asked_takes_it_back_and_others_may_not(catalogue: Cast) -> None:
    dispute, approval = asked(catalogue)
    with pytest.raises(RoleMayNot):
        services.take_back(approval_id=approval.pk, by=catalogue.carl, at=AT + 2 * HOUR)
    services.take_back(approval_id=approval.pk, by=catalogue.adam, at=AT + 2 * HOUR)
    services.take_back(approval_id=approval.pk, by=catalogue.adam, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    assert dispute.status == "open"
    assert kinds(dispute).count("approval.ended") == 1
    settle_constraints()


def test_other_amounts_take_the_request_back_and_say_why(catalogue: Cast) -> None:
    dispute, approval = asked(catalogue)
    invoice = dispute.lines.get().invoice_id
    services.change_lines(
        dispute=dispute, lines=[LineInput(invoice, Decimal("700.00"))], by=catalogue.alice, at=AT + 2 * HOUR
    )
    approval.refresh_from_db()
    dispute.refresh_from_db()
    assert (approval.state, approval.ended_why, dispute.status) == ("withdrawn", "lines", "open")
    settle_constraints()


def test_while_it_waits_no_move_and_no_second_request(catalogue: Cast) -> None:
    dispute, _approval = asked(catalogue)
    with pytest.raises(IllegalAct, match="waits for approval"):
        services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=AT + 2 * HOUR)
    with pytest.raises(IllegalAct, match="waits for approval"):
        credit(dispute, catalogue.alice, amount=Decimal("10"))
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT + 2 * HOUR)
    assert Approval.objects.get().ended_why == "closed"
    settle_constraints()


def test_a_deputy_votes_in_an_absent_approvers_place(catalogue: Cast) -> None:
    Absence.objects.create(user=catalogue.alice, starts_on=ON, ends_on=ON, deputy=catalogue.carl)
    dispute, approval = asked(catalogue)
    assert dispute.holder_user == catalogue.carl
    assert [one.pk for one in decisions.inbox(fresh(catalogue.carl), AT)] == [approval.pk]
    services.vote(approval_id=approval.pk, yes=True, by=catalogue.carl, at=AT + 2 * HOUR)
    vote = approval.votes.get()
    assert (vote.user, vote.counts_as) == (catalogue.carl, catalogue.alice)
    dispute.refresh_from_db()
    assert dispute.status == "solved"


def test_a_deputy_who_asked_may_not(catalogue: Cast) -> None:
    Absence.objects.create(user=catalogue.alice, starts_on=ON, ends_on=ON, deputy=catalogue.adam)
    _dispute, approval = asked(catalogue)
    with pytest.raises(RoleMayNot, match="own request"):
        services.vote(approval_id=approval.pk, yes=True, by=catalogue.adam, at=AT + 2 * HOUR)


def test_nobodys_own_request_is_approved_through_a_deputy(catalogue: Cast, second: User) -> None:
    Absence.objects.create(user=catalogue.alice, starts_on=ON, ends_on=ON, deputy=catalogue.carl)
    credit(big(catalogue), catalogue.alice)
    with pytest.raises(RoleMayNot):
        services.vote(approval_id=Approval.objects.get().pk, yes=True, by=catalogue.carl, at=AT + 2 * HOUR)


def test_an_expert_and_a_move_ask_too(catalogue: Cast) -> None:
    dispute = big(catalogue)
    services.make_move(dispute=dispute, move_code="prepare_credit", by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    fields = {"credit_amount": "800", "credit_note_number": "CN-8"}
    services.make_move(
        dispute=dispute, move_code="credit_sent", by=catalogue.bill, at=AT + HOUR, fields=fields
    )
    dispute.refresh_from_db()
    approval = Approval.objects.get()
    assert (dispute.status, dispute.stage.code, approval.number) == ("to_approve", "prepare_credit", "CN-8")
    services.vote(approval_id=approval.pk, yes=True, by=catalogue.alice, at=AT + 2 * HOUR)
    assert (CreditRequest.objects.get().state, CreditRequest.objects.get().number) == ("issued", "CN-8")


def test_a_persons_own_limit_goes_before_their_roles(catalogue: Cast) -> None:
    rules = [services.RuleInput(Decimal(0), "credit_manager")]
    limits = [
        services.LimitInput(Decimal("500"), role="credit_manager"),
        services.LimitInput(Decimal("900"), user=catalogue.alice),
    ]
    with pytest.raises(RoleMayNot):
        services.set_rules(entity=catalogue.entity, limits=limits, rules=rules, by=catalogue.alice, at=AT)
    services.set_rules(entity=catalogue.entity, limits=limits, rules=rules, by=catalogue.adam, at=AT)
    assert credit(big(catalogue), catalogue.alice).status == "solved"
    assert credit(big(catalogue, "10.00"), catalogue.adam).status == "to_approve"


def test_closing_little_by_little_counts_as_all_at_once(catalogue: Cast) -> None:
    dispute = credit(big(catalogue), catalogue.alice, amount=Decimal("400"))
    services.take_as_issued(
        request_id=CreditRequest.objects.get().pk, by=catalogue.bill, at=AT + HOUR, number="CN-1"
    )
    services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT + 2 * HOUR)
    dispute = credit(dispute, catalogue.alice, amount=Decimal("400"), at=AT + 3 * HOUR)
    assert dispute.status == "to_approve"


def test_another_currency_is_weighed_in_the_entitys_and_without_a_rate_everybody_is_asked(
    catalogue: Cast, second: User
) -> None:
    invoice = make_invoice(catalogue.norte, currency="USD")
    credit(open_one(catalogue, invoice=invoice, amount="1.00"), catalogue.alice)
    approval = Approval.objects.get()
    assert (approval.weighed, approval.steps) == (None, ["credit_manager", "admin"])


def test_a_request_nobody_decides_runs_out(catalogue: Cast) -> None:
    dispute, approval = asked(catalogue)
    late = ON + timedelta(days=31)
    for expected in (1, 0):
        done = services.expire_approvals(entity=catalogue.entity, on=late, at=AT + timedelta(days=31))
        assert done == expected
    approval.refresh_from_db()
    dispute.refresh_from_db()
    assert (approval.state, dispute.status) == ("expired", "open")


def test_small_claims_of_chosen_reasons_are_accepted_and_explained(catalogue: Cast) -> None:
    price = big(catalogue).reason
    bounds = {"amount": Decimal("20"), "percent": Decimal("5"), "active": True}
    services.set_tolerance(
        entity=catalogue.entity,
        reasons=[price],
        by=catalogue.adam,
        at=AT,
        **bounds,  # type: ignore[arg-type]
    )
    small = open_one(catalogue, amount="20.00")
    assert services.accept_if_small(dispute_id=small.pk, at=AT) is True
    assert services.accept_if_small(dispute_id=small.pk, at=AT) is False
    small.refresh_from_db()
    assert (small.status, small.outcome.decided_by, small.outcome.verdict) == ("solved", None, "justified")
    assert "20,00" in small.outcome.note
    too_much = open_one(catalogue, amount="20.01")
    share = open_one(catalogue, amount="10.00", invoice=make_invoice(catalogue.norte, "100.00"))
    other = open_one(catalogue, amount="10.00", reason="delivery")
    assert not any(services.accept_if_small(dispute_id=one.pk, at=AT) for one in (too_much, share, other))
    services.reopen_dispute(dispute=small, by=catalogue.alice, at=AT + HOUR)
    assert services.accept_if_small(dispute_id=small.pk, at=AT + HOUR) is False
    assert Tolerance.objects.count() == 1
