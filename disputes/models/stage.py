"""What hangs on a stage: its branches, what it asks, whom it alerts, what it sends."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import Department, User
from disputes.choices import AlertTo, Asks, HolderKind, QuestionKind, SendTo
from disputes.models.route import NAMES_ITS_HOLDER, Labelled, Stage


class StageBranch(Labelled):
    """One of the things done at the same time in a stage: who does it, and for how long."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="branches")
    position = models.PositiveSmallIntegerField()
    holder_kind = models.CharField(max_length=20, choices=HolderKind.choices)
    holder_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    deadline_minutes = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["stage", "code"], name="branch_code_unique_per_stage"),
            models.CheckConstraint(condition=NAMES_ITS_HOLDER, name="branch_names_its_holder"),
        ]


class QuestionTemplate(Labelled):
    """What is asked when a dispute enters the stage, or when the branch of it begins.

    `choices` is a list of `{"value", "labels": {language: words}, "move": code of a move or ""}`; `move` is the
    move made by any answer of a kind without choices. The answer is kept in the dispute's facts under
    `target_field`.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="questions")
    branch = models.ForeignKey(StageBranch, models.PROTECT, null=True, blank=True, related_name="questions")
    position = models.PositiveSmallIntegerField(default=1, db_default=1)
    kind = models.CharField(max_length=20, choices=QuestionKind.choices)
    choices = models.JSONField(default=list)
    move = models.SlugField(max_length=40, blank=True)
    target_field = models.SlugField(max_length=40, blank=True)
    deadline_minutes = models.PositiveIntegerField(null=True)
    asks = models.CharField(max_length=20, choices=Asks.choices, default=Asks.SALESPERSON)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["stage", "code"], name="question_code_unique_per_stage")
        ]


class StageAlert(models.Model):
    """Who is told how long before or after the deadline of the stage, and whether they get the dispute then."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="alerts")
    position = models.PositiveSmallIntegerField(default=1)
    # Before the deadline when negative, at it when zero.
    minutes = models.IntegerField()
    # A kind of AlertTo, or "role:" with a role.
    to = models.CharField(max_length=30)
    hand_over = models.BooleanField(default=False)

    class Meta:
        ordering = ("minutes", "position")
        constraints = [
            models.UniqueConstraint(fields=["stage", "minutes", "to"], name="alert_unique_per_stage"),
            models.CheckConstraint(
                condition=Q(to__in=AlertTo.values) | Q(to__regex=r"^role:[a-z_]+$"),
                name="alert_goes_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes}: {self.to}"


class StageSend(models.Model):
    """A letter that entering the stage queues: which text, to whom."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="sends")
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(_("text"), max_length=60)
    to = models.CharField(max_length=20, choices=SendTo.choices)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["stage", "text", "to"], name="send_unique_per_stage"),
            models.CheckConstraint(condition=Q(to__in=SendTo.values), name="send_goes_to_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.text}: {self.to}"
