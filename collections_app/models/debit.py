"""What became of late interest: debit notes that claim it, documents that cancel them, and waivers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices_interest import NoteKind, WaiverState
from ledger.models import Customer, Invoice
from lib.money import ZERO

W = WaiverState


class DebitNoteQuerySet(models.QuerySet["DebitNote"]):
    """The words in which debit notes are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> DebitNoteQuerySet:
        """The documents of the entities in which the person may read plans."""
        return self.filter(policy.rows(user, "plan.read"))

    def standing(self) -> DebitNoteQuerySet:
        """Debit notes that no counter-document cancels."""
        return self.filter(kind=NoteKind.DEBIT, cancelled_by=None)


class DebitNote(models.Model):
    """A numbered document that claims late interest and recovery costs, or the one that cancels it. Never edited.

    It is no invoice of the ledger and no revenue: the ERP books it, told by the event and the export.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="debit_notes")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="debit_notes")
    kind = models.CharField(_("kind"), max_length=8, choices=NoteKind.choices, default=NoteKind.DEBIT)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_on = models.DateField(_("issued on"))
    # Interest is claimed to the end of this day.
    until = models.DateField(_("interest until"))
    due_on = models.DateField(_("due on"))
    currency = models.CharField(_("currency"), max_length=3)
    interest = models.DecimalField(_("interest"), max_digits=14, decimal_places=2)
    fees = models.DecimalField(_("recovery costs"), max_digits=14, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    # Names, addresses and the law it rests on, as they were that day.
    facts = models.JSONField(default=dict)
    cancels = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="cancelled_by")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField()

    objects = DebitNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("debit note")
        verbose_name_plural = _("debit notes")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "year", "number"], name="debit_note_number_once_per_year"
            ),
            models.CheckConstraint(
                condition=Q(
                    interest__gte=ZERO, fees__gte=ZERO, total__gt=ZERO, total=F("interest") + F("fees")
                ),
                name="debit_note_total_is_interest_and_fees",
            ),
            models.CheckConstraint(
                condition=Q(kind="debit", cancels=None)
                | Q(kind="counter", cancels__isnull=False) & ~Q(reason=""),
                name="debit_note_counter_says_what_and_why",
                violation_error_message=_("Say why the debit note is cancelled."),
            ),
            models.CheckConstraint(
                condition=Q(until__lte=F("issued_on"), due_on__gte=F("issued_on")),
                name="debit_note_days_in_order",
            ),
        ]
        indexes = [
            # A customer's documents, newest first.
            models.Index(fields=["customer", "-id"], name="debit_note_by_customer"),
            # The list of an entity, and the export for the ERP by day.
            models.Index(fields=["entity", "-issued_on", "-id"], name="debit_note_by_day"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What people call it: ND-2026-0007, and AND-2026-0001 for a document that cancels one."""
        series = "ND" if self.kind == NoteKind.DEBIT else "AND"
        return f"{series}-{self.year}-{self.number:04d}"


class DebitNoteLine(models.Model):
    """What a debit note claims for one invoice. `explanation` holds the lines of the interest, as claimed.

    While `standing`, these days of this base and this flat sum are claimed and not claimed again.
    """

    note = models.ForeignKey(DebitNote, models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="debit_note_lines")
    last_day = models.DateField()
    explanation = models.JSONField(default=list)
    # What was waived of these lines before.
    waived = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    interest = models.DecimalField(max_digits=14, decimal_places=2)
    fee = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    # Number, issue and due day and amount of the invoice as the document shows them.
    facts = models.JSONField(default=dict)
    standing = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("line of a debit note")
        verbose_name_plural = _("lines of debit notes")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["note", "invoice"], name="debit_line_invoice_once_per_note"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(standing=True, fee__gt=ZERO),
                name="debit_line_flat_sum_once_per_invoice",
                violation_error_message=_("The recovery costs of this invoice are claimed already."),
            ),
            models.UniqueConstraint(
                fields=["invoice", "last_day"],
                condition=Q(standing=True, interest__gt=ZERO),
                name="debit_line_days_claimed_once",
                violation_error_message=_("The interest of this invoice up to this day is claimed already."),
            ),
            models.CheckConstraint(
                condition=Q(interest__gte=ZERO, fee__gte=ZERO, waived__gte=ZERO)
                & (Q(interest__gt=ZERO) | Q(fee__gt=ZERO)),
                name="debit_line_claims_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note_id}: {self.invoice_id}"


class WaiverQuerySet(models.QuerySet["Waiver"]):
    """The words in which waivers are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> WaiverQuerySet:
        """The waivers of the entities in which the person may read plans."""
        return self.filter(policy.rows(user, "plan.read"))


class Waiver(models.Model):
    """Interest or costs of a customer that somebody gives up, or asks to give up, with the reason."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="waivers")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="waivers")
    currency = models.CharField(max_length=3)
    until = models.DateField(_("interest until"))
    interest = models.DecimalField(_("interest"), max_digits=14, decimal_places=2)
    fees = models.DecimalField(_("recovery costs"), max_digits=14, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=W.choices)
    # The asker's own limit covered it.
    alone = models.BooleanField(default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_note = models.CharField(_("note"), max_length=300, blank=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="waiver_says_why",
                violation_error_message=_("Say why it is waived."),
            ),
            models.CheckConstraint(
                condition=Q(
                    interest__gte=ZERO, fees__gte=ZERO, total__gt=ZERO, total=F("interest") + F("fees")
                ),
                name="waiver_total_is_interest_and_fees",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", decided_by=None, decided_on=None, decided_at=None, alone=False)
                | ~Q(state="asked")
                & Q(decided_by__isnull=False, decided_on__isnull=False, decided_at__isnull=False),
                name="waiver_decided_iff_dated",
            ),
            # Above one's own limit a second person decides.
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"]) | Q(alone=True) | ~Q(decided_by=F("asked_by")),
                name="waiver_needs_two_people",
                violation_error_message=_("Who asks for a waiver does not decide it."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="waiver_by_customer"),
            # What waits for a second person.
            models.Index(fields=["entity", "id"], condition=Q(state="asked"), name="waiver_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.total} ({self.state})"


class WaiverLine(models.Model):
    """What is given up of one invoice: all interest of the explained days (`whole`), or a sum off it; the flat sum.

    `standing` once it is granted.
    """

    waiver = models.ForeignKey(Waiver, models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="waiver_lines")
    explanation = models.JSONField(default=list)
    whole = models.BooleanField(default=True)
    interest = models.DecimalField(max_digits=14, decimal_places=2)
    fee = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    standing = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("line of a waiver")
        verbose_name_plural = _("lines of waivers")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["waiver", "invoice"], name="waiver_line_invoice_once"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(standing=True, fee__gt=ZERO),
                name="waiver_line_flat_sum_once_per_invoice",
                violation_error_message=_("The recovery costs of this invoice are waived already."),
            ),
            models.CheckConstraint(
                condition=Q(interest__gte=ZERO, fee__gte=ZERO) & (Q(interest__gt=ZERO) | Q(fee__gt=ZERO)),
                name="waiver_line_waives_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.waiver_id}: {self.invoice_id}"
