"""Everything the page of cash application does, the API does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.events import Event
from accounts.models import User
from ledger.models import BankStatement, BankTransaction, Invoice, Payment
from tests.factories import Cast, make_invoice
from tests.ledger.bank_helpers import Bank, bank, moved, statement

__all__ = ["bank"]
URL = "/api/v1/bank-transactions/"


def api(user: User) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(user)
    return client


@pytest.fixture
def row(cast: Cast, bank: Bank) -> BankTransaction:
    make_invoice(cast.norte, "100.00", number="F-5001")
    bank.takes(statement(moved("90.00", text="F-5001 falta 1 palet")), entity=cast.entity)
    return BankTransaction.objects.get()


def post(user: User, address: str, **data: Any) -> Any:
    return api(user).post(f"{URL}{address}/", data, format="json")


def test_a_transaction_tells_its_proposals(cast: Cast, row: BankTransaction) -> None:
    body = api(cast.alice).get(f"{URL}?status__in=proposed,unmatched").json()
    (found,) = body["results"]
    assert found["amount"] == "90.00000"
    assert found["proposals"][0]["reasons"][0]["words"] == "The payer names F-5001."
    assert found["proposals"][0]["short"] == [[Invoice.objects.get().pk, "10.00"]]


def test_accept_and_reverse(cast: Cast, row: BankTransaction) -> None:
    done = post(cast.carl, f"{row.pk}/accept", rest="dispute", dispute_reason="quantity")
    assert (done.status_code, done.json()["status"]) == (200, "allocated")
    assert Event.objects.get(kind="payment.short").data["reason"] == "quantity"
    assert post(cast.carl, f"{row.pk}/accept").status_code == 409
    back = post(cast.carl, f"{row.pk}/reverse", note="wrong").json()
    assert (back["status"], back["payment"], len(back["proposals"]) > 0) == ("proposed", None, True)


def test_allocate_assign_ignore(cast: Cast, row: BankTransaction) -> None:
    invoice = Invoice.objects.get()
    parts = [{"invoice": invoice.pk, "amount": "50.00"}]
    wrong = post(cast.alice, f"{row.pk}/allocate", customer=cast.sur.pk, parts=parts)
    assert wrong.status_code == 409
    good = post(cast.alice, f"{row.pk}/allocate", customer=cast.norte.pk, parts=parts)
    assert (good.status_code, good.json()["status"]) == (200, "part")
    post(cast.alice, f"{row.pk}/reverse")
    assert post(cast.alice, f"{row.pk}/ignore", note="ours").json()["status"] == "other"
    post(cast.alice, f"{row.pk}/reverse")
    assert post(cast.alice, f"{row.pk}/assign", customer=cast.foreign.pk).status_code == 400
    assert post(cast.alice, f"{row.pk}/assign", customer=cast.sur.pk).json()["status"] == "part"
    assert Payment.objects.order_by("pk").last().unapplied == Decimal(90)  # type: ignore[union-attr]


def test_a_return(cast: Cast, bank: Bank, row: BankTransaction) -> None:
    post(cast.alice, f"{row.pk}/accept")
    bank.takes(statement(moved("-90.00", returned=True, text="?"), number="2"), entity=cast.entity)
    back = BankTransaction.objects.get(amount=-90)
    payment = Payment.objects.get()
    done = post(cast.alice, f"{back.pk}/return", payment=payment.pk).json()
    assert (done["status"], Invoice.objects.get().allocated) == ("returned", Decimal(0))
    undone = post(cast.alice, f"{back.pk}/reverse").json()
    assert undone["status"] == "unmatched"


def test_a_held_statement(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("5.00"), closing="0.00"), entity=cast.entity)
    held = BankStatement.objects.get()
    address = f"/api/v1/bank-statements/{held.pk}/"
    assert "a difference of 1005.00" in api(cast.alice).get(address).json()["why"]
    assert api(cast.alice).post(f"{address}book/", {}, format="json").status_code == 400
    assert api(cast.alice).post(f"{address}dismiss/", {}, format="json").json()["status"] == "dismissed"
    booked = api(cast.alice).post(f"{address}book/", {"note": "it is right"}, format="json")
    assert (booked.status_code, booked.json()["status"]) == (200, "booked")


def test_strangers_get_404(cast: Cast, row: BankTransaction) -> None:
    for user in (cast.mallory, cast.sam, cast.fin):
        assert api(user).get(f"{URL}{row.pk}/").status_code == 404
        for act in ("accept", "allocate", "assign", "ignore", "reverse", "return"):
            assert post(user, f"{row.pk}/{act}").status_code == 404
        assert api(user).get(f"/api/v1/bank-statements/{row.statement_id}/").status_code == 404
    assert Payment.objects.count() == 0
