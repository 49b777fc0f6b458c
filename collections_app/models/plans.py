"""Whom we remind how: segments, plans, their versions and steps."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.labels import in_language
from ledger.choices import Segment as SegmentCode
from mailroom.choices import Channel


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
    # Nothing below this is asked for, per message and in its currency.
    minimum_amount = models.DecimalField(
        _("minimum amount"), max_digits=14, decimal_places=2, default=Decimal("5.00")
    )
    # At least so many days between two messages about the same invoice, the invoice itself included.
    gap_days = models.PositiveSmallIntegerField(_("days between messages"), default=5)
    # The letter asks for payment within so many days.
    answer_days = models.PositiveSmallIntegerField(_("days to pay"), default=8)
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
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Step(models.Model):
    """What happens so many days after the due date (before it, when negative)."""

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    days = models.SmallIntegerField(_("days after due"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    kind = models.CharField(_("kind of letter"), max_length=50)
    labels = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("days",)
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_position_unique_per_version"),
            models.UniqueConstraint(fields=["version", "days"], name="step_days_unique_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days:+d}"

    @property
    def name(self) -> str:
        """Its name in the active language."""
        return in_language(self.labels) or self.kind


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
