"""The pages and the API of plans, of the month ahead and of what waits for a person's yes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from collections_app import tasks
from collections_app.choices import Release
from collections_app.models import Notice, Plan, PlanVersion, Segment
from collections_app.services import dunning, plans
from collections_app.services.plans import Rules, StepInput
from lib import clock
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import make_customer, make_invoice

DAY = timedelta(days=1)
PLANS = "/collections/plans/"


@pytest.fixture(autouse=True)
def tasks_run_here() -> Iterator[None]:
    """Tasks run in the test's own process."""
    tasks.send.app.conf.task_always_eager = True
    yield
    tasks.send.app.conf.task_always_eager = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def overdue(house: House, amount: str = "1000.00", customer: Any = None) -> Any:
    today = clock.today("Europe/Madrid")
    return make_invoice(
        customer or house.cast.norte, amount, issued_on=today - DAY * 42, due_on=today - DAY * 2
    )


def standard(house: House) -> Plan:
    return Plan.objects.get(entity=house.cast.entity, code="standard")


def typed(steps: list[dict[str, Any]], **figures: Any) -> dict[str, Any]:
    """What the editor sends."""
    given = {
        "minimum_amount": "5.00",
        "gap_days": "5",
        "answer_days": "8",
        "climb": "jump",
        "grouping": "customer",
        "cool_days": "0",
        "resume": "next",
        "cap_days": "30",
        "hour_from": "0",
        "hour_until": "24",
        "release": "automatic",
        "steps-TOTAL_FORMS": str(len(steps)),
        "steps-INITIAL_FORMS": "0",
        **figures,
    }
    for place, step in enumerate(steps):
        step = {"channel": "email", **step}
        given |= {f"steps-{place}-{name}": value for name, value in step.items()}
    return given


# --- the editor -----------------------------------------------------------------------------------


def test_a_plan_is_changed_tried_and_put_into_force(house: House) -> None:
    plan, client = standard(house), signed_in(house.cast.alice)
    overdue(house)
    assert 'value="-5"' in client.get(f"{PLANS}{plan.pk}/edit/").content.decode()
    steps = [
        {
            "days": "2",
            "kind": "dunning.friendly",
            "label_en": "A nudge",
            "attach": ["statement_xlsx"],
            "from_amount": "100.00",
            "countries": "es fr",
        },
        {"days": "9", "kind": "dunning.firm", "channel": "call"},
        {"days": "20", "kind": "dunning.formal", "gone": "on"},
    ]
    answer = client.post(f"{PLANS}{plan.pk}/edit/", typed(steps, cap_messages="3", working_days="on"))
    assert (answer.status_code, answer["Location"]) == (302, f"{PLANS}{plan.pk}/")
    draft = plan.versions.get(draft=True)
    assert [(s.days, s.countries, s.name, s.channel) for s in draft.steps.order_by("days")] == [
        (2, ["ES", "FR"], "A nudge", "email"),
        (9, [], "Firm reminder", "call"),
    ]
    assert draft.steps.get(days=2).attach == ["statement_xlsx"]
    assert (draft.cap_messages, draft.working_days) == (3, True)
    page = client.get(f"{PLANS}{plan.pk}/").content.decode()
    assert "A nudge" in page
    assert "At most 3 messages to a customer within 30 days." in page
    tried = client.get(f"{PLANS}{plan.pk}/tried/").content.decode().replace("\xa0", " ")
    assert "A nudge · €1,000.00" in tried
    assert "Friendly reminder · €1,000.00" in tried
    assert not Notice.objects.exists()
    client.post(f"{PLANS}{plan.pk}/publish/")
    assert plan.versions.get(current=True) == draft
    again = client.post(f"{PLANS}{plan.pk}/publish/", follow=True).content.decode()
    assert "no draft" in again


@pytest.mark.parametrize(
    ("steps", "figures", "words"),
    [
        ([{"days": "1", "kind": "dunning.friendly"}] * 2, {}, "same day"),
        ([{"days": "1", "kind": "dunning.friendly", "gone": "on"}], {}, "between 1 and 20"),
        ([{"days": "1", "kind": "dunning.friendly", "countries": "Spain"}], {}, "no country code"),
        ([{"days": "x", "kind": "dunning.friendly"}], {}, "whole number"),
        ([{"days": "1", "kind": "dunning.friendly"}], {"release": "above"}, "from which amount"),
        ([{"days": "1", "kind": "dunning.friendly"}], {"hour_from": "9", "hour_until": "8"}, "last hour"),
    ],
)
def test_what_cannot_be_comes_back_with_its_sentence_and_what_was_typed(
    house: House, steps: list[dict[str, Any]], figures: dict[str, Any], words: str
) -> None:
    plan, client = standard(house), signed_in(house.cast.alice)
    answer = client.post(f"{PLANS}{plan.pk}/edit/", typed(steps, gap_days="17", **figures))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="17"' in page
    assert not plan.versions.filter(draft=True).exists()


def test_a_step_is_added_without_losing_what_was_typed(house: House) -> None:
    plan, client = standard(house), signed_in(house.cast.alice)
    steps = [{"days": "3", "kind": "dunning.firm", "label_en": "Half typed"}]
    page = client.post(f"{PLANS}{plan.pk}/edit/", typed(steps, add="1")).content.decode()
    assert "Half typed" in page
    assert 'name="steps-1-days"' in page
    assert 'name="steps-TOTAL_FORMS" value="2"' in page


def test_a_new_plan_is_drafted_followed_and_a_draft_thrown_away(house: House) -> None:
    client, entity = signed_in(house.cast.alice), house.cast.entity
    where = client.post(f"{PLANS}new/", {"entity": entity.code, "name": "Exports", "like": "gentle"})[
        "Location"
    ]
    plan = Plan.objects.get(entity=entity, code="exports")
    assert where == f"{PLANS}{plan.pk}/edit/"
    assert client.get(where).status_code == 200
    assert "not in force yet" in client.get(PLANS).content.decode()
    page = client.post(f"{PLANS}follow/", {"entity": entity.code, "key": str(plan.pk)}, follow=True)
    assert "Publish the plan first" in page.content.decode()
    client.post(f"{PLANS}{plan.pk}/publish/")
    client.post(f"{PLANS}follow/", {"entity": entity.code, "key": str(plan.pk), "risky": ""})
    followed: dict[str, str | None] = dict(
        Segment.objects.filter(entity=entity).values_list("code", "plan__code")
    )
    assert (followed["key"], followed["risky"], followed["standard"]) == ("exports", None, "standard")
    assert (
        client.post(f"{PLANS}new/", {"entity": entity.code, "name": "", "like": "gentle"}).status_code == 302
    )
    other = client.post(f"{PLANS}new/", {"entity": entity.code, "name": "Castaway", "like": "gentle"})[
        "Location"
    ]
    assert client.post(other.replace("edit", "discard"))["Location"] == f"{PLANS}?entity={entity.code}"
    assert "Castaway" not in client.get(PLANS).content.decode()


# --- the month ahead ------------------------------------------------------------------------------


def test_the_month_ahead_shows_days_and_opens_one(house: House) -> None:
    client = signed_in(house.cast.alice)
    part = f"/collections/ahead/days/?entity={house.cast.entity.code}"
    assert "Nothing would go" in client.get(part).content.decode()
    today = clock.today("Europe/Madrid")
    due = today + DAY * (13 - today.weekday())
    make_invoice(house.cast.norte, "700.00", issued_on=today - DAY * 30, due_on=due - DAY * 14)
    overdue(house, "70.00")
    assert client.get("/collections/ahead/").status_code == 200
    page = client.get(part).content.decode().replace("\xa0", " ")
    assert "1 message" in page
    seen = page.split("&amp;day=")[1][:10]
    chosen = client.get(f"{part}&day={seen}").content.decode().replace("\xa0", " ")
    assert house.cast.norte.name in chosen
    assert not Notice.objects.exists()


# --- releasing ------------------------------------------------------------------------------------


def waiting(house: House) -> list[Notice]:
    rules = Rules(release=Release.ALWAYS)
    steps = [StepInput(days=1, kind="dunning.friendly")]
    plans.publish_version(plan=standard(house), steps=steps, rules=rules, by=None, at=clock.now())
    overdue(house)
    overdue(house, "80.00", house.cast.sur)
    today = clock.today("Europe/Madrid")
    dunning.decide(entity=house.cast.entity, on=today, at=clock.now())
    return list(Notice.objects.order_by("-asked"))


def test_a_manager_sends_some_and_keeps_some_back(house: House) -> None:
    large, small = waiting(house)
    client, where = signed_in(house.cast.alice), "/collections/release/"
    page = client.get(where).content.decode().replace("\xa0", " ")
    assert page.index("€1,000.00") < page.index("€80.00")
    assert "To release" in client.get("/collections/").content.decode()
    assert (
        "Tick at least one" in client.post(f"{where}answer/", {"answer": "yes"}, follow=True).content.decode()
    )
    client.post(f"{where}answer/", {"notice": [str(large.pk)], "answer": "yes"})
    client.post(f"{where}answer/", {"all": "1", "answer": "no"})
    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.status, large.released_by) == ("sent", house.cast.alice)
    assert (small.status, small.reason) == ("withdrawn", "refused")
    assert len(house.mails()) == 1
    assert "Nothing waits" in client.get(where).content.decode()


@pytest.mark.parametrize("who", ["carl", "fin"])
def test_who_may_only_read_sees_the_queue_and_sends_nothing(house: House, who: str) -> None:
    notices = waiting(house)
    person = getattr(house.cast, who)
    client = signed_in(person)
    page = client.get("/collections/release/").content.decode()
    assert house.cast.norte.name in page
    assert 'type="checkbox"' not in page
    assert client.post("/collections/release/answer/", {"all": "1"}).status_code == 403
    api = client.post("/api/v1/notices/release/", {"notices": [notices[0].pk]}, "application/json")
    assert api.status_code == 403


def test_a_letter_goes_to_oneself_marked_as_a_test_and_leaves_no_trace_at_the_customer(house: House) -> None:
    overdue(house)
    client, where = signed_in(house.cast.alice), f"/collections/preview/{house.cast.norte.pk}/"
    assert "Send it to me" in client.get(where).content.decode()
    client.post(f"{where}test/")
    client.post(f"{where}test/")
    letter = Letter.objects.get()
    assert (letter.to_address, letter.kind) == (house.cast.alice.email, "dunning.friendly")
    assert letter.subject.startswith("[Test] ")
    assert not Notice.objects.exists()
    assert signed_in(house.cast.sam).post(f"{where}test/").status_code == 404


# --- strangers, roles, queries --------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sam", "mallory"])
@pytest.mark.parametrize(
    "path",
    [
        "{plan}/",
        "{plan}/edit/",
        "{plan}/tried/",
        "?entity=ACM",
        "../ahead/?entity=ACM",
        "../release/?entity=ACM",
    ],
)
def test_a_stranger_or_a_salesperson_finds_nothing(house: House, who: str, path: str) -> None:
    where = f"{PLANS}{path}".replace("{plan}", str(standard(house).pk)).replace("ACM", house.cast.entity.code)
    assert signed_in(getattr(house.cast, who)).get(where.replace("plans/../", "")).status_code == 404


@pytest.mark.parametrize("act", ["edit", "publish", "discard"])
def test_a_collector_reads_plans_and_changes_none(house: House, act: str) -> None:
    client, plan = signed_in(house.cast.carl), standard(house)
    assert client.get(f"{PLANS}{plan.pk}/").status_code == 200
    assert client.post(f"{PLANS}{plan.pk}/{act}/").status_code == 403
    assert client.post(f"{PLANS}new/", {"entity": house.cast.entity.code}).status_code == 403
    assert client.post(f"{PLANS}follow/", {"entity": house.cast.entity.code}).status_code == 403


def test_the_pages_take_the_same_number_of_queries_for_few_as_for_many(house: House) -> None:
    waiting(house)
    client = signed_in(house.cast.alice)

    def counts() -> list[int]:
        found = []
        for path in (PLANS, "/collections/release/", "/collections/ahead/days/"):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(f"{path}?entity={house.cast.entity.code}").status_code == 200
            found.append(len(seen))
        return found

    before = counts()
    for number in range(8):
        overdue(house, "90.00", make_customer(house.cast.entity, f"C-{number}", f"Customer {number}"))
        plan = plans.create_plan(
            entity=house.cast.entity, labels={"en": f"Plan {number}"}, by=house.cast.alice, at=clock.now()
        )
        plans.publish_draft(plan=plan, by=house.cast.alice, at=clock.now())
    dunning.decide(entity=house.cast.entity, on=clock.today("Europe/Madrid"), at=clock.now())
    assert Notice.objects.filter(status="to_approve").count() == 10
    assert counts() == before


def test_the_api_does_what_the_pages_do(house: House) -> None:
    client, plan, entity = signed_in(house.cast.alice), standard(house), house.cast.entity
    overdue(house)

    def send(method: str, path: str, data: Any = None) -> Any:
        return getattr(client, method)(f"/api/v1/plans/{path}", data, content_type="application/json")

    draft = {"steps": [{"days": 2, "kind": "dunning.firm", "countries": ["ES"]}], "release": "always"}
    assert send("put", f"{plan.pk}/draft/", draft).json()["state"] == "draft"
    tried = client.get(f"/api/v1/plans/{plan.pk}/tried/").json()
    assert tried["today"][0]["after"] == {"step": "Firm reminder", "amount": "1000.00"}
    assert send("post", f"{plan.pk}/publish/").json()["state"] == "current"
    assert send("post", f"{plan.pk}/publish/").status_code == 409
    assert client.get(f"/api/v1/plans/{plan.pk}/tried/").status_code == 404
    assert [row["state"] for row in client.get(f"/api/v1/plans/{plan.pk}/versions/").json()] == [
        "current",
        "old",
    ]
    bad = send("put", f"{plan.pk}/draft/", {"steps": [{"days": 1, "kind": "dunning.rude"}]})
    assert bad.status_code == 422
    assert "dunning.rude" in bad.json()["detail"]
    assert send("put", f"{plan.pk}/draft/", draft).status_code == 200
    assert send("delete", f"{plan.pk}/draft/").status_code == 204
    made = send("post", "", {"entity": entity.code, "labels": {"en": "Exports"}, "like": "standard"}).json()
    refused = send("post", "follow/", {"entity": entity.code, "segment": "key", "plan": made["id"]})
    assert refused.status_code == 409
    assert (
        send("post", "follow/", {"entity": entity.code, "segment": "key", "plan": plan.pk}).status_code == 204
    )
    assert send("post", "follow/", {"entity": entity.code, "segment": "key", "plan": 0}).status_code == 404
    days = client.get(f"/api/v1/plans/ahead/?entity={entity.code}").json()
    assert len(days) >= 20
    assert sum(day["messages"] for day in days) == 1
    dunning.decide(entity=entity, on=clock.today("Europe/Madrid"), at=clock.now())
    notice = Notice.objects.get()
    done = client.post("/api/v1/notices/release/", {"notices": [notice.pk]}, "application/json").json()
    assert done == {"done": [notice.pk]}
    again = client.post("/api/v1/notices/refuse/", {"notices": [notice.pk]}, "application/json").json()
    assert again == {"done": []}
    assert len(house.mails()) == 1


def test_the_api_hides_and_refuses(house: House) -> None:
    plan = standard(house)
    path = f"/api/v1/plans/{plan.pk}/draft/"
    draft = {"steps": [{"days": 2, "kind": "dunning.firm"}]}
    assert signed_in(house.cast.carl).put(path, draft, "application/json").status_code == 403
    for who in (house.cast.sam, house.cast.mallory):
        assert signed_in(who).put(path, draft, "application/json").status_code == 404
    notice = waiting(house)[0]
    refused = signed_in(house.cast.mallory).post(
        "/api/v1/notices/release/", {"notices": [notice.pk]}, "application/json"
    )
    assert refused.status_code == 404
    assert PlanVersion.objects.filter(draft=True).count() == 0
