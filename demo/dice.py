"""Chance that always falls the same way, and words from the files beside this module."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from accounts.models import LegalEntity
from disputes.clocks import Office, add_working

WORDS = Path(__file__).parent / "words"
ONE_DAY = timedelta(days=1)
T = TypeVar("T")


def dice(seed: int, topic: str) -> random.Random:
    """The chance of one topic: the same for the same seed, whatever the other topics draw."""
    return random.Random(f"{seed}/{topic}")  # noqa: S311  (invented data, no secret)


@cache
def words(name: str) -> Any:
    """The contents of `words/<name>.yaml`."""
    return yaml.safe_load((WORDS / f"{name}.yaml").read_text(encoding="utf-8"))


def weighted(chance: random.Random, options: Sequence[tuple[T, float]]) -> T:
    """One of the options, each with its weight."""
    values, weights = zip(*options, strict=True)
    chosen: T = chance.choices(values, weights)[0]
    return chosen


def office_of(entity: LegalEntity) -> Office:
    """When the people of the entity work."""
    return Office(entity.country, entity.time_zone)


def at_clock(entity: LegalEntity, day: date, hour: int, minute: int = 0) -> datetime:
    """A moment on the wall clock of the entity."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(entity.time_zone))


def working_moment(entity: LegalEntity, moment: datetime) -> datetime:
    """The moment itself when people are at work then, else when they next are."""
    return add_working(moment, 0, office_of(entity))


def last_working_day(entity: LegalEntity, day: date) -> date:
    """The newest working day before `day`."""
    office = office_of(entity)
    day -= ONE_DAY
    while not office.works_on(day):
        day -= ONE_DAY
    return day


def weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
