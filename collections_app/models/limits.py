"""What people may agree to with customers, and what follows when it is not kept; per legal entity."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import LegalEntity

GRACE_DAYS = 3
LONGEST_GRACE = 30


class PromiseRules(models.Model):
    """How a legal entity treats promises and instalments. Without a row: these defaults."""

    entity = models.OneToOneField(LegalEntity, models.CASCADE, primary_key=True, related_name="promise_rules")
    # A transfer of the promised day is seen on the account some days later.
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=GRACE_DAYS)
    # A missed instalment ends the agreement: the whole is asked for again.
    whole_comes_back = models.BooleanField(_("a missed instalment brings back the whole"), default=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("rules of promises")
        verbose_name_plural = _("rules of promises")
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_days__lte=LONGEST_GRACE),
                name="promise_rules_grace_is_short",
                violation_error_message=_("At most 30 days of grace."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.grace_days}"


class PromiseLimit(models.Model):
    """What a role may accept alone: so many days from today, so much in all. An empty one has no limit."""

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="promise_limits")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    days = models.PositiveSmallIntegerField(_("days at most"), null=True, blank=True)
    # In the entity's currency; other currencies are converted with the rate of the day.
    amount = models.DecimalField(_("amount at most"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("limit of promises")
        verbose_name_plural = _("limits of promises")
        ordering = ("entity", "role")
        constraints = [
            models.UniqueConstraint(fields=["entity", "role"], name="promise_limit_once_per_role"),
            models.CheckConstraint(
                condition=Q(days__isnull=False) | Q(amount__isnull=False),
                name="promise_limit_limits_something",
                violation_error_message=_("Give a number of days, an amount, or both."),
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0),
                name="promise_limit_not_negative",
                violation_error_message=_("A limit is zero or more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.role}"
