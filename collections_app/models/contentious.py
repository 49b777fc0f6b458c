"""Legal files: invoices that reminders did not get paid, pursued by formal notice, agency or court."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices_contentious import AT_COURT, FileAct, FileEnd, FileStatus, Law
from ledger.models import Customer, Invoice
from lib.money import ZERO
from mailroom.models import Letter

S = FileStatus


class LegalFileQuerySet(models.QuerySet["LegalFile"]):
    """The words in which legal files are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> LegalFileQuerySet:
        """The files of the entities in which the person may read plans."""
        return self.filter(policy.rows(user, "plan.read"))

    def open(self) -> LegalFileQuerySet:
        """Those that go on."""
        return self.exclude(status=S.CLOSED)


class LegalFile(models.Model):
    """What one customer owes in one currency on chosen invoices, pursued beyond reminders.

    `facts` are what papers need and the ledger does not hold (court, place, who signs...), typed by a person.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="legal_files")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="legal_files")
    currency = models.CharField(_("currency"), max_length=3)
    law = models.CharField(_("law"), max_length=6, choices=Law.choices)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    status = models.CharField(_("state"), max_length=12, choices=S.choices, default=S.PREPARED)
    # What was open of its invoices when it was opened.
    principal = models.DecimalField(_("principal"), max_digits=14, decimal_places=2)
    facts = models.JSONField(default=dict, blank=True)
    # The last day to pay of the formal notice, and the number of the registered letter.
    deadline = models.DateField(_("payable by"), null=True, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    agency = models.CharField(_("agency"), max_length=150, blank=True)
    agency_reference = models.CharField(_("the agency's reference"), max_length=60, blank=True)
    commission = models.DecimalField(
        _("commission (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    court = models.CharField(_("court"), max_length=200, blank=True)
    court_reference = models.CharField(_("number at the court"), max_length=60, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_on = models.DateField(_("opened"))
    opened_at = models.DateTimeField()
    # Who agreed, beside whoever opened it, to taking a large claim out of the house.
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(_("how it ended"), max_length=14, choices=FileEnd.choices, blank=True)
    end_note = models.CharField(_("why"), max_length=300, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = LegalFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal file")
        verbose_name_plural = _("legal files")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "year", "number"], name="legal_file_number_once_per_year"
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="legal_file_status_is_known"),
            models.CheckConstraint(condition=Q(law__in=Law.values), name="legal_file_law_is_known"),
            models.CheckConstraint(
                condition=Q(principal__gt=ZERO),
                name="legal_file_claims_something",
                violation_error_message=_("There is nothing to claim here."),
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False, closed_at__isnull=False) & ~Q(end="")
                | ~Q(status="closed") & Q(closed_on=None, closed_at=None, end=""),
                name="legal_file_closed_says_how",
                violation_error_message=_("Say how the file ended."),
            ),
            models.CheckConstraint(
                condition=Q(end__in=["", "paid"]) | ~Q(end_note=""),
                name="legal_file_unpaid_end_says_why",
                violation_error_message=_("Say why the file is closed although it is not paid."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["prepared", "closed"]) | Q(deadline__isnull=False),
                name="legal_file_goes_on_after_its_notice",
                violation_error_message=_("The formal notice comes first."),
            ),
            models.CheckConstraint(
                condition=~Q(status="agency") | ~Q(agency=""),
                name="legal_file_with_an_agency_names_it",
                violation_error_message=_("Name the agency."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[str(one) for one in AT_COURT]) | ~Q(court=""),
                name="legal_file_at_court_names_it",
                violation_error_message=_("Name the court."),
            ),
            models.CheckConstraint(
                condition=Q(commission=None) | Q(commission__gte=ZERO, commission__lte=100),
                name="legal_file_commission_is_a_percentage",
                violation_error_message=_("Give 0 to 100 per cent."),
            ),
            models.CheckConstraint(
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("opened_by")),
                name="legal_file_second_is_somebody_else",
                violation_error_message=_("Who opened the file cannot be the second person."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="legal_file_by_customer"),
            # The list of an entity, by where the files stand.
            models.Index(fields=["entity", "status", "-id"], name="legal_file_by_status"),
            # What an agency reports, by its own reference.
            models.Index(
                fields=["entity", "agency_reference"],
                condition=~Q(agency_reference=""),
                name="legal_file_by_agency_ref",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What people call it: CT-2026-0007."""
        return f"CT-{self.year}-{self.number:04d}"


class LegalFileLine(models.Model):
    """An invoice of a legal file. While the file is open it leaves the reminders and is in no other file."""

    file = models.ForeignKey(LegalFile, models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="legal_lines")
    # What was open of it when the file was opened.
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("invoice of a legal file")
        verbose_name_plural = _("invoices of legal files")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["file", "invoice"], name="legal_line_invoice_once_per_file"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(closed_on=None),
                name="legal_line_one_open_file_per_invoice",
                violation_error_message=_("This invoice is in another legal file."),
            ),
            models.CheckConstraint(condition=Q(principal__gt=ZERO), name="legal_line_claims_something"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="legal_line_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.invoice_id}"


class LegalStep(models.Model):
    """One step of a legal file: what, when, who, with a note, a letter, a document or money collected. Never edited.

    `key` names a report that came from outside, so that the same one twice is one step.
    """

    file = models.ForeignKey(LegalFile, models.PROTECT, related_name="steps")
    seq = models.PositiveIntegerField()
    act = models.CharField(max_length=12, choices=FileAct.choices)
    # Where the file stood after it.
    status = models.CharField(max_length=12, choices=S.choices)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    # Collected by an agency or a court officer, as they say it; the ledger books what comes in.
    amount = models.DecimalField(_("collected"), max_digits=14, decimal_places=2, null=True, blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    paper_letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("document"), max_length=250, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    stored_as = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("step of a legal file")
        verbose_name_plural = _("steps of legal files")
        ordering = ("file", "seq")
        constraints = [
            models.UniqueConstraint(fields=["file", "seq"], name="legal_step_in_order"),
            models.UniqueConstraint(
                fields=["file", "key"],
                condition=~Q(key=""),
                name="legal_step_reported_once",
            ),
            models.CheckConstraint(condition=Q(act__in=FileAct.values), name="legal_step_act_is_known"),
            models.CheckConstraint(condition=Q(status__in=S.values), name="legal_step_status_is_known"),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=ZERO),
                name="legal_step_collects_something",
                violation_error_message=_("An amount collected is more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(name="", stored_as="", sha256="")
                | ~Q(name="") & ~Q(stored_as="") & ~Q(sha256=""),
                name="legal_step_document_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}#{self.seq} {self.act}"
