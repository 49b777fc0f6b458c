"""E-mails that wait for a person, and the draft of a new dispute that each person has."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.models.dispute import Dispute
from mailroom.choices import Doubt
from mailroom.models import InboundMail


class TakenMailQuerySet(models.QuerySet["TakenMail"]):
    """The words in which mails are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> TakenMailQuerySet:
        """What the person took in; also what came by itself, for those who see every dispute of the entity."""
        return self.filter(policy.rows(user, "dispute.open", people=["taken_by"]))

    def waiting(self) -> TakenMailQuerySet:
        """Neither in a dispute nor put aside."""
        return self.filter(settled_at=None)


class TakenMail(models.Model):
    """An e-mail from a customer: waiting, in a dispute, or put aside. `raw` is emptied once it is settled.

    Somebody took it in (`taken_by`), or it came by itself (`inbound`), and why it is in no conversation says `doubt`.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="taken_mails")
    identity = models.CharField(max_length=250)
    address = models.CharField(_("address"), max_length=250, blank=True)
    sender = models.CharField(_("sender"), max_length=250, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(_("text"), blank=True)
    files = models.JSONField(default=list, blank=True)
    raw = models.BinaryField(default=bytes, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    inbound = models.OneToOneField(
        InboundMail, models.PROTECT, null=True, blank=True, related_name="taken_mail"
    )
    doubt = models.CharField(max_length=20, choices=Doubt.choices, blank=True, default="")
    taken_at = models.DateTimeField()
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, blank=True, related_name="mails")
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    # Set by take_mail when the same mail had come before.
    was_known: bool = False

    objects: ClassVar[Any] = TakenMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "identity"],
                name="taken_mail_once_per_entity",
                violation_error_message=_("This e-mail was taken in already."),
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=False, doubt="") | (Q(inbound__isnull=False) & ~Q(doubt="")),
                name="taken_mail_by_somebody_or_came",
                violation_error_message=_("Somebody took the e-mail in, or it came by e-mail."),
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, dispute=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="taken_mail_settled_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], condition=Q(settled_at=None), name="taken_mail_waiting")
        ]

    def __str__(self) -> str:
        return self.subject or self.sender

    @property
    def came(self) -> bool:
        """Whether it came by e-mail, and nobody here took it in."""
        return self.taken_by_id is None


class NewDraft(models.Model):
    """What a person has typed into the form of a new dispute and not opened yet: one per person."""

    user = models.OneToOneField(User, models.CASCADE, related_name="new_dispute_draft")
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.saved_at}"
