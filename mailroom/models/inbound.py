"""Mail that came in, the addresses it may be answered to, and whose mail is not wanted."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from mailroom.choices import Automatic, Doubt, InboundSource, InboundStatus
from mailroom.models.letters import Letter

S = InboundStatus
REASONS = (*Automatic.choices, *(choice for choice in Doubt.choices if choice[0]))


class ReplyToken(models.Model):
    """The address that one person answers one thing by. Only the digest is kept; the address stands in their letters.

    `stream` and `object_id` say what it is about, `owner_kind` and `owner_id` whose it is (a user or a contact),
    `side` on which side of the conversation they write.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    stream = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    owner_kind = models.CharField(max_length=10, choices=[("user", "user"), ("contact", "contact")])
    owner_id = models.BigIntegerField()
    side = models.CharField(max_length=30)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reply address")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner_kind__in=["user", "contact"]), name="reply_token_owner_is_known"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=models.F("created_at")),
                name="reply_token_revoked_after_it_was_made",
            ),
        ]
        # Somebody leaves: their addresses of that thing are revoked.
        indexes = [
            models.Index(
                fields=["stream", "object_id", "owner_kind", "owner_id"],
                condition=Q(revoked_at=None),
                name="reply_token_of_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_kind} {self.owner_id} about {self.stream}:{self.object_id}"


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    """The vocabulary of the mail that came in."""

    def visible_to(self, user: User | AnonymousUser) -> InboundMailQuerySet:
        """Where the person may read letters; mail of which nobody knows whose it is, administrators."""
        mine = policy.rows(user, "letter.read")
        return self.filter(mine | Q(entity=None) if policy.scope(user).entities("admin") else mine)


class InboundMail(models.Model):
    """A mail that came in, whatever became of it. `said` is what is new in it, `rest` what it quotes.

    `raw_as` is the key of the whole mail in the storage; it is emptied when it was kept long enough.
    """

    identity = models.CharField(max_length=250, unique=True)
    source = models.CharField(_("came by"), max_length=10, choices=InboundSource.choices)
    entity = models.ForeignKey(
        LegalEntity, models.PROTECT, null=True, blank=True, related_name="inbound_mails"
    )
    from_address = models.CharField(_("address"), max_length=250, blank=True)
    from_name = models.CharField(_("sender"), max_length=250, blank=True)
    recipients = models.JSONField(default=list, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    said = models.TextField(_("text"), blank=True)
    rest = models.TextField(blank=True)
    files = models.JSONField(default=list, blank=True)
    raw_as = models.CharField(max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=S.choices, default=S.NEW)
    reason = models.CharField(max_length=20, choices=REASONS, blank=True, default="")
    token = models.ForeignKey(ReplyToken, models.PROTECT, null=True, blank=True, related_name="+")
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="answers")
    about_stream = models.CharField(max_length=30, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)

    # Set by `receive` when the same mail had come before.
    was_known: bool = False

    objects: ClassVar[InboundMailQuerySet] = InboundMailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="inbound_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=[S.WAITING, S.AUTOMATIC, S.REFUSED]) | ~Q(reason=""),
                name="inbound_says_why_it_is_in_no_conversation",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.THREADED) | (~Q(about_stream="") & Q(about_id__isnull=False)),
                name="inbound_threaded_says_where",
            ),
        ]
        indexes = [
            # What the rooms above have not looked at, for the sweeper.
            models.Index(fields=["received_at"], condition=Q(status=S.NEW), name="inbound_new"),
            # The list, newest first.
            models.Index(fields=["entity", "-id"], name="inbound_by_entity"),
            # How many came from one sender within the hour.
            models.Index(fields=["from_address", "received_at"], name="inbound_by_sender"),
            # The conversation of one thing: what an answer refers to.
            models.Index(fields=["about_stream", "about_id"], name="inbound_about"),
            # What was kept long enough.
            models.Index(fields=["received_at"], condition=~Q(raw_as=""), name="inbound_kept"),
        ]

    def __str__(self) -> str:
        return self.subject or self.from_address

    @property
    def text(self) -> str:
        """The whole of it: what is new, and what it quotes."""
        return "\n\n".join(filter(None, [self.said, self.rest]))


class BlockedSender(models.Model):
    """An address whose mail is not wanted in a legal entity."""

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="blocked_senders")
    address = models.CharField(_("address"), max_length=250)
    blocked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    blocked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("blocked sender")
        ordering = ("address",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "address"],
                name="blocked_sender_once_per_entity",
                violation_error_message=_("This sender is blocked already."),
            )
        ]

    def __str__(self) -> str:
        return self.address
