"""The page of the weights: what they would do to the order is seen before they are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from accounts.models import User
from disputes import services
from disputes.models import Dispute, PriorityWeights
from disputes.priority import Weights
from disputes.reordering import reorder
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast, make_invoice

URL = "/settings/priority/"
USUAL = {
    "amount": "35", "full_amount": "20.000,00", "age": "20", "full_days": "60", "customer": "15",
    "full_balance": "100000", "deadline": "30", "near_hours": "72",
}  # fmt: skip


def as_(user: User) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(user)
    return client


def two(cast: Cast) -> tuple[Dispute, Dispute]:
    """A small dispute opened a month earlier, and a large one."""
    small = open_one(
        cast, amount="10.00", invoice=make_invoice(cast.norte, "9000.00"), at=AT - timedelta(days=30)
    )
    return small, open_one(cast, amount="9000.00", invoice=make_invoice(cast.norte, "9000.00"))


def test_other_weights_are_tried_without_keeping_them_and_then_kept(catalogue: Cast) -> None:
    small, large = two(catalogue)
    client = as_(catalogue.alice)
    assert large.ref in client.get(URL).content.decode()
    only_age = USUAL | {"amount": "0", "customer": "0", "deadline": "0", "entity": str(catalogue.entity.pk)}
    page = client.post(URL, {**only_age, "act": "try"})
    assert page.status_code == 200
    assert page.context["tried"]
    first = page.context["order"].first
    assert [(one.dispute, one.was, one.place) for one in first] == [(large, 1, 1), (small, 2, 2)]
    assert first[0].points < first[0].points_were
    assert not PriorityWeights.objects.exists()
    assert client.post(URL, {**only_age, "act": "save"}).status_code == 302
    assert PriorityWeights.objects.get().amount == 0


def test_a_dispute_that_rises_and_one_that_leaves_the_first(catalogue: Cast) -> None:
    small, large = two(catalogue)
    plain = Weights(amount=100, age=0, customer=0, deadline=0)
    services.set_weights(
        entity=catalogue.entity, by=catalogue.alice, at=AT, amount=0, age=100, customer=0, deadline=0
    )
    found = reorder(user=catalogue.alice, entity=catalogue.entity, weights=plain, at=AT, most=1)
    assert [(one.dispute, one.was) for one in found.first] == [(large, 2)]
    assert [(one.dispute, one.place) for one in found.leaving] == [(small, 2)]


def test_wrong_weights_stay_in_the_form_and_are_said(catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    page = client.post(URL, {**USUAL, "age": "90", "act": "save"})
    assert page.status_code == 422
    assert page.context["form"].errors["amount"]
    assert 'value="90"' in page.content.decode()
    for wrong in ({"full_amount": "abc"}, {"full_amount": "0"}, {"full_days": ""}, {"near_hours": "-1"}):
        assert client.post(URL, {**USUAL, **wrong, "act": "save"}).status_code == 422
    assert not PriorityWeights.objects.exists()
    proposed = client.post(URL, {"act": "usual"})
    assert proposed.context["form"]["amount"].value() == 35


def test_only_who_decides_weighs_and_strangers_find_nothing(catalogue: Cast) -> None:
    for who in (catalogue.carl, catalogue.sam):
        assert as_(who).post(URL, {**USUAL, "act": "save"}).status_code == 403
    foreign = {**USUAL, "entity": str(catalogue.entity.pk), "act": "save"}
    assert as_(catalogue.mallory).post(URL, foreign).status_code in (403, 404)
    assert not PriorityWeights.objects.exists()


def test_many_disputes_cost_the_same_number_of_queries(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    client = as_(catalogue.alice)
    open_one(catalogue)
    client.get(URL)
    with django_assert_max_num_queries(25) as few:
        client.get(URL)
    for _ in range(4):
        open_one(catalogue)
    with django_assert_max_num_queries(len(few)):
        client.get(URL)
