"""How people want to be reached: rules per event and channel, and what holds for everything."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.reach.choices import ESCALATING, LONGEST, ReachChannel, ReachEvent

TALLEST_CAP = 500


class ReachRule(models.Model):
    """One event over one channel: of a person, or of a legal entity for all who said nothing themselves."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="reach_rules"
    )
    entity = models.ForeignKey(
        "accounts.LegalEntity", models.CASCADE, null=True, blank=True, related_name="reach_rules"
    )
    event = models.CharField(max_length=20, choices=ReachEvent.choices)
    channel = models.CharField(max_length=10, choices=ReachChannel.choices)
    on = models.BooleanField()
    after_minutes = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("rule of reaching")
        verbose_name_plural = _("rules of reaching")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, entity__isnull=False) | Q(user__isnull=False, entity=None),
                name="reach_rule_is_of_one",
                violation_error_message=_("A rule is of a person or of a legal entity."),
            ),
            models.UniqueConstraint(
                fields=["user", "event", "channel"],
                condition=Q(entity=None),
                name="reach_rule_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["entity", "event", "channel"],
                condition=Q(user=None),
                name="reach_rule_once_per_entity",
            ),
            models.CheckConstraint(
                condition=Q(after_minutes__lte=LONGEST),
                name="reach_rule_waits_a_week_at_most",
                violation_error_message=_("Nobody is told later than after a week."),
            ),
            models.CheckConstraint(
                condition=Q(event__in=ReachEvent.values), name="reach_rule_event_is_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[c for c in ReachChannel.values if c != ReachChannel.SMS])
                | Q(channel=ReachChannel.SMS, event__in=ESCALATING)
                | Q(channel=ReachChannel.SMS, on=False),
                name="reach_rule_sms_only_for_what_waits",
                violation_error_message=_("An SMS is only for what waits for somebody."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.entity_id}: {self.event} {self.channel}"


class ReachWishes(models.Model):
    """What a person wants of every telling. Without a row: these defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reach_wishes"
    )
    quiet = models.BooleanField(_("quiet hours"), default=True)
    quiet_from = models.TimeField(_("quiet from"), default=time(20))
    quiet_until = models.TimeField(_("quiet until"), default=time(7))
    only_working = models.BooleanField(_("only in my working hours"), default=True)
    daily_cap = models.PositiveSmallIntegerField(_("at most so many a day"), default=40)
    digest = models.BooleanField(_("the day in one letter"), default=True)
    digest_at = models.TimeField(_("at"), default=time(8))
    private = models.BooleanField(_("private notifications"), default=False)
    # An address of a messenger holds a secret: sealed, and never shown again.
    bridge = models.TextField(blank=True, default="")
    bridge_hint = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("wishes of reaching")
        verbose_name_plural = _("wishes of reaching")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet=False) | ~Q(quiet_from=F("quiet_until")),
                name="reach_quiet_hours_end",
                violation_error_message=_("Quiet hours end at another time than they begin."),
            ),
            models.CheckConstraint(
                condition=Q(daily_cap__gte=1, daily_cap__lte=TALLEST_CAP),
                name="reach_cap_is_sensible",
                violation_error_message=_("Between 1 and 500 a day."),
            ),
            models.CheckConstraint(
                condition=Q(bridge="", bridge_hint="") | (~Q(bridge="") & ~Q(bridge_hint="")),
                name="reach_bridge_has_its_hint",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
