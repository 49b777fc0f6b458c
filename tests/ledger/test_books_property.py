"""Whatever is placed and taken back, in whatever order: the books agree with a plain replay on every day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import selectors, services
from ledger.errors import LedgerError
from ledger.models import Allocation, Customer, Invoice, Payment
from tests.factories import AT, ON, make_cast, make_invoice, make_payment

FIRST = ON - timedelta(days=20)
cents = st.integers(1, 20_000).map(lambda n: Decimal(n).scaleb(-2))
days = st.integers(0, 20)

# (what, which invoice or allocation, which payment, amount, day)
acts = st.lists(
    st.tuples(st.sampled_from(["place", "write_off", "reverse"]), days, days, cents, days),
    min_size=1,
    max_size=14,
)


@dataclass
class Replay:
    """The books as a list of (invoice, payment, amount, day)."""

    rows: list[tuple[int, int | None, Decimal, date]] = field(default_factory=list)

    def open(self, invoice: Invoice, on: date) -> Decimal:
        """What is left of the invoice at the end of `on`."""
        return invoice.amount - sum(
            (a for i, _, a, d in self.rows if i == invoice.pk and d <= on), Decimal(0)
        )

    def left(self, payment: Payment, on: date) -> Decimal:
        """What is left of the payment at the end of `on`."""
        return payment.amount - sum(
            (a for _, p, a, d in self.rows if p == payment.pk and d <= on), Decimal(0)
        )


def perform(
    act: tuple[str, int, int, Decimal, int], invoices: list[Invoice], payments: list[Payment]
) -> Allocation:
    """One act through the services; refused ones raise."""
    what, first, second, amount, day = act
    on = FIRST + timedelta(days=day)
    invoice = invoices[first % len(invoices)]
    if what == "reverse":
        known = list(Allocation.objects.filter(reverses=None).order_by("pk"))
        if not known:
            raise LedgerError("Nothing to take back.")
        target = known[first % len(known)]
        return services.reverse_allocation(allocation=target, on=max(on, target.allocated_on), at=AT)
    if what == "write_off":
        return services.allocate(invoice=invoice, amount=amount, on=on, at=AT, kind="write_off")
    payment = payments[second % len(payments)]
    return services.allocate(
        invoice=invoice, amount=amount, on=max(on, payment.received_on), at=AT, payment=payment
    )


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    amounts=st.lists(cents, min_size=1, max_size=3), paid=st.lists(cents, min_size=1, max_size=3), acts=acts
)
def test_open_and_unapplied_equal_a_plain_replay_on_every_day(
    amounts: list[Decimal], paid: list[Decimal], acts: list[tuple[str, int, int, Decimal, int]]
) -> None:
    customer = Customer.objects.first() or make_cast().norte
    invoices = [make_invoice(customer, str(a), issued_on=FIRST) for a in amounts]
    payments = [make_payment(customer, str(a), on=FIRST + timedelta(days=n * 3)) for n, a in enumerate(paid)]
    mine = {i.pk for i in invoices}
    replay = Replay()
    for act in acts:
        try:
            row = perform(act, invoices, payments)
        except LedgerError:
            continue
        if row.invoice_id in mine:
            replay.rows.append((row.invoice_id, row.payment_id, row.amount, row.allocated_on))
    for day in range(0, 22, 3):
        on = FIRST + timedelta(days=day)
        stored = {i.pk: i.open_amount for i in Invoice.objects.with_open_as_of(on).filter(pk__in=mine)}
        assert stored == {i.pk: replay.open(i, on) for i in invoices}
        assert all(0 <= stored[i.pk] <= i.amount for i in invoices)
        left = {
            p.pk: p.left for p in selectors.unapplied_payments(on).filter(pk__in=[p.pk for p in payments])
        }
        expected = {p.pk: replay.left(p, on) for p in payments if p.received_on <= on}
        assert left == {pk: amount for pk, amount in expected.items() if amount}
    for invoice in Invoice.objects.filter(pk__in=mine):
        assert invoice.allocated == invoice.amount - replay.open(invoice, ON + timedelta(days=30))
