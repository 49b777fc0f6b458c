"""Weeks and hours, worked out by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.metrics.flow import KINDS, WEEK, monday_of, weeks
from reporting.metrics.hours import busiest, by_hour, in_bands, level

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = date(2026, 3, 2)


def test_each_backlog_is_the_one_before_and_what_came_less_what_went() -> None:
    counts = {(MONDAY, "opened"): 3, (MONDAY, "solved"): 1, (MONDAY + 2 * WEEK, "solved"): 4}
    found = weeks(counts, 5, date(2026, 3, 4), date(2026, 3, 18))
    assert [(w.opened, w.solved, w.backlog) for w in found] == [(3, 1, 7), (0, 0, 7), (0, 4, 3)]
    assert [(w.first, w.last) for w in found] == [
        (date(2026, 3, 2), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
        (date(2026, 3, 16), date(2026, 3, 18)),
    ]


def test_a_period_that_has_not_begun_has_no_week() -> None:
    assert weeks({}, 5, date(2026, 3, 16), date(2026, 3, 15)) == []


@given(
    st.dictionaries(st.tuples(st.integers(0, 9), st.sampled_from(KINDS)), st.integers(0, 99)),
    st.integers(0, 99),
)
def test_the_last_backlog_is_everything_added_up(moves: dict[tuple[int, str], int], before: int) -> None:
    counts = {(MONDAY + week * WEEK, kind): n for (week, kind), n in moves.items()}
    found = weeks(counts, before, MONDAY, MONDAY + 9 * WEEK)
    assert len(found) == 10
    assert found[-1].backlog == before + sum(w.opened for w in found) - sum(w.solved for w in found)
    assert sum(w.opened + w.solved for w in found) == sum(moves.values())
    assert all(week.first == monday_of(week.last) for week in found)


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    winter, summer = datetime(2026, 3, 27, 8, 59, tzinfo=UTC), datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    late = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    assert by_hour([winter, summer, late], MADRID) == {(4, 9): 1, (0, 10): 1, (0, 0): 1}
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    assert by_hour(twice, MADRID) == {(6, 2): 2}


def test_bands_hold_what_their_hours_held() -> None:
    counts = {(0, 9): 1, (0, 8): 2, (0, 10): 4, (3, 23): 5}
    assert in_bands(counts, 2) == {(0, 8): 3, (0, 10): 4, (3, 22): 5}
    assert in_bands(counts, 1) == counts


def test_the_busiest_hour_is_the_first_of_equals() -> None:
    assert busiest({(4, 9): 2, (1, 16): 3, (1, 11): 3}) == (1, 11)
    assert busiest({}) is None


@pytest.mark.parametrize(
    ("count", "most", "shade"),
    [(0, 9, 0), (1, 9, 1), (2, 10, 1), (3, 10, 2), (9, 10, 5), (10, 10, 5), (1, 1, 5)],
)
def test_a_cell_is_as_dark_as_its_share_of_the_fullest(count: int, most: int, shade: int) -> None:
    assert level(count, most) == shade
