"""Payments on a page: what somebody set out to pay, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from collections_app.choices import PayStatus
from collections_app.models.notices import Notice
from ledger.models import Customer, Payment


class PayOrder(models.Model):
    """A payer pressed "pay": these invoices, this much. `key` is random and stands in the provider's address."""

    key = models.CharField(max_length=64, unique=True)
    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="pay_orders")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="pay_orders")
    provider = models.CharField(max_length=20)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    reference = models.CharField(_("reference"), max_length=25)
    # [{"invoice": id, "amount": "0.00"}]
    parts = models.JSONField(default=list)
    # Where the payer came from, to bring them back.
    token = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=PayStatus.choices, default=PayStatus.OPEN)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="pay_order")

    class Meta:
        verbose_name = _("payment on a page")
        verbose_name_plural = _("payments on a page")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PayStatus.values), name="pay_order_status_is_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="pay_order_asks_something"),
            models.CheckConstraint(
                condition=Q(status=PayStatus.PAID, payment__isnull=False)
                | (~Q(status=PayStatus.PAID) & Q(payment__isnull=True)),
                name="pay_order_paid_iff_booked",
            ),
            models.CheckConstraint(
                condition=Q(status=PayStatus.OPEN, ended_at__isnull=True)
                | (~Q(status=PayStatus.OPEN) & Q(ended_at__isnull=False)),
                name="pay_order_ended_iff_not_open",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="pay_order_by_customer")]

    def __str__(self) -> str:
        return f"{self.reference} {self.amount} {self.currency}"
