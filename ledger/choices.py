"""Closed lists of the ledger room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    UNDONE = "undone", _("Undone")


class BatchSource(models.TextChoices):
    """Through which door an import came, where it is worth a word."""

    API = "api", pgettext_lazy("source of an import", "API")
    DROP = "drop", pgettext_lazy("source of an import", "Drop folder")


class StatementStatus(models.TextChoices):
    """What became of a bank statement."""

    BOOKED = "booked", pgettext_lazy("bank statement", "Booked")
    HELD = "held", pgettext_lazy("bank statement", "Held")
    DISMISSED = "dismissed", pgettext_lazy("bank statement", "Dismissed")


class TransactionStatus(models.TextChoices):
    """What became of a movement on the bank account."""

    HELD = "held", pgettext_lazy("bank transaction", "Held with its statement")
    ALLOCATED = "allocated", pgettext_lazy("bank transaction", "Allocated")
    PART = "part", pgettext_lazy("bank transaction", "Partly allocated")
    PROPOSED = "proposed", pgettext_lazy("bank transaction", "To confirm")
    UNMATCHED = "unmatched", pgettext_lazy("bank transaction", "No match found")
    RETURNED = "returned", pgettext_lazy("bank transaction", "Returned")
    OTHER = "other", pgettext_lazy("bank transaction", "Not from a customer")


class AnswerStandard(models.TextChoices):
    """In which language a customer's system answers an invoice."""

    PEPPOL = "peppol", _("Peppol Invoice Response")
    MLR = "peppol_mlr", _("Peppol message level response")
    CDAR = "cdar", _("French life-cycle message (CDAR)")
