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


class Measure(TextChoices):
    """A figure that can have a target."""

    DSO = "dso", _("DSO (days)")
    DISPUTE_DSO = "dispute_dso", _("Dispute DSO (days)")
    DELINQUENT = "average_days_delinquent", _("Average days delinquent")
    DISPUTED = "disputed", _("In dispute (amount)")
    OVERDUE = "overdue_share", _("Overdue (per cent of what is open)")
    CEI = "cei", _("Collection effectiveness (per cent)")
    KEPT = "kept_rate", _("Promises kept (per cent)")
    IN_TIME = "in_time", _("Answers in time (per cent)")
    RESOLUTION = "resolution_days", _("Median days to settle a dispute")


# The rest is the better the smaller it is.
MORE_IS_BETTER = frozenset({Measure.CEI, Measure.KEPT, Measure.IN_TIME})
IN_PERCENT = frozenset({Measure.CEI, Measure.KEPT, Measure.IN_TIME, Measure.OVERDUE})
