"""The pages and the API of reports by mail: one's own, those of colleagues, nothing of strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from mailroom.models import Letter
from reporting.models import ReportSending, Subscription
from reporting.subscriptions import links, services
from reporting.subscriptions.sending import send_due
from tests.reporting.company import Company
from tests.reporting.test_subscriptions import MONDAY, subscribe

NEW = "/dashboard/mails/new/?report=aging"
LIST = "/dashboard/mails/"
API = "/api/v1/report-subscriptions/"
FORM = {"every": "week", "weekday": "2", "day": "1", "hour": "6", "day_of": "month_before", "form": "pdf"}


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_report_of_the_dashboard_is_sent_with_the_filters_of_the_address(company: Company) -> None:
    client, sam = signed_in(company.cast.alice), company.cast.sam
    page = client.get(f"/dashboard/?months=6&salesperson={sam.pk}").content.decode()
    assert f"/dashboard/mails/new/?months=6&amp;salesperson={sam.pk}&amp;report=aging" in page
    address = f"{NEW}&months=6&salesperson={sam.pk}&as_of=2026-01-01"
    page = client.get(address).content.decode()
    assert "Salesperson: Sam" in page
    assert "Period: 6 months" in page
    assert client.post(address, FORM | {"readers": [str(sam.pk)]}).status_code == 302
    row = Subscription.objects.get()
    assert row.filters == {"salesperson": str(sam.pk), "months": "6"}
    assert (row.every, row.number, row.hour, row.day_of, row.form) == ("week", 2, 6, "month_before", "pdf")
    listed = client.get(LIST).content.decode()
    assert "Each Wednesday at 06:00" in listed
    assert "Also to: Sam" in listed
    assert "From Alice" in signed_in(sam).get(LIST).content.decode()


def test_it_is_changed_paused_sent_and_ended_on_its_pages(company: Company) -> None:
    client = signed_in(company.cast.alice)
    row = subscribe(company, "sam")
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    assert 'value="workday"' in page
    wrong = client.post(f"{LIST}{row.pk}/", FORM | {"every": "month", "day": "32"})
    assert wrong.status_code == 422
    assert client.post(f"{LIST}{row.pk}/", FORM | {"every": "month", "day": "31"}).status_code == 302
    assert "On day 31 of each month, or its last day, at 06:00" in client.get(LIST).content.decode()
    for step, paused in (("pause", True), ("go-on", False)):
        assert client.post(f"{LIST}{row.pk}/{step}/").status_code == 302
        assert (Subscription.objects.get().paused_at is not None) is paused
    assert client.post(f"{LIST}{row.pk}/send/").status_code == 302
    assert ReportSending.objects.get().asked_by == company.cast.alice
    assert client.post(f"{LIST}{row.pk}/end/").status_code == 302
    assert not Subscription.objects.exists()


def test_a_reader_may_leave_and_come_back_and_nothing_else(company: Company) -> None:
    row = subscribe(company, "sam")
    client = signed_in(company.cast.sam)
    assert client.get(f"{LIST}{row.pk}/").status_code == 404
    for step in ("pause", "go-on", "end", "send"):
        assert client.post(f"{LIST}{row.pk}/{step}/").status_code == 404
    assert client.patch(f"{API}{row.pk}/", {"hour": 1}, "application/json").status_code == 403
    assert client.delete(f"{API}{row.pk}/").status_code == 403
    assert client.post(f"{LIST}{row.pk}/leave/").status_code == 302
    assert row.readers.get(user=company.cast.sam).left_at is not None
    assert client.post(f"{API}{row.pk}/come-back/").status_code == 200
    assert row.readers.get(user=company.cast.sam).left_at is None
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize("who", ["mallory", "carl", "eva"])
def test_strangers_find_nothing(company: Company, who: str) -> None:
    row = subscribe(company, "sam")
    client = signed_in(getattr(company.cast, who))
    assert client.get(f"{LIST}{row.pk}/").status_code == 404
    for step in ("pause", "go-on", "end", "send", "leave", "come-back"):
        assert client.post(f"{LIST}{row.pk}/{step}/").status_code == 404
    for step in ("", "send/", "leave/", "come-back/"):
        assert client.post(f"{API}{row.pk}/{step}").status_code in (404, 405)
    assert client.get(f"{API}{row.pk}/").status_code == 404
    assert client.patch(f"{API}{row.pk}/", {"hour": 1}, "application/json").status_code == 404
    assert client.delete(f"{API}{row.pk}/").status_code == 404
    assert client.get(API).json()["results"] == []
    assert client.get(f"{NEW}&entity=ACM").status_code == (200 if who == "carl" else 404)


@pytest.mark.parametrize("query", ["report=nonsense", "report=aging&months=5", "report=aging&customer=x'"])
def test_an_address_that_means_nothing_is_not_found(company: Company, query: str) -> None:
    assert signed_in(company.cast.alice).get(f"/dashboard/mails/new/?{query}").status_code == 404


def test_who_lost_access_may_still_end_what_is_theirs(company: Company) -> None:
    row = subscribe(company, who="sam")
    Membership.objects.filter(user=company.cast.sam).delete()
    client = signed_in(company.cast.sam)
    assert client.get(LIST).status_code == 200
    assert client.get(f"{LIST}{row.pk}/").status_code == 404
    assert client.post(f"{LIST}{row.pk}/end/").status_code == 302


def test_the_api_does_what_the_pages_do(company: Company) -> None:
    client, sam = signed_in(company.cast.alice), company.cast.sam
    body = {
        "entity": company.cast.entity.pk,
        "report": "dso",
        "every": "month_end",
        "hour": 18,
        "readers": [sam.pk],
    }
    made = client.post(API, body | {"filters": {"months": "3"}}, "application/json")
    assert made.status_code == 201
    row = made.json()
    assert (row["readers"], row["filters"], row["form"]) == (
        [company.cast.alice.pk, sam.pk], {"months": "3"}, "xlsx",
    )  # fmt: skip
    path = f"{API}{row['id']}/"
    paused = client.patch(path, {"paused": True, "hour": 7}, "application/json").json()
    assert (paused["hour"], paused["next_due_at"], paused["readers"]) == (7, None, row["readers"])
    assert client.patch(path, {"paused": False}, "application/json").json()["next_due_at"]
    assert client.post(f"{path}send/").status_code == 202
    sending = ReportSending.objects.get()
    send_due(at=sending.due_at + timedelta(minutes=1))
    last = client.get(path).json()["last"]
    assert [copy["trouble"] for copy in last["copies"]] == ["", ""]
    for wrong in (
        {"readers": [company.cast.mallory.pk]},
        {"filters": {"months": "7"}},
        {"filters": {"by": "x"}},
    ):
        assert client.post(API, body | wrong, "application/json").status_code == 422
    other = body | {"entity": company.cast.other.pk}
    assert client.post(API, other, "application/json").status_code == 400
    assert client.delete(path).status_code == 204
    assert Letter.objects.count() == 2


def test_the_link_of_a_letter_ends_it_only_when_it_is_pressed(company: Company) -> None:
    row = subscribe(company, "sam")
    reader = row.readers.get(user=company.cast.sam)
    path = links.address(reader.pk).partition("/reports/")[2]
    path = f"/reports/{path}"
    page = Client().get(path)
    assert (page.status_code, page["Referrer-Policy"]) == (200, "no-referrer")
    reader.refresh_from_db()
    assert reader.left_at is None
    assert "You get it no more" in Client(enforce_csrf_checks=True).post(path).content.decode()
    reader.refresh_from_db()
    assert reader.left_at is not None
    assert Client().get(f"{path[:-3]}x/").status_code == 404
    services.end(subscription=row, by=company.cast.alice, at=MONDAY)
    assert "Ya no lo recibes" in Client().get(path).content.decode()


def test_the_group_is_sent_too(company: Company) -> None:
    client = signed_in(company.cast.alice)
    assert client.post("/dashboard/mails/new/?report=group&months=6", FORM).status_code == 302
    row = Subscription.objects.get()
    assert (row.report, row.filters) == ("group", {})
    services.send_now(subscription=row, by=company.cast.alice, at=MONDAY)
    send_due(at=MONDAY)
    assert Letter.objects.get().subject.startswith("The group")


@pytest.mark.parametrize("path", [LIST, API])
def test_the_list_needs_as_many_queries_however_long(company: Company, path: str) -> None:
    client = signed_in(company.cast.alice)
    counts = []
    for many in (1, 4):
        for _n in range(many):
            row = subscribe(company, "sam", "carl", salesperson=str(company.cast.sam.pk))
            services.send_now(subscription=row, by=company.cast.alice, at=MONDAY)
        send_due(at=MONDAY)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
