"""What people write down about a customer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Customer


class Remark(models.Model):
    """A note about a customer, for the team. It is never changed; a later one may say better."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="remarks")
    text = models.TextField(_("note"), max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("note about a customer")
        verbose_name_plural = _("notes about customers")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="remark_says_something",
                violation_error_message=_("Write something."),
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="remark_by_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id}"
