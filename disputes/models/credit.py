"""What billing and the ERP were asked for after a decision, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import Verdict
from disputes.choices_outcome import RequestKind, RequestState
from disputes.models.dispute import Dispute
from ledger.models import Allocation, Invoice


class CreditRequest(models.Model):
    """A credit note, a new invoice or a write-off that billing is asked for.

    `number` is what billing or the ERP calls the document. What arrives in the ledger is counted line by line.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="credit_requests")
    kind = models.CharField(_("kind"), max_length=10, choices=RequestKind.choices, default=RequestKind.CREDIT)
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.REQUESTED
    )
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    number = models.CharField(_("number"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(state="requested"), name="credit_request_one_open_per_dispute"
            ),
            models.CheckConstraint(
                condition=Q(state="requested", ended_at=None)
                | ~Q(state="requested") & Q(ended_at__isnull=False),
                name="credit_request_ended_iff_dated",
            ),
        ]
        indexes = [
            # What billing still has to do, by day.
            models.Index(
                fields=["expected_on"], condition=Q(state="requested"), name="credit_request_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.kind} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return self.state == RequestState.REQUESTED

    @property
    def amount(self) -> Decimal:
        """What was asked for."""
        return sum((line.amount for line in self.lines.all()), Decimal("0.00"))

    @property
    def arrived(self) -> Decimal:
        """What has come in the ledger so far."""
        return sum((line.arrived for line in self.lines.all()), Decimal("0.00"))


class CreditRequestLine(models.Model):
    """The part of a request for one invoice."""

    request = models.ForeignKey(CreditRequest, models.CASCADE, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["request", "invoice"], name="credit_request_line_once_per_invoice"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="credit_request_line_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.amount}"

    @property
    def arrived(self) -> Decimal:
        """What has come for this invoice so far."""
        return sum((one.amount for one in self.arrivals.all()), Decimal("0.00"))


class CreditArrival(models.Model):
    """What came in the ledger in answer to a request: a credit note that names the invoice, or an allocation.

    Each counts once; an allocation of a credit note that was counted when it was recorded does not count again.
    """

    line = models.ForeignKey(CreditRequestLine, models.PROTECT, related_name="arrivals")
    allocation = models.OneToOneField(Allocation, models.PROTECT, null=True, blank=True, related_name="+")
    credit_note = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    number = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["line", "credit_note"],
                condition=Q(allocation=None),
                name="credit_arrival_once_per_note",
            ),
            models.CheckConstraint(
                condition=Q(allocation__isnull=False) | Q(credit_note__isnull=False),
                name="credit_arrival_comes_from_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.amount}"
