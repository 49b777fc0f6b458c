"""What a dispute granted is not asked for while the ledger does not have it, wherever somebody asks."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from collections_app.choices import Why
from collections_app.contentious.claim import claim_on
from collections_app.decision.open_items import open_items
from collections_app.models import Notice
from collections_app.selectors import parts_of
from collections_app.statements.facts import statement_of
from disputes import services as disputes
from disputes.models import CreditRequest, Dispute
from disputes.standing import standing_of
from ledger import services as ledger
from ledger.models import Allocation, Invoice
from lib.money import ZERO
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice

DAY = timedelta(days=1)


@pytest.fixture
def invoice(house: House) -> Invoice:
    """1 000, 60 days late."""
    due_on = ON - timedelta(days=60)
    return make_invoice(house.cast.norte, "1000.00", issued_on=due_on - timedelta(days=30), due_on=due_on)


def granted(house: House, invoice: Invoice, amount: str = "400.00", **more: Any) -> Dispute:
    """A dispute about 400 that ended 40 days ago, with what was given up; the customer knows."""
    at = AT - 40 * DAY
    dispute = house.dispute(invoice, "400.00", at=at - DAY)
    facts = {"verdict": "partly", "resolution": "credit", "amount": Decimal(amount), "told": True, **more}
    return disputes.close_dispute(dispute=dispute, by=house.cast.alice, at=at, **facts)


def book(invoice: Invoice, amount: str, number: str = "CN-1") -> Allocation:
    """The credit note arrives and is placed."""
    note = ledger.record_document(
        customer=invoice.customer,
        facts=ledger.DocumentFacts(number, ON, ON, Decimal(amount), "EUR", kind="credit_note"),
        at=AT,
    )
    row = ledger.allocate(invoice=invoice, amount=Decimal(amount), on=ON, at=AT, credit_note=note)
    disputes.take_allocation(allocation_id=row.pk, at=AT)
    return row


def stands(invoice: Invoice) -> Decimal:
    return standing_of([invoice]).get(invoice.pk, ZERO)


def test_the_letter_asks_for_the_rest(house: House, invoice: Invoice) -> None:
    granted(house, invoice, "300.00")
    house.dun()
    line = Notice.objects.get().lines.get()
    assert (line.open, line.disputed, line.asked) == (Decimal(1000), Decimal(300), Decimal(700))


def test_an_invoice_that_is_granted_whole_is_left_alone(house: House) -> None:
    due_on = ON - timedelta(days=60)
    invoice = make_invoice(house.cast.norte, "400.00", issued_on=due_on - timedelta(days=30), due_on=due_on)
    granted(house, invoice)
    house.dun()
    assert not Notice.objects.exists()
    (item,) = house.day(ON)
    assert item.why == Why.DISPUTED
    assert "not in the books" in str(Why.DISPUTED.label)


def test_nobody_else_asks_for_it_either(house: House, invoice: Invoice) -> None:
    granted(house, invoice)
    (item,) = open_items(house.cast.norte, ON)
    assert (item.disputed, item.free) == (Decimal(400), Decimal(600))
    (line,) = claim_on([invoice.pk], "EUR", ON).lines
    assert (line.disputed, line.principal) == (Decimal(400), Decimal(600))
    assert parts_of([invoice], None) == [(invoice, Decimal(600))]
    (section,) = statement_of(house.cast.norte, ON).sections
    assert section.disputed == Decimal(400)


def test_when_it_comes_it_is_off_the_books_and_stands_no_more(house: House, invoice: Invoice) -> None:
    granted(house, invoice)
    assert stands(invoice) == Decimal(400)
    row = book(invoice, "400.00")
    assert stands(invoice) == ZERO
    taken = ledger.reverse_allocation(allocation=row, on=ON, at=AT)
    disputes.take_back_allocation(reversal_id=taken.pk, at=AT)
    assert stands(invoice) == Decimal(400)


def test_a_part_of_it_comes(house: House, invoice: Invoice) -> None:
    granted(house, invoice)
    book(invoice, "150.00")
    assert stands(invoice) == Decimal(250)
    house.dun()
    line = Notice.objects.get().lines.get()
    assert (line.open, line.asked) == (Decimal(850), Decimal(600))


def test_what_billing_refuses_is_asked_for_again(house: House, invoice: Invoice) -> None:
    dispute = granted(house, invoice)
    request = dispute.credit_requests.get()
    disputes.refuse_request(request_id=request.pk, by=house.cast.alice, at=AT, note="Not ours")
    assert stands(invoice) == ZERO


def test_a_document_that_billing_named_stands_until_it_comes_under_any_number(
    house: House, invoice: Invoice
) -> None:
    dispute = granted(house, invoice)
    request = dispute.credit_requests.get()
    disputes.take_as_issued(request_id=request.pk, by=house.cast.alice, at=AT, number="ABO-7")
    assert CreditRequest.objects.get().state == "issued"
    assert stands(invoice) == Decimal(400)
    book(invoice, "390.00", number="ABO-8")
    assert stands(invoice) == ZERO


def test_a_dispute_that_opens_again_does_not_count_twice(house: House, invoice: Invoice) -> None:
    dispute = granted(house, invoice)
    disputes.reopen_dispute(dispute=dispute, by=house.cast.alice, at=AT - DAY)
    assert stands(invoice) == Decimal(400)


def test_past_days_know_what_stood(house: House, invoice: Invoice) -> None:
    granted(house, invoice, "300.00")
    book(invoice, "300.00")
    dates = {
        ON - 45 * DAY: ZERO,
        ON - 41 * DAY: Decimal(400),
        ON - 40 * DAY: Decimal(300),
        ON - DAY: Decimal(300),
    }
    assert {on: standing_of([invoice], on).get(invoice.pk, ZERO) for on in dates} == dates
    assert standing_of([invoice], ON) == {}
