"""How customers pay, as learned."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Customer
from lib.money import ZERO

# Stands for the last days of the month.
MONTH_END = 31


class Behaviour(models.Model):
    """How one customer pays, learned from their payments up to `learned_on`.

    Days are past due (negative: early). What there is too little to say about is null. Money is in the legal entity's
    currency. docs/segments.md says how each figure is learned.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="behaviour")
    learned_on = models.DateField()
    # The evidence: parts of invoices paid in the year, and the days on which money came.
    invoices = models.PositiveIntegerField(default=0)
    pay_days = models.PositiveIntegerField(default=0)
    late = models.IntegerField(_("typical delay"), null=True)
    late_low = models.IntegerField(null=True)
    late_high = models.IntegerField(null=True)
    late_recent = models.IntegerField(null=True)
    late_before = models.IntegerField(null=True)
    # Percent of the money that came at most three days late.
    on_time = models.PositiveSmallIntegerField(null=True)
    weekday = models.PositiveSmallIntegerField(null=True)
    month_day = models.PositiveSmallIntegerField(null=True)
    late_months = ArrayField(models.PositiveSmallIntegerField(), default=list)
    promises_kept = models.PositiveIntegerField(default=0)
    promises_broken = models.PositiveIntegerField(default=0)
    disputes = models.PositiveIntegerField(default=0)
    disputes_rejected = models.PositiveIntegerField(default=0)
    open_amount = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    overdue_amount = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    sales = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    # Percent of the credit limit; null without one.
    limit_used = models.IntegerField(null=True)
    since = models.DateField(null=True)
    currencies = ArrayField(models.CharField(max_length=3), default=list)

    class Meta:
        verbose_name = _("payment behaviour")
        verbose_name_plural = _("payment behaviours")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__range=(1, 7)), name="behaviour_weekday_is_one"
            ),
            models.CheckConstraint(
                condition=Q(month_day=None) | Q(month_day__range=(1, MONTH_END)),
                name="behaviour_day_is_of_a_month",
            ),
            models.CheckConstraint(
                condition=Q(on_time=None) | Q(on_time__lte=100), name="behaviour_on_time_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(overdue_amount__lte=models.F("open_amount")), name="behaviour_overdue_within_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.learned_on}"
