"""The life of a dispute: where it has been and with whom, who takes part, how it ended."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import HolderSide, Resolution, Status, Verdict
from disputes.models.dispute import HOLDER_IS_ONE, Dispute
from disputes.models.route import Stage


class Stay(models.Model):
    """One stretch of time in one stage with one holder. The stays of a dispute tile its whole life."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="stays")
    seq = models.PositiveIntegerField()
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status.choices)
    holder_side = models.CharField(max_length=20, choices=HolderSide.choices)
    holder_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    holder_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("dispute", "seq")
        constraints = [
            models.UniqueConstraint(fields=["dispute", "seq"], name="stay_seq_unique_per_dispute"),
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(ended_at=None), name="stay_one_open_per_dispute"
            ),
            models.CheckConstraint(condition=HOLDER_IS_ONE, name="stay_has_exactly_one_holder"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="stay_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="stay_no_overlap",
                expressions=[
                    ("dispute", RangeOperators.EQUAL),
                    (
                        Func(
                            "started_at", "ended_at", function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}#{self.seq}"


class Outcome(models.Model):
    """How a dispute ended. There is one exactly while it is closed."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="outcome")
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution.choices)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField()
    # The votes behind it, when the decider could not decide it alone.
    approval = models.OneToOneField(
        "disputes.Approval", models.PROTECT, null=True, blank=True, related_name="outcome"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="outcome_amount_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.resolution}"


class Participation(models.Model):
    """Somebody who takes part in a dispute and therefore sees it: held it, was asked, was called in."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="participations")
    user = models.ForeignKey(User, models.PROTECT, related_name="participations")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "user"], name="participation_unique_per_dispute")
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.user_id}"
