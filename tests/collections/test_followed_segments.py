"""Routes and priorities of disputes follow the segment that counts, not only the declared one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from collections_app.services import pins
from disputes import services
from disputes.models import Dispute, Reason, Route, RouteRule
from disputes.rules_tried import try_rules
from ledger.models import Customer
from ledger.segments import segments_of
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice

pytestmark = pytest.mark.django_db


def pin(house: House, segment: str) -> None:
    """Alice keeps Norte, declared standard, in a segment."""
    pins.pin(customer=house.cast.norte, segment=segment, reason="So", by=house.cast.alice, on=ON, at=AT)


def chosen(house: House, customer: Customer) -> RouteRule | None:
    """The rule that a new dispute of the customer follows."""
    reason = Reason.objects.get(entity=house.cast.entity, code="price")
    amount = Decimal("300.00")
    return services.choose_version(
        reason=reason, customer=customer, amount=amount, currency="EUR", via="page"
    ).rule


def test_a_rule_of_a_segment_takes_the_disputes_of_who_counts_as_that(house: House) -> None:
    route = Route.objects.get(entity=house.cast.entity, code="quality")
    wanted = services.RouteRuleInput(route=route, segment="key")
    rule = services.set_rule(entity=house.cast.entity, wanted=wanted, by=house.cast.alice, at=AT)
    dispute = house.dispute(make_invoice(house.cast.norte))
    assert chosen(house, house.cast.norte) is None
    since = dispute.opened_on - timedelta(days=1)
    assert try_rules(house.cast.entity, [rule], since).by_rule == {}
    pin(house, "key")
    assert chosen(house, house.cast.norte) == rule
    assert chosen(house, house.cast.sur) is None
    assert try_rules(house.cast.entity, [rule], since).by_rule == {rule.pk: 1}
    assert segments_of([house.cast.norte, house.cast.sur]) == {
        house.cast.norte.pk: "key",
        house.cast.sur.pk: "standard",
    }


def test_a_dispute_becomes_more_urgent_when_its_customer_counts_for_more(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    dispute = house.dispute(make_invoice(house.cast.norte))
    services.prioritize(ids=[dispute.pk], at=AT)
    before = Dispute.objects.get(pk=dispute.pk)
    assert before.priority_parts["customer"]["segment"] == "standard"
    with django_capture_on_commit_callbacks(execute=True):
        pin(house, "strategic")
    after = Dispute.objects.get(pk=dispute.pk)
    assert after.priority_parts["customer"]["segment"] == "strategic"
    assert after.priority > before.priority
    with django_capture_on_commit_callbacks(execute=True):
        pins.unpin(customer=house.cast.norte, by=house.cast.alice, on=ON, at=AT)
    assert Dispute.objects.get(pk=dispute.pk).priority == before.priority
