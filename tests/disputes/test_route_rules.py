"""Rules choose the route of a new dispute; the first that fits decides, else its reason's route."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.events import timeline
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Reason, Route, RouteRule
from disputes.services import RouteRuleInput
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast


def route(cast: Cast, code: str) -> Route:
    return Route.objects.get(entity=cast.entity, code=code)


def reason(cast: Cast, code: str = "price") -> Reason:
    return Reason.objects.get(entity=cast.entity, code=code)


def rule(cast: Cast, to: str = "quality", **conditions: Any) -> RouteRule:
    wanted = RouteRuleInput(route=route(cast, to), **conditions)
    return services.set_rule(entity=cast.entity, wanted=wanted, by=cast.alice, at=AT)


def choose(cast: Cast, **more: Any) -> services.Chosen:
    given: dict[str, Any] = {
        "reason": reason(cast),
        "customer": cast.norte,
        "amount": Decimal("300.00"),
        "currency": "EUR",
        "via": "page",
    }
    return services.choose_version(**(given | more))


CONDITIONS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"amount_from": Decimal("300.00"), "currency": "EUR"}, True),
    ({"amount_from": Decimal("300.01"), "currency": "EUR"}, False),
    ({"amount_to": Decimal("300.01"), "currency": "EUR"}, True),
    ({"amount_to": Decimal("300.00"), "currency": "EUR"}, False),
    ({"amount_from": Decimal(1), "currency": "USD"}, False),
    ({"segment": "standard"}, True),
    ({"segment": "key"}, False),
    ({"country": "ES"}, True),
    ({"country": "FR"}, False),
    ({"via": "page"}, True),
    ({"via": "short_payment"}, False),
    ({"country": "ES", "via": "mail"}, False),
]


@pytest.mark.parametrize(("conditions", "fits"), CONDITIONS)
def test_each_condition_counts(catalogue: Cast, conditions: dict[str, Any], fits: bool) -> None:
    made = rule(catalogue, **conditions)
    chosen = choose(catalogue)
    assert (chosen.rule == made, chosen.version.route.code) == (fits, "quality" if fits else "price")
    assert chosen.why.startswith("Rule 1: " if fits else "The route of the reason.")


def test_the_first_that_fits_decides_and_the_order_can_change(catalogue: Cast) -> None:
    first = rule(catalogue, "quality", reason=reason(catalogue, "delivery"))
    second = rule(catalogue, "quantity", segment="standard")
    third = rule(catalogue, "duplicate")
    assert choose(catalogue).rule == second
    assert choose(catalogue, reason=reason(catalogue, "delivery")).rule == first
    services.order_rules(
        entity=catalogue.entity, ids=[third.pk, first.pk, second.pk], by=catalogue.alice, at=AT
    )
    assert choose(catalogue).rule == third
    with pytest.raises(IllegalAct):
        services.order_rules(entity=catalogue.entity, ids=[first.pk], by=catalogue.alice, at=AT)
    services.set_rule(
        entity=catalogue.entity,
        wanted=RouteRuleInput(route=third.route, active=False),
        by=catalogue.alice,
        at=AT,
        rule=third,
    )
    assert choose(catalogue).rule == second
    services.switch_route(route=second.route, active=False, by=catalogue.alice, at=AT)
    assert choose(catalogue).rule is None
    services.drop_rule(rule=first, by=catalogue.alice, at=AT)
    services.drop_rule(rule=first, by=catalogue.alice, at=AT)
    kinds = [event.kind.removeprefix("route_rule.") for event in timeline("route_rules", catalogue.entity.pk)]
    assert kinds == ["set", "set", "set", "ordered", "set", "dropped"]


def test_opening_and_reclassifying_follow_the_rules_and_tell_which(catalogue: Cast) -> None:
    made = rule(catalogue, "quality", amount_from=Decimal(200), currency="EUR")
    dispute = open_one(catalogue)
    assert dispute.route_version.route.code == "quality"
    opened = timeline("dispute", dispute.pk)[0]
    assert (opened.data["route"]["code"], opened.data["rule"]["rule"]) == ("quality", made.pk)
    assert open_one(catalogue, amount="100.00").route_version.route.code == "price"

    rule(catalogue, "duplicate", reason=reason(catalogue, "delivery"))
    services.order_rules(
        entity=catalogue.entity,
        ids=list(RouteRule.objects.order_by("-position").values_list("pk", flat=True)),
        by=catalogue.alice,
        at=AT,
    )
    services.classify(dispute=dispute, reason=reason(catalogue, "delivery"), by=catalogue.alice, at=AT)
    assert Dispute.objects.get(pk=dispute.pk).route_version.route.code == "duplicate"
    # The same rule for the new reason: the dispute stays where it is on its route.
    other = open_one(catalogue)
    services.classify(dispute=other, reason=reason(catalogue, "quantity"), by=catalogue.alice, at=AT)
    assert timeline("dispute", other.pk).filter(kind="dispute.moved").count() == 0


def test_a_rule_that_makes_no_sense_is_refused(catalogue: Cast) -> None:
    foreign = Route.objects.filter(entity=catalogue.other).first()
    services.catalogue.install(catalogue.other)
    foreign = Route.objects.filter(entity=catalogue.other)[0]
    draft = services.write_version(
        entity=catalogue.entity,
        data={"code": "new", "labels": {"en": "New"}, "stages": []},
        by=catalogue.alice,
        at=AT,
    ).route
    price = route(catalogue, "price")
    for wrong, name in (
        (RouteRuleInput(route=foreign), "route"),
        (RouteRuleInput(route=draft), "route"),
        (RouteRuleInput(route=price, reason=Reason.objects.filter(entity=catalogue.other)[0]), "reason"),
        (
            RouteRuleInput(route=price, amount_from=Decimal(5), amount_to=Decimal(5), currency="EUR"),
            "amount_to",
        ),
        (RouteRuleInput(route=price, amount_from=Decimal(-5), currency="EUR"), "amount_to"),
        (RouteRuleInput(route=price, amount_from=Decimal(5)), "amount_to"),
        (RouteRuleInput(route=price, segment="noble"), "segment"),
        (RouteRuleInput(route=price, via="pigeon"), "via"),
    ):
        with pytest.raises(FieldErrors) as refused:
            services.set_rule(entity=catalogue.entity, wanted=wrong, by=catalogue.alice, at=AT)
        assert list(refused.value.fields) == [name]
    assert not RouteRule.objects.exists()
    for name, fields in (
        ("route_rule_amounts_in_order", {"amount_from": 5, "amount_to": 4, "currency": "EUR"}),
        ("route_rule_amount_not_negative", {"amount_from": -1, "currency": "EUR"}),
        ("route_rule_amount_has_a_currency", {"amount_to": 1}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RouteRule.objects.create(entity=catalogue.entity, position=1, route=price, **fields)


def test_only_those_who_edit_routes_touch_the_rules(catalogue: Cast) -> None:
    made = rule(catalogue)
    for person in (catalogue.carl, catalogue.sam, catalogue.eva, catalogue.fin, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            services.set_rule(
                entity=catalogue.entity, wanted=RouteRuleInput(route=made.route), by=person, at=AT
            )
        with pytest.raises(RoleMayNot):
            services.drop_rule(rule=made, by=person, at=AT)
        with pytest.raises(RoleMayNot):
            services.order_rules(entity=catalogue.entity, ids=[made.pk], by=person, at=AT)
    assert RouteRule.objects.count() == 1
