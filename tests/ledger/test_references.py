"""The references of our letters come back with the money, in the structured field or in the text."""

from __future__ import annotations

from typing import Any

import pytest

from ledger import references
from ledger.choices import TransactionStatus
from ledger.models import BankTransaction
from tests.factories import Cast, make_invoice
from tests.ledger.bank_helpers import Bank, bank, moved, statement

__all__ = ["bank"]


@pytest.mark.parametrize("place", ["reference", "text", "blocks"])
def test_the_reference_of_an_invoice_pays_it_whoever_pays(cast: Cast, bank: Bank, place: str) -> None:
    invoice = make_invoice(cast.norte, "121.00", number="F-2026/00017")
    made = references.of_invoice(invoice.number)
    said: dict[str, Any] = {
        "reference": {"end_to_end_id": made},
        "text": {"text": f"transferencia {made} gracias"},
        "blocks": {"text": f"PAGO {references.shown(made)}"},
    }[place]
    bank.takes(statement(moved("121.00", party_name="Nobody we know", **said)), entity=cast.entity)
    invoice.refresh_from_db()
    assert BankTransaction.objects.get().status == TransactionStatus.ALLOCATED
    assert invoice.allocated == invoice.amount


def test_the_reference_of_a_customer_tells_who_pays_and_only_in_its_own_entity(
    cast: Cast, bank: Bank
) -> None:
    for amount in ("100.00", "21.00"):
        make_invoice(cast.norte, amount)
    make_invoice(cast.foreign, "121.00")
    said = {"party_name": "HOLDING XYZ", "text": f"facturas {references.of_customer(cast.norte.pk)}"}
    bank.takes(statement(moved("121.00", **said)), entity=cast.entity)
    row = BankTransaction.objects.get()
    best = row.proposal["options"][0]
    assert (row.status, best["customer"]) == (TransactionStatus.PROPOSED, cast.norte.pk)
    assert "customer_reference" in [reason["code"] for reason in best["reasons"]]
    assert len(best["parts"]) == 2


def test_the_reference_of_another_entitys_customer_means_nothing(cast: Cast, bank: Bank) -> None:
    make_invoice(cast.norte, "121.00")
    text = f"facturas {references.of_customer(cast.foreign.pk)}"
    bank.takes(statement(moved("99.00", party_name="HOLDING XYZ", text=text)), entity=cast.entity)
    assert BankTransaction.objects.get().status == TransactionStatus.UNMATCHED
