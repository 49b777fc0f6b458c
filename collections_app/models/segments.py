"""Which segment a customer is in: the rules, what people have set, and what came out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from ledger.choices import Segment as SegmentCode
from ledger.models import Customer


class Segmentation(models.Model):
    """One row per entity, locked by whoever changes its rules or its customers' segments."""

    entity = models.OneToOneField(LegalEntity, models.CASCADE, primary_key=True, related_name="segmentation")
    # The day up to which behaviour was learned and segments were worked out.
    learned_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("segmentation")
        verbose_name_plural = _("segmentations")

    def __str__(self) -> str:
        return f"{self.entity_id}"


class SegmentRules(models.Model):
    """A version of an entity's rules. It is never edited once in force: a change is a new version."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="segment_rules")
    number = models.PositiveIntegerField(_("version"))
    current = models.BooleanField(default=False)
    draft = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of the segment rules")
        verbose_name_plural = _("versions of the segment rules")
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(fields=["entity", "number"], name="segment_rules_number_unique"),
            models.UniqueConstraint(
                fields=["entity"], condition=Q(current=True), name="segment_rules_one_current_per_entity"
            ),
            models.UniqueConstraint(
                fields=["entity"], condition=Q(draft=True), name="segment_rules_one_draft_per_entity"
            ),
            models.CheckConstraint(
                condition=~Q(draft=True, current=True), name="segment_rules_are_a_draft_or_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} v{self.number}"


class SegmentRule(models.Model):
    """If all conditions hold the customer is in `segment`; empty: the declared one counts. The first that fits decides.

    `conditions` is a list of {"fact", "op", "value"} or {"fact", "op", "values"}.
    """

    version = models.ForeignKey(SegmentRules, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField()
    segment = models.CharField(_("segment"), max_length=20, choices=SegmentCode.choices, blank=True)
    conditions = models.JSONField(default=list)

    class Meta:
        verbose_name = _("segment rule")
        verbose_name_plural = _("segment rules")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="segment_rule_position_unique"),
            models.CheckConstraint(
                condition=~Q(conditions=[]),
                name="segment_rule_has_a_condition",
                violation_error_message=_("A rule needs at least one condition."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}#{self.position}"


class SegmentPin(models.Model):
    """A person keeps a customer in a segment, whatever the rules say."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="segment_pin")
    segment = models.CharField(_("segment"), max_length=20, choices=SegmentCode.choices)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("segment set by a person")
        verbose_name_plural = _("segments set by people")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="segment_pin_says_why",
                violation_error_message=_("Say why the customer is in this segment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.segment}"


class EffectiveSegment(models.Model):
    """The segment that counts for a customer, where a rule or a person says something; without a row the declared one.

    `segment` null: a rule says that the declared one counts. `figures` are the facts the rule looked at, on the day.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="effective")
    segment = models.CharField(max_length=20, choices=SegmentCode.choices, null=True)
    rule = models.ForeignKey(SegmentRule, models.PROTECT, null=True, related_name="+")
    figures = models.JSONField(default=dict)
    since = models.DateField()

    class Meta:
        verbose_name = _("segment that counts")
        verbose_name_plural = _("segments that count")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__isnull=False) | Q(segment__isnull=False),
                name="effective_segment_comes_from_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.segment}"
