"""Which collector looks after which customer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.models import Customer


class Portfolio(models.Model):
    """A customer is in a collector's portfolio: it stands on their worklist. A customer without a row is the team's."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="portfolio")
    collector = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="portfolio")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("portfolio")
        verbose_name_plural = _("portfolios")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.collector_id}"
