"""One row per thing told to one person over one channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from chat.reach.choices import OPEN, Telling

T = Telling


class Notification(models.Model):
    """Something to tell, due at `send_at`; whether it is still needed is asked just then.

    `key` is what it is about once and for all: the same telling twice is one row, and providers that fold repeats
    are given it. Bundled ones went out together with the one in `bundle`.
    """

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="notifications")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    contact = models.ForeignKey(
        "ledger.Contact", models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    event = models.CharField(max_length=20, choices=ReachEvent.choices)
    channel = models.CharField(max_length=10, choices=ReachChannel.choices)
    key = models.CharField(max_length=120, unique=True)
    room = models.ForeignKey("chat.Room", models.PROTECT, null=True, blank=True, related_name="+")
    message = models.ForeignKey("chat.Message", models.PROTECT, null=True, blank=True, related_name="+")
    question = models.ForeignKey(
        "disputes.Question", models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    dispute = models.ForeignKey(
        "disputes.Dispute", models.PROTECT, null=True, blank=True, related_name="notifications"
    )
    # What else the words need, as plain JSON.
    data = models.JSONField(default=dict, blank=True)
    # Why it may go through quiet hours; empty when it may not.
    urgent = models.CharField(max_length=200, blank=True, default="")
    # Whom it was for before somebody stood in.
    instead_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    send_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=T.choices, default=T.WAITING)
    why = models.CharField(max_length=20, choices=Reason.choices, default=Reason.PLANNED)
    detail = models.CharField(max_length=300, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    letter = models.OneToOneField("mailroom.Letter", models.PROTECT, null=True, blank=True, related_name="+")
    bundle = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="bundled")

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, contact__isnull=False, channel=ReachChannel.EMAIL)
                | Q(user__isnull=False, contact=None),
                name="notification_is_for_one",
                violation_error_message=_("Somebody is told: a person, or a contact by e-mail."),
            ),
            models.CheckConstraint(
                condition=Q(event__in=ReachEvent.values), name="notification_event_is_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=ReachChannel.values), name="notification_channel_is_known"
            ),
            models.CheckConstraint(condition=Q(why__in=Reason.values), name="notification_reason_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, ended_at=None)
                | Q(status__in=[s for s in T.values if s not in OPEN], ended_at__isnull=False),
                name="notification_ended_iff_dated",
                violation_error_message=_("What was told, or was not, says when."),
            ),
            models.CheckConstraint(
                condition=Q(status=T.SENDING, claimed_at__isnull=False)
                | (~Q(status=T.SENDING) & Q(claimed_at=None)),
                name="notification_claimed_iff_sending",
            ),
            models.CheckConstraint(
                condition=Q(status=T.BUNDLED, bundle__isnull=False) | (~Q(status=T.BUNDLED) & Q(bundle=None)),
                name="notification_bundled_with_another",
            ),
            models.CheckConstraint(
                condition=~Q(status=T.FAILED) | ~Q(detail=""), name="notification_failed_says_why"
            ),
        ]
        indexes = [
            # The next ones to send.
            models.Index(fields=["send_at"], condition=Q(status=T.WAITING), name="notification_due"),
            # Those of a worker that died, and what an administrator looks after.
            models.Index(fields=["claimed_at"], condition=Q(status=T.SENDING), name="notification_stuck"),
            models.Index(fields=["entity", "-id"], condition=Q(status=T.FAILED), name="notification_failed"),
            # What a person was told: the journal, and the cap of a day.
            models.Index(fields=["user", "-created_at"], name="notification_by_person"),
            models.Index(fields=["user", "ended_at"], condition=Q(status=T.SENT), name="notification_told"),
            # What waits for somebody in a room they now read.
            models.Index(fields=["user", "room"], condition=Q(status=T.WAITING), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.key


class Untold(models.Model):
    """A message whose readers have not been thought of yet: written together with it, gone once they have."""

    message = models.OneToOneField("chat.Message", models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        verbose_name = _("message to tell of")
        verbose_name_plural = _("messages to tell of")

    def __str__(self) -> str:
        return f"message {self.pk}"


class Mute(models.Model):
    """A room whose messages a person does not want to be told of. Being named still counts."""

    room = models.ForeignKey("chat.Room", models.CASCADE, related_name="mutes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes")

    class Meta:
        verbose_name = _("muted room")
        verbose_name_plural = _("muted rooms")
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="mute_once_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} in room {self.room_id}"
