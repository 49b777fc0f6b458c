"""Who passed a dispute on to whom, and who was told that it is late."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import HandedBy
from disputes.models.dispute import Dispute
from disputes.models.life import Stay
from disputes.models.stage import StageAlert


class HandOver(models.Model):
    """A dispute passed from one holder to the next within its stage; open until it is given back.

    It counts only as long as the stage is the same and `to_user` has the dispute: whatever else happens to the
    dispute makes it history, without anybody having to close it.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="hand_overs")
    stay = models.OneToOneField(Stay, models.PROTECT, related_name="hand_over")
    kind = models.CharField(max_length=20, choices=HandedBy.choices)
    from_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    from_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(_("note"), blank=True, max_length=1000)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The branches that went along, by key: they come back with the dispute, those `to_user` had before do not.
    branches = models.JSONField(default=list, db_default=[], blank=True, editable=False)

    class Meta:
        ordering = ("dispute", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HandedBy.values), name="hand_over_kind_is_known"),
            models.CheckConstraint(
                condition=Q(from_user=None, from_department__isnull=False)
                | Q(from_user__isnull=False, from_department=None),
                name="hand_over_comes_from_one",
            ),
            models.CheckConstraint(
                condition=Q(from_user=None) | ~Q(from_user=F("to_user")),
                name="hand_over_goes_to_somebody_else",
                violation_error_message=_("Choose somebody else: this person has it already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="delegation", until__isnull=False, until__gt=F("at"))
                | ~Q(kind="delegation") & Q(until=None),
                name="delegation_iff_until",
                violation_error_message=_("A delegation ends later than it begins."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("at")), name="hand_over_ends_after_it_starts"
            ),
        ]
        indexes = [
            # Delegations whose time has come.
            models.Index(
                fields=["until"], condition=Q(ended_at=None, until__isnull=False), name="delegation_due"
            ),
            # "Can it be given back?": the newest open one of a dispute.
            models.Index(fields=["dispute", "-id"], condition=Q(ended_at=None), name="hand_over_open"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.kind}"

    @property
    def from_name(self) -> str:
        """Who had it before."""
        return str(self.from_user or self.from_department)


class AlertSent(models.Model):
    """That an alert of the stage's deadline fell in this stay, and whom it was told to. Once for each stay."""

    stay = models.ForeignKey(Stay, models.PROTECT, related_name="alerts_sent")
    alert = models.ForeignKey(StageAlert, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # The people told; nobody when a later alert told them already.
    people = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stay", "alert"], name="alert_once_per_stay")]

    def __str__(self) -> str:
        return f"{self.stay_id}: {self.alert_id}"
