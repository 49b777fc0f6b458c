"""The pages and the API of late interest: what each role sees and may do, and nothing for strangers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from collections_app.models import DebitNote, InterestRate, InterestSettings, InterestTerms, Waiver
from lib import clock
from tests.interest.conftest import Desk

pytestmark = pytest.mark.django_db
D = Decimal
URL = "collections_app:"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def late(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two late invoices of Norte; today is 1 June 2026, in a half-year whose rate is known."""
    monkeypatch.setattr(clock, "today", lambda zone=None: date(2026, 6, 1))
    desk.bill()
    desk.bill("5000.00")
    return desk


def claim(client: Client, desk: Desk, *, until: str = "2026-03-01", seen: str = "") -> Any:
    """What the page of Norte posts for its first invoice."""
    invoice = desk.cast.norte.invoices.order_by("pk").first()
    assert invoice is not None
    data = {
        "currency": "EUR",
        "until": until,
        "invoice": [invoice.pk],
        f"seen-{invoice.pk}": seen or "165.14",
    }
    return client.post(reverse(f"{URL}interest_claim", args=[desk.cast.norte.pk]), data, follow=True)


def test_the_list_shows_who_owes_and_what_is_suspended(late: Desk) -> None:
    late.contest(late.bill("800.00"), "800.00")
    page = signed_in(late.cast.alice).get(reverse(f"{URL}interest"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Comercial Norte" in text
    assert page.context["sums"]["suspended"] > 40
    assert page.context["sums"]["claimable"] == page.context["sums"]["interest"] + 80


def test_the_list_is_narrowed_by_the_name_of_the_customer(late: Desk) -> None:
    late.bill(customer=late.cast.sur)
    client = signed_in(late.cast.fin)
    page = client.get(reverse(f"{URL}interest"), {"q": "distribuciónes"})
    assert [row.code for row in page.context["page"]] == ["C-002"]


def test_the_list_costs_the_same_queries_however_long(late: Desk) -> None:
    client = signed_in(late.cast.alice)

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    urls = (reverse(f"{URL}interest"), reverse(f"{URL}interest_customer", args=[late.cast.norte.pk]))
    before = [cost(url) for url in urls]
    for number in range(10):
        late.bill(customer=(late.cast.norte, late.cast.sur)[number % 2])
    assert [cost(url) for url in urls] == before


def test_a_manager_claims_what_the_page_showed(late: Desk) -> None:
    page = claim(signed_in(late.cast.alice), late)
    note = DebitNote.objects.get()
    assert (note.total, note.lines.count(), page.context["note"]) == (D("165.14"), 1, note)
    assert "ND-2026-0001" in page.content.decode()


def test_a_claim_of_another_sum_than_shown_is_refused_in_words(late: Desk) -> None:
    page = claim(signed_in(late.cast.alice), late, seen="99.00")
    assert not DebitNote.objects.exists()
    assert "something changed meanwhile" in page.content.decode()


def test_claiming_without_choosing_says_so(late: Desk) -> None:
    url = reverse(f"{URL}interest_claim", args=[late.cast.norte.pk])
    page = signed_in(late.cast.alice).post(url, {"currency": "EUR", "until": "2026-03-01"}, follow=True)
    assert "Choose at least one invoice." in page.content.decode()


def test_a_collector_asks_and_a_manager_says_yes(late: Desk) -> None:
    invoice = late.cast.norte.invoices.order_by("pk").first()
    assert invoice is not None
    data = {"currency": "EUR", "until": "2026-03-01", "invoice": [invoice.pk], "fees": "on", "reason": "Kind"}
    url = reverse(f"{URL}interest_waive", args=[late.cast.norte.pk])
    signed_in(late.cast.carl).post(url, data | {"amount": "25.14"})
    waiver = Waiver.objects.get()
    assert (waiver.state, waiver.total) == ("asked", D("65.14"))
    carl, alice = signed_in(late.cast.carl), signed_in(late.cast.alice)
    decide = reverse(f"{URL}waiver_decide", args=[waiver.pk])
    carl.post(decide, {"answer": "yes"})
    waiver.refresh_from_db()
    assert waiver.state == "asked"
    assert b"Kind" in alice.get(reverse(f"{URL}waivers")).content
    alice.post(decide, {"answer": "yes", "note": "Fine"})
    waiver.refresh_from_db()
    assert (waiver.state, waiver.decided_by, waiver.decided_note) == ("granted", late.cast.alice, "Fine")


def test_a_debit_note_is_cancelled_from_its_page_and_read_as_a_pdf(late: Desk) -> None:
    client = signed_in(late.cast.alice)
    claim(client, late)
    note = DebitNote.objects.get()
    pdf = client.get(reverse(f"{URL}debit_note_pdf", args=[note.pk]))
    assert pdf.content.startswith(b"%PDF")
    page = client.post(reverse(f"{URL}debit_note_cancel", args=[note.pk]), {"reason": "Wrong"}, follow=True)
    assert page.context["note"].cancels == note
    assert "AND-2026-0001" in client.get(reverse(f"{URL}debit_notes")).content.decode()


@pytest.mark.parametrize("who", ["carl", "fin"])
def test_who_only_reads_claims_nothing(late: Desk, who: str) -> None:
    client = signed_in(getattr(late.cast, who))
    assert client.get(reverse(f"{URL}interest")).status_code == 200
    assert claim(client, late).status_code == 403
    rates = {"upload": "x"}
    assert client.post(reverse(f"{URL}interest_rates"), rates).status_code == 403
    assert client.post(reverse(f"{URL}interest_settings"), {"entity": "ACM"}).status_code == 403
    assert not DebitNote.objects.exists()


@pytest.mark.parametrize("who", ["sam", "eva", "mallory"])
def test_strangers_find_nothing(late: Desk, who: str) -> None:
    claim(signed_in(late.cast.alice), late)
    note, norte = DebitNote.objects.get(), late.cast.norte
    invoice = norte.invoices.order_by("pk").first()
    assert invoice is not None
    client = signed_in(getattr(late.cast, who))
    places = [
        reverse(f"{URL}interest_customer", args=[norte.pk]),
        reverse(f"{URL}interest_invoice", args=[invoice.pk]),
        reverse(f"{URL}debit_note", args=[note.pk]),
        reverse(f"{URL}debit_note_pdf", args=[note.pk]),
        f"{reverse(f'{URL}interest')}?entity=ACM",
        f"{reverse(f'{URL}waivers')}?entity=ACM",
        f"/api/v1/debit-notes/{note.pk}/",
        f"/api/v1/interest/?customer={norte.pk}",
        "/api/v1/interest-settings/ACM/",
    ]
    assert {url: client.get(url).status_code for url in places} == dict.fromkeys(places, 404)
    acts = [
        reverse(f"{URL}interest_claim", args=[norte.pk]),
        reverse(f"{URL}interest_waive", args=[norte.pk]),
        reverse(f"{URL}interest_terms", args=[norte.pk]),
        reverse(f"{URL}debit_note_cancel", args=[note.pk]),
        f"/api/v1/debit-notes/{note.pk}/cancel/",
    ]
    assert {url: client.post(url).status_code for url in acts} == dict.fromkeys(acts, 404)
    assert client.get("/api/v1/waivers/").json()["results"] == []


def test_a_salesperson_sees_the_invoice_without_its_interest(late: Desk) -> None:
    invoice = late.cast.norte.invoices.order_by("pk").first()
    assert invoice is not None
    sam, alice = signed_in(late.cast.sam), signed_in(late.cast.alice)
    url = reverse(f"{URL}interest_invoice_panel", args=[invoice.pk])
    assert sam.get(url).content == b""
    assert b"Late interest" in alice.get(url).content
    panel = reverse(f"{URL}interest_customer_panel", args=[late.cast.norte.pk])
    assert sam.get(panel).content == b""
    assert b"Claim or waive" in alice.get(panel).content


def test_rates_are_brought_as_a_file_and_bad_rows_are_listed(late: Desk, tmp_path: Any) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("from;value\n2026-07-01;2,00\n2026-07-01;x\n")
    client = signed_in(late.cast.alice)
    with path.open("rb") as file:
        page = client.post(reverse(f"{URL}interest_rates"), {"upload": file})
    assert InterestRate.objects.get().value == 2
    assert "Line 3" in page.content.decode()


def test_terms_and_habits_are_set_on_their_pages(late: Desk) -> None:
    client = signed_in(late.cast.alice)
    terms = {"since": "2026-01-01", "basis": "rate", "value": "5"}
    client.post(reverse(f"{URL}interest_terms", args=[late.cast.norte.pk]), terms)
    client.post(
        reverse(f"{URL}interest_house_terms"), terms | {"basis": "none", "value": "", "entity": "ACM"}
    )
    assert [(row.customer, row.basis) for row in InterestTerms.objects.order_by("pk")] == [
        (late.cast.norte, "rate"),
        (None, "none"),
    ]
    habits = {"charge_from": "", "in_letters": "mention", "payment_days": "30", "minimum": "10.00"}
    client.post(reverse(f"{URL}interest_settings"), habits | {"entity": "ACM"})
    assert InterestSettings.objects.get().payment_days == 30
    assert client.post(reverse(f"{URL}interest_settings"), {"entity": "ACM"}).status_code == 422


def test_the_api_tells_claims_cancels_and_waives(late: Desk) -> None:
    client, norte = signed_in(late.cast.alice), late.cast.norte
    told = client.get(f"/api/v1/interest/?customer={norte.pk}&on=2026-03-01").json()
    first = told["results"][0]
    assert (told["next"], first["claimable"], first["lines"][0]["days"]) == (None, "165.14", 45)
    body = {"customer": norte.pk, "currency": "EUR", "until": "2026-03-01", "expected": "267.71"}
    made = client.post("/api/v1/debit-notes/", body, content_type="application/json")
    assert (made.status_code, made.json()["ref"], made.json()["total"]) == (201, "ND-2026-0001", "267.71")
    pk = made.json()["id"]
    again = client.post("/api/v1/debit-notes/", body, content_type="application/json")
    assert (again.status_code, again.json()["type"]) == (409, "urn:zanjar:problem:nothing_to_claim")
    counter = client.post(
        f"/api/v1/debit-notes/{pk}/cancel/", {"reason": "Test"}, content_type="application/json"
    )
    assert (counter.status_code, counter.json()["cancels"]) == (201, pk)
    assert client.get(f"/api/v1/debit-notes/{pk}/pdf/").content.startswith(b"%PDF")
    wish = {"customer": norte.pk, "currency": "EUR", "until": "2026-03-01", "reason": "Kind"}
    wish |= {"wishes": [{"invoice": first["invoice"]}]}
    waived = client.post("/api/v1/waivers/", wish, content_type="application/json")
    assert (waived.status_code, waived.json()["state"], waived.json()["total"]) == (201, "granted", "165.14")


def test_the_api_of_rates_terms_and_habits(late: Desk) -> None:
    client = signed_in(late.cast.alice)
    rate = {"kind": "reference", "since": "2026-07-01", "value": "2.0"}
    answers = [
        client.post("/api/v1/interest-rates/", {"rates": [rate]}, content_type="application/json").json()
        for _try in range(2)
    ]
    assert [answer["outcomes"] for answer in answers] == [["created"], ["unchanged"]]
    bad = {"rates": [rate | {"since": "2026-07-02"}]}
    assert client.post("/api/v1/interest-rates/", bad, content_type="application/json").status_code == 400
    assert {row["shipped"] for row in client.get("/api/v1/interest-rates/").json()} == {True, False}
    terms = {"entity": late.cast.entity.pk, "since": "2026-01-01", "basis": "margin", "value": "6"}
    assert client.post("/api/v1/interest-terms/", terms, content_type="application/json").status_code == 201
    habits = client.put(
        "/api/v1/interest-settings/ACM/", {"payment_days": 7}, content_type="application/json"
    )
    assert (habits.status_code, habits.json()["payment_days"]) == (200, 7)


def test_one_page_of_the_api_follows_the_other(late: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collections_app.api_interest.PAGE", 1)
    client, url = signed_in(late.cast.fin), "/api/v1/interest/?entity=ACM"
    first = client.get(url).json()
    second = client.get(f"{url}&after={first['next']}").json()
    assert [len(first["results"]), len(second["results"]), second["next"]] == [1, 1, None]


def test_a_day_in_the_future_is_today(late: Desk) -> None:
    page = signed_in(late.cast.alice).get(reverse(f"{URL}interest"), {"on": "2030-01-01"})
    assert page.context["on"] == clock.today() == date(2026, 6, 1)
