"""Reasons: words, route, department; new ones of one's own; who may, over the pages and the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Event, User
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Reason, Route
from disputes.services.reasons import ICONS, ReasonInput, reason_digest, reason_facts, set_reason
from tests.disputes.conftest import open_one
from tests.factories import Cast


@pytest.fixture
def price(catalogue: Cast) -> Reason:
    return Reason.objects.select_related("route").get(entity=catalogue.entity, code="price")


def wanted(reason: Reason, **more: Any) -> ReasonInput:
    names = ("labels", "examples", "icon", "position", "route", "department", "active")
    return ReasonInput(**{name: getattr(reason, name) for name in names} | more)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def api_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_new_reason_needs_no_code_and_opens_disputes(price: Reason, catalogue: Cast, at: datetime) -> None:
    new = ReasonInput(labels={"en": "Wrong colour", "es": "Otro color"}, route=price.route, icon="tags")
    made = set_reason(entity=catalogue.entity, wanted=new, by=catalogue.alice, at=at)
    assert made.code == "wrong_colour"
    assert set_reason(entity=catalogue.entity, wanted=new, by=catalogue.alice, at=at).code == "wrong_colour_2"
    dispute = open_one(catalogue, reason="wrong_colour")
    assert dispute.route_version.route == price.route
    told = Event.objects.get(stream="reason", object_id=made.pk)
    assert (told.kind, told.actor, told.data["before"]) == ("reason.set", catalogue.alice, None)


def test_open_disputes_keep_their_route_when_a_reason_gets_another(
    price: Reason, catalogue: Cast, at: datetime
) -> None:
    dispute = open_one(catalogue)
    delivery = Route.objects.get(entity=catalogue.entity, code="delivery")
    set_reason(
        entity=catalogue.entity, wanted=wanted(price, route=delivery), by=catalogue.adam, at=at, reason=price
    )
    dispute.refresh_from_db()
    assert dispute.route_version.route.code == "price"


def test_a_stale_change_is_told(price: Reason, catalogue: Cast, at: datetime) -> None:
    seen = reason_digest(price)
    change = {"entity": catalogue.entity, "at": at, "reason": price, "seen": seen}
    set_reason(wanted=wanted(price, position=9), by=catalogue.adam, **change)
    with pytest.raises(IllegalAct) as refused:
        set_reason(wanted=wanted(price, position=1), by=catalogue.alice, **change)
    assert refused.value.code == "reason_changed_meanwhile"
    price.refresh_from_db()
    assert price.position == 9


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"labels": {}}, "labels"),
        ({"labels": {"de": "Preis"}}, "labels"),
        ({"labels": {"en": " "}}, "labels"),
        ({"icon": "no-such-icon"}, "icon"),
    ],
)
def test_what_cannot_be_is_refused(
    price: Reason, catalogue: Cast, at: datetime, more: dict[str, Any], field: str
) -> None:
    before = reason_facts(price)
    with pytest.raises(FieldErrors) as wrong:
        set_reason(
            entity=catalogue.entity, wanted=wanted(price, **more), by=catalogue.alice, at=at, reason=price
        )
    assert field in wrong.value.fields
    price.refresh_from_db()
    assert reason_facts(price) == before


def test_routes_and_departments_of_others_are_refused(price: Reason, catalogue: Cast, at: datetime) -> None:
    services.catalogue.install(catalogue.other)
    theirs = Route.objects.get(entity=catalogue.other, code="price")
    with pytest.raises(FieldErrors) as wrong:
        set_reason(
            entity=catalogue.entity,
            wanted=wanted(price, route=theirs),
            by=catalogue.alice,
            at=at,
            reason=price,
        )
    assert "route" in wrong.value.fields


def test_where_the_unknown_goes_stays_in_use(catalogue: Cast, at: datetime) -> None:
    reason = Reason.objects.get(entity=catalogue.entity, code="to_classify")
    for more in ({"active": False}, {"route": None}):
        with pytest.raises(FieldErrors):
            set_reason(
                entity=catalogue.entity,
                wanted=wanted(reason, **more),
                by=catalogue.alice,
                at=at,
                reason=reason,
            )


def test_only_who_edits_routes_changes_reasons(price: Reason, catalogue: Cast, at: datetime) -> None:
    for name in ("carl", "sam", "eva", "fin", "mallory"):
        with pytest.raises(RoleMayNot):
            set_reason(
                entity=catalogue.entity,
                wanted=wanted(price, position=77),
                by=getattr(catalogue, name),
                at=at,
                reason=price,
            )
    price.refresh_from_db()
    assert price.position != 77


def test_the_form_changes_a_reason_and_adds_one(price: Reason, catalogue: Cast) -> None:
    client = client_of(catalogue.alice)
    url = reverse("disputes:reason", args=[price.pk])
    page = client.get(url)
    form = {
        bound.html_name: bound.value() for bound in page.context["form"] if bound.value() not in (None, "")
    }
    form |= {"label_en": "Price and discount", "seen": page.context["seen"]}
    assert client.post(url, form).status_code == 302
    price.refresh_from_db()
    assert price.labels["en"] == "Price and discount"
    assert client.post(url, form | {"label_en": "Late"}).status_code == 409
    new = {"label_fr": "Autre", "icon": ICONS[1], "position": 3, "entity": catalogue.entity.pk}
    assert client.post(reverse("disputes:reason_new"), new).status_code == 302
    assert Reason.objects.get(entity=catalogue.entity, code="autre").active is False
    assert "Price and discount" in client.get(reverse("disputes:reasons")).content.decode()
    assert client.post(reverse("disputes:reason_new"), {"position": 1}).status_code == 422


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("carl", 403), ("fin", 403), ("sam", 403)])
def test_the_form_is_not_for_everybody(price: Reason, catalogue: Cast, name: str, status: int) -> None:
    client = client_of(getattr(catalogue, name))
    url = reverse("disputes:reason", args=[price.pk])
    before = reason_facts(price)
    assert client.get(url).status_code == status
    assert client.post(url, {"label_en": "x", "icon": ICONS[0], "position": 1}).status_code == status
    price.refresh_from_db()
    assert reason_facts(price) == before


def test_the_api_writes_reasons(price: Reason, catalogue: Cast) -> None:
    api = api_of(catalogue.alice)
    body = {"entity": catalogue.entity.pk, "labels": {"en": "Colour"}, "route": price.route_id}
    made = api.post("/api/v1/dispute-reasons/", body, format="json")
    assert (made.status_code, made.data["code"]) == (201, "colour")
    url = f"/api/v1/dispute-reasons/{made.data['id']}/"
    changed = api.put(url, {"labels": {"en": "Hue"}, "active": False}, format="json")
    assert (changed.status_code, changed.data["labels"]) == (200, {"en": "Hue"})
    assert api.put(url, {"labels": {"xx": "Hue"}}, format="json").status_code == 422
    for name, status in (("carl", 403), ("mallory", 404)):
        refused = api_of(getattr(catalogue, name)).put(url, {"labels": {"en": "No"}}, format="json")
        assert refused.status_code == status
    assert api_of(catalogue.carl).post("/api/v1/dispute-reasons/", body, format="json").status_code == 400
    assert Reason.objects.get(pk=made.data["id"]).labels == {"en": "Hue"}


def test_the_api_simulates(price: Reason, catalogue: Cast) -> None:
    open_one(catalogue)
    url = f"/api/v1/routes/{price.route_id}/simulate/"
    body = {"number": 1, "since": "2026-01-01", "until": date(2026, 12, 31).isoformat()}
    found = api_of(catalogue.alice).post(url, body, format="json")
    assert found.status_code == 200
    assert (found.data["disputes"], found.data["late_before"]) == (1, found.data["late_after"])
    assert found.data["stages"][0]["code"] == "to_triage"
    assert api_of(catalogue.carl).post(url, body, format="json").status_code == 403
    assert api_of(catalogue.mallory).post(url, body, format="json").status_code == 404
    for wrong, status in (({"number": 9}, 404), ({"until": "2025-01-01"}, 422), ({"since": "x"}, 400)):
        assert api_of(catalogue.alice).post(url, body | wrong, format="json").status_code == status
