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
    DECIDED,
    DECISIONS,
    Demand,
    HolderKind,
    Status,
    Verdict,
    WaitFor,
)
from disputes.labels import in_language

# How a stage or a branch of it names who has it: a role, a department, a person, or nobody in particular.
NAMES_ITS_HOLDER = (
    Q(holder_kind="role", department=None, person=None) & ~Q(holder_role="")
    | Q(holder_kind="department", department__isnull=False, person=None, holder_role="")
    | Q(holder_kind="person", person__isnull=False, department=None, holder_role="")
    | Q(
        holder_kind__in=["coordinator", "salesperson", "customer", "partner", "system"],
        department=None,
        person=None,
        holder_role="",
    )
)


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
    # Rules and reasons send no new dispute to a route that is switched off.
    active = models.BooleanField(_("active"), default=True, db_default=True)
    # Whether the letters of its stages to customers leave; those to colleagues always do.
    writes_to_customers = models.BooleanField(default=True, db_default=True)

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
    """One edition of a route. It never changes once a dispute follows it; exactly one is current.

    One that was never activated is a draft; a route has at most one, beside the current edition.
    """

    route = models.ForeignKey(Route, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    # The route's name in this edition; activating it makes it the name of the route.
    labels = models.JSONField(_("labels"), default=dict, blank=True)
    current = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "number"], name="route_version_number_unique"),
            models.UniqueConstraint(
                fields=["route"], condition=Q(current=True), name="route_one_current_version"
            ),
            models.UniqueConstraint(fields=["route"], condition=Q(activated_at=None), name="route_one_draft"),
            models.CheckConstraint(
                condition=Q(current=False) | Q(activated_at__isnull=False),
                name="route_current_version_was_activated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route_id} v{self.number}"

    @property
    def label(self) -> str:
        """The route's name in this edition, in the active language."""
        return in_language(self.labels) or self.route.label

    @property
    def is_draft(self) -> bool:
        """Whether it was never activated."""
        return self.activated_at is None


class Stage(Labelled):
    """A place on a route: who has the dispute there, for how long, and what it means for its status.

    A stage with branches waits for all of them, or for any one: then the system makes the move `joins_by`.
    """

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
    wait_for = models.CharField(max_length=10, blank=True, default="", db_default="", choices=WaitFor.choices)
    joins_by = models.SlugField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="stage_code_unique_per_version"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(initial=True), name="route_one_initial_stage"
            ),
            models.CheckConstraint(condition=Q(status__in=ACTIVE), name="stage_status_is_active"),
            models.CheckConstraint(condition=NAMES_ITS_HOLDER, name="stage_names_its_holder"),
            models.CheckConstraint(
                condition=Q(wait_for="", joins_by="") | Q(wait_for__in=WaitFor.values) & ~Q(joins_by=""),
                name="stage_waits_iff_it_joins",
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
    resolution = models.CharField(max_length=20, blank=True, choices=DECIDED)

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
