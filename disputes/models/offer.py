"""What one side proposes to settle a dispute for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.choices_outcome import OfferSide, OfferState
from disputes.models.dispute import Dispute


class Offer(models.Model):
    """We credit `amount`, the customer pays the rest by a day. One offer at a time waits for an answer."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="offers")
    side = models.CharField(_("whose offer"), max_length=10, choices=OfferSide.choices)
    amount = models.DecimalField(_("amount credited"), max_digits=14, decimal_places=2)
    rest_by = models.DateField(_("the rest is paid by"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    note = models.TextField(_("note"), blank=True, max_length=4000)
    counters = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="countered_by"
    )
    state = models.CharField(_("state"), max_length=10, choices=OfferState.choices, default=OfferState.OPEN)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.TextField(blank=True, max_length=4000)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["dispute"],
                condition=Q(state__in=["to_approve", "open"]),
                name="offer_one_open_per_dispute",
                violation_error_message=_("There is already an offer that waits for an answer."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="offer_amount_positive",
                violation_error_message=_("Offer more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["to_approve", "open"], answered_at=None)
                | ~Q(state__in=["to_approve", "open"]) & Q(answered_at__isnull=False),
                name="offer_ended_iff_dated",
            ),
        ]
        indexes = [
            # The nightly job: what has run out.
            models.Index(
                fields=["valid_until"], condition=Q(state__in=["to_approve", "open"]), name="offer_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.side} {self.amount} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether the other side may answer."""
        return self.state == OfferState.OPEN
