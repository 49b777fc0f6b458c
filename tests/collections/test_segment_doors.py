"""The pages and the API of segments: who may read and change them, and what a change does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from collections_app import tasks
from collections_app.models import Behaviour, SegmentPin, SegmentRules
from collections_app.services import segments
from collections_app.services.learning import learn
from lib import clock
from tests.collections.conftest import House
from tests.factories import make_customer, make_invoice, pay

DAY = timedelta(days=1)
PAGES, API = "/collections/segments/", "/api/v1/segments/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def slow(house: House) -> None:
    """Norte pays 45 days late."""
    today = clock.today(house.cast.entity.time_zone)
    for month in range(1, 6):
        due = today - DAY * (50 + 30 * month)
        invoice = make_invoice(house.cast.norte, "100.00", issued_on=due - DAY * 30, due_on=due)
        pay(invoice, on=due + DAY * 45)
    segments.install(house.cast.entity, at=clock.now())
    learn(entity=house.cast.entity, on=today, at=clock.now())


def test_a_rule_is_written_tried_ordered_and_put_into_force(house: House) -> None:
    slow(house)
    client, entity = signed_in(house.cast.alice), house.cast.entity
    page = client.get(f"{PAGES}?entity=ACM").content.decode()
    assert "If typical delay: at least 31 days, then Risky" in page
    new = {"entity": "ACM", "base": SegmentRules.objects.get().pk, "rows": "3", "segment": "key"}
    wrong = client.post(f"{PAGES}rules/0/", new)
    assert (wrong.status_code, b"at least one condition" in wrong.content) == (422, True)
    typed = new | {
        "fact_0": "late",
        "op_0": "at_least",
        "value_0": "40",
        "country": "es fr",
        "country_op": "one_of",
    }
    assert client.post(f"{PAGES}rules/0/", typed).status_code == 302
    stale = client.post(f"{PAGES}rules/0/", typed)
    assert b"Somebody has changed the rules" in stale.content
    draft = SegmentRules.objects.get(draft=True)
    act = {"entity": "ACM", "base": draft.pk, "place": "4", "act": "up"}
    for place in ("4", "3"):
        act |= {"base": SegmentRules.objects.get(draft=True).pk, "place": place}
        client.post(f"{PAGES}rules/act/", act)
    tried = client.get(f"{PAGES}rules/tried/?entity=ACM").content.decode()
    assert "1 customer would move." in tried
    assert "Country: ES · Typical delay: 45 days (at least 40 days)" in tried
    form = client.get(f"{PAGES}rules/2/?entity=ACM").content.decode()
    assert 'value="ES FR"' in form
    client.post(f"{PAGES}rules/act/", {"entity": "ACM", "act": "publish"})
    assert not SegmentRules.objects.filter(draft=True).exists()
    assert client.get(f"/api/v1/payers/{house.cast.norte.pk}/").json()["standing"]["segment"] == "key"
    client.post(
        f"{PAGES}rules/act/",
        {"entity": "ACM", "act": "drop", "place": "1", "base": SegmentRules.objects.get(current=True).pk},
    )
    assert SegmentRules.objects.get(draft=True).rules.count() == 3
    client.post(f"{PAGES}rules/act/", {"entity": "ACM", "act": "discard"})
    assert (
        segments.inputs_of(SegmentRules.objects.filter(entity=entity, current=True).get())[1].segment == "key"
    )


def test_the_panel_says_how_they_pay_and_keeps_a_segment_set_by_hand(house: House) -> None:
    slow(house)
    client, pk = signed_in(house.cast.alice), house.cast.norte.pk
    panel = client.get(f"/collections/account/{pk}/behaviour/").content.decode()
    for words in ("Risky", "Typical delay: 45 days (at least 31 days)", "Typically pays 45 days late."):
        assert words in panel
    client.post(f"/collections/customers/{pk}/segment/", {"segment": "key", "reason": "Frame contract"})
    panel = client.get(f"/collections/account/{pk}/behaviour/").content.decode()
    assert "Frame contract" in panel
    assert "Let the rules decide again" in panel
    members = client.get(f"{PAGES}key/?entity=ACM").content.decode()
    assert house.cast.norte.name in members
    client.post(f"/collections/customers/{pk}/segment/", {"act": "unpin"})
    assert not SegmentPin.objects.exists()
    # Who sells to them sees how they pay, and changes nothing.
    sam = signed_in(house.cast.sam)
    panel = sam.get(f"/collections/account/{pk}/behaviour/").content.decode()
    assert "Typically pays" in panel
    assert "Set the segment by hand" not in panel
    assert sam.post(f"/collections/customers/{pk}/segment/", {"act": "unpin"}).status_code == 403


def test_the_api_does_all_of_it(house: House) -> None:
    slow(house)
    client, pk = signed_in(house.cast.alice), house.cast.norte.pk
    rows = client.get(API, {"entity": "ACM"}).json()
    assert {row["segment"]: row["customers"] for row in rows}["risky"] == 1
    payer = client.get(f"/api/v1/payers/{pk}/").json()
    assert (payer["behaviour"]["late"], payer["standing"]["source"]) == (45, "rule")
    rules = {
        "entity": "ACM",
        "rules": [{"segment": "", "conditions": [{"fact": "country", "op": "one_of", "values": ["ES"]}]}],
    }
    json: dict[str, Any] = {"content_type": "application/json"}
    assert client.put(f"{API}draft/", rules, **json).json()["number"] == 2
    assert client.get(f"{API}rules/", {"entity": "ACM"}).json()["draft"]["rules"] == rules["rules"]
    tried = client.get(f"{API}tried/", {"entity": "ACM"}).json()
    assert [(row["customer"], row["segment"]) for row in tried["moved"]] == [(pk, "Standard")]
    assert client.post(f"{API}publish/", {"entity": "ACM"}, **json).status_code == 200
    assert client.post(f"{API}publish/", {"entity": "ACM"}, **json).status_code == 409
    assert client.get(f"{API}tried/", {"entity": "ACM"}).status_code == 404
    set_by_hand = {"segment": "strategic", "reason": "The owner is our neighbour"}
    payer = client.put(f"/api/v1/payers/{pk}/segment/", set_by_hand, **json).json()
    assert payer["standing"]["why"] == ["The owner is our neighbour"]
    assert client.delete(f"/api/v1/payers/{pk}/segment/").json()["standing"]["segment"] == "standard"
    assert client.delete(f"/api/v1/payers/{pk}/segment/").status_code == 409
    bad = rules | {
        "rules": [{"segment": "risky", "conditions": [{"fact": "late", "op": "one_of", "values": ["ES"]}]}]
    }
    assert client.put(f"{API}draft/", bad, **json).status_code == 400
    assert client.delete(f"{API}draft/?entity=ACM").status_code == 204


@pytest.mark.parametrize("who", ["mallory", "sam", "carl", "fin"])
def test_who_may_not(house: House, who: str) -> None:
    """Strangers find nothing, sales nothing of plans; collectors and finance read."""
    client, pk = signed_in(getattr(house.cast, who)), house.cast.norte.pk
    reads = who in {"carl", "fin"}
    assert client.get(f"{PAGES}?entity=ACM").status_code == (200 if reads else 404)
    assert client.get(API, {"entity": "ACM"}).status_code == (200 if reads else 404)
    change = 403 if reads else 404
    assert client.get(f"{PAGES}rules/?entity=ACM").status_code == change
    assert client.post(f"{PAGES}rules/act/", {"entity": "ACM", "act": "start"}).status_code == change
    draft = client.put(f"{API}draft/", {"entity": "ACM", "rules": []}, content_type="application/json")
    assert draft.status_code == change
    if who == "mallory":
        assert client.get(f"/collections/account/{pk}/behaviour/").status_code == 404
        assert client.get(f"/api/v1/payers/{pk}/").status_code == 404
        assert client.post(f"/collections/customers/{pk}/segment/").status_code == 404


def test_the_pages_take_the_same_few_queries(house: House) -> None:
    slow(house)
    client = signed_in(house.cast.alice)

    def counts() -> list[int]:
        found = []
        for url in (f"{PAGES}?entity=ACM", f"{PAGES}standard/?entity=ACM"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            found.append(len(seen))
        return found

    counts()
    few = counts()
    for number in range(4):
        make_customer(house.cast.entity, f"N-{number}", f"Nuevo {number}")
    assert counts() == few


def test_the_daily_task_learns_every_entity(house: House) -> None:
    tasks.learn.app.conf.task_always_eager = True
    try:
        tasks.learn_due()
    finally:
        tasks.learn.app.conf.task_always_eager = False
    assert Behaviour.objects.count() == 3
