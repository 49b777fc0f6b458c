"""Templates of letters, and the letters themselves: the outbox of the house."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.choices import Language
from accounts.models import LegalEntity, User
from mailroom.choices import Channel, LetterStatus, Trouble

S = LetterStatus
GONE = [S.SENT, S.BOUNCED]


class Template(models.Model):
    """The words of one kind of letter in one language: an entity's, or the house's when `entity` is empty.

    Where no row exists the text that ships with the product is used (`mailroom/texts/`).
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=50)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), max_length=10_000)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "language", "channel"],
                nulls_distinct=False,
                name="template_unique_per_entity_kind_language_channel",
                violation_error_message=_("This entity already has a text of this kind in this language."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


class LetterQuerySet(models.QuerySet["Letter"]):
    """The vocabulary of the outbox."""

    def visible_to(self, user: User | AnonymousUser) -> LetterQuerySet:
        """The letters of the entities in which the person may read letters."""
        return self.filter(policy.rows(user, "letter.read"))


class Letter(models.Model):
    """Something sent to somebody. `key` makes it unique: queueing the same letter twice is one letter.

    `reserved` letters are delivered only by the room that queued them, which looks at the facts again first.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="letters")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=50)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    from_name = models.CharField(max_length=200)
    from_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    to_name = models.CharField(_("recipient"), max_length=200, blank=True)
    to_address = models.CharField(_("address"), max_length=254, blank=True)
    # Where paper goes, line by line, the name first; `to_address` is an e-mail address or a phone number.
    postal = models.TextField(_("postal address"), blank=True, default="")
    # What a letter on paper shows (mailroom.paper.sheet).
    paper = models.JSONField(default=dict, blank=True)
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(_("subject"), max_length=300)
    body_text = models.TextField()
    body_html = models.TextField(blank=True)
    message_id = models.CharField(max_length=255, unique=True)
    # Of an answerable letter: the thread it goes on, and the files that go along (name, media_type, stored_as).
    in_reply_to = models.CharField(max_length=255, blank=True, default="")
    references = models.TextField(blank=True, default="")
    unsubscribe = models.CharField(max_length=300, blank=True, default="")
    # A POST there is enough (RFC 8058); otherwise it is a page for a person.
    one_click = models.BooleanField(default=False, db_default=False)
    enclosed = models.JSONField(default=list, blank=True)
    reserved = models.BooleanField(default=False)
    status = models.CharField(_("status"), max_length=10, choices=S.choices, default=S.QUEUED)
    trouble = models.CharField(max_length=20, choices=Trouble.choices, blank=True, default="")
    trouble_detail = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # A worker died with it in hand: it goes again as the same letter, and nobody knows if it went before.
    perhaps_gone = models.BooleanField(default=False, db_default=False)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # What the provider told of it afterwards; most never do.
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    batch = models.ForeignKey(
        "mailroom.PrintBatch", models.PROTECT, null=True, blank=True, related_name="letters"
    )
    about_stream = models.CharField(max_length=30, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[LetterQuerySet] = LetterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="letter_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=GONE, sent_at__isnull=False)
                | (~Q(status__in=GONE) & Q(sent_at__isnull=True)),
                name="letter_sent_iff_dated",
            ),
            models.CheckConstraint(
                condition=Q(status=S.SENDING, claimed_at__isnull=False)
                | (~Q(status=S.SENDING) & Q(claimed_at__isnull=True)),
                name="letter_claimed_iff_sending",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[S.FAILED, S.BOUNCED]) | ~Q(trouble=""), name="letter_failed_says_why"
            ),
            models.CheckConstraint(
                condition=Q(batch=None) | Q(channel=Channel.POST, status__in=GONE),
                name="letter_in_a_batch_is_paper_and_sent",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.TRAY) | Q(channel=Channel.POST), name="letter_in_the_tray_is_paper"
            ),
            models.CheckConstraint(
                condition=Q(status__in=GONE) | Q(delivered_at=None, read_at=None),
                name="letter_delivered_was_sent",
            ),
        ]
        indexes = [
            # The next ones to deliver.
            models.Index(
                fields=["next_try_at"], condition=Q(status=S.QUEUED, reserved=False), name="letter_due"
            ),
            # What waits for the next print batch.
            models.Index(fields=["entity", "id"], condition=Q(status=S.TRAY), name="letter_in_tray"),
            # The letters of a batch, in their order.
            models.Index(fields=["batch", "id"], condition=Q(batch__isnull=False), name="letter_by_batch"),
            # Stuck ones, for the sweeper.
            models.Index(fields=["claimed_at"], condition=Q(status=S.SENDING), name="letter_stuck"),
            # The list of letters of an entity, newest first.
            models.Index(fields=["entity", "-id"], name="letter_by_entity"),
            # The letters about one thing, on its page.
            models.Index(fields=["about_stream", "about_id"], name="letter_about"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def never_left(self) -> bool:
        """Whether it waits and nobody can have got it."""
        return self.status == S.QUEUED and not self.perhaps_gone
