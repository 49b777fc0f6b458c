"""Two people in the settings at once: one wins, the other is told. Each was seen to fail without its lock."""

from __future__ import annotations

from typing import Any

import pytest

from disputes import editing, services
from disputes.errors import FieldErrors, IllegalAct
from disputes.models import Reason, Route, RouteVersion
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
