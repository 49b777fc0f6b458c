"""Two people in the settings at once: one wins, the other is told. Each was seen to fail without its lock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.events import Event
from disputes import editing, services
from disputes.errors import FieldErrors, IllegalAct
from disputes.models import (
    ApprovalLimit,
    ApprovalRule,
    PriorityWeights,
    Reason,
    Route,
    RouteRule,
    RouteVersion,
    SavedView,
    Tolerance,
)
from disputes.services.reasons import ReasonInput, reason_digest, set_reason
from disputes.services.route_editing import draft_of, edit_draft, new_route, start_draft
from tests.disputes.race import both
from tests.factories import AT, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in results)


def test_two_edits_of_one_draft_at_once(catalogue: Cast) -> None:
    """Without the lock of `edit_draft` both find the draft as they saw it, and the first one's words are lost."""
    route = Route.objects.get(entity=catalogue.entity, code="price")
    draft = start_draft(route=route, by=catalogue.alice, at=AT)
    seen = editing.digest(services.read_route(draft))

    def attempt(name: str) -> RouteVersion:
        by = getattr(catalogue, name)
        return edit_draft(
            route=route, seen=seen, change=lambda data: editing.rename(data, {"en": name}), by=by, at=AT
        )

    results = both("disputes_route", route.pk, lambda: attempt("alice"), lambda: attempt("adam"))
    assert kinds(results) == ["IllegalAct", "RouteVersion"]
    told = next(one for one in results if isinstance(one, IllegalAct))
    assert told.code == "draft_changed_meanwhile"
    now = draft_of(route)
    assert now is not None
    winner = "alice" if isinstance(results[0], RouteVersion) else "adam"
    assert services.read_route(now)["labels"] == {"en": winner}


def test_two_changes_of_one_reason_at_once(catalogue: Cast) -> None:
    """Without the entity's lock both find the reason as they saw it, and the first change is lost unseen."""
    reason = Reason.objects.get(entity=catalogue.entity, code="price")
    seen = reason_digest(reason)

    def attempt(position: int) -> Reason:
        wanted = ReasonInput(
            labels=reason.labels, icon=reason.icon, route=reason.route, position=position, active=True
        )
        return set_reason(
            entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=AT, reason=reason, seen=seen
        )

    results = both("disputes_reason", reason.pk, lambda: attempt(71), lambda: attempt(72))
    assert kinds(results) == ["IllegalAct", "Reason"]


def test_two_new_routes_of_one_code_at_once(catalogue: Cast) -> None:
    """Without the entity's lock both find the code free, and the second replaces the first one's draft."""
    data = editing.fresh_route("mine", {"en": "Mine"}, {"en": "Triage"})

    def attempt() -> RouteVersion:
        return new_route(entity=catalogue.entity, data=data, by=catalogue.alice, at=AT)

    results = both("accounts_legalentity", catalogue.entity.pk, attempt, attempt)
    assert kinds(results) == ["FieldErrors", "RouteVersion"]
    assert "code" in next(one for one in results if isinstance(one, FieldErrors)).fields


def test_two_views_and_two_macros_at_once_have_places_of_their_own(catalogue: Cast) -> None:
    """`save_view`, `save_macro`: without the person's lock both count the same, and one too many is kept."""
    alice, entity = catalogue.alice, catalogue.entity
    step = [{"do": "snooze", "for": "week"}]

    def view(name: str) -> Any:
        return services.save_view(by=alice, name=name, filters={})

    def macro(name: str) -> Any:
        return services.save_macro(entity=entity, by=alice, name=name, steps=step)

    for save in (view, macro):
        rows = both("accounts_user", alice.pk, lambda s=save: s("One"), lambda s=save: s("Two"))
        assert sorted(row.position for row in rows) == [1, 2]


def test_views_put_into_two_orders_at_once_have_one_of_them(catalogue: Cast) -> None:
    """No lock of ours: one UPDATE writes all places, so the second order replaces the first as a whole."""
    views = [services.save_view(by=catalogue.alice, name=name, filters={}) for name in "ABC"]
    ids = [view.pk for view in views]
    orders = [[ids[2], ids[0], ids[1]], [ids[1], ids[2], ids[0]]]
    both(
        "disputes_savedview",
        ids[0],
        *[lambda o=order: services.order_views(by=catalogue.alice, ids=o) for order in orders],
    )
    kept = list(SavedView.objects.order_by("position").values_list("pk", flat=True))
    assert kept in orders


def test_two_sets_of_limits_at_once_leave_one(catalogue: Cast) -> None:
    """`set_rules`, `install`: without the entity's lock both find the old rows, and both sets stay."""
    entity = catalogue.entity
    ApprovalRule.objects.filter(entity=entity).delete()
    ApprovalLimit.objects.filter(entity=entity).delete()

    def change(above: int) -> Any:
        rules = [services.RuleInput(Decimal(above), "credit_manager")]
        return services.set_rules(entity=entity, limits=[], rules=rules, by=catalogue.adam, at=AT)

    both("accounts_legalentity", entity.pk, lambda: change(100), lambda: change(200))
    assert ApprovalRule.objects.filter(entity=entity).count() == 1
    ApprovalRule.objects.filter(entity=entity).delete()
    both("accounts_legalentity", entity.pk, *[lambda: services.install_limits(entity)] * 2)
    assert ApprovalRule.objects.filter(entity=entity).count() == 2


def test_two_first_tolerances_at_once_are_one(catalogue: Cast) -> None:
    """`set_tolerance`: without the entity's lock both find none, and the second breaks on the unique row."""
    price = Reason.objects.get(entity=catalogue.entity, code="price")

    def change(amount: int) -> Any:
        return services.set_tolerance(
            entity=catalogue.entity,
            amount=Decimal(amount),
            percent=Decimal(5),
            reasons=[price],
            active=True,
            by=catalogue.adam,
            at=AT,
        )

    both("accounts_legalentity", catalogue.entity.pk, lambda: change(20), lambda: change(30))
    row = Tolerance.objects.get()
    told = Event.objects.filter(kind="tolerance.changed").order_by("pk").last()
    assert told is not None
    assert Decimal(told.data["amount"]) == row.amount


def test_two_weights_at_once_are_both_kept(catalogue: Cast) -> None:
    """`set_weights`: without the row's lock the second puts back what the first had changed."""
    services.set_weights(entity=catalogue.entity, by=catalogue.alice, at=AT, amount=10)
    row = PriorityWeights.objects.get(entity=catalogue.entity)

    def change(**fields: int) -> Any:
        return services.set_weights(entity=catalogue.entity, by=catalogue.alice, at=AT, **fields)

    both("disputes_priorityweights", row.pk, lambda: change(amount=11), lambda: change(age=12))
    row.refresh_from_db()
    assert (row.amount, row.age) == (11, 12)


def test_two_rules_two_questions_and_two_catalogues_at_once(catalogue: Cast) -> None:
    """Without the entity's lock: two rules at one place, a code that breaks on its constraint, reasons twice."""
    entity, alice = catalogue.entity, catalogue.alice
    route = Route.objects.get(entity=entity, code="price")

    def rule() -> Any:
        return services.set_rule(
            entity=entity, wanted=services.RouteRuleInput(route=route), by=catalogue.adam, at=AT
        )

    both("accounts_legalentity", entity.pk, rule, rule)
    assert sorted(RouteRule.objects.values_list("position", flat=True)) == [1, 2]
    reason = Reason.objects.get(entity=entity, code="price")
    wanted = services.TemplateInput(labels={"en": "Which price?"}, kind="text", code="which")

    def template() -> Any:
        return services.set_template(reason=reason, wanted=wanted, by=alice, at=AT)

    results = both("accounts_legalentity", entity.pk, template, template)
    assert kinds(results) == ["AskTemplate", "FieldErrors"]
    assert both("accounts_legalentity", entity.pk, *[lambda: services.catalogue.install(entity)] * 2) == [
        [],
        [],
    ]
