"""What keeps reminders back because a person said so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from ledger.models import Customer, Invoice


class Hold(models.Model):
    """A person stops the reminders of a customer, or of one invoice, until a day or until further notice."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="holds")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="holds")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="holds")
    reason = models.CharField(_("reason"), max_length=300)
    until = models.DateField(_("until"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="hold_has_a_reason",
                violation_error_message=_("Say why the reminders stop."),
            ),
            models.UniqueConstraint(
                fields=["customer", "invoice"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="hold_one_running_per_customer_and_invoice",
                violation_error_message=_("There is already a hold here."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.invoice_id}"
