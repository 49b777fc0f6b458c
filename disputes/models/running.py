"""The branches of a stage that run at the same time: one row for each time a dispute goes through one."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import HolderSide, RunState
from disputes.models.dispute import HOLDER_IS_ONE, Dispute
from disputes.models.stage import StageBranch


class BranchRun(models.Model):
    """A branch of the dispute's stage: who has it, since when and until when, and how it ended."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="branch_runs")
    branch = models.ForeignKey(StageBranch, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=20, choices=RunState.choices, default=RunState.OPEN)
    holder_side = models.CharField(max_length=20, choices=HolderSide.choices)
    holder_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    holder_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(_("result"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("branch")
        ordering = ("started_at", "branch__position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "branch"], condition=Q(state="open"), name="branch_runs_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | Q(state__in=["done", "cancelled"], ended_at__isnull=False),
                name="branch_ended_iff_dated",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="branch_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=HOLDER_IS_ONE, name="branch_has_exactly_one_holder"),
            models.CheckConstraint(
                condition=Q(state="done") | Q(done_by=None, result="", note=""),
                name="branch_result_only_when_done",
            ),
        ]
        indexes = [
            # "What do I have to do?": the open branches of a person or an office.
            models.Index(
                fields=["holder_user", "due_at"], condition=Q(state="open"), name="branch_run_of_person"
            ),
            models.Index(
                fields=["holder_department", "due_at"],
                condition=Q(state="open"),
                name="branch_run_of_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.branch_id}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to finish it."""
        return self.state == RunState.OPEN

    @property
    def holder_name(self) -> str:
        """Who has it, in words."""
        holder = self.holder_user or self.holder_department
        return str(holder) if holder else str(HolderSide(self.holder_side).label)
