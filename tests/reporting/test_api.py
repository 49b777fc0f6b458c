"""`/api/v1/reports/`: the same figures as the command, for whoever may read them, and problems told by RFC
9457.
"""

from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from reporting.reports import NAMES, Options, build
from reporting.selectors.frame import make_frame
from tests.reporting.company import ON, Company, bill

FIXED = "as_of=2026-03-16"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", NAMES)
def test_the_api_gives_the_same_json_as_the_report(company: Company, name: str) -> None:
    frame = make_frame(company.cast.entity, ON)
    answer = signed_in(company.cast.fin).get(
        f"/api/v1/reports/{name}/?{FIXED}", headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 200
    assert answer.json().keys() == build(name, frame, Options()).data.keys()


def test_figures_are_those_of_the_reader(company: Company) -> None:
    whole = signed_in(company.cast.fin).get(f"/api/v1/reports/aging/?{FIXED}").json()
    own = signed_in(company.cast.sam).get(f"/api/v1/reports/aging/?{FIXED}").json()
    assert (whole["total"], own["total"]) == ("1650.00", "1050.00")
    assert [row["key"] for row in own["rows"]] == ["C-001"]


def test_the_list_names_every_report(company: Company) -> None:
    listed = signed_in(company.cast.fin).get("/api/v1/reports/").json()
    assert [row["name"] for row in listed] == list(NAMES)
    assert listed[0]["url"].endswith("/api/v1/reports/aging/")


def test_nothing_of_another_entity_is_told(company: Company) -> None:
    mallory = signed_in(company.cast.mallory)
    assert mallory.get(f"/api/v1/reports/aging/?{FIXED}&entity=ACM").status_code == 404
    assert mallory.get(f"/api/v1/reports/aging/?{FIXED}").json()["total"] == "0.00"
    assert signed_in(company.cast.eva).get(f"/api/v1/reports/aging/?{FIXED}").status_code == 404
    assert Client().get(f"/api/v1/reports/aging/?{FIXED}").status_code in (401, 403)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("agng/?", 422, "aging, dso"),
        ("aging/?by=stage", 422, "customer"),
        ("aging/?date_from=31-12-2026", 400, "date_from"),
        ("cei/?date_from=2026-03-02&date_to=2026-03-01", 422, "ends before"),
    ],
)
def test_problems_are_told_in_words(company: Company, path: str, status: int, words: str) -> None:
    answer = signed_in(company.cast.fin).get(
        f"/api/v1/reports/{path}&{FIXED}", headers={"Accept-Language": "en"}
    )
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    assert words in answer.content.decode()


def test_a_missing_rate_is_a_conflict_with_currency_and_day(company: Company) -> None:
    bill(company.cast.sur, "G-1", "10.00", date(2026, 1, 1), date(2026, 1, 31), currency="GBP")
    answer = signed_in(company.cast.fin).get(f"/api/v1/reports/dso/?{FIXED}")
    assert answer.status_code == 409
    assert (answer.json()["currency"], answer.json()["on"]) == ("GBP", "2026-03-16")
