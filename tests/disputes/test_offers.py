"""Offers: one at a time, within limits, answered once, for as long as they hold."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import events
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Approval, CreditRequest, Dispute, Offer
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_invoice

HOUR = timedelta(hours=1)
WEEK = ON + timedelta(days=7)


def offer(dispute: Dispute, cast: Cast, amount: str = "150", **more: Any) -> Offer:
    given = {"by": cast.alice, "at": AT, "valid_until": WEEK, "rest_by": WEEK} | more
    return services.make_offer(dispute=dispute, amount=Decimal(amount), **given)


def test_the_customer_accepts_ours_and_promises_the_rest(dispute: Dispute, catalogue: Cast) -> None:
    made = offer(dispute, catalogue)
    services.accept_offer(offer_id=made.pk, by=catalogue.sam, at=AT + HOUR, note="By phone")
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.amount, dispute.outcome.verdict) == (
        "solved",
        Decimal("150.00"),
        "partly",
    )
    assert dispute.outcome.decided_by == catalogue.alice
    assert CreditRequest.objects.get().amount == Decimal("150.00")
    told = events.timeline("dispute", dispute.pk).get(kind="offer.accepted")
    invoice = dispute.lines.get().invoice_id
    assert told.data["rest"] == [{"invoice": invoice, "amount": "850.00"}]
    assert (told.data["rest_by"], told.actor) == (WEEK.isoformat(), catalogue.sam)


def test_above_the_makers_limit_it_is_approved_before_it_is_shown(catalogue: Cast) -> None:
    dispute = open_one(catalogue, amount="900.00")
    made = offer(dispute, catalogue, "800", by=catalogue.adam)
    assert (made.state, Approval.objects.get().purpose) == ("to_approve", "offer")
    with pytest.raises(IllegalAct):
        services.accept_offer(offer_id=made.pk, by=catalogue.sam, at=AT + HOUR)
    services.vote(approval_id=Approval.objects.get().pk, yes=True, by=catalogue.alice, at=AT + HOUR)
    made.refresh_from_db()
    dispute.refresh_from_db()
    assert (made.state, dispute.status) == ("open", "open")
    services.accept_offer(offer_id=made.pk, by=catalogue.sam, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.approval) == ("solved", Approval.objects.get())
    settle_constraints()


def test_a_refused_offer_is_never_shown(catalogue: Cast) -> None:
    made = offer(open_one(catalogue, amount="900.00"), catalogue, "800", by=catalogue.adam)
    services.vote(
        approval_id=Approval.objects.get().pk, yes=False, by=catalogue.alice, at=AT + HOUR, note="Too much"
    )
    made.refresh_from_db()
    assert made.state == "withdrawn"
    settle_constraints()


def test_the_customers_offer_counters_ours_and_needs_our_limits(catalogue: Cast) -> None:
    dispute = open_one(catalogue, amount="900.00")
    ours = offer(dispute, catalogue, "100")
    theirs = offer(dispute, catalogue, "700", side="customer", by=catalogue.sam)
    ours.refresh_from_db()
    assert (ours.state, theirs.counters) == ("countered", ours)
    services.accept_offer(offer_id=theirs.pk, by=catalogue.adam, at=AT + HOUR)
    theirs.refresh_from_db()
    assert (theirs.state, Approval.objects.get().purpose) == ("open", "accept")
    services.vote(approval_id=Approval.objects.get().pk, yes=True, by=catalogue.alice, at=AT + 2 * HOUR)
    theirs.refresh_from_db()
    dispute.refresh_from_db()
    assert (theirs.state, dispute.status, dispute.outcome.amount) == (
        "accepted",
        "solved",
        Decimal("700.00"),
    )
    settle_constraints()


def test_one_at_a_time_and_answered_once(dispute: Dispute, catalogue: Cast) -> None:
    made = offer(dispute, catalogue)
    with pytest.raises(IllegalAct, match="already an offer"):
        offer(dispute, catalogue, "10")
    services.decline_offer(offer_id=made.pk, by=catalogue.sam, at=AT + HOUR, note="Too little")
    services.decline_offer(offer_id=made.pk, by=catalogue.sam, at=AT + HOUR)
    for act in (services.accept_offer, services.withdraw_offer):
        with pytest.raises(IllegalAct):
            act(offer_id=made.pk, by=catalogue.alice, at=AT + 2 * HOUR)
    assert offer(dispute, catalogue, "160").state == "open"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "300.01"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"valid_until": ON - timedelta(days=1)}, "valid_until"),
        ({"rest_by": ON - timedelta(days=1)}, "rest_by"),
        ({"side": "nobody"}, "side"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(
    dispute: Dispute, catalogue: Cast, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(FieldErrors) as refusal:
        offer(dispute, catalogue, **wrong)
    assert set(refusal.value.fields) == {field}
    assert not Offer.objects.exists()


@pytest.mark.parametrize("who", ["eva", "bill", "fin", "mallory"])
def test_roles_that_may_not_change_nothing(dispute: Dispute, catalogue: Cast, who: str) -> None:
    made = offer(dispute, catalogue)
    by = getattr(catalogue, who)
    for act in (services.accept_offer, services.decline_offer, services.withdraw_offer):
        with pytest.raises(RoleMayNot):
            act(offer_id=made.pk, by=by, at=AT + HOUR)
    with pytest.raises(RoleMayNot):
        offer(dispute, catalogue, side="customer", by=by)
    made.refresh_from_db()
    assert made.state == "open"


def test_it_runs_out_after_its_last_day(dispute: Dispute, catalogue: Cast) -> None:
    made = offer(dispute, catalogue)
    for on, expected in ((WEEK, 0), (WEEK + timedelta(days=1), 1), (WEEK + timedelta(days=1), 0)):
        assert services.expire_offers(entity=catalogue.entity, on=on, at=AT + timedelta(days=8)) == expected
    made.refresh_from_db()
    assert made.state == "expired"
    late = offer(dispute, catalogue, at=AT, valid_until=ON)
    with pytest.raises(IllegalAct, match="run out"):
        services.accept_offer(offer_id=late.pk, by=catalogue.sam, at=AT + timedelta(days=2))


def test_a_dispute_that_ends_another_way_takes_its_offer_along(dispute: Dispute, catalogue: Cast) -> None:
    made = offer(dispute, catalogue)
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT + HOUR)
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_a_change_of_amounts_takes_an_offer_that_waits_along(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, amount="900.00", invoice=invoice)
    made = offer(dispute, catalogue, "800", by=catalogue.adam)
    lines = [services.LineInput(invoice.pk, Decimal("850"))]
    services.change_lines(dispute=dispute, lines=lines, by=catalogue.alice, at=AT + HOUR)
    made.refresh_from_db()
    assert made.state == "withdrawn"
    settle_constraints()
