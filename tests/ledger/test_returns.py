"""Money that the bank takes back: the invoice is open again, and every past day keeps its figures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.events import timeline
from ledger import selectors, services
from ledger.errors import LedgerError
from ledger.models import Allocation, Invoice, Payment, PaymentReturn
from tests.factories import AT, ON, Cast, make_invoice, make_payment

DAY = timedelta(days=1)


def open_on(invoice: Invoice, days: int) -> Decimal:
    rows = Invoice.objects.with_open_as_of(ON + days * DAY)
    return Decimal(rows.get(pk=invoice.pk).open_amount)


def loose(days: int) -> Decimal:
    return sum((p.left for p in selectors.unapplied_payments(ON + days * DAY)), Decimal(0))


def bounced(cast: Cast) -> tuple[Invoice, Payment, PaymentReturn]:
    """100 paid on an invoice of 80 on day 0, returned on day 5."""
    invoice = make_invoice(cast.norte, "80.00")
    payment = make_payment(cast.norte, "100.00")
    services.allocate(invoice=invoice, amount=Decimal(80), on=ON, at=AT, payment=payment)
    row = services.return_payment(payment=payment, on=ON + 5 * DAY, at=AT + 5 * DAY, reason="MD06")
    return invoice, payment, row


def test_a_return_opens_the_invoice_and_leaves_the_past(cast: Cast) -> None:
    invoice, payment, _row = bounced(cast)
    assert [open_on(invoice, day) for day in (-1, 0, 4, 5)] == [80, 0, 0, 80]
    assert [loose(day) for day in (-1, 0, 4, 5)] == [0, 20, 20, 0]
    payment.refresh_from_db()
    assert (payment.allocated, payment.returned, payment.unapplied) == (Decimal(0), Decimal(100), Decimal(0))
    kinds = [event.kind for event in timeline("customer", cast.norte.pk)]
    assert kinds[-2:] == ["payment.recorded", "payment.returned"]


def test_a_return_by_mistake_is_taken_back(cast: Cast) -> None:
    invoice, payment, row = bounced(cast)
    services.reverse_return(row=row, on=ON + 6 * DAY, at=AT + 6 * DAY)
    assert [loose(day) for day in (4, 5, 6)] == [20, 0, 100]
    with pytest.raises(LedgerError, match="already taken back"):
        services.reverse_return(row=row, on=ON + 6 * DAY, at=AT)
    services.allocate(invoice=invoice, amount=Decimal(80), on=ON + 6 * DAY, at=AT, payment=payment)
    assert loose(6) == 20


def test_nothing_is_placed_of_what_was_taken_back(cast: Cast) -> None:
    invoice, payment, _row = bounced(cast)
    for act in (
        lambda: services.allocate(
            invoice=invoice, amount=Decimal(1), on=ON + 9 * DAY, at=AT, payment=payment
        ),
        lambda: services.return_payment(payment=payment, on=ON + 9 * DAY, at=AT),
    ):
        with pytest.raises(LedgerError, match="Only 0"):
            act()


def test_a_part_taken_back_frees_the_latest_allocation(cast: Cast) -> None:
    old, young = make_invoice(cast.norte, "60.00"), make_invoice(cast.norte, "40.00")
    payment = make_payment(cast.norte, "100.00")
    services.allocate(invoice=old, amount=Decimal(60), on=ON, at=AT, payment=payment)
    services.allocate(invoice=young, amount=Decimal(40), on=ON + DAY, at=AT, payment=payment)
    services.return_payment(payment=payment, on=ON + 2 * DAY, at=AT, amount=Decimal(30))
    payment.refresh_from_db()
    assert (open_on(old, 2), open_on(young, 2), payment.unapplied) == (Decimal(0), Decimal(40), Decimal(10))


def test_the_database_keeps_returns_too(cast: Cast) -> None:
    _invoice, payment, row = bounced(cast)
    facts = {"payment": payment, "returned_on": ON + 7 * DAY, "recorded_at": AT}
    for amount, back in ((Decimal(1), None), (Decimal(-50), row)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentReturn.objects.create(amount=amount, reverses=back, **facts)
    other = make_payment(cast.norte, "10.00")
    with pytest.raises(IntegrityError, match="before_its_payment"), transaction.atomic():
        PaymentReturn.objects.create(payment=other, amount=1, returned_on=ON - DAY, recorded_at=AT)
    for statement in (
        "UPDATE ledger_payment SET returned = 0",
        "UPDATE ledger_paymentreturn SET amount = 1",
        "DELETE FROM ledger_paymentreturn",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_nothing_is_placed_in_the_days_of_a_return(cast: Cast) -> None:
    """The service says so in words, and the database again."""
    invoice, payment, row = bounced(cast)
    services.reverse_return(row=row, on=ON + 8 * DAY, at=AT)
    with pytest.raises(LedgerError, match="Only 0"):
        services.allocate(invoice=invoice, amount=Decimal(80), on=ON + 6 * DAY, at=AT, payment=payment)
    facts = {"invoice": invoice, "payment": payment, "kind": "payment", "recorded_at": AT}
    with pytest.raises(IntegrityError, match="returned_within_amount"), transaction.atomic():
        Allocation.objects.create(amount=Decimal(80), allocated_on=ON + 6 * DAY, **facts)
    services.allocate(invoice=invoice, amount=Decimal(80), on=ON + 8 * DAY, at=AT, payment=payment)


def test_money_that_was_placed_until_a_later_day_goes_back_as_of_that_day(cast: Cast) -> None:
    """The bank's return is of day 3, but the payment stood on an invoice until day 6: the books cannot have both."""
    invoice, payment = make_invoice(cast.norte, "100.00"), make_payment(cast.norte, "100.00")
    placed = services.allocate(invoice=invoice, amount=Decimal(100), on=ON, at=AT, payment=payment)
    services.reverse_allocation(allocation=placed, on=ON + 6 * DAY, at=AT)
    row = services.return_payment(payment=payment, on=ON + 3 * DAY, at=AT)
    assert row.returned_on == ON + 6 * DAY
    other = make_payment(cast.norte, "50.00")
    assert services.return_payment(payment=other, on=ON + 3 * DAY, at=AT).returned_on == ON + 3 * DAY
