"""How people hear of a question outside of the app: mails and reminders, and the personal links in them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.choices import NudgeEnd, NudgeKind
from disputes.models.question import Question
from mailroom.models import Letter

# Of these a question has at most one, whoever is told.
ONCE = (NudgeKind.BEFORE, NudgeKind.DUE, NudgeKind.FALLBACK)


class Nudge(models.Model):
    """One mail about a question to one person, due at `send_at`; whether it is still needed is asked then."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="nudges")
    person = models.ForeignKey(User, models.PROTECT, related_name="nudges")
    kind = models.CharField(max_length=10, choices=NudgeKind.choices)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    send_at = models.DateTimeField()
    letter = models.OneToOneField(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    end = models.CharField(max_length=20, choices=NudgeEnd.choices, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "kind"],
                condition=Q(kind__in=ONCE),
                name="nudge_once_per_question",
                violation_error_message=_("This reminder was sent already."),
            ),
            models.UniqueConstraint(
                fields=["question", "person"],
                condition=Q(kind=NudgeKind.ASKED),
                name="nudge_asked_once_per_person",
                violation_error_message=_("This person was told already."),
            ),
            models.CheckConstraint(condition=Q(kind__in=NudgeKind.values), name="nudge_kind_is_known"),
            models.CheckConstraint(
                condition=Q(end="", ended_at=None) | Q(end__in=NudgeEnd.values, ended_at__isnull=False),
                name="nudge_ended_iff_dated",
            ),
        ]
        # The next ones to send.
        indexes = [models.Index(fields=["send_at"], condition=Q(ended_at=None), name="nudge_waiting")]

    def __str__(self) -> str:
        return f"{self.kind}: question {self.question_id} to {self.person_id}"


class AnswerLink(models.Model):
    """The right of one person to answer one question once, without signing in. Only the digest of it is kept."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="links")
    person = models.ForeignKey(User, models.PROTECT, related_name="answer_links")
    nudge = models.ForeignKey(Nudge, models.PROTECT, null=True, blank=True, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # Shortened: enough to see whether it was the person's phone or another country, not to follow anybody.
    used_from = models.CharField(max_length=50, blank=True, default="")
    used_with = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("link to answer")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="answer_link_expires",
                violation_error_message=_("A link has to expire."),
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, used_from="", used_with="")
                | Q(used_at__isnull=False, used_at__lte=F("expires_at")),
                name="answer_link_used_before_it_expired",
                violation_error_message=_("This link has expired."),
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.question_id} for {self.person_id}"
