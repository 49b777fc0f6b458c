"""Who may give up how much alone, who must agree above that, and what was asked and voted."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import LegalEntity, User
from disputes.choices import CLOSED, Resolution, Verdict
from disputes.choices_outcome import ApprovalState, Ended, Purpose, Telling
from disputes.models.dispute import Dispute
from disputes.models.route import Move, Reason

APPROVERS = [(role.value, role.label) for role in Role if role != Role.PARTNER]


class ApprovalLimit(models.Model):
    """Up to which amount a role, or one person whatever their role, may give something up alone."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="approval_limits")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ("role", "user", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(role="") | Q(user__isnull=False, role=""),
                name="approval_limit_of_a_role_or_a_person",
                violation_error_message=_("Choose a role or a person."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="approval_limit_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.UniqueConstraint(
                fields=["entity", "role", "user"], nulls_distinct=False, name="approval_limit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role or self.user_id}: {self.amount}"


class ApprovalRule(models.Model):
    """Above `above`, in the entity's currency, so many people of a role must agree, for one resolution or for any."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="approval_rules")
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution.choices, blank=True)
    above = models.DecimalField(_("above"), max_digits=14, decimal_places=2)
    role = models.CharField(_("role"), max_length=20, choices=APPROVERS)
    approvals = models.PositiveSmallIntegerField(
        _("approvals"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ("position", "above", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(above__gte=0),
                name="approval_rule_above_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(approvals__gte=1, approvals__lte=5),
                name="approval_rule_one_to_five",
                violation_error_message=_("Ask for one to five approvals."),
            ),
        ]

    def __str__(self) -> str:
        return f"> {self.above}: {self.approvals} {self.role}"


class Tolerance(models.Model):
    """Which small claims the system accepts by itself: both bounds hold, for the chosen reasons only."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="dispute_tolerance")
    amount = models.DecimalField(_("at most"), max_digits=14, decimal_places=2)
    percent = models.DecimalField(_("and at most this share of the invoices"), max_digits=5, decimal_places=2)
    reasons: models.ManyToManyField[Reason, models.Model] = models.ManyToManyField(
        Reason, related_name="+", blank=True
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, percent__gte=0, percent__lte=100),
                name="tolerance_within_bounds",
                violation_error_message=_("Give an amount from zero on and a share from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.amount}, {self.percent} %"


class Approval(models.Model):
    """An ending somebody asked for, and whom it needs.

    `steps` holds one role for each yes that is needed; `parts` says what is given up of which invoice:
    `[{"invoice", "number", "amount"}]`. What was asked for never changes; it only gets its end.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="approvals")
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.CLOSE)
    offer = models.ForeignKey(
        "disputes.Offer", models.PROTECT, null=True, blank=True, related_name="approvals"
    )
    move = models.ForeignKey(Move, models.PROTECT, null=True, blank=True, related_name="+")
    ends_as = models.CharField(max_length=20, choices=[(s.value, s.label) for s in CLOSED])
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution.choices)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    disputed = models.DecimalField(_("disputed amount"), max_digits=14, decimal_places=2)
    # In the entity's currency; empty when no exchange rate was known, and then everybody is asked.
    weighed = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    # The document billing has made already, when the move named it.
    number = models.CharField(_("number"), max_length=80, blank=True)
    parts = models.JSONField(default=list)
    # How the customer is told of the ending, when whoever asked for it said so.
    telling = models.CharField(max_length=10, blank=True, default="", choices=Telling.choices)
    steps: ClassVar[ArrayField[list[str], list[str]]] = ArrayField(
        models.CharField(max_length=20, choices=APPROVERS)
    )
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_on = models.DateField()
    state = models.CharField(
        _("state"), max_length=10, choices=ApprovalState.choices, default=ApprovalState.PENDING
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField(max_length=12, choices=Ended.choices, blank=True, default="")

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(state="pending"), name="approval_one_pending_per_dispute"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=F("disputed")),
                name="approval_amount_within_disputed",
                violation_error_message=_("The amount must lie between zero and the disputed amount."),
            ),
            models.CheckConstraint(
                condition=Q(state="pending", ended_at=None) | ~Q(state="pending") & Q(ended_at__isnull=False),
                name="approval_ended_iff_dated",
            ),
            models.CheckConstraint(condition=Q(steps__len__gte=1), name="approval_needs_somebody"),
            models.CheckConstraint(
                condition=Q(purpose__in=["offer", "accept"], offer__isnull=False)
                | Q(purpose__in=["close", "request"], offer=None),
                name="approval_of_an_offer_names_it",
            ),
        ]
        indexes = [
            # "To approve": what waits, oldest first.
            models.Index(fields=["asked_at"], condition=Q(state="pending"), name="approval_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.amount} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state == ApprovalState.PENDING


class ApprovalVote(models.Model):
    """One person's yes or no. `counts_as` is the person in whose place a deputy voted; otherwise the voter."""

    approval = models.ForeignKey(Approval, models.PROTECT, related_name="votes")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    counts_as = models.ForeignKey(User, models.PROTECT, related_name="+")
    step = models.PositiveSmallIntegerField()
    yes = models.BooleanField()
    note = models.TextField(_("note"), blank=True, max_length=4000)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["approval", "user"], name="approval_vote_once_per_person"),
            models.UniqueConstraint(
                fields=["approval", "counts_as"], name="approval_vote_once_in_a_persons_place"
            ),
            models.UniqueConstraint(fields=["approval", "step"], name="approval_vote_once_per_step"),
        ]

    def __str__(self) -> str:
        return f"{self.approval_id}: {self.user_id} {'yes' if self.yes else 'no'}"
