"""Questions people keep at hand for a reason: a start that is changed before it is asked."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.choices import Asks, QuestionKind
from disputes.models.route import Labelled, Reason


class AskTemplateQuerySet(models.QuerySet["AskTemplate"]):
    """Whose templates they are."""

    def visible_to(self, user: User | AnonymousUser) -> AskTemplateQuerySet:
        """Those of the legal entities in which the person may ask."""
        return self.filter(entity__in=policy.scope(user).entities("question.ask"))


class AskTemplate(Labelled):
    """A question for disputes of a reason. `choices`: `{"value", "labels": {language: words}}` each."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="ask_templates")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="ask_templates")
    kind = models.CharField(_("kind"), max_length=20, choices=QuestionKind.choices)
    choices = models.JSONField(default=list, blank=True)
    target_field = models.SlugField(_("kept as"), max_length=40, blank=True)
    deadline_minutes = models.PositiveIntegerField(_("deadline"), null=True, blank=True)
    asks = models.CharField(max_length=20, choices=Asks.choices, default=Asks.SALESPERSON)
    active = models.BooleanField(default=True)

    objects: ClassVar[AskTemplateQuerySet] = AskTemplateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("question at hand")
        ordering = ("reason", "code")
        constraints = [
            models.UniqueConstraint(
                fields=["reason", "code"],
                name="ask_template_code_unique_per_reason",
                violation_error_message=_("This reason has a question with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=QuestionKind.values, asks__in=Asks.values),
                name="ask_template_is_of_known_kinds",
            ),
            models.CheckConstraint(
                condition=~Q(kind=QuestionKind.CHOICE) & Q(choices=[])
                | Q(kind=QuestionKind.CHOICE) & ~Q(choices=[]),
                name="ask_template_choices_fit_its_kind",
                violation_error_message=_("Only a question with quick answers has them."),
            ),
        ]
