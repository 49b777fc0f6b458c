"""Decisions on pages and over the API: who sees them, who may, and nothing for a stranger."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import User
from disputes import services
from disputes.models import Approval, CreditRequest, Dispute, InternalPromise, Offer
from lib import clock
from mailroom.models import Letter
from tests.disputes.conftest import open_one
from tests.factories import Cast, make_invoice

API = "/api/v1"
EVERYBODY = ("alice", "carl", "sam", "sofia", "eva", "bill", "fin", "adam", "mallory")


def client(user: User) -> Client:
    made = Client(headers={"Accept-Language": "en"})
    made.force_login(user)
    return made


def api(user: User) -> APIClient:
    made = APIClient(headers={"Accept-Language": "en"})
    made.force_login(user)
    return made


def waiting(cast: Cast, amount: str = "800.00") -> Approval:
    """Adam asks for a credit; Alice must agree."""
    dispute = open_one(cast, amount=amount, at=clock.now(), invoice=make_invoice(cast.norte, "20000.00"))
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=cast.adam, at=clock.now()
    )
    return Approval.objects.get(dispute=dispute)


def offered(cast: Cast) -> Offer:
    dispute = open_one(cast, at=clock.now())
    until = clock.today() + timedelta(days=9)
    return services.make_offer(
        dispute=dispute, amount=Decimal(100), valid_until=until, by=cast.alice, at=clock.now()
    )


def requested(cast: Cast) -> CreditRequest:
    dispute = open_one(cast, at=clock.now())
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=cast.alice, at=clock.now()
    )
    return CreditRequest.objects.get(dispute=dispute)


def promised(cast: Cast) -> InternalPromise:
    dispute = open_one(cast, at=clock.now())
    by_day = clock.today() + timedelta(days=3)
    return services.promise_internally(
        dispute=dispute, what="credit", due_on=by_day, by=cast.alice, at=clock.now(), keeper=cast.alice
    )


# Act -> (what it is about, path over the API, body, who may, its state before)
ACTS: dict[str, tuple[Any, str, dict[str, Any], set[str]]] = {
    "vote": (waiting, "approvals/{}/vote", {"yes": True}, {"alice"}),
    "take back": (waiting, "approvals/{}/take-back", {}, {"alice", "adam"}),
    "accept": (offered, "offers/{}/accept", {}, {"alice", "carl", "sam", "adam"}),
    "decline": (offered, "offers/{}/decline", {}, {"alice", "carl", "sam", "adam"}),
    "withdraw": (offered, "offers/{}/withdraw", {}, {"alice", "carl", "sam", "adam"}),
    "issued": (requested, "credit-requests/{}/issued", {"number": "CN-1"}, {"alice", "carl", "adam"}),
    "refuse": (requested, "credit-requests/{}/refuse", {"note": "No"}, {"alice", "carl", "adam"}),
    "kept": (promised, "internal-promises/{}/kept", {}, {"alice", "carl", "adam"}),
    "release": (promised, "internal-promises/{}/release", {}, {"alice", "carl", "adam"}),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", EVERYBODY)
def test_each_act_by_each_role(catalogue: Cast, act: str, who: str) -> None:
    """Sofia, Eva and Bill do not see this dispute, Mallory nothing of the entity: 404. Fin sees and may not: 403."""
    make, path, body, allowed = ACTS[act]
    row = make(catalogue)
    before = row.state
    answer = api(getattr(catalogue, who)).post(f"{API}/{path.format(row.pk)}/", body, format="json")
    row.refresh_from_db()
    if who in allowed:
        assert answer.status_code == 200, answer.data
        assert row.state != before
    else:
        hidden = who in ("sofia", "eva", "bill", "mallory")
        assert answer.status_code == 404 if hidden else answer.status_code == 403, answer.data
        assert row.state == before


@pytest.mark.parametrize("resource", ["approvals", "offers", "credit-requests", "internal-promises"])
def test_a_stranger_sees_nothing_in_lists(catalogue: Cast, resource: str) -> None:
    for make in (waiting, offered, requested, promised):
        make(catalogue)
    assert api(catalogue.mallory).get(f"{API}/{resource}/").data["results"] == []
    assert len(api(catalogue.alice).get(f"{API}/{resource}/").data["results"]) >= 1


def test_offers_and_promises_are_made_over_the_api(catalogue: Cast) -> None:
    dispute = open_one(catalogue, at=clock.now())
    soon = (clock.today() + timedelta(days=5)).isoformat()
    body = {"dispute": dispute.pk, "amount": "100.00", "valid_until": soon, "rest_by": soon}
    assert api(catalogue.mallory).post(f"{API}/offers/", body, format="json").status_code == 400
    made = api(catalogue.sam).post(f"{API}/offers/", body, format="json")
    # A salesperson may give up nothing alone.
    assert (made.status_code, made.data["state"]) == (201, "to_approve")
    body = {"dispute": dispute.pk, "what": "proof", "due_on": soon}
    kept = api(catalogue.sam).post(f"{API}/internal-promises/", body, format="json")
    assert (kept.status_code, kept.data["keeper"]) == (201, catalogue.sam.pk)
    mine = api(catalogue.alice).get(f"{API}/approvals/mine/").data
    assert [row["purpose"] for row in mine] == ["offer"]
    assert mine[0]["mine"] is True


def test_rules_are_read_in_the_office_and_changed_by_an_administrator(catalogue: Cast) -> None:
    pk = catalogue.entity.pk
    path = f"{API}/approval-rules/{pk}/"
    told = api(catalogue.carl).get(path).data
    assert {row["role"]: row["amount"] for row in told["limits"]}["collector"] == "500.00"
    assert [(row["above"], row["role"]) for row in told["rules"]] == [
        ("500.00", "credit_manager"),
        ("5000.00", "admin"),
    ]
    body = {
        "limits": [{"role": "collector", "amount": "50"}],
        "rules": [{"above": "50", "role": "finance", "approvals": 1}],
        "tolerance": {"amount": "5", "percent": "1", "reasons": ["price"]},
    }
    assert api(catalogue.alice).put(path, body, format="json").status_code == 403
    assert api(catalogue.mallory).put(path, body, format="json").status_code == 404
    done = api(catalogue.adam).put(path, body, format="json")
    assert (done.status_code, done.data["tolerance"]["reasons"]) == (200, ["price"])
    empty = api(catalogue.adam).put(path, {"limits": [], "rules": []}, format="json")
    assert empty.status_code == 422


def test_the_inbox_shows_what_waits_and_one_press_approves(catalogue: Cast) -> None:
    approval = waiting(catalogue)
    page = client(catalogue.alice).get(reverse("disputes:approvals")).content.decode()
    assert "Comercial Norte" in page
    assert "Comercial Norte" not in client(catalogue.adam).get(reverse("disputes:approvals")).content.decode()
    card = (
        client(catalogue.alice).get(reverse("disputes:detail", args=[approval.dispute_id])).content.decode()
    )
    assert reverse("disputes:approve", args=[approval.pk]) in card
    own = client(catalogue.adam).get(reverse("disputes:detail", args=[approval.dispute_id])).content.decode()
    assert reverse("disputes:approve", args=[approval.pk]) not in own
    assert client(catalogue.mallory).post(reverse("disputes:approve", args=[approval.pk])).status_code == 404
    answer = client(catalogue.alice).post(reverse("disputes:approve", args=[approval.pk]))
    assert answer.status_code == 302
    assert Dispute.objects.get(pk=approval.dispute_id).status == "solved"


def test_the_rail_counts_what_waits_for_this_person(catalogue: Cast) -> None:
    """As many as the inbox shows; the number comes with the pop-ups."""

    def counted(user: User) -> int:
        told = json.loads(client(user).get(reverse("chat:popups"))["HX-Trigger"])
        return int(told["live:counts"]["approvals"])

    approval = waiting(catalogue)
    waiting(catalogue)
    assert (
        'id="count-approvals"' in client(catalogue.alice).get(reverse("disputes:approvals")).content.decode()
    )
    assert (counted(catalogue.alice), counted(catalogue.adam), counted(catalogue.mallory)) == (2, 0, 0)
    client(catalogue.alice).post(reverse("disputes:approve", args=[approval.pk]))
    assert counted(catalogue.alice) == 1


def test_a_no_on_the_page_needs_its_reason(catalogue: Cast) -> None:
    approval = waiting(catalogue)
    url = reverse("disputes:refuse", args=[approval.pk])
    assert client(catalogue.alice).get(url).status_code == 200
    assert client(catalogue.alice).post(url, {"note": ""}).status_code == 422
    assert client(catalogue.alice).post(url, {"note": "Half"}).status_code == 302
    approval.refresh_from_db()
    assert approval.state == "refused"


@pytest.mark.parametrize("page", ["approvals", "my_promises", "credit_requests"])
def test_lists_cost_the_same_however_long(
    catalogue: Cast, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def fill() -> None:
        for make in (waiting, requested, promised):
            make(catalogue)

    def count() -> int:
        with django_assert_max_num_queries(60) as asked:
            assert client(catalogue.alice).get(reverse(f"disputes:{page}")).status_code == 200
        return len(asked)

    fill()
    count()
    before = count()
    for _ in range(4):
        fill()
    assert count() == before


def test_the_settings_page_saves_limits_rules_and_tolerance(catalogue: Cast) -> None:
    url = reverse("disputes:approval_rules")
    assert client(catalogue.carl).get(url).status_code == 403
    assert "Only an administrator" in client(catalogue.alice).get(url).content.decode()
    assert client(catalogue.mallory).get(f"{url}?entity={catalogue.entity.pk}").status_code == 404
    body = {
        "entity": catalogue.entity.pk,
        "alone-credit_manager": "750",
        "above-0": "750",
        "count-0": "2",
        "role-0": "credit_manager",
    }
    client(catalogue.alice).post(url, body)
    assert not catalogue.entity.approval_rules.exists()
    wrong = client(catalogue.adam).post(url, body | {"above-1": "900"})
    assert wrong.status_code == 422
    assert client(catalogue.adam).post(url, body).status_code == 302
    rule = catalogue.entity.approval_rules.get()
    assert (rule.above, rule.approvals, rule.role) == (Decimal("750.00"), 2, "credit_manager")
    assert catalogue.entity.approval_limits.get().amount == Decimal("750.00")


def test_the_sheets_open_and_do_what_they_say(catalogue: Cast) -> None:
    dispute = open_one(catalogue, at=clock.now())
    alice, soon = client(catalogue.alice), (clock.today() + timedelta(days=5)).isoformat()
    for name in ("offer", "promise", "close"):
        assert alice.get(reverse(f"disputes:{name}", args=[dispute.pk])).status_code == 200
        assert (
            client(catalogue.mallory).get(reverse(f"disputes:{name}", args=[dispute.pk])).status_code == 404
        )
    url = reverse("disputes:offer", args=[dispute.pk])
    assert alice.post(url, {"side": "ours", "amount": "400", "valid_until": soon}).status_code == 422
    assert alice.post(url, {"side": "ours", "amount": "40", "valid_until": soon}).status_code == 302
    promise = {"what": "credit", "due_on": soon, "department": catalogue.billing.pk}
    assert alice.post(reverse("disputes:promise", args=[dispute.pk]), promise).status_code == 302
    assert InternalPromise.objects.get().department == catalogue.billing
    decided = {"verdict": "partly", "resolution": "credit", "credit_amount": "60", "waits": "on"}
    assert alice.post(reverse("disputes:close", args=[dispute.pk]), decided).status_code == 302
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().amount) == ("open", Decimal("60.00"))
    pk = CreditRequest.objects.get().pk
    assert alice.get(reverse("disputes:credit_issued", args=[pk])).status_code == 200
    assert alice.post(reverse("disputes:credit_issued", args=[pk]), {"number": ""}).status_code == 422
    assert alice.post(reverse("disputes:credit_refused", args=[pk]), {"note": "No"}).status_code == 302
    assert alice.get(reverse("disputes:detail", args=[dispute.pk])).status_code == 200


def test_a_rejection_is_read_changed_and_sent_once(catalogue: Cast) -> None:
    dispute = open_one(catalogue, at=clock.now())
    url, alice = reverse("disputes:outcome_letter", args=[dispute.pk]), client(catalogue.alice)
    assert alice.get(url).status_code == 302
    services.close_dispute(
        dispute=dispute,
        verdict="unjustified",
        resolution="rejected",
        by=catalogue.alice,
        at=clock.now(),
        note="The order says 15.00.",
    )
    assert client(catalogue.mallory).get(url).status_code == 404
    assert client(catalogue.sam).post(url, {}).status_code == 302
    page = alice.get(url).content.decode()
    assert "payables@c-001.example" in page
    assert "The order says 15.00." in page
    body = {
        "to": "payables@c-001.example",
        "subject": "No",
        "body": "Dear all,\n\n{{ mine }} stays.\n\nAlice",
    }
    assert alice.post(url, body).status_code == 302
    assert alice.post(url, body).status_code == 302
    letter = Letter.objects.get()
    assert "{{ mine }} stays." in letter.body_text
    assert (letter.kind, letter.about_id) == ("dispute.rejected.price", dispute.pk)
    page = alice.get(reverse("disputes:detail", args=[dispute.pk])).content.decode()
    assert "Letter to payables@c-001.example" in page
    assert "on its way to payables@c-001.example" in page
