"""When a person is told over which channel. Pure: wishes and moments in, a plan out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.reach.choices import DEFAULTS, SOON, ReachChannel, ReachEvent, Reason
from lib.working import NeverOpen, Office, Span

DAY = 24 * 60
# Urgent things may go beyond the cap of the day, but not without end either.
URGENT_RESERVE = 5
# Hours in which one may be told meet working hours within so many steps, or they never do.
STEPS = 500
Settings = Mapping[tuple[str, str], tuple[bool, int]]


@dataclass(frozen=True, slots=True)
class Wishes:
    """How one person wants to be reached.

    `quiet` is from and until in minutes of their wall clock (it may go past midnight), `office` their working hours
    when they want to hear nothing outside of them, `means` the channels over which they can be reached at all.
    """

    zone: str
    rules: Settings = field(default_factory=dict)
    quiet: Span | None = None
    office: Office | None = None
    cap: int = 40
    means: frozenset[str] = frozenset()
    private: bool = False

    def rule(self, event: str, channel: str) -> tuple[bool, int]:
        """Whether the event goes over the channel, and after how many minutes."""
        on, after = self.rules.get((event, channel)) or DEFAULTS.get((event, channel), (False, 0))
        if channel == ReachChannel.EMAIL and not self.carries(event, ReachChannel.PUSH):
            after = min(after, SOON)
        return on, after

    def carries(self, event: str, channel: str) -> bool:
        """Whether the channel is there and on for this event."""
        on, _after = self.rules.get((event, channel)) or DEFAULTS.get((event, channel), (False, 0))
        return on and channel in self.means

    def day(self, at: datetime) -> date:
        """The person's own day."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def loud(self) -> Office | None:
        """The hours that are not quiet, exact when the clocks change; None without quiet hours."""
        if self.quiet is None:
            return None
        since, until = self.quiet
        spans = ((until, since),) if since > until else ((0, since), (until, DAY))
        week = (tuple(span for span in spans if span[0] < span[1]),) * 7
        return Office("", self.zone, week=week, keeps_holidays=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One telling to come."""

    channel: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be told when, in that order, and which channels are left out because of what."""

    steps: tuple[Step, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def step(self, channel: str) -> Step | None:
        """The telling over one channel."""
        return next((step for step in self.steps if step.channel == channel), None)


def plan(
    event: ReachEvent,
    wishes: Wishes,
    at: datetime,
    *,
    urgent: str = "",
    told: Mapping[date, int] | None = None,
) -> Plan:
    """The tellings of an event that happens at `at`, the earliest first.

    `urgent` is the reason given for going through quiet hours; without one nothing does. `told` says how often the
    person was told on a day already.
    """
    wanted, left_out = [], []
    for channel in ReachChannel:
        on, after = wishes.rule(event, channel)
        if not on:
            left_out.append((channel.value, Reason.OFF.value))
        elif channel not in wishes.means:
            left_out.append((channel.value, Reason.NO_MEANS.value))
        else:
            wanted.append((after, channel.value))
    counts, steps = dict(told or {}), []
    for after, channel_value in sorted(wanted, key=lambda pair: pair[0]):
        moment, why = allowed(wishes, at + timedelta(minutes=after), urgent=urgent)
        day = wishes.day(moment)
        if counts.get(day, 0) >= limit(wishes, urgent):
            left_out.append((channel_value, Reason.CAP.value))
            continue
        counts[day] = counts.get(day, 0) + 1
        steps.append(Step(channel_value, moment, why))
    return Plan(tuple(steps), tuple(left_out))


def limit(wishes: Wishes, urgent: str) -> int:
    """How often the person may be told on one day."""
    return wishes.cap + (URGENT_RESERVE if urgent else 0)


def allowed(wishes: Wishes, at: datetime, *, urgent: str = "") -> tuple[datetime, str]:
    """The first moment from `at` on at which the person may be told, and why it is that one."""
    if urgent:
        return at, Reason.URGENT.value
    loud, office = wishes.loud, wishes.office
    moment, why = at, Reason.PLANNED.value
    for _step in range(STEPS):
        awake = _opening(loud, moment)
        if awake is None:
            return moment, why  # quiet all day long is not quiet at all
        if awake > moment:
            moment, why = awake, Reason.QUIET.value
        working = _opening(office, moment)
        if working is None or working == moment:
            return moment, why
        moment, why = working, Reason.HOURS.value
    return _opening(loud, at) or at, Reason.QUIET.value


def _opening(office: Office | None, at: datetime) -> datetime | None:
    """`at` itself or when the office opens next; None for one that never does."""
    if office is None:
        return at
    try:
        opens, _closes = next(office.openings(at))
    except NeverOpen:
        return None
    return max(opens, at)


def stand_in(person: int, away: Mapping[int, int | None]) -> int:
    """Who is told instead of somebody away: the deputy, or the deputy's. The person when nobody stands in."""
    seen, current = {person}, person
    while current in away:
        deputy = away[current]
        if deputy is None or deputy in seen:
            return person
        seen.add(deputy)
        current = deputy
    return current
