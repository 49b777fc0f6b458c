"""The page of cash application and those of bank statements: who may, what they show, what a tap does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.events import Event
from accounts.models import User
from ledger.bank.cash import rules_of
from ledger.models import BankStatement, BankTransaction, Invoice, Payment
from tests.factories import Cast, make_invoice
from tests.ledger.bank_helpers import Bank, bank, moved, statement

__all__ = ["bank"]
HX = {"HTTP_HX_REQUEST": "true"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(cast: Cast) -> Client:
    return signed_in(cast.alice)


@pytest.fixture
def short(cast: Cast, bank: Bank) -> BankTransaction:
    """90 of 100, with a reason in words, and another payment of nobody."""
    make_invoice(cast.norte, "100.00", number="F-5001")
    said = {"party_name": "COMERCIAL NORTE", "text": "F-5001 falta 1 palet"}
    bank.takes(statement(moved("90.00", **said), moved("7.77", text="?")), entity=cast.entity)
    return BankTransaction.objects.get(amount=90)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_page_shows_what_waits_with_reasons(alice: Client, short: BankTransaction) -> None:
    page = text(alice.get("/cash/"))
    assert "COMERCIAL NORTE" in page
    assert "<mark>F-5001</mark> falta 1 palet" in page
    assert "The payer names F-5001." in page
    assert "10.00 EUR are missing" in page
    assert 'value="dispute" checked' in page
    assert "/disputes/" in page  # the fragment that asks for the reason


def test_one_key_accepts_disputes_and_shows_the_next(
    alice: Client, short: BankTransaction, cast: Cast
) -> None:
    answer = alice.post(
        f"/cash/{short.pk}/accept/", {"option": "0", "rest": "dispute", "dispute_reason": "quantity"}, **HX
    )
    assert answer.status_code == 200
    assert "of Comercial Norte, S.A. booked." in text(answer)
    assert "7.77" in text(answer)
    assert Event.objects.get(kind="payment.short").data["reason"] == "quantity"
    undone = alice.post(f"/cash/{short.pk}/undo/", **HX)
    assert "falta 1 palet" in text(undone)
    short.refresh_from_db()
    assert (short.status, Invoice.objects.get(number="F-5001").allocated) == ("proposed", Decimal(0))
    again = alice.post(f"/cash/{short.pk}/undo/", **HX)
    assert again.status_code == 409


def test_two_people_accept_at_once(alice: Client, short: BankTransaction, cast: Cast) -> None:
    for expected in (200, 409):
        assert alice.post(f"/cash/{short.pk}/accept/", {"option": "0"}, **HX).status_code == expected
    assert Payment.objects.count() == 1
    assert alice.post(f"/cash/{short.pk}/accept/", {"option": "77"}, **HX).status_code == 409


def test_by_hand(alice: Client, short: BankTransaction, cast: Cast) -> None:
    invoice = make_invoice(cast.sur, "50.00", number="S-1")
    found = text(alice.get(f"/cash/{short.pk}/search/", {"q": "S-1"}, **HX))
    assert "Distribuciones Sur" in found
    form = text(alice.get(f"/cash/{short.pk}/customer/{cast.sur.pk}/", **HX))
    assert f'name="amount-{invoice.pk}"' in form
    wrong = alice.post(
        f"/cash/{short.pk}/allocate/", {"customer": cast.sur.pk, f"amount-{invoice.pk}": "NaN"}, **HX
    )
    assert wrong.status_code == 409
    too_much = {"customer": cast.sur.pk, f"amount-{invoice.pk}": "60"}
    assert alice.post(f"/cash/{short.pk}/allocate/", too_much, **HX).status_code == 409
    good = {"customer": cast.sur.pk, f"amount-{invoice.pk}": "50,00"}
    assert alice.post(f"/cash/{short.pk}/allocate/", good, **HX).status_code == 200
    payment = Payment.objects.get()
    assert (payment.customer, payment.unapplied) == (cast.sur, Decimal(40))
    page = text(alice.get(f"/customers/{cast.sur.pk}/?tab=payments"))
    assert "40.00" in page


def test_letting_off_has_limits(alice: Client, short: BankTransaction) -> None:
    refused = alice.post(f"/cash/{short.pk}/accept/", {"option": "0", "rest": "small"}, **HX)
    assert (refused.status_code, "more than may be let off" in text(refused)) == (409, True)
    assert alice.post(f"/cash/{short.pk}/accept/", {"option": "0", "rest": "fee"}, **HX).status_code == 200
    assert Invoice.objects.get(number="F-5001").allocated == 100


def test_aside_and_the_empty_page(alice: Client, short: BankTransaction) -> None:
    for row in BankTransaction.objects.order_by("pk"):
        last = alice.post(f"/cash/{row.pk}/aside/", **HX)
    assert "Everything is identified" in text(last)
    assert "Set aside" in text(last)
    assert "Everything is identified" in text(alice.get("/cash/"))
    assert "Not from a customer" in text(alice.get(f"/cash/{short.pk}/"))


def test_a_return_without_a_payment_is_chosen_by_a_person(alice: Client, cast: Cast, bank: Bank) -> None:
    for number in (1, 2):
        make_invoice(cast.norte, "80.00", number=f"F-900{number}")
    said = {"party_account": "ES9121000418450200051332"}
    bank.takes(
        statement(moved("80.00", text="F-9001", **said), moved("80.00", text="F-9002", **said)),
        entity=cast.entity,
    )
    bank.takes(statement(moved("-80.00", returned=True, **said), number="2"), entity=cast.entity)
    row = BankTransaction.objects.get(amount=-80)
    page = text(alice.get(f"/cash/{row.pk}/"))
    assert page.count("Take this one back") == 2
    chosen = Payment.objects.first()
    assert chosen
    assert alice.post(f"/cash/{row.pk}/return/", {"payment": chosen.pk}, **HX).status_code == 200
    assert "Taken back" in text(alice.get(f"/customers/{cast.norte.pk}/?tab=payments"))


def test_a_held_statement_is_decided_by_a_person(alice: Client, cast: Cast, bank: Bank) -> None:
    make_invoice(cast.norte, "100.00", number="F-9901")
    bank.takes(statement(moved("100.00", text="F-9901"), closing="1200.00"), entity=cast.entity)
    row = BankStatement.objects.get()
    assert "1 bank statement does not balance" in text(alice.get("/cash/"))
    page = text(alice.get(f"/cash/statements/{row.pk}/"))
    assert "a difference of -100.00" in page
    assert alice.post(f"/cash/statements/{row.pk}/book/", {"note": ""}).status_code == 409
    assert alice.post(f"/cash/statements/{row.pk}/book/", {"note": "bank says fine"}).status_code == 302
    assert row.transactions.get().status == "allocated"
    assert alice.post(f"/cash/statements/{row.pk}/dismiss/").status_code == 409
    assert "bank says fine" in text(alice.get(f"/cash/statements/{row.pk}/"))


def test_strangers_and_those_who_only_read_see_nothing(cast: Cast, short: BankTransaction) -> None:
    number = BankStatement.objects.get().pk
    for user in (cast.mallory, cast.sam, cast.fin, cast.eva):
        client = signed_in(user)
        for address in (f"/cash/{short.pk}/", f"/cash/statements/{number}/", f"/cash/{short.pk}/search/"):
            assert client.get(address).status_code == 404
        for address in ("accept", "allocate", "aside", "undo"):
            assert client.post(f"/cash/{short.pk}/{address}/").status_code == 404
        assert "F-5001" not in text(client.get("/cash/"))
    assert Payment.objects.count() == 0


def test_the_pages_ask_the_same_however_long(alice: Client, cast: Cast, bank: Bank) -> None:
    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(address).status_code == 200
        return len(queries)

    def grow(number: int) -> None:
        make_invoice(cast.norte, "100.00", number=f"F-{number}")
        entries = [moved(f"{n + number}.00", text=f"F-{number} resto", party_name="X") for n in range(number)]
        bank.takes(statement(*entries, number=str(number)), entity=cast.entity)

    grow(3)
    first = BankStatement.objects.get().pk
    addresses = ("/cash/", "/cash/statements/", f"/cash/statements/{first}/")
    before = [asked(address) for address in addresses]
    grow(17)
    after = [asked(address) for address in addresses]
    assert after == before
    assert max(after) <= 16


LIMITS = {"discount_percent": "2.5", "discount_days": "10", "fee": "3.00", "small": "0.50"}


def test_limits_are_set_by_those_who_may(alice: Client, cast: Cast) -> None:
    assert 'name="fee" value="10.00"' in text(alice.get("/cash/limits/"))
    assert alice.post("/cash/limits/", LIMITS | {"fee": "-1"}).status_code == 422
    assert alice.post("/cash/limits/", LIMITS).status_code == 302
    cast.entity.refresh_from_db()
    rules = rules_of(cast.entity)
    assert (rules.discount_percent, rules.discount_days, rules.fee) == (Decimal("2.5"), 10, Decimal("3.00"))
    event = Event.objects.get(kind="entity.settings")
    assert (event.actor, event.data["after"]["fee"]) == (cast.alice, "3.00")
    address = f"/api/v1/cash-limits/{cast.entity.pk}/"
    assert alice.get(address).json()["limits"]["small"] == "0.50"
    changed = alice.put(address, LIMITS | {"small": "0.75"}, content_type="application/json")
    assert changed.json()["limits"]["small"] == "0.75"
    for user in (cast.carl, cast.sam, cast.fin, cast.mallory):
        client = signed_in(user)
        assert client.put(address, LIMITS, content_type="application/json").status_code == 404
        own = client.get(f"/cash/limits/?entity={cast.entity.pk}")
        assert own.status_code == 404
