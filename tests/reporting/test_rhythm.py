"""When a report is due: by the wall clock, over month ends, holidays and daylight saving. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.working import Closed, NeverOpen, Office
from reporting.subscriptions.choices import DayOf, Every
from reporting.subscriptions.rhythm import Rhythm, day_of, last_due, last_working_day, next_due

MADRID = "Europe/Madrid"
OFFICE = Office("ES", MADRID)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def rhythm(every: str, number: int = 0, hour: int = 8, zone: str = MADRID, office: Office = OFFICE) -> Rhythm:
    return Rhythm(every, hour, zone, office, number)


def local(text: str, zone: str = MADRID) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("_case", "asked", "after", "expected"),
    [
        ("before the hour", rhythm("workday"), "2026-03-16T07:59", "2026-03-16T08:00"),
        ("at the hour: the next day", rhythm("workday"), "2026-03-16T08:00", "2026-03-17T08:00"),
        ("over a weekend", rhythm("workday"), "2026-03-13T09:00", "2026-03-16T08:00"),
        ("over a public holiday", rhythm("workday"), "2026-04-30T09:00", "2026-05-04T08:00"),
        ("the same weekday", rhythm("week", 0), "2026-03-16T07:00", "2026-03-16T08:00"),
        ("the next week", rhythm("week", 0), "2026-03-16T09:00", "2026-03-23T08:00"),
        ("a weekday that is a holiday", rhythm("week", 4), "2026-04-27T09:00", "2026-05-01T08:00"),
        ("a day of the month", rhythm("month", 5), "2026-03-16T09:00", "2026-04-05T08:00"),
        ("the 31st in April", rhythm("month", 31), "2026-04-01T09:00", "2026-04-30T08:00"),
        ("the 30th in February", rhythm("month", 30), "2026-02-01T09:00", "2026-02-28T08:00"),
        ("the 30th in February of a leap year", rhythm("month", 30), "2028-02-01T09:00", "2028-02-29T08:00"),
        ("over the year", rhythm("month", 1), "2026-12-31T23:59", "2027-01-01T08:00"),
        ("a month that ends on a Sunday", rhythm("month_end"), "2026-05-02T00:00", "2026-05-29T08:00"),
        ("a month end gone by", rhythm("month_end"), "2026-05-29T08:00", "2026-06-30T08:00"),
        ("the hour the clock skips", rhythm("month", 29, hour=2), "2026-03-16T00:00", "2026-03-29T03:00"),
        ("the hour the clock repeats", rhythm("month", 25, hour=2), "2026-10-16T00:00", "2026-10-25T02:00"),
        ("midnight", rhythm("workday", hour=0), "2026-03-16T00:00", "2026-03-17T00:00"),
    ],
)  # fmt: skip
def test_the_next_time_it_is_due(_case: str, asked: Rhythm, after: str, expected: str) -> None:
    assert next_due(asked, local(after)) == local(expected).astimezone(UTC)


def test_the_hour_is_that_of_the_company_through_the_change_of_the_clock() -> None:
    before, after = local("2026-03-27T09:00"), local("2026-03-30T08:00")
    assert next_due(rhythm("workday"), before) == after
    assert (before.utcoffset(), after.utcoffset()) == (timedelta(hours=1), timedelta(hours=2))
    tokyo = rhythm("week", 0, zone="Asia/Tokyo")
    assert next_due(tokyo, datetime(2026, 3, 15, 22, tzinfo=UTC)) == datetime(2026, 3, 15, 23, tzinfo=UTC)


def test_a_month_of_closure_ends_on_its_last_day() -> None:
    office = Office("ES", MADRID, closures=(Closed(date(2026, 8, 1), date(2026, 8, 31)),))
    assert last_working_day(date(2026, 8, 10), office) == date(2026, 8, 31)
    assert last_working_day(date(2026, 8, 10), OFFICE) == date(2026, 8, 31)
    short = Office("ES", MADRID, closures=(Closed(date(2026, 8, 20), date(2026, 8, 31)),))
    assert last_working_day(date(2026, 8, 10), short) == date(2026, 8, 19)


def test_an_office_that_never_opens_has_no_working_day_but_has_months() -> None:
    never = Office("ES", MADRID, week=((),) * 7)
    with pytest.raises(NeverOpen):
        next_due(rhythm("workday", office=never), local("2026-03-16T09:00"))
    assert last_due(rhythm("workday", office=never), local("2026-03-16T09:00")) is None
    assert next_due(rhythm("month_end", office=never), local("2026-03-16T09:00")) == local("2026-03-31T08:00")


def test_the_day_of_the_figures() -> None:
    due, late = date(2026, 1, 31), date(2026, 2, 2)
    assert day_of(DayOf.SENT, due_on=due, sent_on=late) == late
    assert day_of(DayOf.MONTH_BEFORE, due_on=due, sent_on=late) == date(2025, 12, 31)
    assert day_of(DayOf.MONTH_BEFORE, due_on=date(2026, 3, 1), sent_on=late) == date(2026, 2, 28)


rhythms = st.one_of(
    st.builds(Rhythm, st.just(Every.WORKDAY), st.integers(0, 23), st.just(MADRID), st.just(OFFICE)),
    st.builds(
        Rhythm, st.just(Every.WEEK), st.integers(0, 23), st.sampled_from([MADRID, "Asia/Beirut", "UTC"]),
        st.just(OFFICE), st.integers(0, 6),
    ),
    st.builds(
        Rhythm, st.just(Every.MONTH), st.integers(0, 23), st.sampled_from([MADRID, "America/Santiago"]),
        st.just(OFFICE), st.integers(1, 31),
    ),
    st.builds(Rhythm, st.just(Every.MONTH_END), st.integers(0, 23), st.just(MADRID), st.just(OFFICE)),
)  # fmt: skip
moments = st.integers(1_704_067_200, 1_924_992_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(rhythms, moments)
def test_the_next_time_is_strictly_after_and_nothing_lies_between(asked: Rhythm, at: datetime) -> None:
    due = next_due(asked, at)
    assert due > at
    assert last_due(asked, due) == due
    before = last_due(asked, due - TICK)
    assert before is not None
    assert before <= at
    assert next_due(asked, before) == due


@given(rhythms, st.integers(2024, 2030), st.integers(1, 12))
def test_every_period_has_exactly_one(asked: Rhythm, year: int, month: int) -> None:
    """Each worked day, each week from Monday to Sunday, each month: counted over a month and its neighbours."""
    first = date(year, month, 1)
    days = [first + n * DAY for n in range(-14, monthrange(year, month)[1] + 14)]
    due = [asked.local(at) for at in walk(asked, asked.moment(days[0]) - TICK, asked.moment(days[-1]))]
    assert all(a < b for a, b in pairwise(due))
    if asked.every == Every.WORKDAY:
        assert due == [day for day in days if OFFICE.works_on(day)]
    elif asked.every == Every.WEEK:
        weeks = {day.isocalendar()[:2] for day in days[6:-6]}
        assert weeks <= {day.isocalendar()[:2] for day in due}
        assert len(due) == len({day.isocalendar()[:2] for day in due})
    else:
        assert len([day for day in due if (day.year, day.month) == (year, month)]) == 1


def walk(asked: Rhythm, since: datetime, until: datetime) -> list[datetime]:
    """Every time it is due after `since`, `until` included."""
    found, at = [], next_due(asked, since)
    while at <= until:
        found.append(at)
        at = next_due(asked, at)
    return found
