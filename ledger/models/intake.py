"""What was read, how, and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import policy
from ledger.choices import BatchSource, BatchStatus

if TYPE_CHECKING:
    from accounts.models import User


class MappingProfile(models.Model):
    """Which column of a source means what, learned once and used again."""

    entity = models.ForeignKey("accounts.LegalEntity", models.CASCADE, related_name="mapping_profiles")
    name = models.CharField(_("name"), max_length=100)
    # A digest of the header row: the same header finds the same profile.
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("mapping profile")
        verbose_name_plural = _("mapping profiles")
        constraints = [
            models.UniqueConstraint(fields=["entity", "name"], name="profile_name_unique_per_entity"),
            models.UniqueConstraint(
                fields=["entity", "signature"], name="profile_signature_unique_per_entity"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """The words in which imports are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> ImportBatchQuerySet:
        """The imports the person may see."""
        return self.filter(policy.rows(user, "ledger.import"))


class ImportBatch(models.Model):
    """One file that was read into the ledger."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="imports")
    file_name = models.CharField(_("file"), max_length=500)
    # Where the upload is kept, relative to the files folder; empty when read from the command line.
    stored_as = models.CharField(max_length=500, blank=True)
    sha256 = models.CharField(max_length=64)
    source = models.CharField(
        _("source"), max_length=10, choices=BatchSource.choices, blank=True, default="", db_default=""
    )
    format = models.CharField(_("format"), max_length=30, blank=True)
    profile = models.ForeignKey(
        MappingProfile, models.SET_NULL, null=True, blank=True, related_name="batches"
    )
    mapping = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=12, choices=BatchStatus.choices)
    documents = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    # Currency -> sum of the document amounts incl. tax, as text.
    totals = models.JSONField(default=dict)
    # Of a bank file: its statements, as the command's --json shows them.
    statements = models.JSONField(default=list)
    # What the rehearsal found, until the import is done.
    preview = models.JSONField(default=dict)
    # What is worth a word but kept nothing out: code, line, count, params.
    notices = models.JSONField(default=list)
    # Why the file could not be read: a code of sentences.py, and line, column and params of its sentence.
    error = models.TextField(blank=True)
    error_facts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    # The import whose rejected rows this one brings again, corrected on the page. It is undone with it.
    fixes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="fixed_by")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        # The list of imports, newest first.
        indexes = [models.Index(fields=["entity", "-started_at"], name="import_by_time")]

    def __str__(self) -> str:
        return self.file_name


class RejectedRow(models.Model):
    """A row that could not go in: where it stands, what is wrong and what it said."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejects")
    line = models.PositiveIntegerField(_("line"), null=True)
    column = models.CharField(_("column"), max_length=120, blank=True)
    code = models.CharField(max_length=40)
    # The facts that the sentence of `code` is filled with, in the reader's language.
    facts = models.JSONField(default=dict)
    raw = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.line}:{self.column} {self.code}"


class ImportChange(models.Model):
    """What an import changed on a row that was there before: enough to tell, and to undo it."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    # One of the two.
    invoice = models.ForeignKey("ledger.Invoice", models.CASCADE, null=True, blank=True, related_name="+")
    customer = models.ForeignKey("ledger.Customer", models.CASCADE, null=True, blank=True, related_name="+")
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by an import")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(invoice=None, customer__isnull=False)
                | models.Q(invoice__isnull=False, customer=None),
                name="change_is_of_one_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} > {self.after}"
