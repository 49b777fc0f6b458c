"""A small company whose every figure can be worked out by hand; see the numbers beside each test."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from disputes import services as disputes
from disputes.models import Dispute, Reason
from ledger import services as ledger
from ledger.models import Customer, Invoice
from tests.factories import Cast

D = Decimal
ON = date(2026, 3, 16)
EARLY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DISPUTED_AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
LATE = datetime(2026, 3, 16, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Company:
    """Norte owes 1,200 (500 of it disputed) and has 150 unplaced; Sur owes 800 and has a credit note of 200."""

    cast: Cast
    a1: Invoice
    a2: Invoice
    b1: Invoice
    b2: Invoice
    dispute: Dispute


def bill(
    customer: Customer,
    number: str,
    amount: str,
    issued: date,
    due: date,
    *,
    at: datetime = EARLY,
    **facts: str,
) -> Invoice:
    """An invoice (or, with kind="credit_note", a credit note)."""
    facts = {"currency": customer.entity.currency, **facts}
    made = ledger.DocumentFacts(number=number, issued_on=issued, due_on=due, amount=D(amount), **facts)  # type: ignore[arg-type]
    return ledger.record_document(customer=customer, facts=made, at=at)


def receive(invoice: Invoice, amount: str, on: date, *, at: datetime = EARLY) -> None:
    """A payment of exactly what is placed on the invoice."""
    payment = ledger.record_payment(
        customer=invoice.customer,
        received_on=on,
        amount=D(amount),
        currency=invoice.currency,
        identity=f"pay {invoice.number} {amount} {on}",
        at=at,
    )
    ledger.allocate(invoice=invoice, amount=D(amount), on=on, at=at, payment=payment)


def contest(
    *parts: tuple[Invoice, str], reason: str = "price", by: User, at: datetime = DISPUTED_AT
) -> Dispute:
    """A dispute on parts of invoices of one customer."""
    customer = parts[0][0].customer
    return disputes.open_dispute(
        customer=customer,
        lines=[disputes.LineInput(invoice_id=invoice.pk, amount=D(amount)) for invoice, amount in parts],
        reason=Reason.objects.get(entity=customer.entity, code=reason),
        by=by,
        at=at,
    )


@pytest.fixture
def company(cast: Cast) -> Company:
    """The company at work on 16 March 2026."""
    disputes.catalogue.install(cast.entity)
    norte, sur = cast.norte, cast.sur
    a1 = bill(norte, "A-1", "1000.00", date(2026, 1, 15), date(2026, 2, 14))
    a2 = bill(norte, "A-2", "500.00", date(2026, 3, 1), date(2026, 3, 31))
    b1 = bill(sur, "B-1", "800.00", date(2025, 12, 1), date(2025, 12, 31))
    b2 = bill(sur, "B-2", "600.00", date(2026, 2, 10), date(2026, 2, 13))
    bill(sur, "CN-1", "200.00", date(2026, 2, 1), date(2026, 2, 1), kind="credit_note")
    receive(a1, "300.00", date(2026, 2, 20), at=LATE)
    ledger.record_payment(
        customer=norte,
        received_on=date(2026, 3, 5),
        amount=D(150),
        currency="EUR",
        identity="loose",
        at=EARLY,
    )
    dispute = contest((a1, "400.00"), (a2, "100.00"), by=cast.alice)
    receive(b2, "600.00", date(2026, 3, 12), at=LATE)
    return Company(cast, a1, a2, b1, b2, dispute)
