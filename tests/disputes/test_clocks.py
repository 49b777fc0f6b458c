"""Working time, worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.clocks import Office, add_working, working_time

MADRID = ZoneInfo("Europe/Madrid")
SPAIN = Office("ES", "Europe/Madrid")


def madrid(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MADRID)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (madrid(2026, 3, 16, 10), 240, madrid(2026, 3, 16, 14)),
        (madrid(2026, 3, 16, 16), 240, madrid(2026, 3, 17, 11)),
        (madrid(2026, 3, 20, 17), 120, madrid(2026, 3, 23, 10)),
        (madrid(2026, 3, 21, 12), 60, madrid(2026, 3, 23, 10)),
        (madrid(2026, 3, 16, 3), 0, madrid(2026, 3, 16, 9)),
        # 3 April 2026 is Good Friday in Spain.
        (madrid(2026, 4, 2, 17), 120, madrid(2026, 4, 6, 10)),
        # Summer time begins on 29 March 2026: nine hours of office remain nine hours.
        (madrid(2026, 3, 27, 9), 1080, madrid(2026, 3, 30, 18)),
    ],
)
def test_a_deadline_counts_office_hours_only(start: datetime, minutes: int, end: datetime) -> None:
    assert add_working(start, minutes, SPAIN) == end
    assert working_time(start, end, SPAIN) == timedelta(minutes=minutes)


def test_a_country_without_a_calendar_has_only_weekends() -> None:
    assert add_working(madrid(2026, 12, 24, 17), 120, Office("XX", "Europe/Madrid")) == madrid(
        2026, 12, 25, 10
    )


START = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


@settings(max_examples=150, deadline=None)
@given(start=moments, minutes=st.integers(0, 6000))
def test_adding_and_measuring_working_time_agree(start: datetime, minutes: int) -> None:
    assert working_time(start, add_working(start, minutes, SPAIN), SPAIN) == timedelta(minutes=minutes)


@settings(max_examples=100, deadline=None)
@given(a=moments, gap=st.integers(0, 60 * 24 * 30), cut=st.integers(0, 100))
def test_working_time_adds_up_over_any_cut(a: datetime, gap: int, cut: int) -> None:
    b = a + timedelta(minutes=gap)
    middle = a + timedelta(minutes=gap * cut // 100)
    assert working_time(a, middle, SPAIN) + working_time(middle, b, SPAIN) == working_time(a, b, SPAIN)
