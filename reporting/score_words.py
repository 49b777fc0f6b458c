"""Scores in words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from lib import formats
from reporting.choices import GoalKind
from reporting.metrics.scores import Why
from reporting.models import TeamGoal
from reporting.selectors.scores import Progress


def why(reason: Why) -> str:
    """The reason of an entry."""
    return {
        Why.QUICK: _("Answered quickly"),
        Why.IN_TIME: _("Answered in time"),
        Why.LATE: _("Answered, but late"),
        Why.CAPPED: _("Answered; the most for a day or a dispute was reached"),
        Why.REOPENED: _("Taken back: the dispute was opened again"),
        Why.ASKED_AGAIN: _("Taken back: it had to be asked again"),
    }[reason]


def hours(took: timedelta | None) -> str:
    """Working time, in hours, or in minutes below one."""
    if took is None:
        return "–"
    minutes = round(took.total_seconds() / 60)
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _hours(Decimal(minutes) / 60)


def _hours(value: Decimal) -> str:
    return pgettext("working hours", "%(n)s h") % {"n": formats.number(value, 1)}


def amount_of(goal: TeamGoal, value: Decimal) -> str:
    """A value as the goal is measured."""
    if goal.kind == GoalKind.FREED:
        return formats.money(value, goal.entity.currency)
    if goal.kind == GoalKind.IN_TIME:
        return formats.percent(value / 100)
    return _hours(value)


def sentence(goal: TeamGoal) -> str:
    """What the goal says."""
    told = {"target": amount_of(goal, goal.target)}
    return {
        GoalKind.IN_TIME: _("%(target)s of the answers in time"),
        GoalKind.FREED: _("%(target)s freed from disputes"),
        GoalKind.HOURS: _("An answer within %(target)s of working time"),
    }[GoalKind(goal.kind)] % told


def state(made: Progress) -> str:
    """How far it is."""
    if made.reached is None:
        return _("Too few answers to tell yet")
    words = _("Reached: %(value)s") if made.met else _("So far: %(value)s")
    return words % {"value": amount_of(made.goal, made.reached)}
