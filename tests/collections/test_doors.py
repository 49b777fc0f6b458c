"""The pages, the API and the command: the same rule behind each, and nothing for a stranger."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from collections_app import tasks
from collections_app.models import Hold, Notice, Promise, Run
from collections_app.services import dunning
from ledger.models import Invoice
from lib import clock
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import make_customer, make_invoice

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def tasks_run_here(settings: object) -> None:
    """Tasks run in the test's own process: what a worker does is tested with a real one elsewhere."""
    tasks.send.app.conf.task_always_eager = True
    yield  # type: ignore[misc]
    tasks.send.app.conf.task_always_eager = False


def overdue(house: House, amount: str = "1000.00", days: int = 2) -> Invoice:
    """An invoice of Norte, late by so many days of the real calendar."""
    today = clock.today("Europe/Madrid")
    return make_invoice(
        house.cast.norte, amount, issued_on=today - DAY * (days + 30), due_on=today - DAY * days
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_day_shows_what_goes_with_its_arithmetic_and_what_rests_with_the_reason(house: House) -> None:
    invoice = overdue(house)
    house.dispute(invoice, "400.00", at=timezone.now())
    page = signed_in(house.cast.alice).get("/collections/").content.decode().replace("\xa0", " ")
    assert "€1,000.00" in page
    assert "−€400.00" in page
    assert "€600.00" in page
    make_invoice(house.cast.sur, "1.00", issued_on=invoice.issued_on, due_on=invoice.due_on)
    page = signed_in(house.cast.alice).get("/collections/").content.decode()
    assert "below the plan" in page


def test_send_now_asks_first_then_sends_and_a_second_click_sends_nothing_more(house: House) -> None:
    overdue(house)
    client = signed_in(house.cast.alice)
    assert "1 customer" in client.get("/collections/run/").content.decode()
    assert not Run.objects.exists()
    for _ in range(2):
        assert client.post("/collections/run/", {"entity": "ACM"}).status_code == 302
    assert len(house.mails()) == 1
    notice = Notice.objects.get()
    page = client.get(f"/collections/notices/{notice.pk}/").content.decode()
    assert "Friendly reminder" in page
    assert Run.objects.filter(by=house.cast.alice).count() == 2


def test_the_letter_can_be_read_before_it_goes_in_a_frame_that_runs_nothing(house: House) -> None:
    invoice = overdue(house)
    client = signed_in(house.cast.alice)
    page = client.get(f"/collections/preview/{house.cast.norte.pk}/")
    assert invoice.number in page.content.decode()
    body = client.get(f"/collections/preview/{house.cast.norte.pk}/body/")
    assert body["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert body["X-Frame-Options"] == "SAMEORIGIN"
    assert not Letter.objects.exists()


@pytest.mark.parametrize("who", ["mallory", "sam", "eva"])
@pytest.mark.parametrize(
    "path",
    ["/collections/notices/{n}/", "/collections/preview/{c}/", "/api/v1/notices/{n}/", "/letters/{l}/"],
)
def test_a_stranger_or_a_salesperson_finds_no_notice(house: House, who: str, path: str) -> None:
    overdue(house)
    house.dun(clock.today("Europe/Madrid"), timezone.now())
    facts = {"n": Notice.objects.get().pk, "c": house.cast.norte.pk, "l": Letter.objects.get().pk}
    client = signed_in(getattr(house.cast, who))
    assert client.get(path.format(**facts)).status_code == 404


@pytest.mark.parametrize(("who", "answer"), [("carl", 403), ("fin", 403), ("sam", 404), ("mallory", 404)])
def test_only_a_credit_manager_may_send(house: House, who: str, answer: int) -> None:
    overdue(house)
    client = signed_in(getattr(house.cast, who))
    assert client.post("/collections/run/", {"entity": "ACM"}).status_code == answer
    url = "/api/v1/notices/run/"
    assert client.post(url, {"entity": "ACM"}, content_type="application/json").status_code == answer
    assert not Notice.objects.exists()
    assert house.mails() == []


def test_a_salesperson_notes_a_promise_for_their_own_customer_only(house: House) -> None:
    invoice = overdue(house)
    url = f"/collections/customers/{house.cast.norte.pk}/"
    day = clock.today("Europe/Madrid") + DAY * 7
    data = {"invoice": invoice.pk, "amount": "1000.00", "promised_on": day.isoformat()}
    assert signed_in(house.cast.sofia).post(url, data).status_code == 404
    assert signed_in(house.cast.fin).post(url, data).status_code == 403
    assert not Promise.objects.exists()
    assert signed_in(house.cast.sam).post(url, data).status_code == 302
    assert Promise.objects.get().amount == Decimal("1000.00")
    assert "by" in signed_in(house.cast.alice).get("/collections/promises/").content.decode()


def test_too_large_a_promise_comes_back_with_the_sentence_and_what_was_typed(house: House) -> None:
    invoice = overdue(house)
    data = {"invoice": invoice.pk, "amount": "1000.01", "promised_on": "2099-01-01", "note": "after Easter"}
    answer = signed_in(house.cast.alice).post(f"/collections/customers/{house.cast.norte.pk}/", data)
    assert answer.status_code == 422
    assert "at most what is open" in answer.content.decode()
    assert "after Easter" in answer.content.decode()


def test_a_hold_is_set_with_a_reason_and_lifted(house: House) -> None:
    overdue(house)
    client = signed_in(house.cast.alice)
    url = f"/collections/customers/{house.cast.norte.pk}/hold/"
    client.post(url, {"reason": ""})
    assert not Hold.objects.exists()
    for _ in range(2):
        client.post(url, {"reason": "Merger talks"})
    hold = Hold.objects.get()
    assert (
        "Merger talks" in client.get(f"/collections/customers/{house.cast.norte.pk}/panel/").content.decode()
    )
    assert signed_in(house.cast.mallory).post(f"/collections/holds/{hold.pk}/lift/").status_code == 404
    client.post(f"/collections/holds/{hold.pk}/lift/")
    assert Hold.objects.get().lifted_by == house.cast.alice


def test_the_api_shows_plans_previews_runs_and_keeps_promises(house: House) -> None:
    invoice = overdue(house)
    client = signed_in(house.cast.alice)
    plan = client.get("/api/v1/plans/").json()["results"][-1]
    assert [step["days"] for step in plan["steps"]] in ([-5, 1, 15, 30], [-5, 3])
    preview = client.get("/api/v1/notices/preview/?entity=ACM").json()
    assert [(row["outcome"], row["asked"]) for row in preview] == [("send", "1000.00")]
    assert client.get("/api/v1/notices/preview/?entity=OTH").status_code == 404
    data = {"invoice": invoice.pk, "amount": "250.00", "promised_on": str(clock.today() + DAY * 9)}
    assert client.post("/api/v1/promises/", data, content_type="application/json").status_code == 201
    run = client.post("/api/v1/notices/run/", {"entity": "ACM"}, content_type="application/json").json()
    assert run == {"decided": 1, "waiting": 1}
    notice = client.get("/api/v1/notices/").json()["results"][0]
    assert (notice["status"], notice["asked"], notice["lines"][0]["promised"]) == ("sent", "750.00", "250.00")
    late = client.post("/api/v1/promises/", data | {"amount": "5000"}, content_type="application/json")
    assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")


def test_the_command_reports_the_same_decision_dry_and_real_and_dry_writes_nothing(house: House) -> None:
    invoice = overdue(house)
    house.dispute(invoice, "400.00", at=timezone.now())

    def dun(*options: str) -> dict[str, Any]:
        out = StringIO()
        call_command("dun", "--entity", "ACM", "--json", *options, stdout=out)
        day: dict[str, Any] = json.loads(out.getvalue())["entities"][0]
        return day

    dry = dun("--dry-run")
    assert (Run.objects.count(), Notice.objects.count(), Letter.objects.count()) == (0, 0, 0)
    real = dun()
    assert dry["customers"][0]["asked"] == real["customers"][0]["asked"] == "600.00"
    assert (dry["customers"][0]["outcome"], real["customers"][0]["outcome"]) == ("send", "sent")
    assert dry["customers"][0]["invoices"] == real["customers"][0]["invoices"]
    again = dun()
    assert again["totals"] == {"outcomes": {"skip": 1}, "asked": {}}
    assert len(house.mails()) == 1


@pytest.mark.parametrize("options", [["--entity", "NONE"], ["--entity", "ACM", "--plan", "nothing"]])
def test_the_command_says_what_it_does_not_know(house: House, options: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no"):
        call_command("dun", *options)


def test_pages_take_the_same_number_of_queries_for_one_customer_as_for_many(house: House) -> None:
    client = signed_in(house.cast.alice)
    today = clock.today("Europe/Madrid")

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    def grow(prefix: str, number: int) -> None:
        for n in range(number):
            customer = make_customer(house.cast.entity, f"{prefix}-{n:02d}", f"Cliente {n}")
            make_invoice(customer, issued_on=today - DAY * 60, due_on=today - DAY * 20)

    paths = ("/collections/", "/letters/", "/collections/run/", "/collections/promises/", "/api/v1/notices/")
    grow("A", 2)
    house.dun(today, timezone.now())
    grow("B", 2)
    few = [count(path) for path in paths]
    house.dun(today, timezone.now())
    grow("C", 8)
    house.dun(today, timezone.now())
    grow("D", 8)
    assert [count(path) for path in paths] == few


def test_beat_decides_each_entitys_day_once_after_its_morning_has_begun(house: House) -> None:
    early = timezone.datetime(2026, 3, 16, 6, 30, tzinfo=timezone.get_fixed_timezone(0))
    assert dunning.due_for_a_run(at=early) == []
    morning = early + timedelta(hours=1)
    assert dunning.due_for_a_run(at=morning) == [house.cast.entity, house.cast.other]
    sunday = morning - DAY
    assert dunning.due_for_a_run(at=sunday) == []
    dunning.decide(entity=house.cast.entity, on=morning.date(), at=morning, door="beat")
    assert dunning.due_for_a_run(at=morning) == [house.cast.other]
