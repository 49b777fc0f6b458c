"""Evidence: the files of a dispute. What was added stays on record, even when its bytes had to go."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import EvidenceSide, Via
from disputes.evidence.kinds import kind_words
from disputes.evidence.sides import audience, key_of
from disputes.models.dispute import Dispute

IN_PLACE = Q(redacted_at=None, redacted_by=None, redaction_reason="", now_sha256="", now_size=0, now_type="")
REDACTED = Q(redacted_at__isnull=False, redacted_by__isnull=False) & ~Q(redaction_reason="")


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """The vocabulary of every question about evidence."""

    def locked(self) -> EvidenceQuerySet:
        """Lock the rows, by primary key, until the end of the transaction."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


class Evidence(models.Model):
    """A file of a dispute. `name`, `media_type`, `size` and `sha256` say what was added and never change.

    Redacted, it has the bytes of a redacted version (`now_*` say which), or none at all (`stored_as` is empty).
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="evidence")
    name = models.CharField(_("file"), max_length=250)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    # The key in the storage.
    stored_as = models.CharField(max_length=500, blank=True)
    side = models.CharField(
        _("who sees it"), max_length=20, choices=EvidenceSide.choices, default=EvidenceSide.INTERNAL
    )
    # The one partner company that sees it; nobody named: every partner of the dispute.
    party = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partner company")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField()
    via = models.CharField(max_length=20, choices=Via.choices, default=Via.PAGE)
    redacted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    redacted_at = models.DateTimeField(null=True, blank=True)
    redaction_reason = models.CharField(_("reason"), max_length=500, blank=True)
    now_type = models.CharField(max_length=100, blank=True)
    now_size = models.PositiveBigIntegerField(default=0)
    now_sha256 = models.CharField(max_length=64, blank=True)

    # Whether add_evidence found the file in the dispute already.
    was_known: bool = False

    objects: ClassVar[Any] = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "side", "party", "sha256"],
                name="evidence_unique_per_dispute",
                nulls_distinct=False,
                violation_error_message=_("This file is in the dispute already."),
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, sha256__regex=r"^[0-9a-f]{64}$"), name="evidence_has_size_and_hash"
            ),
            models.CheckConstraint(
                condition=(IN_PLACE & ~Q(stored_as=""))
                | (REDACTED & Q(stored_as="", now_sha256="", now_size=0, now_type=""))
                | (REDACTED & ~Q(stored_as="") & ~Q(now_sha256="") & ~Q(now_type="") & Q(now_size__gt=0)),
                name="evidence_has_its_bytes_or_says_why_not",
            ),
            models.CheckConstraint(condition=Q(side__in=EvidenceSide.values), name="evidence_side_is_known"),
            models.CheckConstraint(
                condition=Q(party=None) | Q(side=EvidenceSide.PARTNER), name="evidence_company_is_a_partner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> str:
        """For whom it is, in words; load `party` beforehand."""
        return audience(self.side, self.party.name if self.party else "")

    @property
    def audience_key(self) -> str:
        """For whom it is, as the pages choose it."""
        return key_of(self.side, self.party_id)

    @property
    def is_redacted(self) -> bool:
        """Whether its original is gone."""
        return self.redacted_at is not None

    @property
    def is_erased(self) -> bool:
        """Whether nothing is kept in its place."""
        return not self.stored_as

    @property
    def kept_type(self) -> str:
        """The media type of the bytes that are kept."""
        return self.now_type or self.media_type

    @property
    def kept_sha256(self) -> str:
        """The hash of the bytes that are kept; empty when erased."""
        return "" if self.is_erased else self.now_sha256 or self.sha256

    @property
    def kept_size(self) -> int:
        """How many bytes are kept."""
        return 0 if self.is_erased else self.now_size or self.size

    @property
    def kind(self) -> str:
        """What people call the format."""
        return kind_words(self.kept_type)
