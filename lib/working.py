"""Working time: hours of an office on the wall clock of its zone, without its holidays and closures. Pure.

Exact across daylight saving: an hour that the clock skips is no working time, an hour it repeats counts once when
the office opens or closes within it. `add_working` and `working_time` are each other's inverse, and working time
adds up over any cut.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import holidays

ONE_DAY = timedelta(days=1)
# After so many days without a single opening nobody is waited for.
LONGEST_CLOSURE = 3 * 366
# Minutes of the wall clock from midnight: opening and closing.
Span = tuple[int, int]
Week = tuple[tuple[Span, ...], ...]
NINE_TO_SIX: tuple[Span, ...] = ((9 * 60, 18 * 60),)
STANDARD_WEEK: Week = (*(NINE_TO_SIX,) * 5, (), ())


class NeverOpen(ValueError):
    """The office does not open for years: there is no working time to count in."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Days of an own closure, both included; from `since` (minutes) on, so that a morning may remain."""

    first: date
    last: date
    since: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """When people work: weekly hours in `time_zone`, without the holidays of `country` and own closures."""

    country: str
    time_zone: str
    subdivision: str = ""
    week: Week = STANDARD_WEEK
    closures: tuple[Closed, ...] = ()
    keeps_holidays: bool = True

    def holiday(self, day: date) -> str:
        """The name of the public holiday the office keeps on that day; empty without one."""
        return _holidays(self.country, self.subdivision).get(day, "") if self.keeps_holidays else ""

    def why_closed(self, day: date) -> str:
        """The name of the holiday or closure that shortens a day of work; empty on any other day."""
        if not self.week[day.weekday()]:
            return ""
        own = next((one.name for one in self.closures if one.first <= day <= one.last), "")
        return self.holiday(day) or own

    def spans(self, day: date) -> tuple[Span, ...]:
        """The hours of that day, in minutes of the wall clock."""
        if self.holiday(day):
            return ()
        spans = self.week[day.weekday()]
        for closed in self.closures:
            if closed.first <= day <= closed.last:
                spans = tuple((a, min(b, closed.since)) for a, b in spans if a < closed.since)
        return spans

    def stretches(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The hours of that day as moments, in UTC."""
        return _stretches(self, day)

    def works_on(self, day: date) -> bool:
        """Whether anybody works on that day at all."""
        return bool(self.spans(day))

    def openings(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of working time from `since` on, in UTC, the first one cut at `since`; never ends."""
        day, quiet = since.astimezone(ZoneInfo(self.time_zone)).date(), 0
        while quiet < LONGEST_CLOSURE:
            for opens, closes in _stretches(self, day):
                quiet = 0
                if closes > since:
                    yield max(opens, since), closes
            day, quiet = day + ONE_DAY, quiet + 1
        raise NeverOpen(f"No working time within {LONGEST_CLOSURE} days of {since:%Y-%m-%d}.")


@lru_cache(maxsize=20_000)
def _stretches(office: Office, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The hours of a day as moments; a stretch the clock skips altogether is none."""
    zone = ZoneInfo(office.time_zone)
    found = ((moment_of(day, a, zone), moment_of(day, b, zone)) for a, b in office.spans(day))
    return tuple((opens, closes) for opens, closes in found if opens < closes)


def moment_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the wall clock shows that minute of the day, for the first time; the leap itself if it never does."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    after = wall.replace(tzinfo=zone, fold=1)
    early, offset = after.astimezone(UTC), after.utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, late)
    return late.replace(microsecond=0)


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str) -> Mapping[date, str]:
    """The public holidays of a country or part of it; none for a country the library does not know."""
    for part in [subdivision, None] if subdivision else [None]:
        try:
            return holidays.country_holidays(country, subdiv=part)
        except NotImplementedError:
            continue
    return {}


def add_working(at: datetime, minutes: int | timedelta, office: Office) -> datetime:
    """The moment `minutes` of working time after `at` (aware), in UTC; `at` itself may be outside office hours."""
    left = minutes if isinstance(minutes, timedelta) else timedelta(minutes=minutes)
    for opens, closes in office.openings(at.astimezone(UTC)):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise AssertionError("openings never ends")


def working_time(start: datetime, end: datetime, office: Office) -> timedelta:
    """The working time between two moments (aware, start <= end)."""
    total, day = timedelta(), start.astimezone(ZoneInfo(office.time_zone)).date()
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    last = end.astimezone(ZoneInfo(office.time_zone)).date()
    while day <= last:
        for opens, closes in _stretches(office, day):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += ONE_DAY
    return total


class Timetable:
    """Working time of one office within a span of days, measured many times: each measure is two look-ups."""

    def __init__(self, office: Office, first: datetime, last: datetime) -> None:
        zone = ZoneInfo(office.time_zone)
        day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
        found: list[tuple[datetime, datetime]] = []
        while day <= end:
            found += _stretches(office, day)
            day += ONE_DAY
        self.found, self.opens = found, [opens for opens, _closes in found]
        self.before = [timedelta(), *accumulate((b - a for a, b in found), initial=None)]

    def _worked(self, at: datetime) -> timedelta:
        """The working time of the span up to a moment."""
        place = bisect_right(self.opens, at)
        if place == 0:
            return timedelta()
        opens, closes = self.found[place - 1]
        return self.before[place - 1] + min(at, closes) - opens

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The same as `working_time`, within the span."""
        return self._worked(end) - self._worked(start)
