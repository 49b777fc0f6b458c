"""A mass dispute: one cause behind several disputes, which are decided together."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.models.route import Reason


class MassQuerySet(models.QuerySet["Mass"]):
    """The words in which mass disputes are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> MassQuerySet:
        """Those of the entities in which the person sees every dispute: a mass spans customers."""
        return self.filter(policy.rows(user, "dispute.read"))


class Mass(models.Model):
    """The parent of disputes with the same cause. It holds no money itself: its sums are those of its children.

    Children are disputes (`Dispute.mass`), so a parent never has a parent.
    """

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="masses")
    title = models.CharField(_("title"), max_length=200)
    cause = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("root cause")
    )
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = MassQuerySet.as_manager()

    class Meta:
        verbose_name = _("mass dispute")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="mass_has_a_title",
                violation_error_message=_("Say in a few words what it is about."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="mass_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        """What people call it: M-17."""
        return f"M-{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it still takes children and decisions."""
        return self.closed_at is None
