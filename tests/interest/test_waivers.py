"""Waivers: alone within one's limit, by two people above it; wholly, in part, or the costs only."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from collections_app.choices_interest import WaiverState
from collections_app.errors import InterestError
from collections_app.interest import Fee, interest_for
from collections_app.models import Waiver, WaiverLine
from collections_app.services.debit_notes import claimable, issue_note
from collections_app.services.waivers import (
    Wish,
    ask_waiver,
    decide_waiver,
    may_decide,
    wishes_for,
    withdraw_waiver,
)
from ledger.models import Invoice
from lib.errors import NotAllowed
from tests.disputes.race import meanwhile
from tests.factories import Cast
from tests.interest.conftest import DAY_45, Desk, noon

D = Decimal
db = pytest.mark.django_db
LATER = DAY_45 + timedelta(days=10)


def ask(desk: Desk, wishes: list[Wish], by: User | None = None, on: date = DAY_45, **more: Any) -> Waiver:
    """Alice gives it up, or asks."""
    facts = {"customer": desk.cast.norte, "currency": "EUR", "until": on, "reason": "Good customer"} | more
    return ask_waiver(**facts, wishes=wishes, by=by or desk.cast.alice, on=on, at=noon(on))


def decide(desk: Desk, waiver: Waiver, by: User, *, yes: bool = True) -> Waiver:
    return decide_waiver(waiver_id=waiver.pk, yes=yes, by=by, on=DAY_45, at=noon(DAY_45))


@db
def test_within_ones_limit_it_is_waived_at_once_and_goes_on_from_the_next_day(desk: Desk) -> None:
    invoice = desk.bill()
    waiver = ask(desk, [Wish(invoice.pk)])
    assert (waiver.state, waiver.alone, waiver.total) == ("granted", True, D("165.14"))
    assert interest_for(Invoice.objects.all(), DAY_45) == {}
    later = desk.position(invoice, LATER)
    assert (later.explanation.lines[0].first, later.fee_state) == (DAY_45 + timedelta(days=1), Fee.WAIVED)


@db
def test_a_part_of_the_interest_is_taken_off_what_is_claimed(desk: Desk) -> None:
    invoice = desk.bill()
    ask(desk, [Wish(invoice.pk, D("25.14"), fee=False)])
    one = desk.position(invoice)
    assert (one.interest, one.waived, one.fee, one.claimable) == (
        D("100.00"),
        D("25.14"),
        D("40.00"),
        D("140.00"),
    )
    note = issue_note(
        customer=desk.cast.norte, currency="EUR", until=DAY_45, by=desk.cast.alice, on=DAY_45, at=noon(DAY_45)
    )
    (line,) = note.lines.all()
    assert (line.interest, line.waived, line.explanation[0]["amount"]) == (D("100.00"), D("25.14"), "125.14")
    # It is used up: the next days are claimed whole.
    assert desk.position(invoice, LATER).waived == 0


@db
def test_d_the_costs_alone_are_waived_on_purpose(desk: Desk) -> None:
    invoice = desk.bill()
    waiver = ask(desk, [Wish(invoice.pk, D("0.00"))])
    assert (waiver.interest, waiver.fees) == (D("0.00"), D("40.00"))
    one = desk.position(invoice)
    assert (one.claimable, one.fee_state) == (D("125.14"), Fee.WAIVED)


@db
def test_a_sum_is_shared_out_by_what_each_invoice_bears(desk: Desk) -> None:
    desk.bill("10000.00")
    desk.bill("5000.00")
    found = claimable(customer=desk.cast.norte, currency="EUR", until=DAY_45, on=DAY_45)
    wishes = wishes_for(found, D("100.00"), fees=False)
    assert sum(wish.interest or 0 for wish in wishes) == 100
    assert ask(desk, wishes).total == D("100.00")
    with pytest.raises(InterestError):
        wishes_for(found, D("200.00"), fees=False)


@db
def test_above_ones_limit_a_second_person_decides(desk: Desk) -> None:
    invoice = desk.bill("50000.00")
    waiver = ask(desk, [Wish(invoice.pk)])
    assert (waiver.state, waiver.total) == ("asked", D("665.68"))
    assert desk.position(invoice).claimable == D("665.68")
    with pytest.raises(NotAllowed):
        decide(desk, waiver, desk.cast.alice)
    with pytest.raises(NotAllowed):
        decide(desk, waiver, desk.cast.carl)
    assert decide(desk, waiver, desk.cast.adam).state == "granted"
    assert interest_for(Invoice.objects.all(), DAY_45) == {}
    with pytest.raises(InterestError):
        decide(desk, waiver, desk.cast.adam)


@db
def test_a_collector_asks_and_a_manager_decides(desk: Desk) -> None:
    invoice = desk.bill()
    waiver = ask(desk, [Wish(invoice.pk)], by=desk.cast.carl)
    assert waiver.state == "asked"
    assert not may_decide(waiver, desk.cast.carl, DAY_45)
    assert decide(desk, waiver, desk.cast.alice, yes=False).state == "refused"
    assert desk.position(invoice).claimable == D("165.14")


@db
def test_who_asked_takes_it_back(desk: Desk) -> None:
    waiver = ask(desk, [Wish(desk.bill().pk)], by=desk.cast.carl)
    with pytest.raises(NotAllowed):
        withdraw_waiver(waiver_id=waiver.pk, by=desk.cast.alice, on=DAY_45, at=noon(DAY_45))
    taken = withdraw_waiver(waiver_id=waiver.pk, by=desk.cast.carl, on=DAY_45, at=noon(DAY_45))
    assert taken.state == WaiverState.WITHDRAWN


@db
def test_what_was_claimed_meanwhile_is_not_waived(desk: Desk) -> None:
    waiver = ask(desk, [Wish(desk.bill().pk)], by=desk.cast.carl)
    issue_note(
        customer=desk.cast.norte, currency="EUR", until=DAY_45, by=desk.cast.alice, on=DAY_45, at=noon(DAY_45)
    )
    with pytest.raises(InterestError) as refused:
        decide(desk, waiver, desk.cast.alice)
    assert refused.value.code == "changed_meanwhile"


@db
def test_a_waiver_needs_a_reason_and_something_to_waive(desk: Desk) -> None:
    invoice = desk.bill()
    with pytest.raises(ValidationError):
        ask(desk, [Wish(invoice.pk)], reason=" ")
    with pytest.raises(InterestError):
        ask(desk, [Wish(invoice.pk, D("200.00"))])
    with pytest.raises(InterestError):
        ask(desk, [Wish(invoice.pk, D("0.00"), fee=False)])


@db
@pytest.mark.parametrize(
    "change",
    [
        lambda waiver: Waiver.objects.filter(pk=waiver.pk).update(reason="x"),
        lambda waiver: Waiver.objects.filter(pk=waiver.pk).delete(),
        lambda waiver: WaiverLine.objects.filter(waiver=waiver).update(interest=1),
        lambda waiver: WaiverLine.objects.filter(waiver=waiver).update(standing=True),
        lambda waiver: Waiver.objects.filter(pk=waiver.pk).update(
            state="granted", decided_by=waiver.asked_by, decided_on=DAY_45, decided_at=noon(DAY_45)
        ),
    ],
    ids=["reason", "delete", "line", "standing", "own"],
)
def test_the_database_keeps_what_was_asked_and_wants_two_people(desk: Desk, change: Any) -> None:
    waiver = ask(desk, [Wish(desk.bill().pk)], by=desk.cast.carl)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(waiver)


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_comes_while_a_waiver_is_decided_is_believed(cast: Cast) -> None:
    """`_positions` locks the invoices; seen to fail without that lock."""
    desk = Desk(cast)
    invoice = desk.bill()
    waiver = ask(desk, [Wish(invoice.pk)], by=cast.carl)

    def claimed() -> None:
        issue_note(
            customer=cast.norte, currency="EUR", until=DAY_45, by=cast.alice, on=DAY_45, at=noon(DAY_45)
        )

    refused = meanwhile("ledger_invoice", invoice.pk, claimed, lambda: decide(desk, waiver, cast.adam))
    assert isinstance(refused, InterestError)
    assert not WaiverLine.objects.filter(standing=True).exists()
