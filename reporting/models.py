"""What reporting keeps of its own: how answers are counted, who wants that, and what teams set out to reach."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, LegalEntity
from reporting.choices import GoalKind, ScoreMode


class ScoreRules(models.Model):
    """How far a legal entity counts answers. Without a row: what the team reaches together."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="score_rules")
    mode = models.CharField(_("counted"), max_length=10, choices=ScoreMode.choices, default=ScoreMode.TEAM)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rules of counting")
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=ScoreMode.values), name="score_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.mode}"


class ScoreWishes(models.Model):
    """What a person wants: to be counted at all, and to let colleagues see it. Without a row: counted, private."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="score_wishes")
    on = models.BooleanField(_("count my answers"), default=True)
    shared = models.BooleanField(_("colleagues may see my points"), default=False)

    class Meta:
        verbose_name = _("wishes about counting")
        constraints = [
            models.CheckConstraint(
                condition=Q(on=True) | Q(shared=False),
                name="score_shared_only_when_counted",
                violation_error_message=_("What is not counted cannot be shown."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.on}, {self.shared}"


class TeamGoal(models.Model):
    """Something a team, or the whole legal entity, wants to reach together between two days."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="team_goals")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    kind = models.CharField(_("goal"), max_length=10, choices=GoalKind.choices)
    target = models.DecimalField(_("to reach"), max_digits=14, decimal_places=2)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("goal of a team")
        ordering = ("last_day", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GoalKind.values), name="goal_kind_is_known"),
            models.CheckConstraint(
                condition=Q(target__gt=0),
                name="goal_target_is_positive",
                violation_error_message=_("Choose a goal above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=GoalKind.IN_TIME) | Q(target__lte=100),
                name="goal_share_is_at_most_all",
                violation_error_message=_("More than 100 per cent cannot be reached."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="goal_ends_after_it_starts",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target} until {self.last_day}"
