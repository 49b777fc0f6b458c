"""A credit note that is taken back in the ledger no longer counts as the one that closed the loop."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts import events
from disputes import services
from disputes.errors import IllegalAct
from disputes.models import CreditRequest, Dispute
from ledger import services as ledger
from ledger.models import Allocation
from lib.money import ZERO
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.disputes.test_credits import arrives, note_for, place
from tests.factories import AT, ON, PASSWORD, Cast, make_invoice, pay

HOUR = timedelta(hours=1)
LATER = AT + timedelta(hours=5)


def reverse(allocation: Allocation) -> Allocation:
    return ledger.reverse_allocation(allocation=allocation, on=ON, at=LATER)


def taken_back(allocation: Allocation) -> bool:
    reversal = reverse(allocation)
    done = services.take_back_allocation(reversal_id=reversal.pk, at=LATER)
    assert services.take_back_allocation(reversal_id=reversal.pk, at=LATER) is False
    return done


def kinds(dispute: Dispute) -> list[str]:
    return list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))


def closed(cast: Cast, *, waits: bool) -> tuple[Dispute, Allocation]:
    """Alice decided to credit 300, and the credit note has come."""
    invoice = make_invoice(cast.norte)
    dispute = open_one(cast, invoice=invoice)
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=cast.alice, at=AT, waits=waits
    )
    allocation = place(note_for(invoice, "300"), invoice)
    assert arrives(allocation)
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().state) == ("solved", "issued")
    return dispute, allocation


def test_what_was_decided_stays_decided_and_billing_is_asked_again(catalogue: Cast) -> None:
    dispute, allocation = closed(catalogue, waits=False)
    assert taken_back(allocation)
    dispute.refresh_from_db()
    request = CreditRequest.objects.get()
    assert (dispute.status, request.state, request.arrived, request.number) == (
        "solved",
        "requested",
        ZERO,
        "",
    )
    assert kinds(dispute)[-1] == "credit.reversed"
    again = place(allocation.credit_note, allocation.invoice)
    assert arrives(again)
    assert CreditRequest.objects.get().state == "issued"
    settle_constraints()


def test_a_dispute_that_waited_for_it_waits_again(catalogue: Cast) -> None:
    dispute, allocation = closed(catalogue, waits=True)
    assert taken_back(allocation)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.amount, CreditRequest.objects.get().state) == (
        "open",
        Decimal("300.00"),
        "requested",
    )
    assert kinds(dispute)[-2:] == ["dispute.reopened", "credit.reversed"]
    assert arrives(place(allocation.credit_note, allocation.invoice))
    dispute.refresh_from_db()
    assert dispute.status == "solved"
    settle_constraints()


def test_a_credit_nobody_had_asked_for_leaves_an_open_dispute_and_no_request(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    allocation = place(note_for(invoice, "300"), invoice)
    assert arrives(allocation)
    assert taken_back(allocation)
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().state) == ("open", "withdrawn")
    settle_constraints()


def test_a_part_that_is_taken_back_leaves_the_rest_counted(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    first, second = place(note_for(invoice, "200"), invoice), place(note_for(invoice, "100", "CN-2"), invoice)
    assert arrives(first)
    assert arrives(second)
    assert taken_back(second)
    dispute.refresh_from_db()
    request = CreditRequest.objects.get()
    assert (dispute.status, request.state, request.arrived) == ("open", "requested", Decimal("200.00"))
    assert request.number == "CN-1"


def test_a_credit_note_that_was_counted_when_it_was_recorded_is_taken_back_with_its_allocation(
    catalogue: Cast,
) -> None:
    """What still stands of it on the invoice goes on counting."""
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    note = note_for(invoice, "300")
    assert services.take_credit_note(note_id=note.pk, at=AT + HOUR)
    first, second = place(note, invoice, "200"), place(note, invoice, "100")
    assert services.take_allocation(allocation_id=first.pk, at=AT + HOUR) is False
    assert taken_back(second)
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().arrived) == ("open", Decimal("200.00"))
    assert arrives(place(note, invoice, "100"))
    dispute.refresh_from_db()
    assert dispute.status == "solved"


def test_with_nothing_left_to_dispute_it_stays_closed(catalogue: Cast) -> None:
    dispute, allocation = closed(catalogue, waits=True)
    reversal = reverse(allocation)
    pay(allocation.invoice, on=ON)
    assert services.take_back_allocation(reversal_id=reversal.pk, at=LATER)
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().arrived) == ("solved", ZERO)


def test_what_was_taken_back_before_it_was_heard_of_never_counts(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    allocation = place(note_for(invoice, "300"), invoice)
    reversal = reverse(allocation)
    assert services.take_allocation(allocation_id=allocation.pk, at=LATER) is False
    assert services.take_back_allocation(reversal_id=reversal.pk, at=LATER) is False
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.exists()) == ("open", False)


def test_nobody_reopens_it_twice_and_the_history_says_it(catalogue: Cast) -> None:
    dispute, allocation = closed(catalogue, waits=True)
    taken_back(allocation)
    with pytest.raises(IllegalAct):
        services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=LATER)
    client = Client()
    assert client.login(username=catalogue.alice.email, password=PASSWORD)
    text = client.get(f"/disputes/{dispute.pk}/timeline/").content.decode()
    assert "CN-1 was taken back in the ledger: €300.00 no longer count" in text


@pytest.mark.django_db(transaction=True)
def test_heard_of_twice_at_once_it_is_taken_back_once(catalogue: Cast) -> None:
    """Without the locks of invoices and dispute both find it counted; either is enough."""
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    allocation = place(note_for(invoice, "300"), invoice)
    dispute.refresh_from_db()
    assert dispute.status == "solved"
    # Written without its event, which would be heard at once.
    row = {"kind": "credit_note", "credit_note": allocation.credit_note, "amount": Decimal("-300")}
    reversal = Allocation.objects.create(
        invoice=invoice, allocated_on=ON, reverses=allocation, recorded_at=LATER, **row
    )
    results = both(
        "disputes_dispute",
        dispute.pk,
        *[lambda: services.take_back_allocation(reversal_id=reversal.pk, at=LATER)] * 2,
    )
    assert sorted(results) == [False, True]
    assert kinds(dispute).count("credit.reversed") == 1
