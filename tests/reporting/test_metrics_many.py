"""Counting back many at once is counting back each: exactly, edges and all."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reporting.metrics.dso import Dso, Month, count_back
from reporting.metrics.many import count_back_many

CENTS = st.one_of(st.integers(-500, 500), st.integers(-(10**13), 10**13))


@st.composite
def books(draw: st.DrawFn) -> tuple[list[int], list[list[int]], list[int], list[int]]:
    """Receivables, sales by month, days of the months, months known."""
    rows, months = draw(st.integers(1, 5)), draw(st.integers(0, 6))
    amounts = [draw(st.one_of(CENTS, st.just(0))) for _ in range(rows)]
    sales = [[draw(CENTS) for _ in range(months)] for _ in range(rows)]
    days = [draw(st.integers(1, 31)) for _ in range(months)]
    return amounts, sales, days, [draw(st.integers(0, months)) for _ in range(rows)]


@given(books())
def test_many_are_counted_back_like_each_one(
    book: tuple[list[int], list[list[int]], list[int], list[int]],
) -> None:
    amounts, sales, days, known = book
    table = np.array(sales, np.int64).reshape(len(amounts), len(days))
    for row, last in enumerate(known):
        table[row, last:] = 0
    found = count_back_many(np.array(amounts, np.int64), table, days, np.array(known, np.int64))
    for row, dso in enumerate(found.exact()):
        months = [Month(Decimal(int(table[row, n])) / 100, days[n]) for n in range(known[row])]
        plain = count_back(Decimal(amounts[row]) / 100, months)
        assert dso == plain
        assert abs(float(plain.days) - found.days[row]) < 1e-6


def test_the_examples_of_the_definition() -> None:
    amounts = np.array([21_200_000, 210_000_000, 50_000_000_00, 0], np.int64)
    sales = np.array(
        [[10_000_000, 8_000_000, 7_000_000], [90_000_000, 80_000_000, 70_000_000], [1, 1, 1], [1, 1, 1]],
        np.int64,
    )
    first = count_back_many(amounts[:1], sales[:1], [30, 30, 30]).exact()
    second = count_back_many(amounts[1:], sales[1:], [31, 28, 31]).exact()
    assert round(float(first[0].days), 3) == 73.714
    assert round(float(second[0].days), 3) == 76.714
    assert second[1:] == [Dso(Fraction(90), exhausted=True), Dso(Fraction(0))]
