"""Agreements to pay one or several invoices in instalments."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import INSTALMENTS_OPEN, InstalmentStatus, PromiseSource
from ledger.models import Contact, Customer, Invoice
from mailroom.models import Letter

S = InstalmentStatus


class InstalmentPlanQuerySet(models.QuerySet["InstalmentPlan"]):
    """The words in which agreements are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> InstalmentPlanQuerySet:
        """The agreements with the customers the person may see."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))


class InstalmentPlan(models.Model):
    """A customer pays parts of their invoices by instalments. While it runs, only what is due of it is asked for."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="instalment_plans")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="instalment_plans")
    currency = models.CharField(max_length=3)
    # The sum of its instalments, and of its parts of invoices.
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    status = models.CharField(_("status"), max_length=10, choices=S.choices, default=S.PROPOSED)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_on = models.DateField()
    made_at = models.DateTimeField()
    note = models.CharField(_("note"), max_length=300, blank=True)
    source = models.CharField(
        _("how"), max_length=10, choices=PromiseSource.choices, default=PromiseSource.PHONE
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    said_by = models.CharField(_("who said it"), max_length=150, blank=True)
    # Who said yes or no to one beyond its maker's limits.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # When the customer agreed, and who of us wrote that down.
    agreed_on = models.DateField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InstalmentPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement on instalments")
        verbose_name_plural = _("agreements on instalments")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalments_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=S.values), name="instalments_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=INSTALMENTS_OPEN, ended_at=None, ended_on=None)
                | Q(~Q(status__in=INSTALMENTS_OPEN), ended_at__isnull=False, ended_on__isnull=False),
                name="instalments_ended_iff_dated",
            ),
            models.CheckConstraint(
                condition=Q(agreed_on=None, agreed_at=None)
                & ~Q(status__in=[S.RUNNING, S.FULFILLED, S.BROKEN])
                | Q(agreed_on__isnull=False, agreed_at__isnull=False)
                & ~Q(status__in=[S.WAITING, S.PROPOSED, S.REFUSED]),
                name="instalments_run_once_agreed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[S.CANCELLED, S.REFUSED]) | ~Q(reason=""),
                name="instalments_taken_back_say_why",
                violation_error_message=_("Say why the agreement no longer holds."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(~Q(decided_by=F("made_by")), decided_at__isnull=False),
                name="instalments_maker_does_not_approve",
                violation_error_message=_("Somebody else has to approve what you asked for."),
            ),
        ]
        indexes = [
            # A customer's agreements, newest first.
            models.Index(fields=["customer", "-id"], name="instalments_by_customer"),
            # What the review and the decision look at.
            models.Index(fields=["entity", "id"], condition=Q(status=S.RUNNING), name="instalments_running"),
        ]

    def __str__(self) -> str:
        return f"instalments:{self.pk}"

    @property
    def speaker(self) -> str:
        """Who at the customer agreed, as far as is known."""
        return self.said_by or (self.contact.name if self.contact else "")


class InstalmentInvoice(models.Model):
    """A part of an invoice that an agreement covers. Instalments pay the oldest invoice first."""

    plan = models.ForeignKey(InstalmentPlan, models.PROTECT, related_name="invoices")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="instalment_invoices")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    # What was open when it was made: what is paid since then fulfils the agreement.
    open_before = models.DecimalField(max_digits=14, decimal_places=2)
    # While the agreement has not ended; the database keeps it in step.
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("invoice in instalments")
        verbose_name_plural = _("invoices in instalments")
        ordering = ("plan", "invoice__due_on", "invoice_id")
        constraints = [
            models.UniqueConstraint(fields=["plan", "invoice"], name="instalments_invoice_once_per_plan"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(live=True),
                name="instalments_one_live_per_invoice",
                violation_error_message=_("There is already an agreement on instalments for this invoice."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("open_before")),
                name="instalments_part_within_open",
                violation_error_message=_("Agree on more than zero and at most what is open."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.invoice_id}"


class Instalment(models.Model):
    """So much by that day. `upto` is what should have been paid of the agreement by then."""

    plan = models.ForeignKey(InstalmentPlan, models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("by"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    upto = models.DecimalField(max_digits=14, decimal_places=2)
    # Set once when it was not paid after its days of grace; it may be paid later all the same.
    missed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ("plan", "number")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="instalment_number_once_per_plan"),
            models.UniqueConstraint(
                fields=["plan", "due_on"],
                name="instalment_day_once_per_plan",
                violation_error_message=_("Two instalments cannot have the same day."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, upto__gte=F("amount"), number__gte=1),
                name="instalment_amount_positive",
                violation_error_message=_("Each instalment is more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}: {self.amount} {self.due_on}"
