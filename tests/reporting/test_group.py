"""The group: several legal entities in one currency, with the rates shown; entities add up to it exactly."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from accounts import services as people
from accounts.choices import Role
from accounts.models import LegalEntity
from ledger import services as ledger
from ledger.models import ExchangeRate
from reporting.errors import NoRate
from reporting.reports.group import group_report
from reporting.selectors.frame import make_frame
from tests.factories import AT
from tests.reporting.company import EARLY, ON, Company, bill

D = Decimal
DAY = timedelta(days=1)


@pytest.fixture
def abroad(company: Company) -> LegalEntity:
    """A Polish sister: 8,600.10 PLN open, 4.30 PLN to the euro; Fin reads it too, Sam does not."""
    entity = people.open_entity(code="PLN", name="Siostra", country="PL", currency="PLN", at=EARLY)
    customer = ledger.record_customer(entity=entity, code="P", name="P", at=EARLY)
    bill(customer, "P-1", "4300.05", date(2026, 2, 1), ON - 40 * DAY)
    bill(customer, "P-2", "4300.05", date(2026, 3, 1), ON + 5 * DAY)
    ExchangeRate.objects.create(currency="PLN", on=date(2026, 3, 13), per_euro=D("4.30"))
    people.give_role(user=company.cast.fin, entity=entity, role=Role.FINANCE, at=AT)
    return entity


def test_the_entities_add_up_to_the_group_in_its_currency(company: Company, abroad: LegalEntity) -> None:
    frames = [make_frame(entity, ON) for entity in (company.cast.entity, abroad)]
    with override("en"):
        found = group_report(frames, "EUR")
    data = found.data
    assert data["buckets"] == {
        "not_due": "1500.01", "1_30": "700.00", "31_60": "1000.01", "61_90": "800.00", "over_90": "0.00",
    }  # fmt: skip
    assert (data["receivables"], data["unapplied"], data["total"]) == ("4000.02", "-350.00", "3650.02")
    for name in data["buckets"]:
        assert sum(D(row["buckets"][name]) for row in data["rows"]) == D(data["buckets"][name])
    assert sum(row["dso_share"] for row in data["rows"]) == pytest.approx(data["dso"])
    assert sum(data["parts"].values()) == pytest.approx(data["dso"])
    assert data["rates"] == [{"currency": "PLN", "on": "2026-03-13", "per_euro": "4.300000"}]
    assert ("Exchange rate", "1 EUR = 4.3 PLN (13 Mar 2026)") in found.facts
    zlote = group_report(frames[1:], "EUR").data
    assert (zlote["dso"], zlote["rows"][0]["dso"]) == (zlote["rows"][0]["dso_share"], zlote["dso"])


def test_without_a_rate_the_group_is_not_told(company: Company, abroad: LegalEntity) -> None:
    frames = [make_frame(entity, date(2026, 1, 1)) for entity in (company.cast.entity, abroad)]
    with pytest.raises(NoRate):
        group_report(frames, "EUR")


def answer(user: Any, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/api/v1/reports/group/?as_of=2026-03-16{query}")


def test_everybody_has_the_group_of_what_they_may_see(company: Company, abroad: LegalEntity) -> None:
    cast = company.cast
    both, own = answer(cast.fin).json(), answer(cast.alice).json()
    assert [row["entity"] for row in both["rows"]] == ["ACM", "PLN"]
    assert [row["entity"] for row in own["rows"]] == ["ACM"]
    assert answer(cast.sam).json()["receivables"] == "1200.00"
    assert answer(cast.eva).status_code == 404
    assert answer(cast.fin, "&shown_in=PLN").json()["currency"] == "PLN"
    assert answer(cast.fin, "&shown_in=USD").status_code == 409


def test_the_command_tells_the_same(company: Company, abroad: LegalEntity) -> None:
    out = StringIO()
    words = ("--entity", "ACM,PLN", "--as-of", "2026-03-16", "--shown-in", "EUR", "--format", "json")
    call_command("report", "group", *words, stdout=out)
    told = json.loads(out.getvalue())
    assert told == answer(company.cast.fin, "&shown_in=EUR").json()
    with pytest.raises(CommandError, match="XXX"):
        call_command("report", "group", "--entity", "ACM,XXX")
