"""Targets and cost rates: dated rows, set by those who answer for the figures; the cost of disputes by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.events import Event
from accounts.models import User
from disputes import services as disputes
from reporting import services
from reporting.metrics.costs import Held, Rates, financing, work
from reporting.models import CostRates, Target
from reporting.reports import Options, build
from reporting.reports.figures import period_before
from reporting.selectors.flow import Period
from reporting.selectors.frame import make_frame
from tests.factories import AT
from tests.reporting.company import DISPUTED_AT, ON, Company

D = Decimal
DAY = timedelta(days=1)
MARCH = date(2026, 3, 1)


def aim(
    company: Company, value: str = "45", *, measure: str = "dso", on: date = MARCH, by: Any = None
) -> Target:
    return services.set_target(
        entity=company.cast.entity, measure=measure, value=D(value), from_on=on, by=by or company.cast.fin, at=AT
    )  # fmt: skip


def price(company: Company, on: date, percent: str, hour: str = "30", minutes: int = 10) -> CostRates:
    return services.set_cost_rates(
        entity=company.cast.entity, from_on=on, financing=D(percent), hour=D(hour), minutes=minutes,
        by=company.cast.alice, at=AT,
    )  # fmt: skip


def data(company: Company, name: str, as_of: date = ON, **options: Any) -> dict[str, Any]:
    with override("en"):
        return build(name, make_frame(company.cast.entity, as_of), Options(**options)).data


def test_a_target_holds_from_its_day_until_the_next(company: Company) -> None:
    aim(company, "45", on=date(2026, 1, 1))
    aim(company, "40", on=date(2026, 3, 10))
    aim(company, "80", measure="cei")
    rows = {row["key"]: row for row in data(company, "figures", first=MARCH)["rows"]}
    assert (rows["dso"]["target"], rows["cei"]["target"], rows["in_time"]["target"]) == (40.0, 80.0, None)
    assert rows["dso"]["value"] == round(data(company, "dso")["dso"], 2)
    assert rows["dso"]["before"] == pytest.approx(data(company, "dso", date(2026, 2, 28))["dso"], abs=0.0051)
    assert rows["dso"]["met"] is (rows["dso"]["value"] <= 40)
    assert rows["cei"]["met"] is (rows["cei"]["value"] >= 80)
    assert rows["in_time"]["met"] is None
    old = {row["key"]: row for row in data(company, "figures", date(2026, 3, 9))["rows"]}
    assert old["dso"]["target"] == 45.0


def test_the_same_figure_and_day_again_replaces_the_target_and_says_so(company: Company) -> None:
    aim(company, "45")
    assert aim(company, "44").value == 44
    assert Target.objects.count() == 1
    assert Event.objects.filter(kind="report.target").count() == 2
    services.drop_target(target=Target.objects.get(), by=company.cast.alice, at=AT)
    assert not Target.objects.exists()


@pytest.mark.parametrize(("measure", "value"), [("dso", "-1"), ("cei", "100.01"), ("nonsense", "1")])
def test_impossible_targets_are_refused_by_the_form_and_by_the_database(
    company: Company, measure: str, value: str
) -> None:
    with pytest.raises(ValidationError):
        aim(company, value, measure=measure)
    row = Target(
        entity=company.cast.entity, measure=measure, from_on=ON, value=D(value), set_by=company.cast.fin, set_at=AT
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("percent", "hour", "minutes"), [("-1", "1", 1), ("101", "1", 1), ("1", "-1", 1), ("1", "1", 481)]
)
def test_impossible_rates_are_refused_too(company: Company, percent: str, hour: str, minutes: int) -> None:
    with pytest.raises(ValidationError):
        price(company, MARCH, percent, hour, minutes)
    row = CostRates(
        entity=company.cast.entity, from_on=ON, financing=D(percent), hour=D(hour), minutes=minutes,
        set_by=company.cast.fin, set_at=AT,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("who", ["sam", "carl", "mallory"])
def test_others_neither_set_nor_see_them(company: Company, who: str) -> None:
    user: User = getattr(company.cast, who)
    target = aim(company)
    with pytest.raises(PermissionDenied):
        aim(company, by=user)
    client = Client()
    client.force_login(user)
    entity = company.cast.entity.pk
    assert client.get(f"/dashboard/targets/?entity={entity}").status_code == 404
    assert client.post("/dashboard/targets/new/", {"entity": entity, "value": "1"}).status_code == 404
    assert client.post(f"/dashboard/targets/{target.pk}/drop/").status_code == 404
    seen = client.get("/api/v1/report-targets/").json()["results"]
    assert [row["measure"] for row in seen] == ([] if who == "mallory" else ["dso"])
    assert client.get("/api/v1/cost-rates/").json()["results"] == []
    denied = client.delete(f"/api/v1/report-targets/{target.pk}/").status_code
    assert denied == (404 if who == "mallory" else 403)
    body = {"entity": entity, "measure": "cei", "from_on": "2026-01-01", "value": "80"}
    assert client.post("/api/v1/report-targets/", body, "application/json").status_code == 400
    assert Target.objects.count() == 1


def test_the_page_and_the_api_set_and_drop_the_same_rows(company: Company) -> None:
    client = Client()
    client.force_login(company.cast.fin)
    body = {"measure": "dso", "value": "42,5", "from_on": "2026-03-01"}
    wrong = client.post("/dashboard/targets/new/", body | {"value": "many"})
    assert wrong.status_code == 422
    assert client.post("/dashboard/targets/new/", body, follow=True).status_code == 200
    (row,) = client.get("/api/v1/report-targets/").json()["results"]
    assert (row["measure"], row["value"]) == ("dso", "42.50")
    assert client.delete(f"/api/v1/report-targets/{row['id']}/").status_code == 204
    rates = {
        "entity": company.cast.entity.pk,
        "from_on": "2026-01-01",
        "financing": "6",
        "hour": "30",
        "minutes": 10,
    }
    made = client.post("/api/v1/cost-rates/", rates, "application/json")
    assert made.status_code == 201
    page = client.get("/dashboard/targets/").content.decode()
    assert "10 minutes per act" in page
    assert client.post(f"/dashboard/targets/rates/{made.json()['id']}/drop/").status_code == 302
    assert not CostRates.objects.exists()


def test_the_list_of_targets_needs_as_many_queries_however_long(company: Company) -> None:
    client = Client()
    client.force_login(company.cast.fin)
    counts = []
    for months in (1, 6):
        for month in range(1, months + 1):
            aim(company, on=date(2025, month, 1))
            price(company, date(2025, month, 1), "6")
        with CaptureQueriesContext(connection) as queries:
            client.get("/dashboard/targets/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_a_dispute_costs_by_hand(company: Company) -> None:
    """500 in dispute from 10 March, closed on the 20th with a credit of 300: ten days, five at 6 % and five at 12 %.

    500 * 5 * 6 % / 365 + 500 * 5 * 12 % / 365 = 1.23. Alice opened and closed it: twice ten minutes at 30 an hour.
    """
    price(company, MARCH, "6")
    price(company, date(2026, 3, 15), "12")
    disputes.close_dispute(
        dispute=company.dispute, verdict="justified", resolution="credit", amount=D(300), by=company.cast.alice,
        at=DISPUTED_AT + 10 * DAY,
    )  # fmt: skip
    acts = Event.objects.filter(stream="dispute", object_id=company.dispute.pk).exclude(actor=None).count()
    for by in ("root-cause", "department", "dispute", "customer"):
        found = data(company, "costs", date(2026, 3, 31), by=by)
        (row,) = found["rows"]
        assert (row["financing"], row["credit"], row["disputes"]) == ("1.23", "300.00", 1)
        assert D(row["work"]) == acts * 5
        assert D(found["total"]) == D("301.23") + acts * 5
    early = data(company, "costs", date(2026, 3, 12))
    assert (early["financing"], early["credit"]) == ("0.25", "0.00")
    february = data(company, "costs", date(2026, 2, 28))
    assert (february["total"], february["rows"]) == ("0.00", [])


def test_without_rates_only_the_credit_counts_and_the_report_says_so(company: Company) -> None:
    with override("en"):
        found = build("costs", make_frame(company.cast.entity, ON), Options())
    assert found.data["total"] == "0.00"
    assert "No rates are set" in found.notes[0]


def test_days_before_the_first_rate_cost_nothing() -> None:
    known = [Rates(date(2026, 1, 11), D(10), D(60), 30)]
    assert financing([Held(D(3650), date(2026, 1, 1), date(2026, 1, 20))], known) == D("10.00")
    assert work([(date(2026, 1, 10), 4), (date(2026, 1, 11), 3)], known) == D("90.00")
    assert financing([Held(D(3650), date(2026, 1, 1), date(2026, 1, 20))], []) == 0


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 3, 1), date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        (date(2026, 3, 1), date(2026, 3, 10), (date(2026, 2, 19), date(2026, 2, 28))),
        (date(2026, 3, 5), date(2026, 3, 5), (date(2026, 3, 4), date(2026, 3, 4))),
    ],
)
def test_the_period_before_is_as_long_and_whole_months_are_whole(
    first: date, last: date, before: tuple[date, date]
) -> None:
    assert period_before(Period(first, last)) == Period(*before)
