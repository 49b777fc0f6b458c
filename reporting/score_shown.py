"""What the page of points and goals prints, and the API tells."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import LegalEntity, User
from disputes.models import Dispute
from disputes.selectors import disputes_for
from reporting import score_words
from reporting.choices import ScoreMode
from reporting.metrics.scores import Score
from reporting.models import TeamGoal
from reporting.selectors import scores
from reporting.selectors.scores import SMALLEST_TEAM, Account, Progress

LISTED = 100


@dataclass(frozen=True, slots=True)
class Month:
    """A month, with a day of the one before and of the one after (None: it has not begun)."""

    first: date
    last: date
    before: date
    after: date | None


def month_of(text: str, today: date) -> Month:
    """The month written as `2026-11`."""
    first = date.fromisoformat(f"{text}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    after = last + timedelta(days=1)
    return Month(first, last, first - timedelta(days=1), after if after <= today else None)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: points with a sign, why, when, and its dispute where the person may see it."""

    points: int
    why: str
    at: datetime
    dispute: Dispute | None


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal and how far it is, in words."""

    made: Progress
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A colleague who lets others see it."""

    name: str
    score: Score


def shown(user: User, entity: LegalEntity, month: Month, at: datetime) -> dict[str, Any]:
    """Everything about a month that this person may see. A constant number of queries but one for each goal."""
    mode = scores.mode_of(entity)
    context: dict[str, Any] = {
        "entity": entity,
        "month": month,
        "mode": mode,
        "wishes": scores.wishes_of(user),
    }
    if mode == ScoreMode.OFF:
        return context
    counted = scores.account(entity, at)
    today = counted.day_of(at)
    running = [
        goal for goal in scores.goals(entity) if goal.first_day <= month.last and goal.last_day >= month.first
    ]
    context["goals"] = [_goal(counted, goal, min(today, month.last)) for goal in running]
    enough = len(counted.answerers(month.first, month.last)) >= SMALLEST_TEAM
    context["team"] = counted.score(scores.team(entity), month.first, month.last) if enough else None
    if mode == ScoreMode.PERSONAL:
        context |= _personal(user, counted, month)
    return context


def _personal(user: User, counted: Account, month: Month) -> dict[str, Any]:
    made = counted.entries(user.pk, month.first, month.last)
    visible = disputes_for(user).select_related("customer").in_bulk([one.dispute for one in made[:LISTED]])
    colleagues = [one for one in scores.sharing(counted.entity) if one.pk != user.pk]
    return {
        "mine": counted.score({user.pk}, month.first, month.last) if user.pk in counted.wanted else None,
        "lines": [
            Line(one.points, score_words.why(one.why), one.at, visible.get(one.dispute))
            for one in made[:LISTED]
        ],
        "shared": [Shared(one.name, counted.score({one.pk}, month.first, month.last)) for one in colleagues],
    }


def _goal(counted: Account, goal: TeamGoal, until: date) -> GoalLine:
    made = scores.progress(counted, goal, until)
    return GoalLine(made, score_words.sentence(goal), score_words.state(made))
