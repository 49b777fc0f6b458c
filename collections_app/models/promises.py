"""What keeps a reminder back: promises of payment and holds."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import PromiseStatus
from ledger.models import Customer, Invoice


class PromiseQuerySet(models.QuerySet["Promise"]):
    """The words in which promises are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> PromiseQuerySet:
        """The promises of the customers the person may see."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))


class Promise(models.Model):
    """A customer says that a part of an invoice will be paid on a day. Until then that part is not asked for."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="promises")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="promises")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="promises")
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    # What was open when it was made: what is paid since then fulfils it.
    open_before = models.DecimalField(max_digits=14, decimal_places=2)
    promised_on = models.DateField(_("promised for"))
    made_on = models.DateField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=300, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=PromiseStatus.choices, default=PromiseStatus.MADE
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    # The offer it was agreed with, by its key in the room of disputes.
    offer = models.BigIntegerField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ("promised_on", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status=PromiseStatus.MADE),
                name="promise_one_running_per_invoice",
                violation_error_message=_("There is already a promise for this invoice."),
            ),
            models.UniqueConstraint(fields=["offer", "invoice"], name="promise_once_per_offer_and_invoice"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("open_before")),
                name="promise_amount_within_open",
                violation_error_message=_("Promise more than zero and at most what is open."),
            ),
            models.CheckConstraint(
                condition=Q(promised_on__gte=F("made_on")),
                name="promise_day_not_past",
                violation_error_message=_("The promised day cannot be in the past."),
            ),
            models.CheckConstraint(
                condition=Q(status=PromiseStatus.MADE, settled_at=None)
                | Q(~Q(status=PromiseStatus.MADE), settled_at__isnull=False),
                name="promise_settled_iff_dated",
            ),
        ]
        indexes = [
            # A customer's promises, and what falls due for review.
            models.Index(fields=["customer", "-promised_on"], name="promise_by_customer"),
            models.Index(
                fields=["entity", "promised_on"],
                condition=Q(status=PromiseStatus.MADE),
                name="promise_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount} {self.promised_on}"


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
