"""Disputes under way are taken over to the edition in force on purpose, by page; a route is switched off and on."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from disputes import services
from disputes.models import Dispute, Route
from disputes.services.route_editing import start_draft
from tests.disputes.conftest import open_one
from tests.factories import Cast


@pytest.fixture
def running(catalogue: Cast, at: datetime) -> Dispute:
    """A dispute on edition 1, with edition 2 in force."""
    dispute = open_one(catalogue)
    route = Route.objects.get(entity=catalogue.entity, code="price")
    draft = start_draft(route=route, by=catalogue.alice, at=at)
    services.activate_version(version=draft, by=catalogue.alice, at=at)
    return dispute


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def test_the_plan_then_the_deed(running: Dispute, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    route = running.route_version.route
    url = reverse("disputes:route_migrate", args=[route.pk, 1])
    assert url in client.get(reverse("disputes:route", args=[route.pk])).content.decode()
    plan = {row.stage.code: (row.to.code, row.disputes) for row in client.get(url).context["plan"]}
    assert plan["to_triage"] == ("to_triage", 1)
    assert client.post(url, {"stage-to_triage": "no_such_stage"}, follow=True).status_code == 200
    running.refresh_from_db()
    assert running.route_version.number == 1
    client.post(url, {"stage-to_triage": ""})
    running.refresh_from_db()
    assert (running.route_version.number, running.stage.code) == (2, "to_triage")


def test_a_chosen_stage_is_taken(running: Dispute, catalogue: Cast) -> None:
    route = running.route_version.route
    url = reverse("disputes:route_migrate", args=[route.pk, 1])
    signed_in(catalogue.alice).post(url, {"stage-to_triage": "ask_sales"})
    running.refresh_from_db()
    assert (running.route_version.number, running.stage.code) == (2, "ask_sales")


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("carl", 403), ("sam", 404)])
def test_who_may_not_changes_nothing(running: Dispute, catalogue: Cast, name: str, status: int) -> None:
    client = signed_in(getattr(catalogue, name))
    route = running.route_version.route
    url = reverse("disputes:route_migrate", args=[route.pk, 1])
    assert client.get(url).status_code == status
    assert client.post(url).status_code == status
    assert (
        client.post(reverse("disputes:route_switch", args=[route.pk]), {"active": "0"}).status_code == status
    )
    running.refresh_from_db()
    route.refresh_from_db()
    assert (running.route_version.number, route.active) == (1, True)


def test_a_route_is_switched_off_and_on(running: Dispute, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    route = running.route_version.route
    for active in (False, True):
        client.post(reverse("disputes:route_switch", args=[route.pk]), {"active": "1" if active else "0"})
        route.refresh_from_db()
        assert route.active is active
