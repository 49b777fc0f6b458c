"""Working time of random offices: adding and measuring agree, across clock changes, half days and closures."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.working import Closed, NeverOpen, Office, Span, Timetable, add_working, working_time

PLACES = [("ES", "MD", "Europe/Madrid"), ("FR", "", "Europe/Paris"), ("ES", "CN", "Atlantic/Canary")]
START = datetime(2025, 1, 1, tzinfo=UTC)
# Every clock change of two years lies among them, and so do the hours around it.
CHANGES = [datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)]
CHANGES += [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
moments = st.one_of(
    st.integers(0, 2 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.tuples(st.sampled_from(CHANGES), st.integers(-7200, 7200)).map(
        lambda near: near[0] + timedelta(seconds=near[1])
    ),
)


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    """No hours, one stretch, or a morning and an afternoon; also at night, where the clock leaps."""
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=4)))
    marks = [edge * 15 for edge in edges[: len(edges) // 2 * 2]]
    return tuple(zip(marks[::2], marks[1::2], strict=True))


@st.composite
def offices(draw: st.DrawFn) -> Office:
    """An office somewhere, with its own hours and closures; it works on some day."""
    country, subdivision, zone = draw(st.sampled_from(PLACES))
    week = draw(st.lists(days(), min_size=7, max_size=7).filter(any))
    closures = [
        Closed(first := date(2025, 1, 1) + timedelta(days=n), first + timedelta(days=length), since)
        for n, length, since in draw(
            st.lists(
                st.tuples(st.integers(0, 700), st.integers(0, 20), st.sampled_from([0, 0, 720, 840])),
                max_size=4,
            )
        )
    ]
    return Office(country, zone, subdivision, tuple(week), tuple(closures))


thorough = settings(max_examples=200, deadline=None)


@thorough
@given(office=offices(), start=moments, seconds=st.integers(0, 200_000))
def test_added_working_time_is_measured_again(office: Office, start: datetime, seconds: int) -> None:
    added = timedelta(seconds=seconds)
    end = add_working(start, added, office)
    assert end >= start
    assert working_time(start, end, office) == added


@thorough
@given(
    office=offices(), at=moments, gap=st.integers(0, 40 * 86400), cuts=st.lists(st.floats(0, 1), max_size=4)
)
def test_working_time_adds_up_over_any_cuts(
    office: Office, at: datetime, gap: int, cuts: list[float]
) -> None:
    marks = sorted([0, gap, *(int(gap * cut) for cut in cuts)])
    points = [at + timedelta(seconds=mark) for mark in marks]
    parts = [working_time(a, b, office) for a, b in pairwise(points)]
    assert sum(parts, timedelta()) == working_time(points[0], points[-1], office)
    assert all(timedelta() <= part for part in parts)
    assert working_time(points[0], points[-1], office) <= points[-1] - points[0]


@thorough
@given(office=offices(), at=moments, one=st.integers(0, 9000), more=st.integers(0, 9000))
def test_more_working_time_never_ends_earlier(office: Office, at: datetime, one: int, more: int) -> None:
    near = add_working(at, one, office)
    assert near <= add_working(at, one + more, office)
    assert add_working(near, more, office) == add_working(at, one + more, office) or more == 0 or one == 0
    assert add_working(at, one, office) <= add_working(at + timedelta(minutes=more), one, office)


@thorough
@given(
    office=offices(),
    at=moments,
    gap=st.integers(0, 60 * 86400),
    within=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_timetable_measures_the_same(
    office: Office, at: datetime, gap: int, within: tuple[float, float]
) -> None:
    table = Timetable(office, at, at + timedelta(seconds=gap))
    a, b = sorted(at + timedelta(seconds=int(gap * part)) for part in within)
    assert table.between(a, b) == working_time(a, b, office)


ALWAYS = (((0, 1440),),) * 7


@pytest.mark.parametrize(("_country", "_part", "zone"), PLACES)
@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_whole_day_has_the_hours_the_clock_gives_it(
    _country: str, _part: str, zone: str, day: date, hours: int
) -> None:
    start = datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    assert working_time(start, end, Office("XX", zone, week=ALWAYS)) == timedelta(hours=hours)


def test_hours_that_the_clock_skips_are_no_working_time() -> None:
    night = Office("XX", "Europe/Paris", week=(((120, 180), (180, 240)),) * 7)
    day = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Paris"))
    assert working_time(day, day + timedelta(hours=12), night) == timedelta(hours=1)
    half = Office("XX", "Europe/Paris", week=(((150, 210),),) * 7)
    assert working_time(day, day + timedelta(hours=12), half) == timedelta(minutes=30)


def test_a_half_day_a_lunch_break_and_a_regional_holiday_by_hand() -> None:
    zone = ZoneInfo("Atlantic/Canary")
    shift = ((9 * 60, 14 * 60), (15 * 60, 18 * 60))
    office = Office(
        "ES",
        "Atlantic/Canary",
        "CN",
        (shift, shift, shift, shift, ((8 * 60, 14 * 60),), (), ()),
        (Closed(date(2026, 12, 24), date(2026, 12, 24), 13 * 60, "Nochebuena"),),
    )
    # Friday 29 May: 8 to 14. 30 May is the day of the Canaries, a Saturday; Monday 1 June has a lunch break.
    friday = datetime(2026, 5, 29, 12, tzinfo=zone)
    assert add_working(friday, 2 * 60, office) == datetime(2026, 5, 29, 14, tzinfo=zone)
    assert add_working(friday, 8 * 60, office) == datetime(2026, 6, 1, 16, tzinfo=zone)
    assert office.holiday(date(2025, 5, 30))
    assert not Office("ES", "Europe/Madrid", "MD").holiday(date(2025, 5, 30))
    eve = datetime(2026, 12, 24, 9, tzinfo=zone)
    assert working_time(eve, eve + timedelta(hours=12), office) == timedelta(hours=4)


def test_an_office_that_never_opens_says_so() -> None:
    with pytest.raises(NeverOpen):
        add_working(START, 1, Office("ES", "Europe/Madrid", week=((),) * 7))


def test_an_unknown_part_of_a_country_has_its_national_holidays() -> None:
    assert Office("ES", "Europe/Madrid", "ZZ").holiday(date(2026, 12, 25))
