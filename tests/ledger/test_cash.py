"""Money on the bank account finds its invoices; a person decides the rest and may take every decision back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.events import Event
from ledger.bank import bounce, cash, decide
from ledger.bank.proposals import from_option, words
from ledger.bank.statements import Transaction
from ledger.bank.undo import undo_statements
from ledger.choices import TransactionStatus
from ledger.errors import LedgerError
from ledger.intake import undo as undo_import
from ledger.listeners import explain_payments
from ledger.models import Allocation, BankTransaction, ImportBatch, Invoice, KnownPayer, Payment
from lib import books
from tests.factories import AT, ON, Cast, make_customer, make_invoice
from tests.ledger.bank_helpers import Bank, bank, batch_entry, moved, statement

__all__ = ["bank"]
DAY = timedelta(days=1)


def opens(*invoices: Invoice) -> Any:
    kept = {row.pk: row.amount - row.allocated for row in Invoice.objects.all()}
    return [kept[invoice.pk] for invoice in invoices]


def one() -> BankTransaction:
    return BankTransaction.objects.get()


def status() -> str:
    return one().status


def accept(place: int = 0, **facts: object) -> BankTransaction:
    row = one()
    proposal = from_option(row.proposal["options"][place])
    return decide.place(transaction=row, proposal=proposal, at=AT, **facts)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def balanced_books(db: None) -> object:
    """Whatever a test does, the books balance after it."""
    yield
    assert [finding.where for finding in books.run()] == []


def test_a_named_invoice_with_its_amount_is_paid_at_once(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "121.00", number="F-2026-0042")
    bank.takes(statement(moved("121.00", text="PAGO FRA. F 2026/42", party_name="X")), entity=cast.entity)
    row = one()
    assert (row.status, opens(invoice)) == (TransactionStatus.ALLOCATED, [0])
    payment = Payment.objects.get()
    assert (payment.customer, payment.received_on, payment.amount, payment.batch) == (
        cast.norte,
        ON,
        Decimal(121),
        row.statement.batch,
    )
    assert [reason["code"] for reason in row.proposal.get("options", [])] == []


def test_two_payments_and_three_invoices(cast: Cast, bank: Bank) -> None:
    papers = [make_invoice(cast.norte, "100.00", number=f"F-{number}") for number in (2001, 2002, 2003)]
    first = moved("150.00", text="F-2001 y F-2002")
    second = moved("150.00", text="resto F-2002, F-2003", on=ON)
    bank.takes(statement(first, second), entity=cast.entity)
    assert opens(*papers) == [0, 0, 0]
    assert set(BankTransaction.objects.values_list("status", flat=True)) == {"allocated"}


def test_the_payer_is_learned(cast: Cast, bank: Bank) -> None:
    make_invoice(cast.norte, "50.00", number="F-3001")
    said = {"party_name": "HOLDING DEL GRUPO", "party_account": "DE89370400440532013000"}
    bank.takes(statement(moved("50.00", text="F-3001", **said)), entity=cast.entity)
    assert KnownPayer.objects.get().customer == cast.norte
    second = make_invoice(cast.norte, "70.00", number="F-3002")
    bank.takes(statement(moved("70.00", text="pago", **said), number="2"), entity=cast.entity)
    row = BankTransaction.objects.get(amount=70)
    option = row.proposal["options"][0]
    assert row.status == TransactionStatus.PROPOSED
    assert (option["customer"], option["parts"]) == (cast.norte.pk, [[second.pk, "70.00"]])
    told = [words(reason["code"], reason["params"]) for reason in option["reasons"]]
    assert told == [
        "This account paid for this customer before (DE89370400440532013000).",
        "Exactly the open amount of F-3002.",
    ]


def test_never_across_entities_or_currencies(cast: Cast, bank: Bank) -> None:
    make_invoice(cast.foreign, "10.00", number="X-10001")
    make_invoice(cast.norte, "10.00", number="X-10002", currency="USD")
    bank.takes(statement(moved("10.00", text="X-10001 X-10002")), entity=cast.entity)
    assert (status(), Allocation.objects.count()) == (TransactionStatus.UNMATCHED, 0)


def test_a_later_invoice_explains_an_earlier_payment(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("10.00", text="Z-4001")), entity=cast.entity)
    assert status() == TransactionStatus.UNMATCHED
    invoice = make_invoice(cast.norte, "10.00", number="Z-4001", issued_on=ON)
    assert cash.match_waiting(entity=cast.entity, at=AT) == 1
    assert (status(), opens(invoice)) == (TransactionStatus.ALLOCATED, [0])
    assert cash.match_waiting(entity=cast.entity, at=AT) == 0


def test_matching_twice_changes_nothing(cast: Cast, bank: Bank) -> None:
    make_invoice(cast.norte, "100.00", number="F-5001")
    bank.takes(statement(moved("90.00", text="F-5001")), entity=cast.entity)
    before = one().proposal
    events = Event.objects.count()
    cash.match_waiting(entity=cast.entity, at=AT + DAY)
    assert (one().proposal, Event.objects.count()) == (before, events)


def test_a_short_payment_is_announced(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "100.00", number="F-5001")
    bank.takes(statement(moved("90.00", text="F-5001 falta 1 palet")), entity=cast.entity)
    assert status() == TransactionStatus.PROPOSED
    accept(by=cast.alice, dispute=True, dispute_reason="quantity")
    assert (status(), opens(invoice)) == (TransactionStatus.ALLOCATED, [10])
    event = Event.objects.get(kind="payment.short")
    assert (event.stream, event.object_id, event.actor) == ("invoice", invoice.pk, cast.alice)
    assert event.data == {
        "invoice": invoice.pk,
        "amount": "10.00",
        "currency": "EUR",
        "transaction": one().pk,
        "payment": Payment.objects.get().pk,
        "text": "F-5001 falta 1 palet",
        "reason": "quantity",
    }


def test_a_discount_and_a_credit_note_are_booked(cast: Cast, bank: Bank) -> None:
    cast.entity.settings = {"cash": {"discount_percent": "2", "discount_days": 14}}
    cast.entity.save()
    young = make_invoice(cast.norte, "100.00", number="F-6001", issued_on=ON - 5 * DAY)
    bank.takes(statement(moved("98.00", text="F-6001")), entity=cast.entity)
    accept()
    kinds = Allocation.objects.filter(invoice=young).order_by("kind").values_list("kind", "amount", "note")
    found: list[Any] = list(kinds)
    assert found == [("adjustment", 2, "discount"), ("payment", 98, "")]
    assert opens(young) == [0]


def test_a_credit_note_is_taken_along(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "100.00", number="F-6002")
    note = make_invoice(cast.norte, "30.00", number="A-77001", kind="credit_note")
    bank.takes(statement(moved("70.00", text="F-6002 menos abono A-77001")), entity=cast.entity)
    assert (status(), opens(invoice, note)) == (TransactionStatus.ALLOCATED, [0, 0])


def test_an_overpayment_stays_on_the_account(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "100.00", number="F-6003")
    bank.takes(statement(moved("130.00", text="F-6003")), entity=cast.entity)
    accept()
    assert (status(), opens(invoice), Payment.objects.get().unapplied) == ("part", [0], Decimal(30))


def test_a_decision_is_taken_back_and_made_again_for_somebody_else(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "100.00", number="F-7001")
    note = make_invoice(cast.norte, "5.00", number="A-7001", kind="credit_note")
    other = make_invoice(cast.sur, "95.00", number="S-7001")
    bank.takes(statement(moved("95.00", text="F-7001 A-7001")), entity=cast.entity)
    assert opens(invoice, note) == [0, 0]
    row = decide.reverse(transaction=one(), at=AT + DAY, by=cast.alice, note="wrong")
    assert (row.status, opens(invoice, note)) == (TransactionStatus.UNMATCHED, [100, 5])
    mine = replace(
        from_option(row.proposal["options"][0])
        if row.proposal.get("options")
        else decide.on_account(cast.sur.pk),
        customer=cast.sur.pk,
        parts=((other.pk, Decimal(95)),),
        credits=(),
    )
    decide.place(transaction=row, proposal=mine, at=AT + DAY, by=cast.alice)
    assert opens(invoice, other) == [100, 0]
    old, new = Payment.objects.order_by("pk")
    assert (old.unapplied, new.customer, new.received_on) == (Decimal(0), cast.sur, ON)
    with pytest.raises(LedgerError, match="already"):
        decide.place(transaction=row, proposal=mine, at=AT, by=cast.alice)


def test_money_kept_on_an_account_and_money_of_nobody(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("12.00", text="?")), entity=cast.entity)
    decide.set_aside(transaction=one(), at=AT, by=cast.alice, note="bank interest")
    assert status() == TransactionStatus.OTHER
    decide.reverse(transaction=one(), at=AT, by=cast.alice)
    decide.place(transaction=one(), proposal=decide.on_account(cast.sur.pk), at=AT, by=cast.alice)
    assert (status(), Payment.objects.get().unapplied) == ("part", Decimal(12))


def test_a_proposal_of_another_customers_invoice_is_refused(cast: Cast, bank: Bank) -> None:
    foreign = make_invoice(cast.foreign, "12.00")
    theirs = make_invoice(cast.norte, "12.00")
    bank.takes(statement(moved("12.00", text="?")), entity=cast.entity)
    for invoice in (foreign, theirs):
        wrong = replace(decide.on_account(cast.sur.pk), parts=((invoice.pk, Decimal(12)),))
        with pytest.raises(LedgerError, match="of this customer"):
            decide.place(transaction=one(), proposal=wrong, at=AT, by=cast.alice)
    too_much = replace(decide.on_account(cast.norte.pk), parts=((theirs.pk, Decimal(13)),))
    with pytest.raises(LedgerError, match="More would be placed"):
        decide.place(transaction=one(), proposal=too_much, at=AT, by=cast.alice)
    assert Payment.objects.count() == 0


def test_a_bounced_debit_opens_its_invoice_again(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "80.00", number="F-8001")
    bank.takes(statement(moved("80.00", text="F-8001", end_to_end_id="E2E-1")), entity=cast.entity)
    back = statement(
        moved("-80.00", on=ON + 3 * DAY, end_to_end_id="E2E-1", returned=True, return_reason="MD06"),
        number="2",
        on=ON + 3 * DAY,
        until=ON + 3 * DAY,
    )
    for _ in range(2):
        bank.takes(back, entity=cast.entity)
    row = BankTransaction.objects.get(amount=-80)
    payment = Payment.objects.get()
    assert (row.status, row.payment, opens(invoice)) == (TransactionStatus.RETURNED, payment, [80])
    assert payment.returns.get().reason == "MD06"
    bounce.undo(row=row, at=AT + 4 * DAY, by=cast.alice)
    payment.refresh_from_db()
    assert (payment.unapplied, opens(invoice)) == (Decimal(80), [80])


def test_a_return_of_nothing_known_waits_for_a_person(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("-80.00", returned=True, text="?")), entity=cast.entity)
    assert status() == TransactionStatus.UNMATCHED


def test_a_thousand_payments_ask_as_often_as_ten(cast: Cast, bank: Bank) -> None:
    customers = [make_customer(cast.entity, f"K-{n}", f"Kunde {n} GmbH") for n in range(3)]
    for number, customer in enumerate(customers):
        make_invoice(customer, "10.00", number=f"K-{number:05}")

    def asked(count: int) -> int:
        parts = [
            Transaction(
                Decimal(7),
                "EUR",
                text=f"K-{n % 3:05} part",
                party_name=f"Kunde {n % 3} GmbH",
                end_to_end_id=f"E{count}-{n}",
            )
            for n in range(count)
        ]
        bank.takes(statement(batch_entry(parts), number=str(count)), entity=cast.entity)
        rows = list(BankTransaction.objects.filter(statement__number=str(count)))
        assert len(rows) == count
        with CaptureQueriesContext(connection) as queries:
            solved = cash.solve(cast.entity, rows)
        assert all(options for options, _marks in solved.values())
        return len(queries)

    assert asked(2) == asked(30) <= 8


def undo(cast: Cast) -> None:
    undo_statements(ImportBatch.objects.latest("pk"), cast.alice, AT + DAY)


def test_an_import_is_undone_while_nobody_decided_anything(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "80.00", number="F-8101")
    paper = statement(
        moved("80.00", text="F-8101", end_to_end_id="E1"),
        moved("7.00", text="?"),
        moved("-80.00", end_to_end_id="E1", returned=True),
    )
    bank.takes(paper, entity=cast.entity)
    assert opens(invoice) == [80]
    undo(cast)
    assert (BankTransaction.objects.count(), Payment.objects.get().unapplied) == (0, Decimal(0))
    bank.takes(paper, entity=cast.entity)
    assert BankTransaction.objects.count() == 3
    decide.set_aside(transaction=BankTransaction.objects.get(amount=7), at=AT, by=cast.alice)
    with pytest.raises(LedgerError, match="Somebody has decided"):
        undo(cast)
    assert BankTransaction.objects.count() == 3


def test_an_undone_import_gives_its_invoices_back(cast: Cast, bank: Bank) -> None:
    invoice = make_invoice(cast.norte, "80.00", number="F-8102")
    bank.takes(statement(moved("80.00", text="F-8102")), entity=cast.entity)
    undo(cast)
    assert opens(invoice) == [80]
    assert undo_import.UNDOERS["statements"] is undo_statements


def test_an_import_of_invoices_explains_what_waited(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("10.00", text="Z-4002")), entity=cast.entity)
    make_invoice(cast.norte, "10.00", number="Z-4002", issued_on=ON)
    explain_payments(Event(kind="import.finished", entity=cast.entity, at=AT, data={"statements": 1}))
    assert status() == TransactionStatus.UNMATCHED
    explain_payments(Event(kind="import.finished", entity=cast.entity, at=AT, data={}))
    assert status() == TransactionStatus.ALLOCATED


def test_the_database_keeps_status_and_payment_together(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("10.00", text="?")), entity=cast.entity)
    with pytest.raises(IntegrityError, match="payment_fits_its_status"), transaction.atomic():
        BankTransaction.objects.update(status=TransactionStatus.ALLOCATED)


def test_however_many_wait_each_gets_its_round(
    cast: Cast, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    puzzles = [moved("77.77", text=f"X{number}", reference=f"P{number}") for number in range(5)]
    bank.takes(statement(*puzzles), entity=cast.entity)
    monkeypatch.setattr(cash, "ROUND", 2)
    invoice = make_invoice(cast.norte, "121.00", number="F-2026-0042")
    named = moved("121.00", text="F-2026-0042", on=ON + DAY)
    bank.takes(statement(named, number="2", on=ON + DAY, until=ON + DAY), entity=cast.entity)
    assert opens(invoice) == [Decimal("0.00")]
    assert BankTransaction.objects.filter(status=TransactionStatus.UNMATCHED).count() == 5
