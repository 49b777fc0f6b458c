"""How urgent a dispute is: computed, explained, kept, and computed again when something changes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts import events
from disputes import services
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Dispute, PriorityWeights
from disputes.priority import Facts, Weights, priority
from disputes.priority_words import explain
from tests.disputes.conftest import open_one
from tests.disputes.test_guards import refuses
from tests.factories import AT, Cast, make_invoice

HALF = Facts(
    amount=Decimal(10000),
    opened_at=AT - timedelta(days=30),
    segment="standard",
    balance=Decimal(50000),
    due_at=AT + timedelta(hours=36),
)


def test_half_of_everything_gives_half_the_points() -> None:
    found = priority(HALF, Weights(), AT)
    assert {name: part["points"] for name, part in found.parts.items()} == {
        "amount": 18, "age": 10, "customer": 8, "deadline": 15,
    }  # fmt: skip
    assert found.points == 51


def test_everything_full_gives_all_and_nothing_gives_none() -> None:
    full = Facts(Decimal(10**6), AT - timedelta(days=400), "strategic", Decimal(0), AT - timedelta(minutes=1))
    assert priority(full, Weights(), AT).points == 100
    none = Facts(Decimal(0), AT, "standard", Decimal(0), None)
    assert priority(none, Weights(), AT).points == 0


money = st.decimals(0, 10**7, places=2)


@given(amount=money, more=money, balance=money, days=st.integers(0, 4000), hours=st.integers(-2000, 2000))
def test_more_is_never_less_urgent_and_the_points_stay_between_0_and_100(
    amount: Decimal, more: Decimal, balance: Decimal, days: int, hours: int
) -> None:
    facts: dict[str, Any] = {"segment": "key", "balance": balance}
    one = Facts(amount, AT - timedelta(days=days), due_at=AT + timedelta(hours=hours), **facts)
    two = Facts(amount + more, AT - timedelta(days=days + 1), due_at=AT + timedelta(hours=hours - 1), **facts)
    low, high = priority(one, Weights(), AT), priority(two, Weights(), AT)
    assert 0 <= low.points <= high.points <= 100
    assert low.points == sum(part["points"] for part in low.parts.values())


def test_it_is_kept_explained_and_follows_the_events(
    catalogue: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = make_invoice(catalogue.norte, "20000.00")
    with django_capture_on_commit_callbacks(execute=True):
        dispute = open_one(catalogue, invoice=invoice, amount="10000.00")
    dispute.refresh_from_db()
    assert dispute.priority == sum(part["points"] for part in dispute.priority_parts.values()) > 0
    said = explain(dispute)
    assert "€10,000.00 in dispute" in [one.why for one in said]
    assert sum(one.points for one in said) == dispute.priority
    before = dispute.priority
    with django_capture_on_commit_callbacks(execute=True):
        lines = [services.LineInput(invoice.pk, Decimal(20000))]
        services.change_lines(dispute=dispute, lines=lines, by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    assert dispute.priority > before


def test_the_clock_is_followed_daily_and_hourly_near_a_deadline(catalogue: Cast) -> None:
    near, calm, over = open_one(catalogue), open_one(catalogue), open_one(catalogue)
    services.withdraw_dispute(dispute=over, by=catalogue.alice, at=AT)
    assert services.prioritize_stale(at=AT) == 2
    Dispute.objects.filter(pk=near.pk).update(due_at=AT + timedelta(hours=20))
    Dispute.objects.filter(pk=calm.pk).update(due_at=None)
    services.prioritize(ids=[near.pk, calm.pk], at=AT)
    assert services.prioritize_stale(at=AT + timedelta(minutes=30)) == 0
    assert services.prioritize_stale(at=AT + timedelta(hours=2)) == 1
    calm.refresh_from_db()
    assert calm.priority_at == AT
    services.prioritize_stale(at=AT + timedelta(hours=25))
    near.refresh_from_db()
    calm.refresh_from_db()
    assert near.priority_parts["deadline"]["late"]
    assert calm.priority_parts["age"]["value"] == 1
    over.refresh_from_db()
    assert over.priority_at is None


def test_many_disputes_cost_a_constant_number_of_queries(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    ids = [open_one(catalogue).pk for _ in range(6)]
    with django_assert_max_num_queries(8) as few:
        services.prioritize(ids=ids[:1], at=AT)
    with django_assert_max_num_queries(len(few)):
        services.prioritize(ids=ids, at=AT)


def test_the_weights_are_data_of_the_entity(
    dispute: Dispute, catalogue: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.set_weights(
            entity=catalogue.entity, by=catalogue.alice, at=AT, amount=100, age=0, customer=0, deadline=0,
            full_amount=Decimal(300),
        )  # fmt: skip
    dispute.refresh_from_db()
    assert dispute.priority == 100
    assert events.timeline("priority", catalogue.entity.pk).get().actor == catalogue.alice
    with pytest.raises(FieldErrors), transaction.atomic():
        services.set_weights(entity=catalogue.entity, by=catalogue.alice, at=AT, age=1)
    with pytest.raises(FieldErrors), transaction.atomic():
        services.set_weights(entity=catalogue.entity, by=catalogue.alice, at=AT, full_days=0)
    for who in (catalogue.carl, catalogue.mallory):
        with pytest.raises(RoleMayNot), transaction.atomic():
            services.set_weights(entity=catalogue.entity, by=who, at=AT, amount=1)
    row = PriorityWeights.objects.filter(entity=catalogue.entity)
    refuses("priority_at_most_100", lambda: row.update(age=1))
    refuses("priority_full_is_something", lambda: row.update(full_days=0))
