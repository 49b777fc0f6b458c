"""Debit notes: numbered without a gap, frozen, cancelled by another document; nothing is claimed twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.events import Event
from collections_app.errors import InterestError
from collections_app.interest import Fee, interest_for
from collections_app.interest.paper import as_pdf
from collections_app.models import DebitNote, DebitNoteLine, InterestSettings
from collections_app.services.debit_notes import cancel_note, issue_note
from disputes import services as disputes
from ledger.models import Invoice
from lib import books
from tests.disputes.race import both
from tests.factories import Cast, pay
from tests.interest.conftest import DAY_45, DUE, Desk, noon

D = Decimal
db = pytest.mark.django_db


def claim(desk: Desk, on: date = DAY_45, **more: Any) -> DebitNote:
    """Alice claims what Norte owes."""
    more = {"customer": desk.cast.norte, "currency": "EUR", "until": on} | more
    return issue_note(**more, by=desk.cast.alice, on=on, at=noon(on))


@db
def test_a_debit_note_claims_interest_and_flat_sum_with_their_explanation(desk: Desk) -> None:
    invoice = desk.bill()
    note = claim(desk)
    (line,) = note.lines.all()
    assert (note.ref, note.interest, note.fees, note.total) == (
        "ND-2026-0001",
        D("125.14"),
        D("40.00"),
        D("165.14"),
    )
    assert note.due_on == DAY_45 + timedelta(days=15)
    assert (line.invoice, line.explanation[0]["amount"], line.explanation[0]["days"]) == (
        invoice,
        "125.14",
        45,
    )
    event = Event.objects.get(kind="interest.claimed")
    assert (event.object_id, event.data["number"], event.data["total"]) == (
        desk.cast.norte.pk,
        "ND-2026-0001",
        "165.14",
    )


@db
def test_what_was_claimed_is_not_claimed_again_and_interest_goes_on_from_the_next_day(desk: Desk) -> None:
    invoice = desk.bill()
    claim(desk)
    assert interest_for(Invoice.objects.all(), DAY_45) == {}
    with pytest.raises(InterestError) as refused:
        claim(desk)
    assert refused.value.code == "nothing_to_claim"
    later = desk.position(invoice, DAY_45 + timedelta(days=10))
    assert (later.explanation.lines[0].first, later.fee_state) == (DAY_45 + timedelta(days=1), Fee.CLAIMED)
    assert claim(desk, DAY_45 + timedelta(days=10)).fees == 0


@db
def test_a_claim_can_be_about_some_invoices_and_an_earlier_day(desk: Desk) -> None:
    one, _other = desk.bill(), desk.bill()
    note = claim(desk, invoices=[one.pk], until=DUE + timedelta(days=30))
    assert note.lines.get().invoice == one
    assert desk.position(one).explanation.lines[0].first == DUE + timedelta(days=31)


@db
def test_numbers_go_on_within_entity_and_year(desk: Desk) -> None:
    desk.bill()
    assert [claim(desk, DAY_45 + timedelta(days=40 * n)).ref for n in range(3)] == [
        "ND-2026-0001",
        "ND-2026-0002",
        "ND-2026-0003",
    ]


@db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expected": D("1.00")}, "changed_meanwhile"),
        ({"until": DAY_45 + timedelta(days=1)}, "until_future"),
        ({"until": DUE}, "nothing_to_claim"),
        ({"currency": "USD"}, "nothing_to_claim"),
    ],
)
def test_a_claim_is_refused(desk: Desk, change: dict[str, Any], code: str) -> None:
    desk.bill()
    with pytest.raises(InterestError) as refused:
        claim(desk, **change)
    assert refused.value.code == code
    assert not DebitNote.objects.exists()


@db
def test_nothing_below_the_minimum(desk: Desk) -> None:
    desk.bill("100.00")
    InterestSettings.objects.create(entity=desk.cast.entity, minimum=D("50.00"))
    with pytest.raises(InterestError) as refused:
        claim(desk)
    assert refused.value.code == "below_minimum"


@db
def test_days_whose_rate_is_not_known_yet_are_not_claimed(desk: Desk) -> None:
    desk.bill(due=date(2026, 6, 20))
    with pytest.raises(InterestError) as refused:
        claim(desk, date(2026, 7, 15))
    assert refused.value.code == "rate_not_known"
    assert claim(desk, date(2026, 7, 15), until=date(2026, 6, 30)).lines.get().explanation[0]["days"] == 10


@db
def test_a_dispute_rejected_after_the_claim_brings_its_part_from_the_due_day(desk: Desk) -> None:
    invoice = desk.bill()
    dispute = desk.contest(invoice, "4000.00")
    assert claim(desk).interest == D("75.08")
    at = noon(DAY_45)
    disputes.close_dispute(
        dispute=dispute, verdict="unjustified", resolution="rejected", by=desk.cast.alice, at=at
    )
    with pytest.raises(InterestError) as refused:
        claim(desk)
    assert refused.value.code == "claimed_to_this_day"
    note = claim(desk, DAY_45 + timedelta(days=1))
    (line,) = note.lines.all()
    assert [(x["days"], x["base"]) for x in line.explanation] == [(45, "4000.00"), (1, "10000.00")]


@db
def test_a_dispute_accepted_after_the_claim_says_so_and_the_note_is_cancelled_by_another(desk: Desk) -> None:
    invoice = desk.bill()
    note = claim(desk)
    desk.close(desk.contest(invoice, "4000.00", days=46), "justified", "credit", days=47)
    later = DAY_45 + timedelta(days=5)
    assert desk.position(invoice, later).explanation.claimed_too_much == D("50.05")
    counter = cancel_note(note_id=note.pk, reason="Too much", by=desk.cast.alice, on=later, at=noon(later))
    assert (counter.ref, counter.total, counter.cancels) == ("AND-2026-0001", note.total, note)
    again = desk.position(invoice, later)
    assert (again.explanation.claimed_too_much, again.fee) == (D("0.00"), D("40.00"))
    assert again.explanation.lines[0].base == D("6000.00")
    with pytest.raises(InterestError):
        cancel_note(note_id=note.pk, reason="Again", by=desk.cast.alice, on=later, at=noon(later))


@db
def test_d_paying_the_principal_only_leaves_the_costs_claimable(desk: Desk) -> None:
    pay(desk.bill(), on=DAY_45)
    assert claim(desk, DAY_45 + timedelta(days=60)).total == D("165.14")


@db
@pytest.mark.parametrize("language", ["es", "fr", "en"])
def test_the_document_is_a_pdf_in_each_language(desk: Desk, language: str) -> None:
    desk.bill()
    note = claim(desk)
    assert as_pdf(note, language).startswith(b"%PDF")
    counter = cancel_note(note_id=note.pk, reason="x", by=desk.cast.alice, on=DAY_45, at=noon(DAY_45))
    assert as_pdf(counter, language).startswith(b"%PDF")


@db
@pytest.mark.parametrize(
    "change",
    [
        lambda note: DebitNote.objects.filter(pk=note.pk).update(total=1),
        lambda note: DebitNote.objects.filter(pk=note.pk).update(reason="x"),
        lambda note: DebitNote.objects.filter(pk=note.pk).delete(),
        lambda note: DebitNoteLine.objects.filter(note=note).update(interest=1),
        lambda note: DebitNoteLine.objects.filter(note=note).update(standing=False),
        lambda note: DebitNoteLine.objects.filter(note=note).delete(),
        lambda note: DebitNote.objects.create(**_copy(note, number=7)),
        lambda note: DebitNote.objects.create(**_copy(note, number=2, year=2025)),
        lambda note: _without_lines(note),
    ],
    ids=["total", "reason", "delete", "line", "standing", "no line", "gap", "year", "adds up"],
)
def test_the_database_keeps_a_debit_note_as_it_is(desk: Desk, change: Any) -> None:
    desk.bill()
    note = claim(desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(note)


def _copy(note: DebitNote, **facts: Any) -> dict[str, Any]:
    names = [field.attname for field in DebitNote._meta.concrete_fields if field.attname != "id"]
    return {name: getattr(note, name) for name in names} | facts


def _without_lines(note: DebitNote) -> None:
    DebitNote.objects.create(**_copy(note, number=2))
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_claim_once(cast: Cast) -> None:
    """`issue_note` locks the invoices; seen to fail without that lock."""
    disputes.catalogue.install(cast.entity)
    desk = Desk(cast)
    invoice = desk.bill()
    results = both("ledger_invoice", invoice.pk, lambda: claim(desk), lambda: claim(desk))
    assert DebitNote.objects.count() == 1
    refused = [one for one in results if isinstance(one, InterestError)]
    assert [one.code for one in refused] == ["nothing_to_claim"]


@pytest.mark.django_db(transaction=True)
def test_two_claims_of_different_customers_at_once_take_different_numbers(cast: Cast) -> None:
    """`issue_note` locks the entity before it takes a number; seen to fail without that lock."""
    desk = Desk(cast)
    desk.bill()
    desk.bill(customer=cast.sur)
    both(
        "accounts_legalentity",
        cast.entity.pk,
        lambda: claim(desk),
        lambda: claim(desk, customer=cast.sur),
    )
    assert sorted(note.ref for note in DebitNote.objects.all()) == ["ND-2026-0001", "ND-2026-0002"]


@db
def test_the_books_find_a_note_that_does_not_add_up(desk: Desk) -> None:
    desk.bill()
    claim(desk)
    assert not list(books.run(["debit_note.total"]))
