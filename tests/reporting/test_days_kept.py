"""Kept days are a cache: with and without them every figure is the same, whatever is recorded into the past."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections

from collections_app.models import EffectiveSegment, Portfolio
from disputes import services as disputes
from ledger.models import ExchangeRate
from lib import books
from reporting.metrics.dso import METHODS
from reporting.models import DaySales, DaysKept, DayStanding, LedgerMark
from reporting.selectors.daily_sales import daily_sales
from reporting.selectors.frame import Frame, make_frame
from reporting.selectors.kept import kept
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_book
from reporting.selectors.series import computed_by, rates_on, standings_by
from reporting.services.days import DIMS, LOCK, keep_days, spread_marks
from tests.reporting.company import LATE, ON, Company, bill, contest, receive

D = Decimal
DAY = timedelta(days=1)
DAYS = [date(2025, 12, 1) + n * DAY for n in range(0, 106, 3)]


def keep(company: Company, today: date = ON) -> int:
    spread_marks()
    return keep_days(entity=company.cast.entity, today=today)


def trusted(company: Company, by: str = "entity", **filters: Any) -> set[date]:
    """Which days a reader would take from what is kept."""
    return kept(make_frame(company.cast.entity, ON, filters=filters), DAYS, by)[0]


def same(company: Company) -> None:
    """With and without what is kept: the same, by every dimension and for a salesperson."""
    frames = [make_frame(company.cast.entity, ON), make_frame(company.cast.entity, ON, user=company.cast.sam)]
    rates = rates_on(DAYS, "EUR")
    for frame in frames:
        for by in DIMS:
            with_, without = standings_by(frame, DAYS, rates, by), computed_by(frame, DAYS, rates, by)
            assert {k: v for k, v in with_.items() if any(any(one.opens) for one in v)} == {
                k: v for k, v in without.items() if any(any(one.opens) for one in v)
            }, by
            same_sales(frame, by)


def same_sales(frame: Frame, by: str) -> None:
    """The sales of every day, and the months a DSO counts back: read or computed."""
    computed, rates = replace(frame, known_at=datetime(2100, 1, 1, tzinfo=UTC)), rates_of(ON, "EUR")
    read, told = daily_sales(frame, by, date(2026, 2, 20)), daily_sales(computed, by)
    assert read.keys() == told.keys()
    for key, sales in told.items():
        assert list(read[key].months(ON, rates)) == list(sales.months(ON, rates))
        for n in range(25):
            day = date(2026, 2, 20) + n * DAY
            assert read[key].between(day, ON, rates) == sales.between(day, ON, rates)
    for method in METHODS:
        books = [sales_book(one, by, method=method, days=40) for one in (frame, computed)]
        assert books[0].by_key.keys() == books[1].by_key.keys()
        for key in books[0].by_key:
            assert books[0].at(ON, rates, key) == books[1].at(ON, rates, key)


def test_kept_days_are_read_back_and_say_the_same(company: Company) -> None:
    assert trusted(company) == set()
    assert keep(company) == 106 * len(DIMS)
    for by in DIMS:
        assert trusted(company, by) == set(DAYS)
    assert trusted(company, salesperson=company.cast.sam.pk) == set(DAYS)
    assert trusted(company, customer=company.cast.norte.pk) == set()
    assert trusted(company, country="ES", currency="EUR") == set()
    same(company)
    assert keep(company) == 0
    assert keep(company, ON + DAY) == len(DIMS)


CHANGES: list[tuple[Callable[[Company], object], date]] = [
    (lambda c: receive(c.a1, "10.00", date(2026, 2, 20)), date(2026, 2, 20)),
    (lambda c: bill(c.cast.sur, "X", "77.00", date(2026, 1, 20), date(2026, 1, 25)), date(2026, 1, 20)),
    (
        lambda c: bill(c.cast.sur, "N", "7.00", date(2026, 1, 8), date(2026, 1, 8), kind="credit_note"),
        date(2026, 1, 8),
    ),
    (lambda c: contest((c.b1, "100.00"), by=c.cast.alice, at=datetime(2026, 2, 2, 9, tzinfo=UTC)), date(2026, 2, 2)),
    (
        lambda c: disputes.close_dispute(
            dispute=c.dispute, verdict="unjustified", resolution="rejected", amount=D(0), by=c.cast.alice, at=LATE
        ),
        ON,
    ),
    (lambda c: ExchangeRate.objects.create(currency="USD", on=date(2026, 3, 1), per_euro=D("1.1")), date(2026, 3, 1)),
    (lambda c: type(c.a1).objects.filter(pk=c.a1.pk).update(due_on=date(2026, 3, 1)), date(2026, 1, 15)),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_what_is_recorded_into_the_past_changes_the_figure_with_and_without(
    company: Company, place: int
) -> None:
    change, since = CHANGES[place]
    keep(company)
    change(company)
    assert trusted(company) == {day for day in DAYS if day < since}
    same(company)
    again = (ON - since).days + 1
    assert keep(company) == again * len(DIMS)
    assert not LedgerMark.objects.filter(entity=company.cast.entity).exists()
    assert trusted(company) == set(DAYS)
    same(company)


def test_a_customer_given_to_somebody_else_changes_only_the_days_by_that(company: Company) -> None:
    keep(company)
    company.cast.norte.salesperson = company.cast.sofia
    company.cast.norte.save()
    assert (trusted(company, "salesperson"), trusted(company)) == (set(), set(DAYS))
    same(company)
    Portfolio.objects.create(
        customer=company.cast.sur, collector=company.cast.carl, set_by=company.cast.alice, set_at=LATE
    )
    assert trusted(company, "collector") == set()
    assert keep(company) == 106 * 2
    same(company)


def test_by_segment_goes_the_one_that_counts_and_its_change_changes_only_those_days(company: Company) -> None:
    def by_segment() -> set[str]:
        rows = standings_by(make_frame(company.cast.entity, ON), [ON], rates_on([ON], "EUR"), "segment")
        return {str(key) for key, found in rows.items() if any(any(one.opens) for one in found)}

    norte = company.cast.norte
    narrow = make_frame(company.cast.entity, ON, filters={"segment": "key"})
    keep(company)
    assert (by_segment(), narrow.customers.count()) == ({"standard"}, 0)
    placed = EffectiveSegment.objects.create(customer=norte, segment="key", since=ON)
    assert (trusted(company, "segment"), trusted(company)) == (set(), set(DAYS))
    assert (by_segment(), list(narrow.customers.values_list("pk", flat=True))) == (
        {"key", "standard"},
        [norte.pk],
    )
    same(company)
    assert keep(company) == 106
    same(company)
    EffectiveSegment.objects.update(figures={"late": 3})
    assert trusted(company, "segment") == set(DAYS)
    EffectiveSegment.objects.update(segment="risky")
    assert trusted(company, "segment") == set()
    assert keep(company) == 106
    placed.delete()
    assert trusted(company, "segment") == set()
    assert by_segment() == {"standard"}
    same(company)


def test_a_day_without_a_rate_keeps_nothing(company: Company) -> None:
    keep(company)
    bill(company.cast.sur, "U", "500.00", date(2026, 3, 1), date(2026, 3, 31), currency="USD")
    assert keep(company) == 0
    assert not DaysKept.objects.exists()


def test_the_check_of_the_books_finds_a_kept_day_that_is_wrong(company: Company) -> None:
    keep(company)
    assert list(books.run(["standing.days"])) == []
    row = DayStanding.objects.get(dim="entity", day=ON)
    row.opens[0] += 1
    row.save()
    (found,) = books.run(["standing.days"])
    assert str(ON) in found.difference.name
    row.delete()
    assert len(list(books.run(["standing.days"]))) == 1
    receive(company.a2, "1.00", date(2026, 3, 10))
    assert list(books.run(["standing.days"])) == []


@pytest.mark.django_db(transaction=True)
def test_only_one_keeps_the_days_of_an_entity_at_a_time(company: Company) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, company.cast.entity.pk])
            held.set()
            done.wait(30)
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, company.cast.entity.pk])
        connections.close_all()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(30)
        assert keep(company) == 0
        assert not DaysKept.objects.exists()
    finally:
        done.set()
        other.join()
    assert keep(company) > 0


def test_sales_older_than_the_days_that_are_kept_are_kept_and_change_too(company: Company) -> None:
    """Positions go back three years, a DSO may count back further."""
    bill(company.cast.sur, "OLD", "30.00", date(2021, 5, 5), date(2021, 6, 5))
    keep(company)
    assert DaySales.objects.filter(dim="entity", day=date(2021, 5, 5)).get().amount == 30
    frame = make_frame(company.cast.entity, ON)
    same_sales(frame, "entity")
    bill(company.cast.sur, "OLDER", "7.00", date(2020, 5, 5), date(2021, 6, 5))
    same_sales(frame, "entity")
    keep(company)
    assert DaySales.objects.filter(dim="entity", day__lt=date(2022, 1, 1)).count() == 2
    same_sales(frame, "entity")


def test_kept_sales_are_what_is_read(company: Company) -> None:
    keep(company)
    DaySales.objects.filter(dim="entity", day=date(2026, 3, 1)).update(amount=D("501.00"))
    frame, rates = make_frame(company.cast.entity, ON), rates_of(ON, "EUR")
    assert daily_sales(frame)[""].between(date(2026, 3, 1), ON, rates) == 501
    bill(company.cast.sur, "Y", "9.00", date(2026, 3, 2), date(2026, 3, 2))
    assert daily_sales(frame)[""].between(date(2026, 3, 1), ON, rates) == 510
    (wrong,) = books.run(["sales.days"])
    assert wrong.difference.name == "entity  2026-03"
    bill(company.cast.sur, "Z", "9.00", date(2026, 3, 1), date(2026, 3, 1))
    assert list(books.run(["sales.days"])) == []
    keep(company)
    assert list(books.run(["sales.days"])) == []
