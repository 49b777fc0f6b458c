"""The queue over the API: pages, views, macros, naps, acts on many, undo."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Event, User
from disputes import services
from disputes.models import Dispute, Macro, SavedView
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast, make_invoice

STEPS = [{"do": "assign", "user": "me"}, {"do": "snooze", "for": "week"}]


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_page_carries_rows_totals_and_counts(
    dispute: Dispute, catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    open_one(catalogue, reason="quality", amount="40.00", invoice=make_invoice(catalogue.sur))
    with django_assert_max_num_queries(16):
        answer = as_(catalogue.alice).get("/api/v1/dispute-queue/?view=all&q=norte").json()
    assert [row["ref"] for row in answer["results"]] == [dispute.ref]
    assert answer["totals"]["amounts"] == [{"currency": "EUR", "amount": "300.00"}]
    assert (answer["after"], answer["counts"]["triage"]) == ("", 2)
    assert as_(catalogue.mallory).get("/api/v1/dispute-queue/").json()["results"] == []


def test_snooze_wake_macro_and_undo(dispute: Dispute, catalogue: Cast) -> None:
    client, base = as_(catalogue.alice), f"/api/v1/disputes/{dispute.pk}"
    assert client.post(f"{base}/snooze/", {}, format="json").status_code == 400
    assert client.post(f"{base}/snooze/", {"nap": "week"}, format="json").json()["snoozed_until"]
    assert client.post(f"{base}/wake/").json()["snoozed_until"] is None
    body = {"entity": catalogue.entity.pk, "name": "Park", "steps": STEPS, "then": "stay"}
    macro = client.post("/api/v1/dispute-macros/", body, format="json").json()
    seen = Event.objects.filter(object_id=dispute.pk, stream="dispute").count()
    done = client.post(f"{base}/macro/", {"macro": macro["id"], "seen": seen}, format="json").json()
    assert (done["holder_user"], bool(done["snoozed_until"])) == (catalogue.alice.pk, True)
    back = client.post(f"{base}/undo/", {"since": seen}, format="json")
    assert back.status_code == 200, back.json()
    assert back.json()["snoozed_until"] is None
    services.assign(dispute=dispute, user=catalogue.sam, by=catalogue.carl, at=AT)
    stale = client.post(f"{base}/macro/", {"macro": macro["id"], "seen": seen}, format="json")
    assert (stale.status_code, stale.json()["type"].split(":")[-1]) == (409, "changed_meanwhile")


def test_macros_and_views_are_kept_and_checked(dispute: Dispute, catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    body = {"entity": catalogue.entity.pk, "name": "Park", "steps": STEPS, "shared": True}
    key = client.post("/api/v1/dispute-macros/", body, format="json").json()["id"]
    assert client.post("/api/v1/dispute-macros/", body, format="json").status_code == 422
    wrong = client.put(f"/api/v1/dispute-macros/{key}/", {**body, "steps": [{"do": "x"}]}, format="json")
    assert wrong.status_code == 422
    assert as_(catalogue.sam).get("/api/v1/dispute-macros/").json()["results"][0]["id"] == key
    assert as_(catalogue.sam).delete(f"/api/v1/dispute-macros/{key}/").status_code == 403
    assert as_(catalogue.mallory).delete(f"/api/v1/dispute-macros/{key}/").status_code == 404
    view = {"name": "Big", "filters": {"view": "all", "minimum": "100", "evil": "1"}}
    saved = client.post("/api/v1/dispute-views/", view, format="json").json()
    assert saved["filters"] == {"view": "all", "minimum": "100"}
    assert client.get("/api/v1/dispute-views/counts/").json() == {str(saved["id"]): 1}
    assert (
        client.post("/api/v1/dispute-views/order/", {"views": [saved["id"]]}, format="json").status_code
        == 200
    )
    changed = client.put(f"/api/v1/dispute-views/{saved['id']}/", {**view, "name": "Huge"}, format="json")
    assert changed.json()["name"] == "Huge"
    assert as_(catalogue.carl).delete(f"/api/v1/dispute-views/{saved['id']}/").status_code == 404
    assert client.delete(f"/api/v1/dispute-views/{saved['id']}/").status_code == 204
    assert client.delete(f"/api/v1/dispute-macros/{key}/").status_code == 204
    assert not Macro.objects.exists()
    assert not SavedView.objects.exists()


def test_acts_on_many_name_who_refused(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue, amount="40.00")
    services.withdraw_dispute(dispute=other, by=catalogue.alice, at=AT)
    body = {"disputes": [dispute.pk, other.pk, 999_999], "steps": [{"do": "classify", "reason": "quality"}]}
    told = as_(catalogue.alice).post("/api/v1/dispute-queue/bulk/", body, format="json").json()
    assert told["done"] == [dispute.pk]
    assert [(one["ref"], one["code"]) for one in told["failed"]] == [(other.ref, "illegal_act")]
    refused: list[dict[str, Any]] = [
        {"disputes": []},
        {"disputes": [dispute.pk]},
        {"disputes": [dispute.pk], "steps": [{"do": "x"}]},
    ]
    for bad in refused:
        answer = as_(catalogue.alice).post("/api/v1/dispute-queue/bulk/", bad, format="json")
        assert answer.status_code in (400, 422)


@pytest.mark.parametrize("who", ["mallory", "sofia"])
def test_a_stranger_gets_404_and_changes_nothing(dispute: Dispute, catalogue: Cast, who: str) -> None:
    client, before = as_(getattr(catalogue, who)), Event.objects.count()
    for act in ("snooze", "wake", "macro", "undo"):
        body = {"nap": "week", "macro": 1}
        assert client.post(f"/api/v1/disputes/{dispute.pk}/{act}/", body, format="json").status_code == 404
    body = {"disputes": [dispute.pk], "steps": STEPS}
    answer = client.post("/api/v1/dispute-queue/bulk/", body, format="json").json()
    assert answer == {"done": [], "failed": []}
    assert Event.objects.count() == before


@pytest.mark.parametrize("who", ["fin", "sam"])
def test_who_may_not_gets_403_and_changes_nothing(dispute: Dispute, catalogue: Cast, who: str) -> None:
    client, before = as_(getattr(catalogue, who)), Event.objects.count()
    answer = client.post(f"/api/v1/disputes/{dispute.pk}/snooze/", {"nap": "week"}, format="json")
    assert answer.status_code == 403
    body = {"disputes": [dispute.pk], "steps": STEPS}
    failed = client.post("/api/v1/dispute-queue/bulk/", body, format="json").json()["failed"]
    assert [one["code"] for one in failed] == ["role_may_not"]
    assert Event.objects.count() == before
