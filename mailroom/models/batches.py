"""Print batches: letters on paper that a person prints and posts together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity

if TYPE_CHECKING:
    from accounts.models import User


class PrintBatchQuerySet(models.QuerySet["PrintBatch"]):
    """The words in which batches are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> PrintBatchQuerySet:
        """The batches of the entities in which the person may read letters."""
        return self.filter(policy.rows(user, "letter.read"))


class PrintBatch(models.Model):
    """One PDF with a cover sheet. It never changes, printing it again is harmless, a letter is in one only."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="print_batches")
    number = models.PositiveIntegerField(_("number"))
    count = models.PositiveIntegerField(_("letters"))
    # Per currency, as strings: {"EUR": "1234.50"}.
    sums = models.JSONField(default=dict)
    # Over what the letters say, on the cover sheet: whoever holds the paper can compare.
    checksum = models.CharField(_("checksum"), max_length=64)
    # The file, once it is made: in Django's storage.
    stored_as = models.CharField(max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    pages = models.PositiveIntegerField(_("pages"), default=0)
    size = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    posted_at = models.DateTimeField(_("handed to the post"), null=True, blank=True)

    objects = PrintBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("print batch")
        verbose_name_plural = _("print batches")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["entity", "number"], name="batch_number_unique_per_entity"),
            models.CheckConstraint(condition=Q(count__gt=0), name="batch_holds_letters"),
            models.CheckConstraint(
                condition=Q(posted_at=None, posted_by=None)
                | Q(posted_at__isnull=False, posted_by__isnull=False),
                name="batch_posted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None) | ~Q(stored_as=""), name="batch_posted_was_printed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def checksum_shown(self) -> str:
        """In blocks of eight, to be compared by eye."""
        return " ".join(self.checksum[i : i + 8] for i in range(0, len(self.checksum), 8))
