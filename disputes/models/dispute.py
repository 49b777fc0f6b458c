"""The dispute itself: what is disputed, who has it, where it has been, how it ended."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, LegalEntity, User
from disputes.choices import ACTIVE, CLOSED, HolderSide, Status, Via
from disputes.models.mass import Mass
from disputes.models.route import Reason, RouteVersion, Stage
from ledger.models import Customer, Invoice, InvoiceLine

HOLDER_IS_ONE = (
    Q(holder_side="ours", holder_user__isnull=False, holder_department=None)
    | Q(holder_side="ours", holder_user=None, holder_department__isnull=False)
    | Q(holder_side="partner", holder_department=None)
    | Q(holder_side__in=["customer", "system"], holder_user=None, holder_department=None)
)


class Counter(models.Model):
    """The last number given to a dispute of the entity."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="+")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class DisputeQuerySet(models.QuerySet["Dispute"]):
    """The vocabulary of every question about disputes."""

    def locked(self) -> DisputeQuerySet:
        """Lock the rows, by primary key, until the end of the transaction."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def active(self) -> DisputeQuerySet:
        """Not closed."""
        return self.filter(closed_at=None)


class Dispute(models.Model):
    """What a customer contests on one or several invoices of one currency, until it is settled.

    `amount` is kept by the database: the sum of the live lines while open, the total at closing afterwards.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="disputes")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="disputes")
    number = models.PositiveIntegerField()
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="disputes")
    root_cause = models.ForeignKey(Reason, models.PROTECT, null=True, blank=True, related_name="caused")
    route_version = models.ForeignKey(RouteVersion, models.PROTECT, related_name="disputes")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="disputes")
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.OPEN)
    coordinator = models.ForeignKey(User, models.PROTECT, related_name="coordinates")
    holder_side = models.CharField(max_length=20, choices=HolderSide.choices)
    holder_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="holds")
    holder_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="holds"
    )
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(_("disputed amount"), max_digits=14, decimal_places=2, default=0)
    statement = models.TextField(_("what the customer says"), blank=True, max_length=4000)
    facts = models.JSONField(default=dict, blank=True)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    # Put aside until then; the views of work show it again from that moment on.
    snoozed_until = models.DateTimeField(null=True, blank=True)
    # When somebody is to be told of the deadline next; kept with it.
    alert_at = models.DateTimeField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    opened_via = models.CharField(max_length=20, choices=Via.choices, default=Via.PAGE)
    # Where its lines went when it was closed as a duplicate, and which dispute it was a part of before.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", editable=False
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", editable=False
    )

    # How urgent it is, of what that was made (disputes/priority.py) and when it was computed.
    priority = models.PositiveSmallIntegerField(_("priority"), default=0, db_default=0, editable=False)
    priority_parts = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    priority_at = models.DateTimeField(null=True, blank=True, editable=False)
    mass = models.ForeignKey(
        Mass, models.PROTECT, null=True, blank=True, related_name="children", editable=False
    )

    objects: ClassVar[Any] = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.UniqueConstraint(fields=["entity", "number"], name="dispute_number_unique_per_entity"),
            models.CheckConstraint(
                condition=Q(status__in=ACTIVE, closed_at=None, closed_on=None)
                | Q(status__in=CLOSED, closed_at__isnull=False, closed_on__isnull=False),
                name="dispute_closed_iff_dated",
            ),
            models.CheckConstraint(condition=HOLDER_IS_ONE, name="dispute_has_exactly_one_holder"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="dispute_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="dispute_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | Q(closed_at=None), name="dispute_sleeps_only_while_open"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(status="withdrawn") & ~Q(merged_into=F("id")),
                name="dispute_merged_is_closed",
                violation_error_message=_("A dispute that was merged into another one is closed."),
            ),
        ]
        indexes = [
            # The queue: one entity's live disputes, the most urgent first.
            models.Index(
                fields=["entity", "due_at", "id"], condition=Q(closed_at=None), name="dispute_queue"
            ),
            # Whom to tell of a deadline now.
            models.Index(
                fields=["alert_at"],
                condition=Q(closed_at=None, alert_at__isnull=False),
                name="dispute_alerts",
            ),
            # The same by priority, and what the nightly job has not come to yet.
            models.Index(
                fields=["entity", "-priority", "id"], condition=Q(closed_at=None), name="dispute_by_priority"
            ),
            models.Index(fields=["priority_at"], condition=Q(closed_at=None), name="dispute_priority_stale"),
            # Similar disputes: statements that are written alike.
            GinIndex(fields=["statement"], opclasses=["gin_trgm_ops"], name="dispute_statement_alike"),
            # The closed view, latest first.
            models.Index(
                fields=["entity", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="dispute_closed",
            ),
            # Those put aside: their view, and the job that tells when their time has come.
            models.Index(
                fields=["snoozed_until"],
                condition=Q(closed_at=None, snoozed_until__isnull=False),
                name="dispute_snoozed",
            ),
            # "Mine" and the rail's count.
            models.Index(fields=["holder_user", "due_at"], condition=Q(closed_at=None), name="dispute_held"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What people call it: D-000123."""
        return f"D-{self.number:06d}"

    @property
    def is_open(self) -> bool:
        """Whether it is not closed yet."""
        return self.closed_at is None

    @property
    def holder_name(self) -> str:
        """Who has it now, in words."""
        holder = self.holder_user or self.holder_department
        return str(holder) if holder else str(HolderSide(self.holder_side).label)


class DisputeLine(models.Model):
    """The disputed part of one invoice (or of one of its lines), for a span of days.

    It counts as disputed at the end of day T when `opened_on <= T` and it was not closed on or before T.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="dispute_lines")
    invoice_line = models.ForeignKey(
        InvoiceLine, models.PROTECT, null=True, blank=True, related_name="dispute_lines"
    )
    amount = models.DecimalField(_("disputed amount"), max_digits=14, decimal_places=2)
    quantity = models.DecimalField(_("quantity"), max_digits=16, decimal_places=4, null=True, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    closed_recorded_at = models.DateTimeField(null=True, blank=True)
    # Which closing of the dispute ended it (1, 2...), empty when a change did: what a reopening takes up again.
    closing = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="dispute_line_amount_positive",
                violation_error_message=_("The disputed amount must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gt=0),
                name="dispute_line_quantity_positive",
                violation_error_message=_("The quantity must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_recorded_at=None)
                # Said outright, since a comparison with nothing would let a half-closed row pass.
                | Q(closed_on__isnull=False, closed_recorded_at__isnull=False)
                & Q(closed_on__gte=F("opened_on"), closed_recorded_at__gte=F("recorded_at")),
                name="dispute_line_closed_iff_recorded",
            ),
        ]
        indexes = [
            # "How much of this invoice is disputed now?": dunning, the customer page, the cap trigger.
            models.Index(fields=["invoice"], condition=Q(closed_on=None), name="dispute_line_live"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.amount}"
