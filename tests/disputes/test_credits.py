"""What billing is asked for, and the credit note that comes from the ERP and closes the loop."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import events
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Approval, CreditArrival, CreditRequest, Dispute, InternalPromise, Reason
from ledger import services as ledger
from ledger.choices import InvoiceKind
from ledger.models import Allocation, Invoice
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_invoice

HOUR = timedelta(hours=1)


def note_for(invoice: Invoice, amount: str, number: str = "CN-1") -> Invoice:
    """The ERP's credit note, naming the invoice it corrects."""
    facts = ledger.DocumentFacts(
        number=number,
        issued_on=ON,
        due_on=ON,
        amount=Decimal(amount),
        currency=invoice.currency,
        kind=InvoiceKind.CREDIT_NOTE,
    )
    return ledger.record_document(customer=invoice.customer, facts=facts, at=AT + HOUR, corrects=invoice)


def place(note: Invoice, invoice: Invoice, amount: str | None = None) -> Allocation:
    value = Decimal(amount) if amount else note.amount
    return ledger.allocate(invoice=invoice, amount=value, on=ON, at=AT + HOUR, credit_note=note)


def arrives(allocation: Allocation) -> bool:
    done = services.take_allocation(allocation_id=allocation.pk, at=AT + 2 * HOUR)
    again = services.take_allocation(allocation_id=allocation.pk, at=AT + 3 * HOUR)
    assert again is False
    return done


def two_invoices(cast: Cast) -> tuple[Dispute, Invoice, Invoice]:
    first, second = make_invoice(cast.norte), make_invoice(cast.norte)
    lines = [services.LineInput(first.pk, Decimal("100")), services.LineInput(second.pk, Decimal("200"))]
    reason = Reason.objects.get(entity=cast.entity, code="price")
    dispute = services.open_dispute(customer=cast.norte, lines=lines, reason=reason, by=cast.alice, at=AT)
    return dispute, first, second


def decide(dispute: Dispute, cast: Cast, **more: Any) -> Dispute:
    more = {"verdict": "partly", "resolution": "credit", "by": cast.alice, "at": AT} | more
    return services.close_dispute(dispute=dispute, **more)


def test_a_part_is_shared_out_over_the_invoices_or_as_said(catalogue: Cast) -> None:
    dispute, first, second = two_invoices(catalogue)
    decide(dispute, catalogue, amount=Decimal("100"))
    amounts = dict(CreditRequest.objects.get().lines.values_list("invoice", "amount"))
    assert amounts == {first.pk: Decimal("33.33"), second.pk: Decimal("66.67")}
    other, first, second = two_invoices(catalogue)
    decide(other, catalogue, parts={first.pk: Decimal("60"), second.pk: Decimal("1.50")})
    assert other.outcome.amount == Decimal("61.50")
    for wrong in ({first.pk: Decimal("100.01")}, {make_invoice(catalogue.norte).pk: Decimal("1")}):
        with pytest.raises(FieldErrors):
            decide(two_invoices(catalogue)[0], catalogue, parts=wrong)


def test_it_comes_after_the_dispute_was_closed(catalogue: Cast) -> None:
    dispute, first, second = two_invoices(catalogue)
    decide(dispute, catalogue, parts={first.pk: Decimal("60"), second.pk: Decimal("40")})
    note = note_for(first, "100", "CN-5")
    assert arrives(place(note, first, "60"))
    request = CreditRequest.objects.get()
    assert (request.state, request.arrived) == ("requested", Decimal("60.00"))
    assert arrives(place(note, second, "40"))
    request.refresh_from_db()
    assert (request.state, request.number) == ("issued", "CN-5")
    kinds = list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))
    assert kinds[-3:] == ["credit.requested", "credit.differs", "credit.issued"]


def test_the_dispute_waits_for_it_and_is_solved_by_it(catalogue: Cast) -> None:
    dispute, first, _second = two_invoices(catalogue)
    friday = date(2026, 3, 20)
    dispute = decide(
        dispute, catalogue, parts={first.pk: Decimal("60")}, waits=True, expected_on=friday, verdict="partly"
    )
    request = CreditRequest.objects.get()
    assert (dispute.status, request.expected_on) == ("open", friday)
    assert arrives(place(note_for(first, "60"), first))
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.verdict, dispute.outcome.amount) == (
        "solved",
        "partly",
        Decimal("60.00"),
    )
    settle_constraints()


def test_waiting_above_the_limit_needs_the_votes_first(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = decide(
        open_one(catalogue, amount="800.00", invoice=invoice), catalogue, by=catalogue.adam, waits=True
    )
    assert (dispute.status, CreditRequest.objects.count()) == ("to_approve", 0)
    services.vote(approval_id=Approval.objects.get().pk, yes=True, by=catalogue.alice, at=AT + HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().amount) == ("open", Decimal("800.00"))
    assert arrives(place(note_for(invoice, "800"), invoice))
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.approval) == ("solved", Approval.objects.get())
    settle_constraints()


def test_a_credit_nobody_asked_for_solves_what_it_fits_and_shows_what_it_does_not(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    assert arrives(place(note_for(invoice, "250"), invoice))
    dispute.refresh_from_db()
    request = CreditRequest.objects.get()
    assert (dispute.status, request.amount, request.arrived) == ("open", Decimal("300.00"), Decimal("250.00"))
    assert arrives(place(note_for(invoice, "50", "CN-2"), invoice))
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.verdict) == ("solved", "justified")
    assert CreditRequest.objects.get().number == "CN-1, CN-2"
    settle_constraints()


def test_a_person_accepts_what_came_although_it_differs(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    arrives(place(note_for(invoice, "250"), invoice))
    request = CreditRequest.objects.get()
    with pytest.raises(RoleMayNot):
        services.take_as_issued(request_id=request.pk, by=catalogue.sam, at=AT + 2 * HOUR)
    services.take_as_issued(request_id=request.pk, by=catalogue.alice, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.verdict, dispute.outcome.amount) == (
        "solved",
        "partly",
        Decimal("250.00"),
    )
    with pytest.raises(IllegalAct):
        services.take_as_issued(request_id=request.pk, by=catalogue.alice, at=AT + 3 * HOUR)


def test_it_comes_while_approval_waits(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = decide(
        open_one(catalogue, amount="900.00", invoice=invoice),
        catalogue,
        amount=Decimal("700"),
        by=catalogue.adam,
    )
    arrives(place(note_for(invoice, "700"), invoice))
    dispute.refresh_from_db()
    approval = Approval.objects.get()
    assert (approval.state, approval.ended_why) == ("withdrawn", "booked")
    assert (dispute.status, dispute.outcome.amount) == ("solved", Decimal("700.00"))
    settle_constraints()


def test_a_recorded_note_that_names_the_invoice_counts_once(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    note = note_for(invoice, "300", "CN-9")
    assert services.take_credit_note(note_id=note.pk, at=AT + 2 * HOUR) is True
    assert services.take_credit_note(note_id=note.pk, at=AT + 2 * HOUR) is False
    assert services.take_allocation(allocation_id=place(note, invoice).pk, at=AT + 3 * HOUR) is False
    dispute.refresh_from_db()
    assert (dispute.status, CreditArrival.objects.count()) == ("solved", 1)


def test_what_is_there_before_the_decision_is_counted_with_it(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    place(note_for(invoice, "80", "CN-3"), invoice)
    decide(dispute, catalogue, amount=Decimal("80"))
    request = CreditRequest.objects.get()
    assert (request.state, request.number) == ("issued", "CN-3")


def test_a_write_off_is_asked_of_the_erp_and_comes_as_one(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, amount="10.00", invoice=invoice)
    decide(dispute, catalogue, resolution="write_off", verdict="unjustified")
    assert not Allocation.objects.filter(invoice=invoice).exists()
    assert services.take_allocation(allocation_id=place(note_for(invoice, "5"), invoice).pk, at=AT) is False
    written = ledger.allocate(invoice=invoice, amount=Decimal("10"), on=ON, at=AT + HOUR, kind="write_off")
    assert arrives(written)
    assert (CreditRequest.objects.get().kind, CreditRequest.objects.get().state) == ("write_off", "issued")


def test_billing_refuses_and_says_why(catalogue: Cast) -> None:
    dispute = decide(open_one(catalogue), catalogue)
    request = CreditRequest.objects.get()
    with pytest.raises(FieldErrors):
        services.refuse_request(request_id=request.pk, by=catalogue.bill, at=AT + HOUR, note=" ")
    services.refuse_request(request_id=request.pk, by=catalogue.bill, at=AT + HOUR, note="Wrong VAT")
    request.refresh_from_db()
    assert (request.state, request.note) == ("refused", "Wrong VAT")
    reopened = services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT + 2 * HOUR)
    assert reopened.status == "open"


def test_reopening_takes_back_what_nothing_has_come_of(catalogue: Cast) -> None:
    dispute = decide(open_one(catalogue), catalogue)
    services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT + HOUR)
    assert CreditRequest.objects.get().state == "withdrawn"


# --- promises among ourselves ---------------------------------------------------------------------------------


def promise(cast: Cast, dispute: Dispute, **more: Any) -> InternalPromise:
    given = {"what": "credit", "due_on": ON + timedelta(days=4), "by": cast.alice, "at": AT} | more
    return services.promise_internally(dispute=dispute, **given)


def test_a_promise_is_kept_when_the_credit_note_comes(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    made = promise(catalogue, dispute, department=catalogue.billing)
    arrives(place(note_for(invoice, "300"), invoice))
    assert services.keep_with_request(request_id=CreditRequest.objects.get().pk, at=AT + 2 * HOUR) == 1
    assert services.keep_with_request(request_id=CreditRequest.objects.get().pk, at=AT + 2 * HOUR) == 0
    made.refresh_from_db()
    assert (made.state, made.kept_at) == ("kept", AT + 2 * HOUR)


def test_a_promise_is_broken_at_the_end_of_its_day_and_late_is_not_kept(catalogue: Cast) -> None:
    dispute = open_one(catalogue)
    made = promise(catalogue, dispute, keeper=catalogue.bill, what="proof")
    for on, expected in ((made.due_on, 0), (made.due_on + timedelta(days=1), 1), (made.due_on, 0)):
        assert services.break_promises(entity=catalogue.entity, on=on, at=AT + timedelta(days=5)) == expected
    services.keep_promise(promise_id=made.pk, by=catalogue.bill, at=AT + timedelta(days=6))
    made.refresh_from_db()
    assert (made.state, made.kept_at is not None) == ("broken", True)
    on_time = promise(catalogue, dispute, keeper=catalogue.bill, what="other", text="Call them")
    services.keep_promise(promise_id=on_time.pk, by=catalogue.bill, at=AT + HOUR)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"due_on": ON - timedelta(days=1)}, "due_on"),
        ({"what": "other"}, "text"),
        ({"what": "moon"}, "what"),
    ],
)
def test_a_promise_that_makes_no_sense_is_refused(catalogue: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldErrors) as refusal:
        promise(catalogue, open_one(catalogue), **wrong)
    assert set(refusal.value.fields) == {field}


def test_only_the_keeper_or_the_office_says_it_is_kept(catalogue: Cast) -> None:
    made = promise(catalogue, open_one(catalogue), keeper=catalogue.bill)
    for who in (catalogue.sam, catalogue.eva, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            services.keep_promise(promise_id=made.pk, by=who, at=AT + HOUR)
    with pytest.raises(RoleMayNot):
        services.release_promise(promise_id=made.pk, by=catalogue.bill, at=AT + HOUR)
    services.release_promise(promise_id=made.pk, by=catalogue.alice, at=AT + HOUR)
    with pytest.raises(IllegalAct):
        services.keep_promise(promise_id=made.pk, by=catalogue.bill, at=AT + HOUR)
