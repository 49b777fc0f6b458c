"""Days played through: nothing is written, and what is foretold is what then happens."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from collections_app.decision.book import Book
from collections_app.decision.play import month_ahead, play, replayed
from collections_app.models import Notice, NoticeLine, Plan
from collections_app.services import plans
from collections_app.services.plans import Rules, StepInput
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay


def test_the_month_ahead_is_what_the_month_then_sends(house: House) -> None:
    make_invoice(house.cast.norte, "1000.00", number="P-1", issued_on=ON - timedelta(days=50), due_on=ON)
    make_invoice(house.cast.norte, "250.00", number="P-2", issued_on=ON, due_on=ON + timedelta(days=9))
    make_invoice(
        house.cast.sur,
        "80.00",
        number="P-3",
        issued_on=ON - timedelta(days=60),
        due_on=ON - timedelta(days=16),
    )
    promised = make_invoice(
        house.cast.sur, "500.00", number="P-4", issued_on=ON - timedelta(days=60), due_on=ON
    )
    house.promise(promised, "500.00", 12)
    foretold = month_ahead(Book.of(house.cast.entity), ON)
    assert not Notice.objects.exists()
    for day in foretold:
        house.dun(day.on, AT + (day.on - ON))
        went = Notice.objects.filter(on=day.on, status="sent").values_list("customer", "step__days", "asked")
        assert sorted(went) == sorted((one.customer_id, one.step_days, one.amount) for one in day.sent), (
            day.on
        )
    assert sum(len(day.sent) for day in foretold) >= 6
    assert {day.on.weekday() for day in foretold} == set(range(5))


def test_a_replay_has_the_facts_of_each_day(house: House) -> None:
    first = ON - timedelta(days=30)
    paid = make_invoice(house.cast.norte, "300.00", issued_on=first - timedelta(days=40), due_on=first)
    pay(paid, "300.00", on=first + timedelta(days=10))
    disputed = make_invoice(house.cast.sur, "90.00", issued_on=first - timedelta(days=40), due_on=first)
    house.dispute(disputed, "40.00", at=AT - timedelta(days=20))
    days = replayed(Book.of(house.cast.entity), ON, days=40)
    sent = [(day.on - first, one.customer_id, one.step_days, one.amount) for day in days for one in day.sent]
    norte, sur = house.cast.norte.pk, house.cast.sur.pk
    assert {row[1:] for row in sent} == {
        (norte, -5, Decimal("300.00")),
        (norte, 1, Decimal("300.00")),
        (sur, -5, Decimal("90.00")),
        (sur, 1, Decimal("90.00")),
        (sur, 15, Decimal("50.00")),
    }
    assert not NoticeLine.objects.exists()
    assert days[-1].on < ON


def test_another_version_is_played_without_coming_into_force(house: House) -> None:
    make_invoice(house.cast.norte, "300.00", issued_on=ON - timedelta(days=60), due_on=ON - timedelta(days=2))
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    draft = plans.save_draft(
        plan=plan,
        steps=[StepInput(days=d, kind="dunning.friendly") for d in (2, 9)],
        rules=Rules(cap_messages=1, cap_days=30, working_days=True),
        by=house.cast.alice,
        at=AT,
    )
    now, then = Book.of(house.cast.entity), Book.of(house.cast.entity, draft=draft)
    assert [one.step_days for one in play(now, ON, ON)[0].sent] == [1]
    assert [one.step_days for one in play(then, ON, ON)[0].sent] == [2]
    # The cap lets one message a month through.
    assert sum(len(day.sent) for day in month_ahead(then, ON)) == 1
    assert plan.versions.get(current=True).number == 1


def test_playing_takes_one_statement_a_day(house: House, django_assert_max_num_queries: object) -> None:
    for customer in (house.cast.norte, house.cast.sur):
        make_invoice(customer, "300.00", issued_on=ON - timedelta(days=60), due_on=ON - timedelta(days=2))
    book = Book.of(house.cast.entity)
    # The savepoint, the table, five days, the table's end.
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        play(book, ON, ON + timedelta(days=6))
