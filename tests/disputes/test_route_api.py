"""Routes over the API: everything a screen does, strangers see nothing, other roles change nothing."""

from typing import Any

import pytest
from django.test import Client

from disputes import services
from disputes.models import Dispute, Route, RouteRule, RouteVersion
from tests.disputes.conftest import open_one
from tests.disputes.test_routes import rich_route
from tests.factories import AT, PASSWORD, Cast

JSON = "application/json"


def signed_in(person: Any) -> Client:
    client = Client()
    assert client.login(username=person.email, password=PASSWORD)
    return client


@pytest.fixture
def alice(catalogue: Cast) -> Client:
    return signed_in(catalogue.alice)


def test_a_route_is_written_checked_and_activated(catalogue: Cast, alice: Client) -> None:
    body = {"entity": catalogue.entity.pk, "definition": rich_route()}
    checked = alice.post("/api/v1/routes/check/", body, JSON)
    assert (checked.status_code, checked.json()) == (200, {"problems": []})
    made = alice.post("/api/v1/routes/", body, JSON)
    assert (made.status_code, made.json()["number"], made.json()["current"]) == (201, 1, False)
    assert made.json()["stages"][1]["branches"][0]["code"] == "logistics"
    url = f"/api/v1/route-versions/{made.json()['id']}/"
    assert alice.get(f"{url}data/").json() == rich_route()
    route = Route.objects.get(code="rich")
    assert alice.get(f"/api/v1/routes/{route.pk}/").json()["versions"][0]["current"] is False
    assert alice.post(f"{url}activate/").json()["current"] is True
    assert alice.post(f"{url}activate/").status_code == 200

    broken = rich_route()
    broken["stages"][0]["moves"][0]["to"] = "nowhere"
    refused = alice.put(f"/api/v1/routes/{route.pk}/draft/", {"definition": broken}, JSON)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["place"] == "stages.0.moves.0.to"
    unfinished = rich_route()
    unfinished["stages"][2]["moves"] = []
    unfinished["stages"][2]["questions"] = []
    drafted = alice.put(f"/api/v1/routes/{route.pk}/draft/", {"definition": unfinished}, JSON)
    assert (drafted.status_code, drafted.json()["number"]) == (200, 2)
    refused = alice.post(f"/api/v1/route-versions/{drafted.json()['id']}/activate/")
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:zanjar:problem:route_problems")
    assert alice.delete(f"/api/v1/routes/{route.pk}/draft/").status_code == 204
    assert route.versions.count() == 1
    off = alice.post(f"/api/v1/routes/{route.pk}/switch/", {"active": False}, JSON)
    assert off.json()["active"] is False
    assert (
        alice.post("/api/v1/routes/", {"entity": catalogue.entity.pk, "definition": 5}, JSON).status_code
        == 422
    )


def test_files_go_out_and_come_in(catalogue: Cast, alice: Client) -> None:
    version = RouteVersion.objects.get(route__code="delivery", route__entity=catalogue.entity, current=True)
    file = alice.get(f"/api/v1/route-versions/{version.pk}/export/")
    assert file["Content-Disposition"] == 'attachment; filename="delivery-1.yaml"'
    body = {"entity": catalogue.entity.pk, "yaml": file.content.decode()}
    made = alice.post("/api/v1/routes/import/", body, JSON)
    assert (made.status_code, made.json()["number"]) == (201, 2)
    wrong = alice.post("/api/v1/routes/import/", body | {"yaml": "a: ["}, JSON)
    assert (wrong.status_code, wrong.json()["problems"][0]["place"]) == (422, "line 1")


def test_disputes_are_taken_over(catalogue: Cast, alice: Client) -> None:
    dispute = open_one(catalogue)
    old = dispute.route_version
    data = services.read_route(old)
    new = services.write_version(route=old.route, data=data, by=catalogue.alice, at=AT, activate=True)
    url = f"/api/v1/route-versions/{old.pk}"
    rows = alice.get(f"{url}/plan/?to={new.pk}").json()["rows"]
    assert rows[0] == {"stage": "to_triage", "to": "to_triage", "disputes": 1}
    assert alice.get(f"{url}/plan/?to=0").status_code == 400
    carl = signed_in(catalogue.carl)
    assert carl.post(f"{url}/migrate/", {"to": new.pk}, JSON).status_code == 403
    assert Dispute.objects.get(pk=dispute.pk).route_version == old
    done = alice.post(f"{url}/migrate/", {"to": new.pk}, JSON)
    assert done.json() == {"moved": [dispute.pk], "refused": []}
    assert alice.post(f"{url}/migrate/", {"to": new.pk, "mapping": {"x": "y"}}, JSON).status_code == 422


def test_rules_are_kept_ordered_and_tried(catalogue: Cast, alice: Client) -> None:
    entity = catalogue.entity.pk
    body = {"entity": entity, "route": "quality", "amount_from": "200.00", "currency": "EUR"}
    first = alice.post("/api/v1/route-rules/", body, JSON)
    assert (first.status_code, first.json()["position"]) == (201, 1)
    second = alice.post("/api/v1/route-rules/", {"entity": entity, "route": "duplicate"}, JSON).json()
    trial = {"customer": catalogue.norte.pk, "reason": "price", "amount": "300.00", "currency": "EUR"}
    chosen = alice.post("/api/v1/route-rules/choose/", trial, JSON).json()
    assert (chosen["route"], chosen["rule"]) == ("quality", first.json()["id"])
    assert chosen["why"].startswith("Rule 1")
    order = {"entity": entity, "rules": [second["id"], first.json()["id"]]}
    assert [row["id"] for row in alice.post("/api/v1/route-rules/order/", order, JSON).json()] == order[
        "rules"
    ]
    assert alice.post("/api/v1/route-rules/order/", order | {"rules": []}, JSON).status_code == 409
    changed = alice.put(f"/api/v1/route-rules/{second['id']}/", {"route": "duplicate", "active": False}, JSON)
    assert changed.json()["active"] is False
    assert alice.post("/api/v1/route-rules/", body | {"route": "none"}, JSON).status_code == 400
    assert alice.post("/api/v1/route-rules/", body | {"currency": ""}, JSON).status_code == 422
    assert alice.delete(f"/api/v1/route-rules/{second['id']}/").status_code == 204
    assert [row["position"] for row in alice.get("/api/v1/route-rules/").json()["results"]] == [2]


def creations_in(cast: Cast) -> list[tuple[str, str, dict[str, Any]]]:
    """The calls that make something in the legal entity: who may not change it cannot even name it."""
    entity = cast.entity.pk
    return [
        ("post", "routes/", {"entity": entity, "definition": rich_route()}),
        ("post", "routes/import/", {"entity": entity, "yaml": services.to_yaml(rich_route())}),
        ("post", "route-rules/", {"entity": entity, "route": "price"}),
        ("post", "route-rules/order/", {"entity": entity, "rules": []}),
    ]


def test_strangers_and_other_roles_change_nothing(catalogue: Cast) -> None:
    dispute = open_one(catalogue)
    rule = services.set_rule(
        entity=catalogue.entity,
        wanted=services.RouteRuleInput(route=dispute.route_version.route),
        by=catalogue.alice,
        at=AT,
    )
    route, version = dispute.route_version.route, dispute.route_version
    data = services.read_route(version)
    draft = services.write_version(route=route, data=data, by=catalogue.alice, at=AT)
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("put", f"routes/{route.pk}/draft/", {"definition": rich_route()}),
        ("delete", f"routes/{route.pk}/draft/", {}),
        ("post", f"routes/{route.pk}/switch/", {"active": False}),
        ("post", f"route-versions/{draft.pk}/activate/", {}),
        ("post", f"route-versions/{version.pk}/migrate/", {"to": version.pk}),
        ("put", f"route-rules/{rule.pk}/", {"route": "price", "active": False}),
        ("delete", f"route-rules/{rule.pk}/", {}),
    ]
    creations = creations_in(catalogue)
    reads = [f"routes/{route.pk}/", f"route-versions/{version.pk}/", f"route-rules/{rule.pk}/"]
    reads += [f"route-versions/{version.pk}/{what}/" for what in ("data", "export", "plan")]
    stranger = signed_in(catalogue.mallory)
    for path in reads:
        assert stranger.get(f"/api/v1/{path}").status_code == 404
    for person, code in ((catalogue.mallory, 404), (catalogue.carl, 403), (catalogue.eva, 403)):
        client = signed_in(person)
        for method, path, body in calls:
            assert getattr(client, method)(f"/api/v1/{path}", body, JSON).status_code == code, path
        for method, path, body in creations:
            assert getattr(client, method)(f"/api/v1/{path}", body, JSON).status_code == 400, path
    assert RouteVersion.objects.get(pk=draft.pk).is_draft
    assert services.read_route(draft) == data
    assert RouteRule.objects.get(pk=rule.pk).active
    assert Route.objects.get(pk=route.pk).active
    assert not Route.objects.filter(code="rich").exists()


def test_the_list_costs_the_same_however_many_routes(
    catalogue: Cast, alice: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(16):
        assert len(alice.get("/api/v1/routes/").json()["results"]) >= 8
