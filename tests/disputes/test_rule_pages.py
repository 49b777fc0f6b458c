"""The pages of the rules that choose a route: sentences, tried on past disputes, in order, for whom they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from disputes.models import Reason, Route, RouteRule
from disputes.rules_tried import rules_of, sentence_of, try_rules
from disputes.services.route_rules import RouteRuleInput, set_rule
from tests.disputes.conftest import open_one
from tests.factories import ON, Cast, make_invoice


@pytest.fixture
def price(catalogue: Cast) -> Reason:
    return Reason.objects.get(entity=catalogue.entity, code="price")


@pytest.fixture
def large(catalogue: Cast, price: Reason, at: datetime) -> RouteRule:
    """Price disputes of 200 euros and more go by the route of quality."""
    quality = Route.objects.get(entity=catalogue.entity, code="quality")
    wanted = RouteRuleInput(route=quality, reason=price, amount_from=Decimal(200), currency="EUR")
    return set_rule(entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=at)


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def form_of(rule: RouteRule, **more: Any) -> dict[str, Any]:
    form = {"reason": rule.reason_id, "amount_from": "200", "currency": "eur", "route": rule.route_id}
    return form | {"active": "on", "act": "save"} | more


def test_a_rule_is_a_sentence(large: RouteRule) -> None:
    assert sentence_of(large) == "If the reason is Price and the amount is at least €200.00, then “Quality”"
    large.country, large.segment, large.via = "FR", "key", "mail"
    assert "the customer's country is FR and it comes by e-mail" in sentence_of(large)
    assert sentence_of(RouteRule(route=large.route)) == "Always “Quality”"


def test_the_dry_run_says_where_disputes_would_have_gone(
    catalogue: Cast, price: Reason, at: datetime
) -> None:
    open_one(catalogue, amount="300.00")
    open_one(catalogue, amount="50.00", invoice=make_invoice(catalogue.norte))
    open_one(catalogue, reason="delivery", invoice=make_invoice(catalogue.norte))
    quality = Route.objects.get(entity=catalogue.entity, code="quality")
    rule = RouteRule(
        entity=catalogue.entity, route=quality, reason=price, amount_from=Decimal(200), currency="EUR"
    )
    found = try_rules(catalogue.entity, [rule], ON - timedelta(days=90))
    assert (found.disputes, found.changed, found.by_reason, found.by_rule) == (3, 1, 2, {0: 1})
    assert (found.shifts[0].was, found.shifts[0].would) == ("Price", "Quality")
    assert try_rules(catalogue.entity, [rule], ON + timedelta(days=1)).disputes == 0
    rule.active = False
    assert try_rules(catalogue.entity, [rule], ON - timedelta(days=90)).changed == 0


def test_the_dry_run_takes_the_same_queries_however_many_there_are(
    catalogue: Cast, large: RouteRule, django_assert_num_queries: Any
) -> None:
    rules = rules_of(catalogue.entity)
    for _each in range(2):
        open_one(catalogue, invoice=make_invoice(catalogue.norte))
        with django_assert_num_queries(3):
            try_rules(catalogue.entity, rules, ON - timedelta(days=90))


def test_a_rule_is_tried_then_saved_then_moved_then_taken_out(catalogue: Cast, large: RouteRule) -> None:
    client = signed_in(catalogue.alice)
    url = reverse("disputes:rule_new")
    before = RouteRule.objects.count()
    tried = client.post(url, form_of(large, amount_from="1.000,50", act="try"))
    assert tried.status_code == 200
    assert "Nothing is saved yet" in tried.content.decode()
    assert RouteRule.objects.count() == before
    assert client.post(url, form_of(large, amount_from="1.000,50")).status_code == 302
    new = RouteRule.objects.latest("pk")
    assert (new.amount_from, new.currency, new.position) == (Decimal("1000.50"), "EUR", 2)
    client.post(reverse("disputes:rule_act", args=[new.pk]), {"act": "up"})
    assert [rule.pk for rule in rules_of(catalogue.entity)] == [new.pk, large.pk]
    page = client.get(reverse("disputes:rules")).content.decode()
    assert "If the reason is Price and the amount is at least €1,000.50" in page
    changed = client.post(reverse("disputes:rule", args=[new.pk]), form_of(large, reason="", amount_from=""))
    assert changed.status_code == 302
    new.refresh_from_db()
    assert (new.reason, new.amount_from, new.currency) == (None, None, "")
    client.post(reverse("disputes:rule_act", args=[new.pk]), {"act": "drop"})
    assert [rule.pk for rule in rules_of(catalogue.entity)] == [large.pk]


@pytest.mark.parametrize(
    "wrong", [{"route": ""}, {"currency": ""}, {"amount_to": "100"}, {"country": "FRA"}, {"amount_from": "x"}]
)
def test_what_cannot_be_a_rule_is_refused(catalogue: Cast, large: RouteRule, wrong: dict[str, Any]) -> None:
    answer = signed_in(catalogue.alice).post(reverse("disputes:rule_new"), form_of(large, **wrong))
    assert answer.status_code == 422
    assert RouteRule.objects.count() == 1


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("carl", 403), ("sam", 403), ("fin", 403)])
def test_rules_are_not_for_everybody(catalogue: Cast, large: RouteRule, name: str, status: int) -> None:
    client = signed_in(getattr(catalogue, name))
    url = reverse("disputes:rule", args=[large.pk])
    assert client.get(url).status_code == status
    assert client.post(url, form_of(large, amount_from="9")).status_code == status
    assert client.post(reverse("disputes:rule_act", args=[large.pk]), {"act": "drop"}).status_code == status
    large.refresh_from_db()
    assert large.amount_from == 200


def test_the_api_tries_the_rules(catalogue: Cast, large: RouteRule) -> None:
    api = APIClient()
    for user, status in ((catalogue.alice, 200), (catalogue.carl, 400), (catalogue.mallory, 400)):
        api.force_authenticate(user)
        body = {"entity": catalogue.entity.pk, "days": 30}
        answer = api.post("/api/v1/route-rule-trials/", body, format="json")
        assert answer.status_code == status
    api.force_authenticate(catalogue.alice)
    assert answer.status_code == 400
    found = api.post("/api/v1/route-rule-trials/", {"entity": catalogue.entity.pk}, format="json").data
    assert (found["disputes"], found["changed"]) == (0, 0)
