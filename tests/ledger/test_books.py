"""The guards of the books: each rule asked by the service, and again by the database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from ledger import services
from ledger.errors import LedgerError
from ledger.models import Allocation, Invoice, Payment
from tests.factories import AT, ON, Cast, make_customer, make_invoice, make_payment, pay


def raw_allocation(invoice: Invoice, amount: str, **fields: object) -> Allocation:
    """An allocation written around the service."""
    defaults = {"kind": "write_off", "allocated_on": ON, "recorded_at": AT}
    return Allocation.objects.create(invoice=invoice, amount=Decimal(amount), **(defaults | fields))


def test_open_is_the_amount_less_what_was_placed_by_that_day(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "1000.00")
    pay(invoice, "300.00", on=ON - timedelta(days=5))
    pay(invoice, "200.00", on=ON)

    def open_on(day: date) -> Decimal:
        open_amount: Decimal = Invoice.objects.open_as_of(day).get(pk=invoice.pk).open_amount
        return open_amount

    assert open_on(ON - timedelta(days=6)) == Decimal("1000.00")
    assert open_on(ON - timedelta(days=5)) == Decimal("700.00")
    assert open_on(ON) == Decimal("500.00")
    assert Invoice.objects.open_now().get(pk=invoice.pk).open_amount == Decimal("500.00")


def test_open_as_known_then_leaves_out_what_was_recorded_later(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "1000.00")
    pay(invoice, "400.00", on=ON)
    before = AT - timedelta(minutes=1)
    assert not Invoice.objects.open_as_of(ON, before).exists()
    assert Invoice.objects.open_as_of(ON, AT).get().open_amount == Decimal("600.00")


def test_an_invoice_not_yet_issued_is_not_open(cast: Cast) -> None:
    make_invoice(cast.norte, issued_on=ON + timedelta(days=1))
    assert not Invoice.objects.open_as_of(ON).exists()


def test_no_more_than_is_open_can_be_placed(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    payment = make_payment(cast.norte, "150.00")
    with pytest.raises(LedgerError, match=r"100\.00"):
        services.allocate(invoice=invoice, amount=Decimal("100.01"), on=ON, at=AT, payment=payment)
    assert not Allocation.objects.exists()
    with pytest.raises(IntegrityError, match="invoice_allocated_within_amount"):
        raw_allocation(invoice, "100.01")


def test_no_more_than_was_paid_can_be_placed(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    payment = make_payment(cast.norte, "50.00")
    with pytest.raises(LedgerError, match=r"50\.00"):
        services.allocate(invoice=invoice, amount=Decimal("60.00"), on=ON, at=AT, payment=payment)
    with pytest.raises(IntegrityError, match="payment_allocated_within_amount"):
        raw_allocation(invoice, "60.00", kind="payment", payment=payment)


def test_a_credit_note_is_placed_like_money_and_used_up(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    note = make_invoice(cast.norte, "30.00", kind="credit_note")
    services.allocate(invoice=invoice, amount=Decimal("30.00"), on=ON, at=AT, credit_note=note)
    invoice.refresh_from_db()
    note.refresh_from_db()
    assert (invoice.allocated, note.allocated) == (Decimal("30.00"), Decimal("30.00"))
    with pytest.raises(IntegrityError, match="invoice_allocated_within_amount"):
        raw_allocation(invoice, "1.00", kind="credit_note", credit_note=note)


def test_a_reversal_takes_back_exactly_once(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    placed = pay(invoice, "100.00")
    services.reverse_allocation(allocation=placed, on=ON, at=AT)
    invoice.refresh_from_db()
    assert invoice.allocated == 0
    assert Payment.objects.get().allocated == 0
    with pytest.raises(LedgerError, match="already taken back"):
        services.reverse_allocation(allocation=placed, on=ON, at=AT)


@pytest.mark.parametrize("change", [{"amount": Decimal("-99.00")}, {"allocated_on": ON - timedelta(days=1)}])
def test_the_database_refuses_a_reversal_that_does_not_mirror(cast: Cast, change: dict[str, object]) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    early = make_payment(cast.norte, "100.00", on=ON - timedelta(days=10))
    placed = services.allocate(invoice=invoice, amount=Decimal("100.00"), on=ON, at=AT, payment=early)
    mirror = {"kind": "payment", "payment": placed.payment, "reverses": placed, "amount": Decimal("-100.00")}
    with pytest.raises(IntegrityError, match="allocation_reversal_mirrors"):
        Allocation.objects.create(
            **({"invoice": invoice, "allocated_on": ON, "recorded_at": AT} | mirror | change)
        )


def test_the_database_refuses_more_than_the_amount_on_a_past_day(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    placed = pay(invoice, "100.00", on=ON - timedelta(days=10))
    services.reverse_allocation(allocation=placed, on=ON, at=AT)
    refused = pytest.raises(IntegrityError, match="allocated_within_amount_on_every_day")
    with refused, transaction.atomic():
        raw_allocation(invoice, "50.00", allocated_on=ON - timedelta(days=5))
    raw_allocation(invoice, "50.00", allocated_on=ON)


def test_the_service_refuses_it_with_a_sentence(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    placed = pay(invoice, "100.00", on=ON - timedelta(days=10))
    services.reverse_allocation(allocation=placed, on=ON, at=AT)
    with pytest.raises(LedgerError, match=r"0\.00"):
        services.allocate(
            invoice=invoice, amount=Decimal("50.00"), on=ON - timedelta(days=5), at=AT, kind="write_off"
        )


def test_the_database_refuses_money_placed_twice_on_a_past_day(cast: Cast) -> None:
    first, second = make_invoice(cast.norte, "100.00"), make_invoice(cast.norte, "100.00")
    placed = pay(first, "100.00", on=ON - timedelta(days=10))
    services.reverse_allocation(allocation=placed, on=ON, at=AT)
    refused = pytest.raises(IntegrityError, match="allocated_within_amount_on_every_day")
    with refused, transaction.atomic():
        raw_allocation(
            second, "50.00", kind="payment", payment=placed.payment, allocated_on=ON - timedelta(days=5)
        )


def test_an_allocation_is_never_changed_or_removed(cast: Cast) -> None:
    placed = pay(make_invoice(cast.norte))
    for act in (
        lambda: Allocation.objects.filter(pk=placed.pk).update(amount=1),
        lambda: Allocation.objects.filter(pk=placed.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="allocation_is_append_only"), transaction.atomic():
            act()


def test_an_allocation_is_not_older_than_what_it_joins(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, issued_on=ON)
    with pytest.raises(IntegrityError, match="allocation_not_before_its_source"):
        raw_allocation(invoice, "10.00", allocated_on=ON - timedelta(days=1))


def test_money_of_another_entity_or_currency_cannot_be_placed(cast: Cast) -> None:
    invoice = make_invoice(cast.norte)
    foreign = make_payment(cast.foreign, "10.00")
    with pytest.raises(IntegrityError, match="allocation_parties_match"):
        raw_allocation(invoice, "10.00", kind="payment", payment=foreign)


@pytest.mark.parametrize(
    "change", [{"amount": Decimal("1.00")}, {"number": "X"}, {"issued_on": ON}, {"currency": "USD"}]
)
def test_the_facts_of_an_invoice_stay(cast: Cast, change: dict[str, object]) -> None:
    invoice = make_invoice(cast.norte)
    with pytest.raises(IntegrityError, match="invoice_facts_stay"):
        Invoice.objects.filter(pk=invoice.pk).update(**change)


def test_the_due_date_may_be_corrected(cast: Cast) -> None:
    invoice = make_invoice(cast.norte)
    assert Invoice.objects.filter(pk=invoice.pk).update(due_on=ON) == 1


def test_the_stored_total_cannot_be_written_by_hand(cast: Cast) -> None:
    invoice = make_invoice(cast.norte)
    with pytest.raises(IntegrityError, match="invoice_allocated_follows_its_rows"):
        Invoice.objects.filter(pk=invoice.pk).update(allocated=F("allocated") + 1)


def test_many_allocations_in_one_statement_are_placed_together(cast: Cast) -> None:
    invoices = [make_invoice(cast.norte, "100.00") for _ in range(3)]
    Allocation.objects.bulk_create(
        Allocation(invoice=i, kind="write_off", amount=Decimal("10.00"), allocated_on=ON, recorded_at=AT)
        for i in invoices * 2
    )
    assert list(Invoice.objects.values_list("allocated", flat=True)) == [Decimal("20.00")] * 3


def test_the_same_document_twice_is_one_row_and_a_different_one_is_refused(cast: Cast) -> None:
    first = make_invoice(cast.norte, "100.00", number="A-1")
    assert make_invoice(cast.norte, "100.00", number="A-1").pk == first.pk
    with pytest.raises(LedgerError, match="credit note"):
        make_invoice(cast.norte, "120.00", number="A-1")


def test_the_same_payment_twice_is_one_row(cast: Cast) -> None:
    first = make_payment(cast.norte, "10.00", identity="bank-1")
    assert make_payment(cast.norte, "10.00", identity="bank-1").pk == first.pk
    with pytest.raises(LedgerError, match="bank-1"):
        make_payment(cast.norte, "11.00", identity="bank-1")


def test_a_salesperson_sees_only_their_customers_and_a_stranger_nothing(cast: Cast) -> None:
    make_invoice(cast.norte)
    make_invoice(cast.sur)
    assert [i.customer for i in Invoice.objects.visible_to(cast.sam)] == [cast.norte]
    assert Invoice.objects.visible_to(cast.alice).count() == 2
    assert not Invoice.objects.visible_to(cast.mallory).exists()
    assert not Invoice.objects.visible_to(cast.eva).exists()


def test_one_contact_gets_the_reminders(cast: Cast) -> None:
    customer = make_customer(cast.entity, "C-9", "Nueva")
    second = services.record_contact(
        customer=customer, name="Berta", email="b@nueva.example", is_billing=True
    )
    assert [c.pk for c in customer.contacts.filter(is_billing=True)] == [second.pk]


@pytest.mark.django_db(transaction=True)
def test_two_allocations_at_once_wait_for_each_other() -> None:
    """With the row lock of the trigger taken away, the second would read the old total and overfill."""
    from threading import Thread

    from tests.factories import make_cast

    cast = make_cast()
    invoice = make_invoice(cast.norte, "100.00")
    outcomes: list[str] = []

    def second() -> None:
        try:
            raw_allocation(invoice, "60.00")
            outcomes.append("in")
        except IntegrityError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        raw_allocation(invoice, "60.00")
        thread = Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the second writer must wait for the first to commit"
    thread.join()
    assert "invoice_allocated_within_amount" in outcomes[0]
    invoice.refresh_from_db()
    assert invoice.allocated == Decimal("60.00")
