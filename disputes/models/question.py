"""Questions to one person, and their answers. The first answer wins; an answer never changes."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.choices import QuestionKind, QuestionStatus, Via
from disputes.labels import choice_label, in_language
from disputes.models.dispute import Dispute
from disputes.models.stage import QuestionTemplate
from disputes.typed import in_words


class Question(models.Model):
    """Something one person is asked, whose answer fills a field and can move the dispute."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="questions")
    template = models.ForeignKey(QuestionTemplate, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=QuestionKind.choices)
    text = models.CharField(_("question"), max_length=500)
    # The words in every language, when they come from a question kept at hand and nobody changed them.
    labels = models.JSONField(default=dict, db_default={}, blank=True)
    choices = models.JSONField(default=list, blank=True)
    move = models.SlugField(max_length=40, blank=True)
    target_field = models.SlugField(max_length=40, blank=True)
    asked_of = models.ForeignKey(User, models.PROTECT, related_name="questions_asked_of")
    fallback = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="questions_fallback"
    )
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="questions_asked_by"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    # When the person is reminded before the deadline; nothing without one, or with too little time.
    remind_at = models.DateTimeField(null=True, blank=True)
    # Why it may go through quiet hours; empty when it may not.
    urgent = models.CharField(_("why urgent"), max_length=200, blank=True, default="", db_default="")
    # When the person asked first had it before them in the app.
    seen_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=QuestionStatus.choices, default=QuestionStatus.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    # Set by selectors.with_rights for the person who looks at it.
    may_answer: bool = False
    for_me: bool = False
    may_change: bool = False

    class Meta:
        verbose_name = _("question")
        ordering = ("asked_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", ended_at=None)
                | Q(status__in=["answered", "withdrawn"], ended_at__isnull=False),
                name="question_ended_iff_dated",
            ),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_is_known"),
            models.CheckConstraint(
                condition=Q(urgent="") | Q(asked_by__isnull=False),
                name="question_urgent_says_who",
                violation_error_message=_("Somebody answers for calling a question urgent."),
            ),
        ]
        indexes = [
            # The inbox of one person, most urgent first.
            models.Index(fields=["asked_of", "due_at"], condition=Q(status="open"), name="question_inbox"),
            models.Index(
                fields=["fallback", "due_at"], condition=Q(status="open"), name="question_fallback_inbox"
            ),
            # Whom to remind before the deadline, and at it.
            models.Index(fields=["remind_at"], condition=Q(status="open"), name="question_to_remind"),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="question_by_deadline"),
            # Who calls how much urgent.
            models.Index(fields=["asked_by", "asked_at"], condition=~Q(urgent=""), name="question_urgent"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        """The question in the reader's language, when it came from a template; as asked otherwise."""
        return in_language(self.labels_told) or self.text

    @property
    def labels_told(self) -> dict[str, str]:
        """The words in every language, as events tell them; empty for a question typed by hand."""
        return dict(self.template.labels if self.template else self.labels)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self.status == QuestionStatus.OPEN

    @property
    def options(self) -> list[dict[str, Any]]:
        """The one-tap answers: `{"value", "label", "move"}`, in the reader's language."""
        if self.kind == QuestionKind.YES_NO and not self.choices:
            return [
                {"value": "yes", "label": gettext("Yes"), "move": ""},
                {"value": "no", "label": gettext("No"), "move": ""},
            ]
        return [
            {"value": choice["value"], "label": choice_label(choice), "move": choice.get("move", "")}
            for choice in self.choices
        ]


class Answer(models.Model):
    """The answer, with who gave it, when, and through which door. Append-only."""

    question = models.OneToOneField(Question, models.PROTECT, related_name="answer")
    value = models.JSONField()
    note = models.TextField(_("note"), blank=True, max_length=4000)
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="answers")
    answered_at = models.DateTimeField()
    via = models.CharField(max_length=20, choices=Via.choices, default=Via.PAGE)
    # Once its own author said something else; what it was before is in the event.
    changed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.value)

    @property
    def words(self) -> str:
        """The answer as people read it: the chosen label, or the value typed."""
        for option in self.question.options:
            if option["value"] == self.value:
                return str(option["label"])
        return in_words(self.question.kind, str(self.value), self.question.dispute.currency)
