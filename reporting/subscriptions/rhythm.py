"""When a report is due: pure. An hour of the wall clock, on working days, a weekday, a day of the month or its last
working day. Every week and every month has exactly one; daylight saving neither skips nor doubles one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lib.working import NeverOpen, Office, moment_of
from reporting.subscriptions.choices import DayOf, Every

DAY = timedelta(days=1)
# Working days may be rare, not rarer than this.
FARTHEST = 400


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, at which hour of `zone`. `number`: the weekday (Monday 0) of a week, or the day of a month.

    A day that a month has not is its last one. `office` says which days are worked.
    """

    every: str
    hour: int
    zone: str
    office: Office
    number: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether the report is due on that day."""
        if self.every == Every.WEEK:
            return day.weekday() == self.number
        if self.every == Every.MONTH:
            return day.day == min(self.number, monthrange(day.year, day.month)[1])
        if self.every == Every.MONTH_END:
            return day == last_working_day(day, self.office)
        return self.office.works_on(day)

    def moment(self, day: date) -> datetime:
        """The hour on that day, in UTC; where the clock skips it, the moment of the leap."""
        return moment_of(day, self.hour * 60, ZoneInfo(self.zone))

    def local(self, at: datetime) -> date:
        """The day it is at a moment, where the report's hour is counted."""
        return at.astimezone(ZoneInfo(self.zone)).date()


def last_working_day(day: date, office: Office) -> date:
    """The last day of the day's month on which the office works; the last of all where it never does."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    worked = (last - n * DAY for n in range(last.day))
    return next((one for one in worked if office.works_on(one)), last)


def next_due(rhythm: Rhythm, after: datetime) -> datetime:
    """The first moment it is due after `after`; raises NeverOpen when no day is worked for more than a year."""
    first = rhythm.local(after)
    found = _first(rhythm, (first + n * DAY for n in range(FARTHEST)), lambda moment: moment > after)
    if found is None:
        raise NeverOpen(f"No working day within {FARTHEST} days of {first}.")
    return found


def last_due(rhythm: Rhythm, at: datetime) -> datetime | None:
    """The last moment it was due, `at` included; None when there was none for more than a year."""
    last = rhythm.local(at)
    return _first(rhythm, (last - n * DAY for n in range(FARTHEST)), lambda moment: moment <= at)


def _first(rhythm: Rhythm, days: Iterable[date], wanted: Callable[[datetime], bool]) -> datetime | None:
    moments = (rhythm.moment(day) for day in days if rhythm.falls_on(day))
    return next((moment for moment in moments if wanted(moment)), None)


def day_of(choice: str, *, due_on: date, sent_on: date) -> date:
    """The day whose figures are sent. A month's close is that before the day it was due, however late it is sent."""
    return due_on.replace(day=1) - DAY if choice == DayOf.MONTH_BEFORE else sent_on
