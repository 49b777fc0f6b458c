"""What came in and where it was placed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from ledger.choices import AllocationKind
from lib.money import ZERO

if TYPE_CHECKING:
    from accounts.models import User


class PaymentQuerySet(models.QuerySet["Payment"]):
    """The words in which payments are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> PaymentQuerySet:
        """The payments the person may see; every read for a person starts here."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))


class Payment(models.Model):
    """Money received from a customer."""

    entity = models.ForeignKey(
        "accounts.LegalEntity", models.PROTECT, related_name="payments", db_index=False
    )
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payments", db_index=False)
    received_on = models.DateField(_("received on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=250, blank=True)
    method = models.CharField(_("method"), max_length=30, blank=True)
    # What the source calls it; the same identity twice is the same payment.
    identity = models.CharField(max_length=200)
    # Kept by the database; see migration 0002.
    allocated = models.DecimalField(
        _("allocated"), max_digits=14, decimal_places=2, default=ZERO, editable=False
    )
    # What the bank took back (a bounced direct debit). Kept by the database; see migration 0005.
    returned = models.DecimalField(
        _("returned"), max_digits=14, decimal_places=2, default=ZERO, db_default=ZERO, editable=False
    )
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="payments"
    )
    recorded_at = models.DateTimeField()

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "identity"],
                name="payment_identity_unique_per_entity",
                violation_error_message=_("This payment is already recorded."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="payment_amount_is_positive",
                violation_error_message=_("The amount must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0) & Q(allocated__lte=F("amount")),
                name="payment_allocated_within_amount",
                violation_error_message=_("More cannot be allocated than was paid."),
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0) & Q(returned__lte=F("amount") - F("allocated")),
                name="payment_returned_within_what_is_left",
                violation_error_message=_("Only what is not placed on an invoice can be taken back."),
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="payment_currency_is_iso"),
        ]
        indexes = [
            # A customer's payments, newest first.
            models.Index(fields=["customer", "-received_on", "-id"], name="payment_by_customer"),
            # Money not yet placed.
            models.Index(
                fields=["entity", "received_on"],
                condition=~Q(allocated=F("amount")),
                name="payment_unapplied",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or self.identity

    @property
    def unapplied(self) -> Decimal:
        """What is neither placed on an invoice nor taken back, as recorded at this moment."""
        return self.amount - self.allocated - self.returned


class Allocation(models.Model):
    """A part of a payment, a credit note, a write-off or an adjustment, placed on an invoice.

    Rows are only added. A reversal is a row of its own with the negative amount of the one it reverses.
    """

    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="allocations", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=AllocationKind.choices)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="allocations")
    credit_note = models.ForeignKey(
        "ledger.Invoice", models.PROTECT, null=True, blank=True, related_name="applications"
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    allocated_on = models.DateField(_("allocated on"))
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    note = models.CharField(_("note"), max_length=250, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ("allocated_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="allocation_negative_only_when_it_reverses",
            ),
            models.CheckConstraint(
                condition=Q(kind="payment", payment__isnull=False, credit_note=None)
                | Q(kind="credit_note", payment=None, credit_note__isnull=False)
                | Q(kind__in=["write_off", "adjustment"], payment=None, credit_note=None),
                name="allocation_source_fits_its_kind",
            ),
        ]
        indexes = [
            # What was open on a day, and known by a moment.
            models.Index(
                fields=["invoice", "allocated_on"], include=["amount"], name="allocation_by_invoice_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class PaymentReturn(models.Model):
    """Money of a payment that the bank took back: a bounced direct debit, a returned transfer.

    Rows are only added. One that was recorded by mistake is taken back by a row with its negative amount.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="returns")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    returned_on = models.DateField(_("returned on"))
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    note = models.CharField(_("note"), max_length=250, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("return of a payment")
        verbose_name_plural = _("returns of payments")
        ordering = ("returned_on", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="return_negative_only_when_it_reverses",
            ),
        ]
        indexes = [
            # What was taken back by a day.
            models.Index(fields=["payment", "returned_on"], include=["amount"], name="return_by_payment_day"),
        ]

    def __str__(self) -> str:
        return f"{self.returned_on} {self.amount}"


class ExchangeRate(models.Model):
    """How many units of a currency one euro bought on a day (ECB reference rates)."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    per_euro = models.DecimalField(_("units per euro"), max_digits=18, decimal_places=6)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="rate_unique_per_currency_and_day"),
            models.CheckConstraint(condition=Q(per_euro__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on}"
