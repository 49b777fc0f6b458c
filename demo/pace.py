"""When things happen in a dispute: within office hours, in order, never after the company's present moment."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import LegalEntity
from demo.claims import Claim
from demo.dice import ONE_DAY, at_clock, office_of, working_moment
from disputes.clocks import add_working
from disputes.models import Stage

MINUTE = timedelta(minutes=1)
# Every third live dispute has lain where it is for longer than it should.
LATE = 3
PROMPT_ANSWERS = 0.68


def closed_moments(chance: random.Random, entity: LegalEntity, claim: Claim, moves: int) -> list[datetime]:
    """The opening and each move of a closed dispute; the last one on its closing day."""
    opened = at_clock(entity, claim.opened, chance.randint(9, 12), chance.randint(0, 59))
    closed = at_clock(entity, claim.closed or claim.opened, chance.randint(14, 17), chance.randint(0, 59))
    return [*spread(chance, entity, opened, closed, moves - 1), closed]


def live_moments(
    chance: random.Random,
    entity: LegalEntity,
    claim: Claim,
    stage: Stage,
    moves: int,
    now: datetime,
    *,
    late: bool,
) -> list[datetime]:
    """The opening and each move of a live dispute; the last one, into its present stage, some time before `now`."""
    limit = stage.deadline_minutes or 2_400
    share = chance.uniform(1.2, 3.5) if late else chance.uniform(0.1, 0.85)
    entered = working_before(entity, now, round(limit * share))
    if not moves:
        return [entered]
    opened = at_clock(entity, claim.opened, chance.randint(9, 12), chance.randint(0, 59))
    if entered <= opened + timedelta(hours=moves):
        entered = min(working_moment(entity, opened + timedelta(hours=3 * moves)), now)
    return [*spread(chance, entity, opened, entered, moves - 1), entered]


def spread(
    chance: random.Random, entity: LegalEntity, first: datetime, last: datetime, between: int
) -> list[datetime]:
    """`first` and `between` moments after it, in order, before `last`."""
    span = last - first
    # Most of the time passes near the end: people react at once and then wait for one another.
    parts = sorted(chance.uniform(0.05, 0.9) ** 1.3 for _ in range(between))
    moments = [first]
    for part in parts:
        moment = working_moment(entity, first + span * part)
        moments.append(min(max(moment, moments[-1] + 7 * MINUTE), last))
    return moments


def working_before(entity: LegalEntity, moment: datetime, minutes: int) -> datetime:
    """The moment from which `minutes` of working time lead to `moment`."""
    office, left = office_of(entity), timedelta(minutes=minutes)
    day = moment.astimezone(office_zone(entity)).date()
    while True:
        for opens, closes in reversed(office.stretches(day)):
            end = min(closes, moment.astimezone(UTC))
            if end - opens >= left:
                return end - left
            left -= max(end - opens, timedelta())
        day -= ONE_DAY


def office_zone(entity: LegalEntity) -> ZoneInfo:
    """The time zone of the entity's office."""
    return ZoneInfo(entity.time_zone)


def talk_moments(entered: datetime, left: datetime, lines: int) -> list[datetime]:
    """When `lines` are said in a stage: soon after it was entered, and before it was left."""
    step = min((left - entered) / (lines + 1), timedelta(minutes=43))
    return [entered + step * (number + 1) for number in range(lines)]


def hurry(
    chance: random.Random, entity: LegalEntity, moments: list[datetime], answered: list[int]
) -> list[datetime]:
    """The moments, with two answers in three given within hours of their question; the last one stays."""
    hurried = list(moments)
    for place in answered:
        soon = add_working(hurried[place - 1], chance.randint(12, 200), office_of(entity))
        if place < len(hurried) - 1 and chance.random() < PROMPT_ANSWERS and soon < hurried[place + 1]:
            hurried[place] = soon
    return hurried
