"""Closed lists of the ledger room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InvoiceKind(models.TextChoices):
    """What a document does to the receivable."""

    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class AllocationKind(models.TextChoices):
    """What was placed on an invoice."""

    PAYMENT = "payment", _("Payment")
    CREDIT_NOTE = "credit_note", _("Credit note")
    WRITE_OFF = "write_off", _("Write-off")
    ADJUSTMENT = "adjustment", _("Adjustment")


class ContactRole(models.TextChoices):
    """What a contact does at the customer."""

    PAYABLES = "payables", _("Accounts payable")
    BUYER = "buyer", _("Buyer")
    MANAGEMENT = "management", _("Management")
    OTHER = "other", _("Other")


class Segment(models.TextChoices):
    """The starting set of customer segments."""

    STRATEGIC = "strategic", _("Strategic")
    KEY = "key", _("Key account")
    STANDARD = "standard", _("Standard")
    RISKY = "risky", _("Risky")


class BatchStatus(models.TextChoices):
    """How far an import has come."""

    RECEIVED = "received", _("Received")
    PREVIEWED = "previewed", _("To confirm")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    PARTLY = "partly", _("Done, some rows rejected")
    UNREADABLE = "unreadable", _("Unreadable")
    CANCELLED = "cancelled", _("Cancelled")
