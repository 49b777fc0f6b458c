"""Whom we remind how: segments, plans, their versions and steps."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import (
    Attachment,
    Climb,
    Grouping,
    Release,
    Resume,
    StepChannel,
    VersionState,
    letter_name,
)
from disputes.labels import in_language
from ledger.choices import Segment as SegmentCode


class PlanQuerySet(models.QuerySet["Plan"]):
    """The words in which plans are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> PlanQuerySet:
        """The plans of the entities in which the person may read plans."""
        return self.filter(policy.rows(user, "plan.read"))


class Plan(models.Model):
    """A series of steps before and after the due date. What is in force is its current version."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="plans")
    code = models.SlugField(_("code"), max_length=40)
    labels = models.JSONField(default=dict)
    active = models.BooleanField(_("active"), default=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ("code",)
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="plan_code_unique_per_entity")]

    def __str__(self) -> str:
        return self.code

    @property
    def version(self) -> PlanVersion:
        """The version in force, of a plan that selectors.plans gave (it reads them in one query for all)."""
        found: PlanVersion = self.in_force[0]  # type: ignore[attr-defined]
        return found


class PlanVersion(models.Model):
    """The rules of a plan from one day on. A version is never edited: a change is a new version."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    current = models.BooleanField(default=True)
    # Not yet in force: tried, compared and changed; at most one per plan.
    draft = models.BooleanField(default=False)
    # Nothing below this is asked for, per message and in its currency.
    minimum_amount = models.DecimalField(
        _("minimum amount"), max_digits=14, decimal_places=2, default=Decimal("5.00")
    )
    # At least so many days between two messages about the same invoice, the invoice itself included.
    gap_days = models.PositiveSmallIntegerField(_("days between messages"), default=5)
    # The letter asks for payment within so many days.
    answer_days = models.PositiveSmallIntegerField(_("days to pay"), default=8)
    climb = models.CharField(_("after a pause"), max_length=10, choices=Climb.choices, default=Climb.JUMP)
    grouping = models.CharField(
        _("messages"), max_length=10, choices=Grouping.choices, default=Grouping.CUSTOMER
    )
    # After a dispute ended nothing is asked of the invoice for so many days, and then with this step.
    cool_days = models.PositiveSmallIntegerField(_("quiet days after a dispute"), default=0)
    resume = models.CharField(
        _("after a dispute"), max_length=10, choices=Resume.choices, default=Resume.NEXT
    )
    # At most so many messages to a customer in so many days; no limit when empty.
    cap_messages = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    cap_days = models.PositiveSmallIntegerField(_("in so many days"), default=30)
    # Messages wait for a day on which the customer's country works.
    working_days = models.BooleanField(_("only on the customer's working days"), default=False)
    # What the daily run decided leaves between these hours, on the customer's clock.
    hour_from = models.PositiveSmallIntegerField(_("not before (hour)"), default=0)
    hour_until = models.PositiveSmallIntegerField(_("not after (hour)"), default=24)
    # Nothing goes when the newest bank statement is older than so many days; never mind when empty.
    bank_days = models.PositiveSmallIntegerField(_("bank read within (days)"), null=True, blank=True)
    release = models.CharField(
        _("before it goes"), max_length=10, choices=Release.choices, default=Release.AUTOMATIC
    )
    release_above = models.DecimalField(
        _("from this amount on"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    release_percent = models.PositiveSmallIntegerField(_("of a hundred"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="version_number_unique_per_plan"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(current=True), name="version_one_current_per_plan"
            ),
            models.CheckConstraint(condition=Q(minimum_amount__gte=0), name="version_minimum_not_negative"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(draft=True), name="version_one_draft_per_plan"
            ),
            models.CheckConstraint(
                condition=~Q(draft=True, current=True), name="version_is_a_draft_or_in_force"
            ),
            models.CheckConstraint(
                condition=Q(cap_messages=None) | Q(cap_messages__gte=1, cap_days__gte=1),
                name="version_cap_lets_something_through",
                violation_error_message=_("Allow at least one message in at least one day."),
            ),
            models.CheckConstraint(
                condition=Q(hour_from__lt=F("hour_until"), hour_until__lte=24),
                name="version_hours_are_a_span",
                violation_error_message=_("The first hour must come before the last one."),
            ),
            models.CheckConstraint(
                condition=~Q(release=Release.ABOVE) | Q(release_above__isnull=False, release_above__gte=0),
                name="version_release_above_an_amount",
                violation_error_message=_("Say from which amount on a person looks first."),
            ),
            models.CheckConstraint(
                condition=~Q(release=Release.SAMPLE)
                | Q(release_percent__isnull=False, release_percent__range=(1, 100)),
                name="version_release_of_a_share",
                violation_error_message=_("Say how many of a hundred a person looks at, from 1 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"

    @property
    def state(self) -> VersionState:
        """Draft, in force or former."""
        if self.draft:
            return VersionState.DRAFT
        return VersionState.CURRENT if self.current else VersionState.OLD


class Step(models.Model):
    """What happens so many days after the due date (before it, when negative)."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    days = models.SmallIntegerField(_("days after due"))
    channel = models.CharField(
        _("channel"), max_length=10, choices=StepChannel.choices, default=StepChannel.EMAIL
    )
    kind = models.CharField(_("kind of letter"), max_length=50)
    labels = models.JSONField(default=dict, blank=True)
    attach = ArrayField(models.CharField(max_length=20, choices=Attachment.choices), default=list, blank=True)
    # Conditions; empty ones are no conditions. Amount and number are of all that is overdue of the customer, of the
    # invoice itself for a step before its due date.
    from_amount = models.DecimalField(
        _("from this amount on"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    from_count = models.PositiveSmallIntegerField(_("from so many invoices on"), null=True, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    segments = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("days",)
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_position_unique_per_version"),
            models.UniqueConstraint(
                fields=["version", "days"],
                name="step_days_unique_per_version",
                violation_error_message=_("Two steps cannot stand on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(days__gte=-60, days__lte=365),
                name="step_within_a_year",
                violation_error_message=_(
                    "A step stands between 60 days before and 365 days after the due date."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days:+d}"

    @property
    def conditional(self) -> bool:
        """Whether it is taken only under conditions."""
        return bool(self.from_amount or self.from_count or self.countries or self.segments)

    @property
    def name(self) -> str:
        """Its name in the active language."""
        return in_language(self.labels) or letter_name(self.kind)


class Segment(models.Model):
    """Which plan the customers of one segment follow. Without a plan a person decides."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="segments")
    code = models.CharField(_("segment"), max_length=20, choices=SegmentCode.choices)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="segments")

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="segment_code_unique_per_entity"),
        ]

    def __str__(self) -> str:
        return self.code
