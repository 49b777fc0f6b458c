"""The rule of late interest: worked examples of the directive, disputes, payments, and what always holds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collections_app.choices_interest import RateBasis, TermsBasis
from collections_app.interest.rates import (
    RateBook,
    RateRow,
    Tariff,
    Terms,
    half_year,
    next_half_year,
    shipped,
)
from collections_app.interest.rule import Agreed, Covered, Debt, Explanation, Moved, explain

D = Decimal
BOOK = RateBook.of(shipped())
SPAIN, FRANCE = Tariff(BOOK, "ES"), Tariff(BOOK, "FR")
# Forty-five days inside one half-year: due 15 January, day 45 is 1 March 2026.
DUE = date(2026, 1, 15)
DAY_45 = DUE + timedelta(days=45)


def told(explanation: Explanation) -> list[tuple[str, str, int, str, str, str]]:
    """The lines as a person reads them."""
    return [
        (str(x.first), str(x.last), x.days, f"{x.base:.2f}", f"{x.rate.normalize():f}", str(x.amount))
        for x in explanation.lines
    ]


@pytest.mark.parametrize(
    ("tariff", "amount"), [(SPAIN, "125.14"), (FRANCE, "149.79")], ids=["Spain", "France"]
)
def test_ten_thousand_for_45_days(tariff: Tariff, amount: str) -> None:
    found = explain(Debt(D("10000.00"), DUE), DAY_45, tariff)
    assert found.interest == D(amount)
    assert [line.days for line in found.lines] == [45]


def test_what_was_rightly_disputed_bears_nothing_from_the_beginning() -> None:
    debt = Debt(D("10000.00"), DUE, granted=D("4000.00"), granted_since=DUE + timedelta(days=9))
    found = explain(debt, DAY_45, SPAIN)
    assert told(found) == [("2026-01-16", "2026-03-01", 45, "6000.00", "10.15", "75.08")]


def test_the_credit_note_for_it_changes_nothing_and_a_larger_one_only_from_its_day() -> None:
    debt = Debt(
        D("10000.00"),
        DUE,
        granted=D("4000.00"),
        granted_since=DUE,
        credited=(Moved(DUE + timedelta(days=20), D("4500.00")),),
    )
    bases = [(line.days, line.base) for line in explain(debt, DAY_45, SPAIN).lines]
    assert bases == [(20, D("6000.00")), (25, D("5500.00"))]


def test_an_older_credit_note_is_not_taken_for_what_the_dispute_gave() -> None:
    debt = Debt(
        D("1000.00"),
        DUE,
        granted=D("200.00"),
        granted_since=DUE + timedelta(days=10),
        credited=(Moved(DUE + timedelta(days=5), D("100.00")),),
    )
    assert [(line.days, line.base) for line in explain(debt, DAY_45, SPAIN).lines] == [
        (5, D("800.00")),
        (40, D("700.00")),
    ]


def test_while_a_dispute_is_open_its_part_is_suspended_and_a_rejected_one_brings_it_back() -> None:
    opened = explain(Debt(D("10000.00"), DUE, disputed=D("4000.00")), DAY_45, SPAIN)
    rejected = explain(Debt(D("10000.00"), DUE), DAY_45, SPAIN)
    assert (opened.interest, opened.in_dispute) == (D("75.08"), D("50.05"))
    assert (rejected.interest, rejected.in_dispute) == (D("125.14"), D("0.00"))


@pytest.mark.parametrize(
    ("country", "day", "percent"),
    [
        ("ES", date(2026, 1, 1), "10.15"),
        ("FR", date(2026, 6, 30), "12.15"),
        ("ES", date(2024, 7, 1), "12.25"),
        ("FR", date(2024, 12, 31), "14.25"),
        ("DE", date(2024, 7, 1), "12.25"),
        ("ES", date(2013, 3, 16), "8.75"),
        ("ES", date(2022, 8, 1), "8"),
    ],
)
def test_the_rate_of_a_half_year(country: str, day: date, percent: str) -> None:
    rate = Tariff(BOOK, country).rate(day)
    assert rate is not None
    assert (rate.percent, rate.known) == (D(percent), True)


def test_each_half_year_has_its_own_rate() -> None:
    found = explain(Debt(D("10000.00"), date(2024, 6, 20)), date(2025, 1, 10), SPAIN)
    assert told(found) == [
        ("2024-06-21", "2024-06-30", 10, "10000.00", "12.5", "34.25"),
        ("2024-07-01", "2024-12-31", 184, "10000.00", "12.25", "617.53"),
        ("2025-01-01", "2025-01-10", 10, "10000.00", "11.15", "30.55"),
    ]


def test_a_half_year_whose_rate_is_not_known_is_reckoned_with_the_one_before_and_says_so() -> None:
    last = max(row.since for row in shipped() if row.kind == "reference")
    missing = next_half_year(last)
    found = explain(Debt(D("100.00"), missing - timedelta(days=10)), missing + timedelta(days=5), SPAIN)
    assert [line.known for line in found.lines] == [True, False]
    assert found.lines[0].rate == found.lines[1].rate
    assert found.provisional


def test_before_the_directive_nothing_is_reckoned() -> None:
    assert explain(Debt(D("100.00"), date(2012, 1, 1)), date(2012, 12, 31), SPAIN) == Explanation()


def test_a_french_contract_goes_lower_but_never_below_three_times_the_legal_rate() -> None:
    low = Tariff(BOOK, "FR", own=(Terms(date(2020, 1, 1), TermsBasis.RATE, D("5")),))
    fair = Tariff(BOOK, "FR", own=(Terms(date(2020, 1, 1), TermsBasis.RATE, D("9")),))
    floor, agreed = low.rate(date(2026, 3, 1)), fair.rate(date(2026, 3, 1))
    assert floor is not None
    assert agreed is not None
    assert (floor.percent, floor.basis) == (D("7.86"), RateBasis.FLOOR)
    assert (agreed.percent, agreed.basis) == (D("9"), RateBasis.CONTRACT)
    # The law's own rate is not raised, though three times 4.92 is more than it.
    law = FRANCE.rate(date(2024, 7, 1))
    assert law is not None
    assert (law.percent, law.basis) == (D("14.25"), RateBasis.LAW)


def test_terms_count_from_their_day_the_customers_own_before_the_houses() -> None:
    house = (Terms(date(2026, 1, 1), TermsBasis.MARGIN, D("6")),)
    own = (Terms(date(2026, 2, 1), TermsBasis.RATE, D("7")), Terms(date(2026, 3, 1), TermsBasis.LAW))
    found = explain(Debt(D("1000.00"), date(2025, 12, 21)), date(2026, 3, 10), Tariff(BOOK, "ES", own, house))
    assert [(x.days, f"{x.rate.normalize():f}", x.basis.value) for x in found.lines] == [
        (10, "10.15", "law"),
        (31, "8.15", "contract"),
        (28, "7", "contract"),
        (10, "10.15", "law"),
    ]


def test_terms_without_interest_bear_none() -> None:
    none = Tariff(BOOK, "ES", own=(Terms(date(2020, 1, 1), TermsBasis.NONE),))
    assert explain(Debt(D("1000.00"), DUE), DAY_45, none) == Explanation()


@pytest.mark.parametrize(("day", "days"), [(-3, 0), (0, 0), (1, 1), (10, 10)])
def test_money_bears_interest_to_the_day_it_comes(day: int, days: int) -> None:
    debt = Debt(D("1000.00"), DUE, paid=(Moved(DUE + timedelta(days=day), D("1000.00")),))
    found = explain(debt, DAY_45, SPAIN)
    assert sum(line.days for line in found.lines) == days
    assert (found.late_from is None) == (days == 0)


def test_partial_payments_lower_the_base_and_a_returned_one_raises_it() -> None:
    paid = (
        Moved(DUE + timedelta(days=10), D("400.00")),
        Moved(DUE + timedelta(days=20), D("-400.00")),
        Moved(DUE + timedelta(days=30), D("1000.00")),
    )
    found = explain(Debt(D("1000.00"), DUE, paid=paid), DAY_45, SPAIN)
    assert [(line.days, line.base) for line in found.lines] == [
        (10, D("1000.00")),
        (10, D("600.00")),
        (10, D("1000.00")),
    ]


def test_interest_follows_the_instalments() -> None:
    agreed = (
        Agreed(D("300.00"), DUE + timedelta(days=20)),
        Agreed(D("300.00"), DUE + timedelta(days=40)),
    )
    paid = (Moved(DUE + timedelta(days=5), D("400.00")), Moved(DUE + timedelta(days=20), D("300.00")))
    found = explain(Debt(D("1000.00"), DUE, paid=paid, agreed=agreed), DAY_45, SPAIN)
    # 400 was due at once and came five days late; the first instalment came on its day, the second never.
    assert [(line.days, line.base) for line in found.lines] == [(5, D("400.00")), (5, D("300.00"))]


def test_an_agreement_made_late_leaves_the_interest_before_it() -> None:
    agreed = (Agreed(D("1000.00"), DUE + timedelta(days=40), since=DUE + timedelta(days=15)),)
    found = explain(Debt(D("1000.00"), DUE, agreed=agreed), DAY_45, SPAIN)
    assert [line.days for line in found.lines] == [15, 5]


def test_what_was_claimed_is_not_claimed_again_and_goes_on_from_the_next_day() -> None:
    covered = (Covered(DUE + timedelta(days=1), DUE + timedelta(days=30), D("1000.00")),)
    found = explain(Debt(D("1000.00"), DUE, covered=covered), DAY_45, SPAIN)
    assert [(line.first, line.days) for line in found.lines] == [(DUE + timedelta(days=31), 15)]
    assert found.late_from == DUE + timedelta(days=1)


def test_a_dispute_rejected_after_a_claim_brings_its_own_part_from_the_due_day() -> None:
    covered = (Covered(DUE + timedelta(days=1), DUE + timedelta(days=30), D("600.00")),)
    found = explain(Debt(D("1000.00"), DUE, covered=covered), DAY_45, SPAIN)
    assert [(line.days, line.base) for line in found.lines] == [(30, D("400.00")), (15, D("1000.00"))]


def test_a_dispute_accepted_after_a_claim_says_what_was_claimed_too_much() -> None:
    covered = (Covered(DUE + timedelta(days=1), DUE + timedelta(days=45), D("10000.00")),)
    debt = Debt(D("10000.00"), DUE, granted=D("4000.00"), granted_since=DUE, covered=covered)
    found = explain(debt, DAY_45, SPAIN)
    assert (found.interest, found.claimed_too_much) == (D("0.00"), D("50.05"))


def test_a_currency_without_cents_is_rounded_to_its_unit() -> None:
    (line,) = explain(Debt(D("100000.00"), DUE, currency="JPY"), DAY_45, SPAIN).lines
    assert line.amount == D("1251.00")


AMOUNTS = st.decimals("0.01", "99999.99", places=2)
DAYS = st.integers(-30, 900)


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    """An invoice with whatever can happen to one."""
    due = date(2022, 11, 1) + timedelta(days=draw(st.integers(0, 900)))
    moved = st.builds(lambda days, amount: Moved(due + timedelta(days=days), amount), DAYS, AMOUNTS)
    agreed = st.builds(
        lambda days, since, amount: Agreed(amount, due + timedelta(days=days), due + timedelta(days=since)),
        st.integers(0, 300),
        st.integers(-10, 100),
        AMOUNTS,
    )
    covered = st.builds(
        lambda start, length, base: Covered(
            due + timedelta(days=start), due + timedelta(days=start + length), base
        ),
        st.integers(1, 300),
        st.integers(0, 200),
        AMOUNTS,
    )
    return Debt(
        amount=draw(AMOUNTS),
        due_on=due,
        paid=tuple(draw(st.lists(moved, max_size=3))),
        credited=tuple(draw(st.lists(moved, max_size=2))),
        disputed=draw(st.sampled_from([D("0.00"), D("50.00"), D("5000.00")])),
        granted=draw(st.sampled_from([D("0.00"), D("30.00"), D("3000.00")])),
        granted_since=due + timedelta(days=draw(DAYS)),
        agreed=tuple(draw(st.lists(agreed, max_size=2))),
        covered=tuple(draw(st.lists(covered, max_size=2))),
    )


def exact(debt: Debt, until: date) -> Fraction:
    """The interest day by day, without lines and without rounding: another way to the same figure."""
    total = Fraction(0)
    day = debt.due_on + timedelta(days=1)
    while day <= until:
        rate = SPAIN.rate(day)
        rest = max(debt.owed(day) - debt.is_covered(day), D(0))
        bears = rest - min(debt.disputed, rest)
        total += Fraction(bears) * Fraction(rate.percent if rate else 0) / 36500
        day += timedelta(days=1)
    return total


@settings(deadline=None, max_examples=150)
@given(debts(), st.integers(0, 500))
def test_lines_add_up_never_overlap_and_are_what_a_count_day_by_day_gives(debt: Debt, days: int) -> None:
    until = debt.due_on + timedelta(days=days)
    found = explain(debt, until, SPAIN)
    assert found.interest == sum((line.amount for line in found.lines), D("0.00"))
    assert sum((line.exact for line in found.lines), Fraction(0)) == exact(debt, until)
    for before, line in zip(found.lines, found.lines[1:], strict=False):
        assert before.last < line.first
    for line in (*found.lines, *found.suspended, *found.over):
        assert debt.due_on < line.first <= line.last <= until
        assert half_year(line.first) == half_year(line.last)
        assert line.base > 0
        assert line.amount >= 0
        assert abs(Fraction(line.amount) - line.exact) <= Fraction(1, 200)


@settings(deadline=None, max_examples=100)
@given(debts(), st.integers(1, 400), st.integers(1, 200))
def test_splitting_a_period_changes_nothing_but_the_rounding_of_its_lines(
    debt: Debt, first: int, more: int
) -> None:
    middle = debt.due_on + timedelta(days=first)
    until = middle + timedelta(days=more)
    whole, before = explain(debt, until, SPAIN), explain(debt, middle, SPAIN)
    claimed = tuple(Covered(line.first, line.last, line.base) for line in before.lines)
    after = explain(
        Debt(**{name: getattr(debt, name) for name in Debt.__slots__} | {"covered": debt.covered + claimed}),
        until,
        SPAIN,
    )
    kept = [*before.lines, *after.lines]
    assert sum((x.exact for x in kept), Fraction(0)) == sum((x.exact for x in whole.lines), Fraction(0))
    cents = abs(before.interest + after.interest - whole.interest)
    assert cents <= D("0.005") * (len(kept) + len(whole.lines))


@settings(deadline=None, max_examples=100)
@given(debts(), st.integers(0, 400), st.integers(0, 100))
def test_another_day_never_makes_it_less(debt: Debt, days: int, more: int) -> None:
    until = debt.due_on + timedelta(days=days)
    assert explain(debt, until, SPAIN).interest <= explain(debt, until + timedelta(days=more), SPAIN).interest


@given(debts(), st.integers(-400, 0))
def test_nothing_is_owed_before_the_due_day_is_over(debt: Debt, days: int) -> None:
    assert explain(debt, debt.due_on + timedelta(days=days), SPAIN) == Explanation()


def test_a_countrys_own_value_goes_before_the_one_for_all() -> None:
    row = RateRow("reference", "SE", "", date(2026, 1, 1), D("1.75"), "Riksbanken")
    rate = Tariff(RateBook.of([*shipped(), row]), "SE").rate(date(2026, 2, 1))
    assert rate is not None
    assert rate.percent == D("9.75")


@settings(deadline=None, max_examples=300)
@given(st.decimals("0.01", "999999999.99", places=2), st.integers(1, 184))
def test_a_line_is_rounded_as_the_exact_fraction_is(base: Decimal, days: int) -> None:
    (line,) = explain(
        Debt(base, date(2025, 12, 31)), date(2025, 12, 31) + timedelta(days=min(days, 181)), SPAIN
    ).lines
    cents = (line.exact * 100 + Fraction(1, 2)).__floor__()
    assert line.amount == Decimal(cents) / 100
