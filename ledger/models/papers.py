"""What belongs to an invoice but is no figure: its own document, and what the customer's system says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import policy
from ledger.choices import AnswerStandard

if TYPE_CHECKING:
    from accounts.models import User


# What people call a media type.
KINDS = {
    "application/pdf": "PDF",
    "application/xml": "XML",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "text/csv": "CSV",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
}


class InvoiceFile(models.Model):
    """The PDF or XML that an invoice came as. The same file twice is the same row."""

    invoice = models.ForeignKey("ledger.Invoice", models.CASCADE, related_name="files")
    name = models.CharField(_("file"), max_length=250)
    media_type = models.CharField(max_length=100)
    # Relative to the files folder.
    stored_as = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="files"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("invoice file")
        verbose_name_plural = _("invoice files")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["invoice", "sha256"], name="file_unique_per_invoice"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """What people call the format."""
        return KINDS.get(self.media_type, self.media_type)


class InvoiceAnswerQuerySet(models.QuerySet["InvoiceAnswer"]):
    """The words in which answers are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> InvoiceAnswerQuerySet:
        """The answers the person may see: those of the entity, or of the invoices of their own customers."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="invoice__customer__salesperson"))


class InvoiceAnswer(models.Model):
    """A status message about one of our invoices, as it came. Never changed; the same message twice is one row."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="invoice_answers")
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="answers"
    )
    standard = models.CharField(_("standard"), max_length=20, choices=AnswerStandard.choices)
    message_id = models.CharField(_("message"), max_length=200)
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    # A message may speak of several invoices; `position` tells them apart.
    position = models.PositiveIntegerField(default=1)
    document_number = models.CharField(_("invoice number"), max_length=80)
    document_issued_on = models.DateField(null=True, blank=True)
    invoice = models.ForeignKey(
        "ledger.Invoice", models.PROTECT, null=True, blank=True, related_name="answers"
    )
    status_code = models.CharField(_("status"), max_length=20)
    # [{"code", "scheme", "text", "amount", "currency"}] in the words of the message.
    reasons = models.JSONField(default=list)
    text = models.TextField(_("text"), blank=True)
    effective_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    stored_as = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()

    objects = InvoiceAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice answer")
        verbose_name_plural = _("invoice answers")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "standard", "sender", "message_id", "position"],
                name="answer_unique_per_message",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-recorded_at", "-id"], name="answer_by_time"),
            # An answer that came before its invoice waits for it.
            models.Index(
                fields=["entity", "document_number"],
                condition=models.Q(invoice=None),
                name="answer_without_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.status_code}"
