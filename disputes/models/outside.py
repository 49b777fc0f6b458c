"""What other systems say: their codes as data, and what became of each thing they told us."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.choices import CodeKind, Deed, Effect, Standard, Via
from disputes.models.dispute import Dispute
from disputes.models.route import Reason
from ledger.models import Invoice


class ExternalCodeQuerySet(models.QuerySet["ExternalCode"]):
    """The words in which codes are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> ExternalCodeQuerySet:
        """The codes of the legal entities the person decides disputes in."""
        return self.filter(policy.rows(user, "dispute.decide"))


class ExternalCode(models.Model):
    """What a code of another system means here: a status and its effect, or a reason and ours for it.

    A reason code whose `reason` is empty is known but not yet classified; one without effect is no reason at all.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="external_codes")
    standard = models.CharField(_("standard"), max_length=20, choices=Standard.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=CodeKind.choices)
    code = models.CharField(_("code"), max_length=40)
    reason = models.ForeignKey(
        Reason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="external_codes",
        verbose_name=_("our reason"),
    )
    effect = models.CharField(_("effect"), max_length=10, choices=Effect.choices)
    active = models.BooleanField(_("active"), default=True)

    objects = ExternalCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("external code")
        verbose_name_plural = _("external codes")
        ordering = ("standard", "-kind", "code")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "standard", "kind", "code"],
                name="external_code_unique_per_entity",
                violation_error_message=_("This code is in the table already."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="external_code_is_something"),
            models.CheckConstraint(
                condition=Q(effect__in=Effect.values, standard__in=Standard.values, kind__in=CodeKind.values),
                name="external_code_is_of_known_kinds",
            ),
            # A status has no reason of its own; a reason counts or does not.
            models.CheckConstraint(
                condition=Q(kind="status", reason=None) | Q(kind="reason", effect__in=["none", "open"]),
                name="external_code_effect_fits_its_kind",
                violation_error_message=_(
                    "A status has an effect and no reason; a reason code counts or not."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard} {self.code}"


class Told(models.Model):
    """One thing told from below about an invoice (an answer, a short payment), and what became of it.

    There is one row per source and invoice: that is what makes hearing it twice harmless.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    via = models.CharField(max_length=20, choices=Via.choices)
    # `answer:12`, `transaction:7`, `payment:9`.
    source = models.CharField(max_length=60)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, blank=True, related_name="told")
    deed = models.CharField(max_length=10, choices=Deed.choices)
    # Why nothing was opened: a code of disputes/services/why.py; empty when there is nothing to explain.
    why = models.CharField(max_length=30, blank=True)
    # A reason code nobody has mapped yet (`peppol:XYZ`), so that mapping it finds the dispute again.
    unmapped = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "invoice"], name="told_once_per_source_and_invoice"),
            models.CheckConstraint(
                condition=Q(dispute=None, deed="nothing") | Q(dispute__isnull=False) & ~Q(deed="nothing"),
                name="told_names_the_dispute_it_touched",
            ),
        ]
        indexes = [
            # The page of an invoice, and of a dispute.
            models.Index(fields=["invoice", "id"], name="told_by_invoice"),
            # "To classify": codes seen lately.
            models.Index(fields=["entity", "unmapped"], condition=~Q(unmapped=""), name="told_unmapped"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.deed}"
