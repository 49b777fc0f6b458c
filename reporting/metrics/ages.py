"""How long things take: medians and percentiles of times, and who had a dispute for how long."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K")


def percentile(values: Sequence[timedelta], share: Fraction) -> timedelta | None:
    """The value below which `share` of them lie, interpolated between neighbours as spreadsheets do. None of
    nothing.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = place.__floor__()
    high = min(low + 1, len(ordered) - 1)
    step = (ordered[high] - ordered[low]) / timedelta(microseconds=1)
    return ordered[low] + timedelta(microseconds=round(Fraction(step) * (place - low)))


@dataclass(frozen=True, slots=True)
class Times:
    """A set of times in four figures."""

    count: int
    median: timedelta | None
    mean: timedelta | None
    p90: timedelta | None


def times(values: Iterable[timedelta]) -> Times:
    """Count, median, mean and 90th percentile."""
    known = list(values)
    mean = sum(known, timedelta()) / len(known) if known else None
    return Times(len(known), percentile(known, Fraction(1, 2)), mean, percentile(known, Fraction(9, 10)))


@dataclass(frozen=True, slots=True)
class Interval:
    """One stay: a dispute in this stage, held by this holder, from `start` until `end` (None: still is)."""

    dispute: int
    stage: str
    holder: str
    side: str
    start: datetime
    end: datetime | None = None

    def length(self, until: datetime) -> timedelta:
        """Calendar time up to `until`; nothing before it began."""
        return max(timedelta(), min(self.end or until, until) - self.start)


def wait_times(
    intervals: Iterable[Interval], until: datetime, key: Callable[[Interval], K]
) -> dict[K, timedelta]:
    """Calendar time added up by whatever `key` says (stage, holder, side), longest first. Every minute
    counts once.
    """
    sums: dict[K, timedelta] = {}
    for interval in intervals:
        sums[key(interval)] = sums.get(key(interval), timedelta()) + interval.length(until)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1]))
