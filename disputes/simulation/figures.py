"""What a simulation says: lateness, times and questions, as they were and as they would have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disputes.clocks import Office, working_time
from disputes.simulation.parts import Passage, Past, Replay, Source, Visit, lateness


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: how often, how often late, by how much in all, how long (median working minutes)."""

    times: int = 0
    late: int = 0
    late_by: timedelta = timedelta()
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class StageFigures:
    """A stage, before and after. `own` of the times after are the disputes' own."""

    code: str
    before: Side
    after: Side
    own: int


@dataclass(frozen=True, slots=True)
class Times:
    """Resolution times of closed disputes (calendar), median and 90th percentile; nothing without any."""

    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole answer. Times compare the same disputes: the closed ones that could be replayed to their end."""

    disputes: int
    closed: int
    compared: int
    late_before: int
    late_after: int
    late_by_before: timedelta
    late_by_after: timedelta
    before: Times
    after: Times
    stages: tuple[StageFigures, ...]
    asked: tuple[tuple[str, str, int], ...]  # person or kind of person, question, how often
    alerts: tuple[tuple[str, int], ...]
    sources: dict[Source, int]
    stopped: tuple[tuple[str, str, int], ...]  # stage, why, how many
    left_out: tuple[tuple[str, int], ...]  # stage, how many visits


def percentile(values: Sequence[timedelta], share: float) -> timedelta | None:
    """The value below which `share` of the values lie, between the two nearest ones."""
    if not values:
        return None
    ranked = sorted(values)
    place = (len(ranked) - 1) * share
    low = int(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def times_of(values: Sequence[timedelta]) -> Times:
    """Median and 90th percentile."""
    return Times(percentile(values, 0.5), percentile(values, 0.9))


def own_lateness(visit: Visit, now: datetime, office: Office) -> tuple[bool, timedelta]:
    """Whether a real visit was late, and by how much."""
    return lateness(visit.due, visit.end, now, visit.office or office)


def compare(codes: Iterable[str], replays: Sequence[Replay], office: Office, now: datetime) -> Comparison:
    """Put what was beside what would have been; `codes` are the stages of the edition in their order."""
    pasts = [replay.past for replay in replays]
    whole = [replay for replay in replays if replay.is_whole and replay.past.closed]
    stages = _stages(codes, replays, office, now)
    passages = [passage for replay in replays for passage in replay.passages]
    asked = Counter(pair for passage in passages for pair in passage.asked)
    alerts = Counter(to for passage in passages for to in passage.alerts)
    stopped = Counter((replay.stopped, replay.why) for replay in replays if replay.stopped)
    sources = Counter(passage.source for passage in passages)
    return Comparison(
        disputes=len(replays),
        closed=sum(past.closed is not None for past in pasts),
        compared=len(whole),
        late_before=sum(any(own_lateness(v, now, office)[0] for v in past.visits) for past in pasts),
        late_after=sum(any(p.is_late for p in replay.passages) for replay in replays),
        late_by_before=sum((row.before.late_by for row in stages), timedelta()),
        late_by_after=sum((row.after.late_by for row in stages), timedelta()),
        before=times_of([r.past.closed - r.past.opened for r in whole if r.past.closed]),
        after=times_of([r.end - r.past.opened for r in whole if r.end]),
        stages=stages,
        asked=tuple((*pair, count) for pair, count in asked.most_common()),
        alerts=tuple(alerts.most_common()),
        sources={source: sources[source] for source in Source},
        stopped=tuple((*pair, count) for pair, count in stopped.most_common()),
        left_out=tuple(Counter(code for replay in replays for code in replay.left_out).most_common()),
    )


def _stages(
    codes: Iterable[str], replays: Sequence[Replay], office: Office, now: datetime
) -> tuple[StageFigures, ...]:
    visits: dict[str, list[Visit]] = {}
    passages: dict[str, list[Passage]] = {}
    for replay in replays:
        for visit in replay.past.visits:
            visits.setdefault(visit.stage, []).append(visit)
        for passage in replay.passages:
            passages.setdefault(passage.stage, []).append(passage)
    order = list(dict.fromkeys([*codes, *visits]))
    return tuple(
        StageFigures(
            code,
            _before(visits.get(code, []), office, now),
            _after(passages.get(code, []), office),
            sum(passage.source == Source.OWN for passage in passages.get(code, [])),
        )
        for code in order
    )


def _before(visits: list[Visit], office: Office, now: datetime) -> Side:
    late = [late for is_late, late in (own_lateness(visit, now, office) for visit in visits) if is_late]
    minutes = [timedelta(minutes=visit.minutes) for visit in visits if visit.end is not None]
    return _side(len(visits), late, minutes)


def _after(passages: list[Passage], office: Office) -> Side:
    late = [passage.late for passage in passages if passage.is_late]
    minutes = [working_time(p.start, p.end, office) for p in passages if p.end is not None]
    return _side(len(passages), late, minutes)


def _side(times: int, late: list[timedelta], minutes: list[timedelta]) -> Side:
    middle = percentile(minutes, 0.5)
    return Side(
        times=times,
        late=len(late),
        late_by=sum(late, timedelta()),
        minutes=None if middle is None else round(middle.total_seconds() / 60),
    )


def was(past: Past, now: datetime, office: Office) -> timedelta:
    """By how much working time a dispute was late in all its stages."""
    return sum((own_lateness(visit, now, office)[1] for visit in past.visits), timedelta())
