"""The DSO family on the worked examples of docs/metrics.md, and its laws on made-up companies."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.metrics.aging import Parts
from reporting.metrics.dso import (
    SIMPLE,
    Dso,
    Month,
    Sales,
    collection_effectiveness,
    count_back,
    counted_back,
    dispute_dso,
    family,
    months_back,
    simple,
    waterfall,
)
from reporting.metrics.rounding import rounded, rounded_parts, share

D = Decimal
COMPANY = [Month(D(100_000), 30), Month(D(80_000), 30), Month(D(70_000), 30)]

amounts = st.decimals(0, 10**9, places=2)
sales = st.decimals(-(10**6), 10**8, places=2)
months = st.lists(st.builds(Month, sales, st.integers(1, 31)), max_size=40)


def day_by_day(receivables: Decimal, known: list[Month]) -> Dso:
    """The definition, slowly: walk back one day at a time, each day selling its share of the month."""
    left, days = Fraction(receivables), Fraction(0)
    for month in known:
        daily = max(Fraction(month.sales), Fraction(0)) / month.days
        for _ in range(month.days):
            if left <= 0:
                return Dso(days)
            if daily >= left:
                return Dso(days + left / daily)
            left -= daily
            days += 1
    return Dso(days, exhausted=left > 0)


def test_simple_dso_of_the_worked_example() -> None:
    assert rounded(simple(D(1000), D(1300), 91).days) == D("70.000")


def test_simple_dso_without_sales_says_more_than_the_days_asked() -> None:
    assert simple(D(1000), D(0), 91) == Dso(Fraction(91), exhausted=True)
    assert simple(D(0), D(0), 91) == Dso(Fraction(0))


@pytest.mark.parametrize(
    ("receivables", "known", "expected"),
    [
        (D(212_000), COMPANY, D("73.714")),
        (D(2_100_000), [Month(D(900_000), 31), Month(D(800_000), 28), Month(D(700_000), 31)], D("76.714")),
        (D(0), COMPANY, D("0.000")),
        (D(100_000), COMPANY, D("30.000")),
        (D(250_000), COMPANY, D("90.000")),
    ],
)
def test_count_back_of_the_worked_examples(
    receivables: Decimal, known: list[Month], expected: Decimal
) -> None:
    dso = count_back(receivables, known)
    assert (rounded(dso.days), dso.exhausted) == (expected, False)


def test_receivables_beyond_all_known_sales_are_exhausted_and_never_extrapolated() -> None:
    assert count_back(D("250000.01"), COMPANY) == Dso(Fraction(90), exhausted=True)
    assert count_back(D(1), []) == Dso(Fraction(0), exhausted=True)


def test_a_month_without_net_sales_adds_its_days_and_uses_up_nothing() -> None:
    known = [Month(D(100), 30), Month(D(0), 31), Month(D(-50), 28), Month(D(100), 31)]
    assert count_back(D(150), known).days == 30 + 31 + 28 + Fraction(31, 2)


def test_a_quiet_month_is_not_counted_once_nothing_is_left() -> None:
    assert count_back(D(100), [Month(D(100), 30), Month(D(0), 31)]) == Dso(Fraction(30))


@given(amounts, months)
def test_count_back_equals_walking_back_day_by_day(receivables: Decimal, known: list[Month]) -> None:
    assert count_back(receivables, known) == day_by_day(receivables, known)


@given(amounts, months)
def test_the_months_of_a_count_back_add_up_to_it(receivables: Decimal, known: list[Month]) -> None:
    whole, steps = count_back(receivables, known), counted_back(receivables, known)
    assert sum((step.days for step in steps), Fraction(0)) == whole.days
    taken = sum((step.taken for step in steps), D(0))
    assert taken < receivables if whole.exhausted else taken == receivables


def test_months_are_clipped_at_the_as_of_date_and_none_is_left_out() -> None:
    known = {(2026, 3): D(900), (2025, 12): D(700)}
    assert months_back(known, date(2026, 3, 10)) == [
        Month(D(900), 10),
        Month(D(0), 28),
        Month(D(0), 31),
        Month(D(700), 31),
    ]
    assert len(months_back(known, date(2026, 3, 10), first=date(2025, 11, 30))) == 5
    assert months_back({}, date(2026, 3, 10)) == []


def test_the_waterfall_of_the_worked_example() -> None:
    parts = Parts(not_due=D(130_000), late=D(39_600), disputed=D(42_400))
    split = waterfall(count_back(parts.total, COMPANY), parts)
    assert rounded_parts(split.as_dict()) == {
        "not_due": D("45.202"),
        "late": D("13.769"),
        "disputed": D("14.743"),
    }


def test_the_family_of_the_worked_example() -> None:
    parts = Parts(not_due=D(130_000), late=D(39_600), disputed=D(42_400))
    figures = family(parts, D(130_000), Sales(COMPANY))
    assert rounded(figures.dso.days) == D("73.714")
    assert rounded(figures.dispute_dso) == D("14.743")
    assert rounded(figures.marginal) == D("17.614")
    assert rounded(figures.dso.days - figures.marginal) == D("56.100")
    assert rounded(figures.best_possible) == D("41.250")
    assert figures.average_days_delinquent == figures.dso.days - figures.best_possible


def test_the_simple_method_runs_through_the_whole_family() -> None:
    figures = family(Parts(D(500), D(300), D(200)), D(500), Sales([], SIMPLE, D(1300), 91))
    assert rounded(figures.dso.days) == D("70.000")
    assert rounded(figures.best_possible) == D("35.000")
    assert rounded(figures.marginal) == D("14.000")


def test_nothing_owed_is_nought_in_every_part() -> None:
    figures = family(Parts(), D(0), Sales(COMPANY))
    assert figures.dso == Dso(Fraction(0))
    assert figures.parts.days == figures.marginal == figures.best_possible == 0


@given(amounts, amounts, amounts, months)
def test_the_parts_add_up_exactly_and_as_displayed(
    not_due: Decimal, late: Decimal, disputed: Decimal, known: list[Month]
) -> None:
    parts = Parts(not_due, late, disputed)
    figures = family(parts, not_due, Sales(known))
    shown = rounded_parts(figures.parts.as_dict())
    assert figures.parts.days == figures.dso.days
    assert sum(shown.values()) == rounded(figures.dso.days)
    for key, exact in figures.parts.as_dict().items():
        assert abs(Fraction(shown[key]) - exact) < Fraction(1, 1000)


@given(amounts, amounts, amounts, months)
def test_the_dispute_dso_alone_is_that_of_the_family(
    not_due: Decimal, late: Decimal, disputed: Decimal, known: list[Month]
) -> None:
    parts = Parts(not_due, late, disputed)
    assert dispute_dso(parts, Sales(known)) == family(parts, not_due, Sales(known)).dispute_dso


@given(amounts, amounts, months)
def test_more_receivables_never_give_fewer_days(one: Decimal, more: Decimal, known: list[Month]) -> None:
    assert count_back(one, known).days <= count_back(one + more, known).days


def test_cei_of_the_worked_example() -> None:
    assert collection_effectiveness(D(500), D(400), D(450), D(300)) == 75
    assert collection_effectiveness(D(0), D(300), D(300), D(300)) is None


@given(st.lists(st.fractions(0, 1000), min_size=1, max_size=8), st.integers(0, 4))
def test_rounded_parts_add_up_to_the_rounded_total(parts: list[Fraction], decimals: int) -> None:
    shown = rounded_parts(dict(enumerate(parts)), decimals)
    assert sum(shown.values()) == rounded(sum(parts, Fraction(0)), decimals)
    assert all(abs(Fraction(shown[i]) - part) < Fraction(1, 10**decimals) for i, part in enumerate(parts))


@pytest.mark.parametrize(
    ("value", "text"), [("1/2000", "0.001"), ("-1/2000", "-0.001"), ("2/3", "0.667"), ("0", "0.000")]
)
def test_halves_round_away_from_zero(value: str, text: str) -> None:
    assert rounded(Fraction(value)) == D(text)


def test_shares_of_nothing_are_nought() -> None:
    assert share(D(1), D(0)) == 0
    assert share(D(1), D(3)) == D("33.3")
