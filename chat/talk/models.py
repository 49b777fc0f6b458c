"""What hangs on a message: who is named in it, reactions, earlier versions, files."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat.talk.choices import Emoji


class Mention(models.Model):
    """A person whom a message names. `label` is the name as it stands in the words behind the @."""

    message = models.ForeignKey("chat.Message", models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mentions")
    # They are named because their department is.
    department = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="mention_once_per_person"),
            models.CheckConstraint(condition=~Q(label=""), name="mention_has_its_words"),
        ]

    def __str__(self) -> str:
        return f"@{self.label}"


class Reaction(models.Model):
    """One person's sign under a message."""

    message = models.ForeignKey("chat.Message", models.PROTECT, related_name="reactions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    emoji = models.CharField(max_length=8, choices=Emoji.choices)
    # From where it was given: guests of one company never learn of those of another.
    reader = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "user", "emoji"], name="reaction_once_per_person_and_sign"
            ),
            models.CheckConstraint(condition=Q(emoji__in=Emoji.values), name="reaction_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.emoji} {self.user_id}"


class Revision(models.Model):
    """Words of a message that stand there no longer. Emptied, with the message, when that is deleted."""

    message = models.ForeignKey("chat.Message", models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("message", "number")
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="revision_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} version {self.number}"


class Attachment(models.Model):
    """A file that came with a message: evidence of the dispute the room is about, or kept by itself elsewhere."""

    message = models.ForeignKey("chat.Message", models.PROTECT, related_name="attachments")
    evidence = models.ForeignKey("disputes.Evidence", models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(max_length=250, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    # The key in the storage.
    stored_as = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["message", "evidence"],
                condition=Q(evidence__isnull=False),
                name="attachment_once_per_message",
            ),
            models.CheckConstraint(
                name="attachment_is_evidence_or_has_its_file",
                condition=Q(evidence__isnull=False, name="", media_type="", size=0, sha256="", stored_as="")
                | (
                    Q(evidence__isnull=True, size__gt=0, sha256__regex=r"^[0-9a-f]{64}$")
                    & ~Q(name="")
                    & ~Q(media_type="")
                    & ~Q(stored_as="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk} of message {self.message_id}"


class SaidText(models.Model):
    """The words of a message as search compares them: folded. Goes when the message is deleted."""

    message = models.OneToOneField("chat.Message", models.PROTECT, primary_key=True, related_name="said")
    text = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="said_text_says_something")]
        indexes = [
            # The search over conversations: any part of any word.
            GinIndex(OpClass("text", "gin_trgm_ops"), name="said_text_trgm"),
        ]

    def __str__(self) -> str:
        return f"words of {self.message_id}"


class Pin(models.Model):
    """A message that stands at the top of its room, a decision for instance."""

    message = models.OneToOneField("chat.Message", models.PROTECT, primary_key=True, related_name="pin")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"pin on {self.message_id}"


class Draft(models.Model):
    """What a person is writing in a room, on whatever device."""

    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    body = models.TextField()
    reply_to = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="draft_once_per_person_and_room"),
            models.CheckConstraint(condition=~Q(body=""), name="draft_says_something"),
        ]

    def __str__(self) -> str:
        return f"draft of {self.user_id} in room {self.room_id}"


class Discretion(models.Model):
    """What a person lets the others see while they talk. What is off is neither sent nor shown to them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="discretion"
    )
    presence = models.BooleanField(_("Show that I am looking at a conversation"), default=True)
    typing = models.BooleanField(_("Show that I am writing"), default=True)
    receipts = models.BooleanField(_("Show how far I have read"), default=True)

    def __str__(self) -> str:
        return f"discretion of {self.user_id}"

    @property
    def off(self) -> frozenset[str]:
        """What is switched off."""
        return frozenset(name for name in ("presence", "typing", "receipts") if not getattr(self, name))
