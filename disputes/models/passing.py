"""Questions that go to a colleague, and questions that wait until later."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.models.question import Question


class QuestionPass(models.Model):
    """A question given to a colleague. Together the rows are its chain; nobody gets it back."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="passes")
    from_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("question passed on")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["question", "from_user"],
                name="question_passed_once_by_each",
                violation_error_message=_("This person passed the question on already."),
            ),
            models.CheckConstraint(
                condition=~Q(from_user=F("to_user")),
                name="question_passed_to_somebody_else",
                violation_error_message=_("Choose somebody else."),
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.question_id}: {self.from_user_id} -> {self.to_user_id}"


class PutOff(models.Model):
    """A question one person does not want to see until then; it stays open, and its deadline stands."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="put_offs")
    user = models.ForeignKey(User, models.CASCADE, related_name="put_offs")
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("question put off")
        constraints = [models.UniqueConstraint(fields=["question", "user"], name="put_off_unique_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} sees question {self.question_id} again at {self.until:%H:%M}"
