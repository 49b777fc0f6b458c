"""Promises among ourselves: a credit note by Friday."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices_outcome import Promised, PromiseState
from disputes.models.credit import CreditRequest
from disputes.models.dispute import Dispute


class InternalPromise(models.Model):
    """Somebody here, or a department, will have something done by the end of a day.

    A promise kept after its day stays broken and shows `kept_at`: late is not the same as never.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="internal_promises")
    keeper = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="internal_promises")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(_("what"), max_length=10, choices=Promised.choices)
    text = models.CharField(_("in words"), max_length=300, blank=True)
    due_on = models.DateField(_("by"))
    request = models.ForeignKey(CreditRequest, models.PROTECT, null=True, blank=True, related_name="promises")
    state = models.CharField(
        _("state"), max_length=10, choices=PromiseState.choices, default=PromiseState.MADE
    )
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("due_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(keeper__isnull=False, department=None) | Q(keeper=None, department__isnull=False),
                name="internal_promise_has_one_keeper",
                violation_error_message=_("Choose one person or one department."),
            ),
            models.CheckConstraint(
                condition=~Q(what="other") | ~Q(text=""),
                name="internal_promise_says_what",
                violation_error_message=_("Say what is promised."),
            ),
            models.CheckConstraint(
                condition=Q(state="made", ended_at=None, kept_at=None)
                | Q(state="kept", ended_at__isnull=False, kept_at__isnull=False)
                | Q(state="broken", ended_at__isnull=False)
                | Q(state="released", ended_at__isnull=False, kept_at=None),
                name="internal_promise_ended_iff_dated",
            ),
        ]
        indexes = [
            # "My promises" and the nightly look at what is due.
            models.Index(fields=["due_on"], condition=Q(state="made"), name="internal_promise_running"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.what} {self.due_on} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether it still has to be kept."""
        return self.state == PromiseState.MADE

    @property
    def keeper_name(self) -> str:
        """Who promised, in words."""
        return str(self.keeper or self.department)

    @property
    def words(self) -> str:
        """What is promised, in words."""
        return self.text if self.what == Promised.OTHER else str(Promised(self.what).label)
