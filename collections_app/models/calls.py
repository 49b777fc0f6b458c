"""Calls to customers: planned, made, and what came of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import CallOutcome, CallReason, CallStatus
from collections_app.models.instalments import InstalmentPlan
from collections_app.models.plans import Step
from disputes.models import Dispute
from ledger.models import Contact, Customer

S, C = CallStatus, CallOutcome


class CallQuerySet(models.QuerySet["Call"]):
    """The words in which calls are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> CallQuerySet:
        """The calls to the customers the person may see."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))


class Call(models.Model):
    """A call to a customer. Once it is done it says what came of it, and stays so."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="calls")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="calls")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="calls")
    reason = models.CharField(_("reason"), max_length=20, choices=CallReason.choices)
    status = models.CharField(_("status"), max_length=10, choices=S.choices, default=S.PLANNED)
    # Names it once and for all for whoever plans it by a rule: `step:12:customer:7:2026-03-16`. None for people.
    key = models.CharField(max_length=120, unique=True, null=True, blank=True)
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="calls")
    due_on = models.DateField(_("day"))
    # The agreed moment, when there is one.
    due_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    about = models.CharField(_("about"), max_length=300, blank=True)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    planned_at = models.DateTimeField()
    # The call after which this one was planned.
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    outcome = models.CharField(_("outcome"), max_length=15, choices=C.choices, blank=True, default="")
    notes = models.TextField(_("notes"), blank=True)
    seconds = models.PositiveIntegerField(_("seconds"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    # What the outcome made: promises of one act, an agreement, a dispute.
    promise_act = models.UUIDField(null=True, blank=True)
    instalments = models.ForeignKey(
        InstalmentPlan, models.PROTECT, null=True, blank=True, related_name="calls"
    )
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, blank=True, related_name="calls")

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ("due_on", "id")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="call_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=S.PLANNED, ended_at=None, ended_by=None, outcome="")
                | Q(status=S.DONE, ended_at__isnull=False, ended_by__isnull=False, outcome__in=C.values)
                | Q(status=S.CANCELLED, ended_at__isnull=False, outcome=""),
                name="call_done_has_an_outcome",
                violation_error_message=_("Say what came of the call."),
            ),
            models.CheckConstraint(
                condition=~Q(outcome=C.PROMISE) | Q(promise_act__isnull=False) | Q(instalments__isnull=False),
                name="call_promise_has_its_promise",
            ),
            models.CheckConstraint(
                condition=Q(promise_act=None, instalments=None) | Q(outcome=C.PROMISE),
                name="call_promise_only_of_a_promise",
            ),
            models.CheckConstraint(
                condition=Q(dispute=None) | Q(outcome=C.DISPUTE), name="call_dispute_only_of_a_dispute"
            ),
            models.CheckConstraint(condition=~Q(follows=F("id")), name="call_follows_another"),
            models.UniqueConstraint(
                fields=["follows"], condition=~Q(status=S.CANCELLED), name="call_followed_by_one"
            ),
        ]
        indexes = [
            # A customer's calls, newest first.
            models.Index(fields=["customer", "-id"], name="call_by_customer"),
            # What is to be done: the worklist.
            models.Index(
                fields=["entity", "due_on", "customer"], condition=Q(status=S.PLANNED), name="call_planned"
            ),
            # When a customer was last spoken to.
            models.Index(
                fields=["customer", "-ended_at"], condition=Q(status=S.DONE), name="call_last_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"call:{self.pk}"


class ContactFlag(models.Model):
    """Somebody found out that a contact is the wrong one to talk to, until a person clears it."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="flags")
    note = models.CharField(_("note"), max_length=300, blank=True)
    call = models.ForeignKey(Call, models.PROTECT, null=True, blank=True, related_name="+")
    flagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    flagged_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("flag of a contact")
        verbose_name_plural = _("flags of contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(cleared_at=None), name="contact_flag_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}"


class Rest(models.Model):
    """A person puts a customer off their worklist until a day."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="rests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rests")
    until = models.DateField(_("until"))
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("put off")
        verbose_name_plural = _("put off")
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="rest_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.user_id}: {self.until}"
