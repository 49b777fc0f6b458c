"""What an invoice and a customer are worth in the entity's currency, the page of the rates, and their API."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from ledger.models import ExchangeRate
from lib import clock
from tests.factories import PASSWORD, Cast, make_invoice

TODAY = date(2026, 3, 16)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda zone=None: TODAY)


def page(client: Client, user: User, address: str) -> str:
    client.login(username=user.email, password=PASSWORD)
    found = client.get(address)
    assert found.status_code == 200
    return found.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def rate(currency: str, value: str, on: date) -> None:
    ExchangeRate.objects.create(currency=currency, on=on, per_euro=Decimal(value))


def test_an_invoice_in_another_currency_says_what_it_is_worth_and_since_when(
    client: Client, cast: Cast
) -> None:
    rate("USD", "1.0832", date(2026, 3, 13))
    invoice = make_invoice(cast.norte, "1083.20", currency="USD")
    shown = page(client, cast.alice, f"/invoices/{invoice.pk}/")
    assert "≈ €1,000.00" in shown
    assert "at 1.0832 of 13 Mar 2026" in shown
    home = make_invoice(cast.norte)
    assert "≈" not in page(client, cast.alice, f"/invoices/{home.pk}/")


def test_without_a_rate_the_invoice_says_so(client: Client, cast: Cast) -> None:
    rate("USD", "1.0832", date(2026, 3, 1))
    invoice = make_invoice(cast.norte, "1083.20", currency="USD")
    assert "No exchange rate of USD in the ten days before 16 Mar 2026" in page(
        client, cast.alice, f"/invoices/{invoice.pk}/"
    )


def test_a_customer_has_one_total_of_all_currencies_with_its_rates(client: Client, cast: Cast) -> None:
    rate("USD", "1.25", date(2026, 3, 13))
    for amount, currency in (("500.00", "EUR"), ("1000.00", "USD"), ("70.00", "CHF")):
        make_invoice(cast.norte, amount, currency=currency)
    shown = page(client, cast.alice, f"/customers/{cast.norte.pk}/")
    assert "€1,300.00" in shown
    assert "1,000.00 USD at 1.2500 of 13 Mar 2026" in shown
    assert "without CHF: no exchange rate is known" in shown
    make_invoice(cast.sur)
    assert "together" not in page(client, cast.alice, f"/customers/{cast.sur.pk}/")


def test_the_page_of_the_rates_shows_the_latest_and_what_is_missing(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for days in (0, 1, 20, 21):
        rate("USD", "1.1", TODAY - timedelta(days=days))
    rate("HRK", "7.5365", date(2022, 12, 30))
    shown = page(client, cast.fin, "/rates/")
    assert "1.1000" in shown
    assert "no longer published" in shown
    assert "No rates are known between 24 Feb 2026 and 15 Mar 2026" in shown
    with django_assert_max_num_queries(12) as few:
        client.get("/rates/")
    for currency in ("GBP", "JPY", "CHF", "SEK", "NOK"):
        rate(currency, "2.5", TODAY)
    with django_assert_max_num_queries(12) as more:
        client.get("/rates/")
    assert len(few) == len(more)
    client.login(username=cast.eva.email, password=PASSWORD)
    assert client.get("/rates/").status_code == 403


def test_the_api_takes_a_list_of_rates_and_is_harmless_twice(cast: Cast) -> None:
    api = APIClient()
    api.force_authenticate(cast.carl)
    body = {
        "rates": [
            {"currency": "USD", "on": "2026-03-13", "per_euro": "1.0832"},
            {"currency": "GBP", "on": "2026-03-13", "per_euro": "0.8415"},
        ]
    }
    outcomes = [
        [row["outcome"] for row in api.post("/api/v1/exchange-rates/", given, format="json").json()["rates"]]
        for given in (body, body, {"rates": [body["rates"][0] | {"per_euro": "1.09"}]})
    ]
    assert outcomes == [["created", "created"], ["unchanged", "unchanged"], ["updated"]]
    listed = api.get("/api/v1/exchange-rates/?currency=USD&on__gte=2026-03-01").json()["results"]
    assert [(row["currency"], row["per_euro"]) for row in listed] == [("USD", "1.090000")]


def test_the_api_refuses_what_is_no_rate_and_who_may_not(cast: Cast) -> None:
    api = APIClient()
    api.force_authenticate(cast.carl)
    for wrong in (
        {"currency": "EUR"},
        {"per_euro": "0"},
        {"per_euro": "-1"},
        {"on": "2026-13-01"},
        {"currency": "usd"},
    ):
        one = {"currency": "USD", "on": "2026-03-13", "per_euro": "1.0832"} | wrong
        assert api.post("/api/v1/exchange-rates/", {"rates": [one]}, format="json").status_code == 400
    fine = {"rates": [{"currency": "USD", "on": "2026-03-13", "per_euro": "1.0832"}]}
    for user, status in ((cast.fin, 403), (cast.eva, 403)):
        api.force_authenticate(user)
        assert api.post("/api/v1/exchange-rates/", fine, format="json").status_code == status
    assert not ExchangeRate.objects.exists()
    api.force_authenticate(cast.eva)
    assert api.get("/api/v1/exchange-rates/").json()["results"] == []


def test_the_list_of_customers_says_when_its_sum_is_not_all(client: Client, cast: Cast) -> None:
    make_invoice(cast.norte, "500.00")
    assert "other currencies" not in page(client, cast.alice, "/customers/")
    make_invoice(cast.norte, "1000.00", currency="USD")
    shown = page(client, cast.alice, "/customers/")
    assert "€500.00" in shown
    assert shown.count("+ other currencies") == 1
