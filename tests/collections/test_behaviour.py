"""How customers pay, as learned: the stored figures are what another reckoning finds, for any payments."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.events import Event
from collections_app.behaviour.words import habits, sentences
from collections_app.models import Behaviour, Segmentation
from collections_app.services import reviewing
from collections_app.services.learning import due_for_learning, learn
from ledger import services as ledger
from ledger.models import Customer
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice, pay
from tests.plays import plays

DAY = timedelta(days=1)


def learned(house: House, customer: Customer, on: date = ON) -> Behaviour:
    learn(entity=house.cast.entity, on=on, at=AT)
    return Behaviour.objects.get(customer=customer)


def paid(customer: Customer, due_on: date, late: int, amount: str = "100.00") -> None:
    invoice = make_invoice(customer, amount, issued_on=due_on - DAY * 30, due_on=due_on)
    pay(invoice, on=due_on + DAY * late)


# Days before ON on which it came, days late, euros, disputed, paid back.
payments = st.lists(
    st.tuples(
        st.integers(0, 1200), st.integers(-20, 90), st.integers(1, 50), st.sampled_from("------dr"),
    ),
    max_size=24,
)  # fmt: skip


@given(rows=payments)
@settings(
    max_examples=plays(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_stored_is_what_another_reckoning_finds(house: House, rows: list[Any]) -> None:
    before = transaction.savepoint()
    try:
        kept = []
        for ago, late, euros, fate in rows:
            came = ON - DAY * ago
            due = came - DAY * late
            invoice = make_invoice(house.cast.norte, f"{euros}.00", issued_on=due - DAY * 30, due_on=due)
            placed = pay(invoice, on=came)
            if fate == "d":
                house.dispute(make_invoice(house.cast.norte, "5.00"))
            if fate == "r":
                take_back(placed)
            else:
                kept.append((came, due, late, Decimal(euros)))
        check(learned(house, house.cast.norte), kept)
        assert not Behaviour.objects.filter(customer=house.cast.sur, invoices__gt=0).exists()
        assert Behaviour.objects.filter(customer__entity=house.cast.entity).count() == 2
    finally:
        transaction.savepoint_rollback(before)


def take_back(placed: Any) -> None:
    ledger.reverse_allocation(allocation=placed, on=ON, at=AT)


def weighted(rows: list[tuple[int, Decimal]], part: Decimal) -> int | None:
    """The least number of days by which `part` of the weight has come."""
    total, upto = sum(weight for _late, weight in rows), Decimal(0)
    for late, weight in sorted(rows):
        upto += weight
        if upto >= total * part:
            return late
    return None


def check(stored: Behaviour, kept: list[Any]) -> None:
    year = [row for row in kept if ON - row[0] < DAY * 365]
    lateness = [(late, euros) for _came, _due, late, euros in year]
    recent = [(late, euros) for came, _due, late, euros in year if ON - came < DAY * 183]
    older = [(late, euros) for came, _due, late, euros in year if ON - came >= DAY * 183]
    enough, both = len(year) >= 4, min(len(recent), len(older)) >= 4
    assert stored.invoices == len(year)
    half, quarter = Decimal("0.5"), Decimal("0.25")
    assert stored.late == (weighted(lateness, half) if enough else None)
    assert stored.late_low == (weighted(lateness, quarter) if enough else None)
    assert stored.late_high == (weighted(lateness, 1 - quarter) if enough else None)
    assert stored.late_recent == (weighted(recent, half) if both else None)
    assert stored.late_before == (weighted(older, half) if both else None)
    if enough:
        share = sum(e for late, e in lateness if late <= 3) * 100 / sum(e for _late, e in lateness)
        assert stored.on_time == int(share.quantize(Decimal(1), ROUND_HALF_UP))
    days = {came for came, *_rest in year}
    assert stored.pay_days == len(days)
    assert stored.weekday == usual_weekday(days)
    assert stored.month_day == usual_day(days)
    assert stored.late_months == late_months(kept)


def usual_weekday(days: set[date]) -> int | None:
    counts = Counter(day.isoweekday() for day in days)
    found = [n for n, often in counts.items() if len(days) >= 4 and often * 100 >= len(days) * 60]
    return found[0] if found else None


def usual_day(days: set[date]) -> int | None:
    if len(days) < 6:
        return None
    if sum((day + DAY * 3).month != day.month for day in days) * 100 >= len(days) * 60:
        return 31
    counts = Counter(day.day for day in days)
    around = {n: sum(often for d, often in counts.items() if abs(d - n) <= 2) for n in counts}
    best = min(counts, key=lambda n: (-around[n], -counts[n], n))
    return best if around[best] * 100 >= len(days) * 60 else None


def late_months(kept: list[Any]) -> list[int]:
    rows = [row for row in kept if ON - row[0] < DAY * 1096]
    if len(rows) < 12:
        return []
    usual = weighted([(late, euros) for _came, _due, late, euros in rows], Decimal("0.5")) or 0
    by_month: dict[tuple[int, int], list[tuple[int, Decimal]]] = {}
    for _came, due, late, euros in rows:
        by_month.setdefault((due.month, due.year), []).append((late, euros))
    medians: dict[int, list[int]] = {}
    for (month, _year), found in by_month.items():
        if len(found) >= 2:
            medians.setdefault(month, []).append(weighted(found, Decimal("0.5")) or 0)
    months = sorted(m for m, lates in medians.items() if len(lates) >= 2 and min(lates) >= usual + 7)
    return months if len(months) <= 3 else []


def test_the_months_they_pay_late_in(house: House) -> None:
    for year in (2024, 2025):
        for month in range(1, 13):
            for day in (5, 20):
                paid(house.cast.norte, date(year, month, day), 45 if month == 8 else 10)
    one = learned(house, house.cast.norte)
    assert (one.late_months, one.late) == ([8], 10)
    assert "Year after year, what falls due in these months is paid later: August." in sentences(one)


def test_disputed_invoices_are_no_habit_unless_the_claim_was_rejected(house: House) -> None:
    for month in range(4):
        paid(house.cast.norte, ON - DAY * (40 + 30 * month), 2)
    invoice = make_invoice(house.cast.norte, "9000.00", issued_on=ON - DAY * 200, due_on=ON - DAY * 170)
    house.dispute(invoice, "10.00")
    pay(invoice, "8990.00", on=ON - DAY)
    one = learned(house, house.cast.norte)
    assert (one.invoices, one.late, one.disputes) == (4, 2, 1)
    assert (one.open_amount, one.overdue_amount) == (Decimal("10.00"), Decimal("0.00"))
    assert one.sales == Decimal("9400.00")


def test_words_of_a_breath_and_of_a_panel(house: House) -> None:
    assert sentences(learned(house, house.cast.sur))[0] == "Not enough data to speak of a habit."
    for week in range(8):
        paid(house.cast.norte, ON - DAY * (3 + 7 * week) - DAY * 6, 6)
    promised = make_invoice(house.cast.norte, "70.00")
    house.promise(promised, "70.00", 1)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 6, at=AT + DAY * 6)
    one = learned(house, house.cast.norte, ON + DAY * 6)
    assert habits(one) == "usually pays on Friday, typically 6 days late"
    said = sentences(one)
    assert said[0] == "Typically pays 6 days late."
    assert "0% of the money comes on time (at most 3 days late)." in said
    assert "1 of 1 promise of the year was broken." in said
    assert said[-1].startswith("Learned from 8 invoices, paid on 8 days of the year up to")


def test_learning_takes_the_same_few_statements_however_many_customers(house: House) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            learn(entity=house.cast.entity, on=ON, at=AT)
        return len(seen)

    learn(entity=house.cast.entity, on=ON, at=AT)
    few = statements()
    for number in range(5):
        paid(make_customer(house.cast.entity, f"N-{number}", f"Nuevo {number}"), ON - DAY * 40, 3)
    assert statements() == few
    assert few < 14


def test_a_day_is_learned_once_and_never_again_for_a_day_before(house: House) -> None:
    cast = house.cast
    assert due_for_learning(at=AT) == [cast.entity, cast.other]
    learn(entity=cast.entity, on=ON, at=AT)
    assert due_for_learning(at=AT) == [cast.other]
    assert due_for_learning(at=AT + DAY) == [cast.entity, cast.other]
    paid(cast.norte, ON - DAY * 40, 3)
    learn(entity=cast.entity, on=ON - DAY, at=AT)
    assert Segmentation.objects.get(entity=cast.entity).learned_on == ON
    assert not Behaviour.objects.filter(invoices__gt=0).exists()
    assert not Event.objects.filter(kind="customer.segment").exists()
