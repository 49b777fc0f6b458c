"""Two people at once: one of them is told, nothing is done twice. Each was seen to fail without the lock it names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from collections_app.errors import InterestError
from collections_app.models import DebitNote, InterestSettings, InterestTerms, WaiverLine
from collections_app.services import interest_terms
from collections_app.services.debit_notes import cancel_note, issue_note
from collections_app.services.waivers import Wish, ask_waiver, decide_waiver
from tests.disputes.race import both
from tests.factories import Cast
from tests.interest.conftest import DAY_45, Desk, noon

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def test_a_debit_note_is_cancelled_once(cast: Cast) -> None:
    """`cancel_note` locks the invoices and the entity."""
    desk = Desk(cast)
    invoice = desk.bill()
    facts = {"customer": cast.norte, "currency": "EUR", "until": DAY_45, "on": DAY_45}
    note = issue_note(**facts, by=cast.alice, at=noon(DAY_45))

    def cancel() -> DebitNote:
        return cancel_note(note_id=note.pk, reason="Wrong", by=cast.alice, on=DAY_45, at=noon(DAY_45))

    results = both("ledger_invoice", invoice.pk, cancel, cancel)
    assert [one.code for one in results if isinstance(one, InterestError)] == ["cancelled_already"]
    assert DebitNote.objects.filter(cancels=note).count() == 1


def test_a_waiver_is_decided_once(cast: Cast) -> None:
    """`decide_waiver` locks the waiver."""
    desk = Desk(cast)
    waiver = ask_waiver(
        customer=cast.norte,
        currency="EUR",
        until=DAY_45,
        wishes=[Wish(desk.bill().pk)],
        reason="Kind",
        by=cast.carl,
        on=DAY_45,
        at=noon(DAY_45),
    )
    facts = {"waiver_id": waiver.pk, "on": DAY_45, "at": noon(DAY_45)}
    results = both(
        "collections_app_waiver",
        waiver.pk,
        lambda: decide_waiver(**facts, yes=True, by=cast.alice),
        lambda: decide_waiver(**facts, yes=False, by=cast.adam),
    )
    assert [one.code for one in results if isinstance(one, InterestError)] == ["waiver_decided"]
    waiver.refresh_from_db()
    assert WaiverLine.objects.get().standing == (waiver.state == "granted")


def test_terms_of_the_same_day_are_one_row(cast: Cast) -> None:
    """`set_terms` locks the entity."""

    def terms(value: str) -> InterestTerms:
        return interest_terms.set_terms(
            entity=cast.entity,
            customer=None,
            since=date(2026, 1, 1),
            basis="rate",
            value=D(value),
            note="",
            by=cast.alice,
            at=noon(DAY_45),
        )

    results = both("accounts_legalentity", cast.entity.pk, lambda: terms("5"), lambda: terms("6"))
    assert all(isinstance(one, InterestTerms) for one in results)
    assert InterestTerms.objects.get().value in (5, 6)


def test_habits_are_one_row(cast: Cast) -> None:
    """`set_habits` locks the entity."""

    def habits(days: int) -> InterestSettings:
        return interest_terms.set_habits(
            entity=cast.entity,
            charge_from=None,
            in_letters="off",
            payment_days=days,
            minimum=D(5),
            by=cast.alice,
            at=noon(DAY_45),
        )

    results = both("accounts_legalentity", cast.entity.pk, lambda: habits(10), lambda: habits(20))
    assert all(isinstance(one, InterestSettings) for one in results)
    assert InterestSettings.objects.get().payment_days in (10, 20)
