"""Closed lists of reporting."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ScoreMode(TextChoices):
    """How far answers are counted in a legal entity."""

    OFF = "off", _("Not at all")
    TEAM = "team", _("Only what the team reaches together")
    PERSONAL = "personal", _("The team, and for each person their own points, seen by nobody else")


class GoalKind(TextChoices):
    """What a team can set out to reach."""

    IN_TIME = "in_time", pgettext_lazy("goal", "Answers in time, in per cent")
    FREED = "freed", pgettext_lazy("goal", "Amount freed from disputes")
    HOURS = "hours", pgettext_lazy("goal", "Working hours until an answer, at most")
