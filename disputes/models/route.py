"""Reasons, and the routes that disputes follow: versioned data, so that running disputes keep theirs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import Department, LegalEntity, User
from disputes.choices import (
    ACTIVE,
    CLOSED,
    DECISIONS,
    Asks,
    Demand,
    HolderKind,
    QuestionKind,
    Status,
    Verdict,
)
from disputes.labels import in_language


class Labelled(models.Model):
    """Something with a code and words for it in every language."""

    code = models.SlugField(_("code"), max_length=40)
    labels = models.JSONField(_("labels"), default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The words in the active language."""
        return in_language(self.labels) or self.code


class Route(Labelled):
    """How a kind of dispute is settled: a name for its versions."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="routes")

    class Meta:
        verbose_name = _("route")
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="route_code_unique_per_entity")
        ]


class Reason(Labelled):
    """Why the customer does not pay, as the customer states it; also used for the root cause as we find it."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="dispute_reasons")
    examples = models.JSONField(default=dict)
    icon = models.CharField(max_length=40, default="circle-question-mark")
    position = models.PositiveSmallIntegerField(default=0)
    route = models.ForeignKey(Route, models.PROTECT, null=True, related_name="reasons")
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("reason")
        ordering = ("position", "code")
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="reason_code_unique_per_entity")
        ]

    @property
    def example(self) -> str:
        """What customers say, in the active language."""
        return in_language(self.examples)


class RouteVersion(models.Model):
    """One edition of a route. It never changes once a dispute follows it; exactly one is current."""

    route = models.ForeignKey(Route, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "number"], name="route_version_number_unique"),
            models.UniqueConstraint(
                fields=["route"], condition=Q(current=True), name="route_one_current_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route_id} v{self.number}"


class Stage(Labelled):
    """A place on a route: who has the dispute there, for how long, and what it means for its status."""

    version = models.ForeignKey(RouteVersion, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=[(s.value, s.label) for s in ACTIVE])
    holder_kind = models.CharField(max_length=20, choices=HolderKind.choices)
    holder_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    deadline_minutes = models.PositiveIntegerField(null=True)
    clock_stops = models.BooleanField(default=False)
    initial = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="stage_code_unique_per_version"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(initial=True), name="route_one_initial_stage"
            ),
            models.CheckConstraint(condition=Q(status__in=ACTIVE), name="stage_status_is_active"),
            models.CheckConstraint(
                condition=(
                    Q(holder_kind="role", department=None, person=None) & ~Q(holder_role="")
                    | Q(holder_kind="department", department__isnull=False, person=None, holder_role="")
                    | Q(holder_kind="person", person__isnull=False, department=None, holder_role="")
                    | Q(
                        holder_kind__in=["coordinator", "salesperson", "customer", "partner", "system"],
                        department=None,
                        person=None,
                        holder_role="",
                    )
                ),
                name="stage_names_its_holder",
            ),
        ]


class Move(Labelled):
    """A way out of a stage: to another stage, or to the end of the dispute."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="moves")
    to_stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    roles = ArrayField(models.CharField(max_length=20, choices=Role.choices))
    demands = ArrayField(models.CharField(max_length=30, choices=Demand.choices), default=list)
    ends_as = models.CharField(max_length=20, blank=True, choices=[(s.value, s.label) for s in CLOSED])
    verdict = models.CharField(max_length=20, blank=True, choices=Verdict.choices)
    resolution = models.CharField(
        max_length=20, blank=True, choices=[(one.value, one.label) for one in DECISIONS]
    )

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["stage", "code"], name="move_code_unique_per_stage"),
            models.CheckConstraint(
                condition=(
                    Q(to_stage__isnull=False, ends_as="", verdict="", resolution="")
                    | Q(to_stage=None, ends_as__in=CLOSED, verdict__in=Verdict.values)
                    & Q(resolution__in=DECISIONS)
                ),
                name="move_leads_on_or_ends_with_an_outcome",
            ),
        ]

    @property
    def tone(self) -> str:
        """How the button looks: `ok` solves, `bad` rejects or withdraws, nothing leads on."""
        return {Status.SOLVED: "ok", Status.REJECTED: "bad", Status.WITHDRAWN: "bad"}.get(self.ends_as, "")  # type: ignore[call-overload,no-any-return]


class QuestionTemplate(Labelled):
    """What is asked when a dispute enters the stage.

    `choices` is a list of `{"value", "labels": {language: words}, "move": code of a move or ""}`; `move` is the
    move made by any answer of a kind without choices. The answer is kept in the dispute's facts under
    `target_field`.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="questions")
    kind = models.CharField(max_length=20, choices=QuestionKind.choices)
    choices = models.JSONField(default=list)
    move = models.SlugField(max_length=40, blank=True)
    target_field = models.SlugField(max_length=40, blank=True)
    deadline_minutes = models.PositiveIntegerField(null=True)
    asks = models.CharField(max_length=20, choices=Asks.choices, default=Asks.SALESPERSON)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stage", "code"], name="question_code_unique_per_stage")
        ]
