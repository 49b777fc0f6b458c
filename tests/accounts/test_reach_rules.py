"""When a person is told over which channel: the rule itself, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from accounts.reach.rules import URGENT_RESERVE, Wishes, allowed, plan, stand_in
from lib.working import Office

E, C = ReachEvent, ReachChannel
MADRID = ZoneInfo("Europe/Madrid")
EVERYTHING = frozenset(C.values)
MONDAY = datetime(2026, 3, 16, 10, 0, tzinfo=MADRID)
OFFICE = Office("ES", "Europe/Madrid")


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=MADRID)


def wishes(**more: object) -> Wishes:
    fields: dict[str, object] = {"zone": "Europe/Madrid", "means": EVERYTHING, **more}
    return Wishes(**fields)  # type: ignore[arg-type]


def told(found: object) -> list[tuple[str, datetime]]:
    return [(step.channel, step.at.astimezone(MADRID)) for step in found.steps]  # type: ignore[attr-defined]


def test_a_question_goes_to_the_device_at_once_and_into_the_mailbox_half_an_hour_later() -> None:
    found = plan(E.QUESTION, wishes(), MONDAY)
    assert told(found) == [("push", at(10)), ("bridge", at(10)), ("email", at(10, 30))]
    assert dict(found.left_out) == {"sms": "off"}


def test_without_a_device_nobody_waits_half_an_hour_for_the_mail() -> None:
    found = plan(E.QUESTION, wishes(means=frozenset({"email"})), MONDAY)
    assert told(found) == [("email", at(10, 5))]
    assert dict(found.left_out)["push"] == Reason.NO_MEANS


def test_what_falls_into_quiet_hours_waits_until_they_end_unless_it_is_urgent() -> None:
    night = wishes(quiet=(20 * 60, 7 * 60), means=frozenset({"push"}))
    (step,) = plan(E.QUESTION, night, at(23)).steps
    assert (step.at.astimezone(MADRID), step.why) == (at(7, day=17), Reason.QUIET)
    (step,) = plan(E.QUESTION, night, at(23), urgent="The lorry leaves at six.").steps
    assert (step.at.astimezone(MADRID), step.why) == (at(23), Reason.URGENT)


def test_working_hours_of_the_calendar_are_kept_too() -> None:
    found = plan(E.MENTION, wishes(office=OFFICE, means=frozenset({"push"})), at(19, day=20))
    assert [(s.at.astimezone(MADRID), s.why) for s in found.steps] == [(at(9, day=23), Reason.HOURS)]


def test_quiet_hours_that_cover_the_working_hours_still_end() -> None:
    upside_down = wishes(quiet=(8 * 60, 19 * 60), office=OFFICE)
    moment, why = allowed(upside_down, at(10))
    assert (moment.astimezone(MADRID), why) == (at(19), Reason.QUIET)


@pytest.mark.parametrize(
    ("quiet", "asked", "ends"),
    [
        # The clock jumps from 2 to 3 on 29 March 2026: quiet until half past two ends with the jump.
        ((22 * 60, 150), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (
            (22 * 60, 7 * 60),
            datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
            datetime(2026, 3, 29, 5, 0, tzinfo=UTC),
        ),
        # It shows 2 to 3 twice on 25 October 2026.
        (
            (22 * 60, 7 * 60),
            datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
            datetime(2026, 10, 25, 6, 0, tzinfo=UTC),
        ),
    ],
)
def test_quiet_hours_end_on_the_wall_clock_when_the_clocks_change(
    quiet: tuple[int, int], asked: datetime, ends: datetime
) -> None:
    assert allowed(wishes(quiet=quiet), asked)[0] == ends


def test_a_deputy_stands_in_for_the_absent_and_a_circle_of_absents_for_nobody() -> None:
    assert stand_in(1, {}) == 1
    assert stand_in(1, {1: 2, 2: 3}) == 3
    assert stand_in(1, {1: 2, 2: 1}) == 1
    assert stand_in(1, {1: None}) == 1


minutes = st.integers(0, 24 * 60 - 1)
moments = st.integers(1_735_700_000, 1_830_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
people = st.builds(
    Wishes,
    zone=st.sampled_from(["Europe/Madrid", "America/Santiago", "Australia/Lord_Howe", "UTC"]),
    rules=st.dictionaries(
        st.tuples(st.sampled_from(E.values), st.sampled_from(C.values)),
        st.tuples(st.booleans(), st.integers(0, 3000)),
    ),
    quiet=st.none() | st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]),
    office=st.none() | st.just(OFFICE),
    cap=st.integers(1, 5),
    means=st.frozensets(st.sampled_from(C.values)),
)


def is_quiet(one: Wishes, moment: datetime) -> bool:
    """The question asked another way: what the wall clock shows."""
    if one.quiet is None:
        return False
    wall = moment.astimezone(ZoneInfo(one.zone))
    minute, (since, until) = wall.hour * 60 + wall.minute, one.quiet
    return since <= minute < until if since < until else minute >= since or minute < until


@given(people, st.sampled_from(E), moments, st.sampled_from(["", "It burns."]), st.integers(0, 8))
def test_nobody_is_told_in_quiet_hours_or_beyond_the_cap_or_out_of_order(
    one: Wishes, event: ReachEvent, moment: datetime, urgent: str, before: int
) -> None:
    earlier: Counter[date] = Counter({one.day(moment) + timedelta(days=n): before for n in range(-1, 30)})
    found = plan(event, one, moment, urgent=urgent, told=earlier)
    assert [step.at for step in found.steps] == sorted(step.at for step in found.steps)
    assert all(step.at >= moment and step.channel in one.means for step in found.steps)
    assert len({*(step.channel for step in found.steps), *dict(found.left_out)}) == len(C)
    per_day = earlier + Counter(one.day(step.at) for step in found.steps)
    for step in found.steps:
        assert urgent or not is_quiet(one, step.at)
        assert per_day[one.day(step.at)] <= one.cap + (URGENT_RESERVE if urgent else 0)


@given(st.integers(1, 6), st.dictionaries(st.integers(1, 6), st.none() | st.integers(1, 6)))
def test_whoever_stands_in_is_at_work_or_nobody_is(person: int, away: dict[int, int | None]) -> None:
    told_one = stand_in(person, away)
    assert told_one == person or told_one not in away
