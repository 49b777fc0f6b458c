"""What customers promise: a part of an invoice, by a day."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import PromiseSource, PromiseStatus
from ledger.models import Contact, Customer, Invoice

RUNNING = (PromiseStatus.MADE, PromiseStatus.WAITING)


class PromiseQuerySet(models.QuerySet["Promise"]):
    """The words in which promises are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> PromiseQuerySet:
        """The promises of the customers the person may see."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))


class Promise(models.Model):
    """A customer says that a part of an invoice will be paid on a day. Until then that part is not asked for.

    The promises for several invoices that were given in one breath share their `act`.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="promises")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="promises")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="promises")
    act = models.UUIDField(default=uuid.uuid4, editable=False)
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
    source = models.CharField(
        _("how"), max_length=10, choices=PromiseSource.choices, default=PromiseSource.PHONE
    )
    # Who said it: one of the customer's contacts, or somebody else by name.
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    said_by = models.CharField(_("who said it"), max_length=150, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=PromiseStatus.choices, default=PromiseStatus.MADE
    )
    # Who said yes or no to one that was beyond its maker's limits.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Why it was cancelled, replaced or not approved.
    reason = models.CharField(_("reason"), max_length=300, blank=True)
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
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(status=PromiseStatus.WAITING),
                name="promise_one_waiting_per_invoice",
                violation_error_message=_("A promise for this invoice already waits for its approval."),
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
                condition=Q(status__in=RUNNING, settled_at=None)
                | Q(~Q(status__in=RUNNING), settled_at__isnull=False),
                name="promise_settled_iff_dated",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[PromiseStatus.CANCELLED, PromiseStatus.REFUSED]) | ~Q(reason=""),
                name="promise_taken_back_says_why",
                violation_error_message=_("Say why the promise no longer holds."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(~Q(decided_by=F("made_by")), decided_at__isnull=False),
                name="promise_maker_does_not_approve",
                violation_error_message=_("Somebody else has to approve what you asked for."),
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
            # What was promised in one breath.
            models.Index(fields=["act"], name="promise_by_act"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount} {self.promised_on}"

    @property
    def speaker(self) -> str:
        """Who at the customer said it, as far as is known."""
        return self.said_by or (self.contact.name if self.contact else "")
