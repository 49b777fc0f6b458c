"""When things happen in a week: weekday and hour by the wall clock of a place."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

# Weekday (Monday 0) and hour (0 to 23).
Slot = tuple[int, int]
DAYS, HOURS = 7, 24


def slot_of(at: datetime, zone: ZoneInfo) -> Slot:
    """The weekday and the hour a clock on the wall shows at that moment."""
    local = at.astimezone(zone)
    return local.weekday(), local.hour


def by_hour(moments: Iterable[datetime], zone: ZoneInfo) -> Counter[Slot]:
    """How many fall into each weekday and hour; an hour the clock repeats holds both."""
    return Counter(slot_of(at, zone) for at in moments)


def in_bands(counts: Mapping[Slot, int], width: int) -> Counter[Slot]:
    """The same in bands of `width` hours, each under its first hour."""
    bands: Counter[Slot] = Counter()
    for (day, hour), count in counts.items():
        bands[day, hour // width * width] += count
    return bands


def busiest(counts: Mapping[Slot, int]) -> Slot | None:
    """Where most fall; of equals the first in the week. None of nothing."""
    return min(counts, key=lambda slot: (-counts[slot], slot)) if counts else None


def level(count: int, most: int, levels: int = 5) -> int:
    """How dark a cell is, from 1 to `levels`; nothing is 0, and only the fullest need be the darkest."""
    return 0 if count <= 0 or most <= 0 else -(-count * levels // most)
