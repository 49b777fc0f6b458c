"""Working time: office hours on working days of a country, exact across daylight saving. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Office:
    """When people work: national holidays of `country` (ISO), hours on the wall clock of `time_zone`."""

    country: str
    time_zone: str
    opens: time = time(9)
    closes: time = time(18)

    def works_on(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return day.weekday() < SATURDAY and day not in _holidays(self.country)

    def hours(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of that day, in UTC."""
        zone = ZoneInfo(self.time_zone)
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(day, self.closes, zone).astimezone(UTC),
        )

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time from `since` on, in UTC, the first one cut at `since`; never ends."""
        day = since.astimezone(ZoneInfo(self.time_zone)).date()
        while True:
            if self.works_on(day):
                opens, closes = self.hours(day)
                if closes > since:
                    yield max(opens, since), closes
            day += ONE_DAY


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase | frozenset[date]:
    """The national holidays of a country; none for a country the library does not know."""
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return frozenset()


def add_working(at: datetime, minutes: int, office: Office) -> datetime:
    """The moment `minutes` of working time after `at` (aware), in UTC; `at` itself may be outside office hours."""
    left = timedelta(minutes=minutes)
    for opens, closes in office.openings(at.astimezone(UTC)):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("openings never ends")


def working_time(start: datetime, end: datetime, office: Office) -> timedelta:
    """The working time between two moments (aware, start <= end)."""
    total = timedelta()
    end = end.astimezone(UTC)
    for opens, closes in office.openings(start.astimezone(UTC)):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    raise AssertionError("openings never ends")
