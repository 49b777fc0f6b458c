"""What people who live in the queue make for themselves: saved views, and macros of several changes in one click."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity, User
from disputes.choices import Then


class SavedView(models.Model):
    """A filter of the queue under a name. With a legal entity, everybody who works there has it too."""

    owner = models.ForeignKey(User, models.PROTECT, related_name="saved_views")
    entity = models.ForeignKey(LegalEntity, models.PROTECT, null=True, blank=True, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    # The filter as the address of the queue says it: {"view": "all", "reason": "price"}.
    filters = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(entity=None),
                name="saved_view_name_once_per_person",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.UniqueConstraint(
                fields=["entity", "name"],
                name="saved_view_name_once_per_entity",
                violation_error_message=_("There is a shared view of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="saved_view_has_a_name",
                violation_error_message=_("Give it a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Several changes in one click, in their order, and what comes then. Shared: for everybody of the entity."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="macros")
    owner = models.ForeignKey(User, models.PROTECT, related_name="macros")
    shared = models.BooleanField(_("for everybody"), default=False)
    name = models.CharField(_("name"), max_length=60)
    # [{"do": "classify", "reason": "price"}, {"do": "assign", "user": 7}, {"do": "snooze", "for": "tomorrow"}]
    steps = models.JSONField(default=list)
    then = models.CharField(_("and then"), max_length=10, choices=Then.choices, default=Then.NEXT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "owner", "name"],
                name="macro_name_once_per_person",
                violation_error_message=_("You have a macro of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="macro_has_a_name", violation_error_message=_("Give it a name.")
            ),
            models.CheckConstraint(
                condition=~Q(steps=[]),
                name="macro_does_something",
                violation_error_message=_("Choose at least one change."),
            ),
            models.CheckConstraint(condition=Q(then__in=Then.values), name="macro_then_is_known"),
        ]

    def __str__(self) -> str:
        return self.name
