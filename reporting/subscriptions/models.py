"""Subscriptions to reports: what is sent, how often, to whom, and what was sent."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reporting.subscriptions.choices import DayOf, Every, FileKind, Trouble


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """The words in which subscriptions are asked for."""

    def of(self, user: settings.AUTH_USER_MODEL) -> SubscriptionQuerySet:  # type: ignore[name-defined]
        """Those the person made."""
        return self.filter(owner=user)

    def visible_to(self, user: settings.AUTH_USER_MODEL) -> SubscriptionQuerySet:  # type: ignore[name-defined]
        """Those the person made, and those sent to them."""
        sent = SubscriptionReader.objects.filter(user=user).values("subscription")
        return self.filter(Q(owner=user) | Q(pk__in=sent))


class Subscription(models.Model):
    """A report of a legal entity that is sent by mail, with its filters, until somebody ends it."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="report_subscriptions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_subscriptions")
    report = models.CharField(_("report"), max_length=20)
    # As they stood in the address: salesperson, segment, months, by...
    filters = models.JSONField(default=dict, blank=True)
    every = models.CharField(_("how often"), max_length=10, choices=Every.choices)
    # The weekday (Monday 0) of a week, the day of a month.
    number = models.PositiveSmallIntegerField(_("day"), default=0)
    hour = models.PositiveSmallIntegerField(_("hour"))
    day_of = models.CharField(_("figures of"), max_length=12, choices=DayOf.choices)
    form = models.CharField(_("file"), max_length=4, choices=FileKind.choices)
    created_at = models.DateTimeField()
    # Nothing that was due before is sent any more: when it began, was changed or went on.
    since = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    last = models.ForeignKey(
        "reporting.ReportSending", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("subscription to a report")
        verbose_name_plural = _("subscriptions to reports")
        ordering = ("report", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(every__in=Every.values), name="subscription_rhythm_is_known"),
            models.CheckConstraint(condition=Q(day_of__in=DayOf.values), name="subscription_day_is_known"),
            models.CheckConstraint(condition=Q(form__in=FileKind.values), name="subscription_file_is_known"),
            models.CheckConstraint(
                condition=Q(every=Every.WEEK, number__lte=6)
                | Q(every=Every.MONTH, number__gte=1, number__lte=31)
                | Q(every__in=[Every.WORKDAY, Every.MONTH_END], number=0),
                name="subscription_day_fits_its_rhythm",
                violation_error_message=_("Choose a day from 1 to 31."),
            ),
            models.CheckConstraint(
                condition=Q(hour__lte=23),
                name="subscription_hour_is_of_a_day",
                violation_error_message=_("Choose an hour from 0 to 23."),
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None, next_due_at__isnull=False)
                | Q(paused_at__isnull=False, next_due_at=None),
                name="subscription_due_unless_paused",
            ),
        ]
        # What is due, for the task that sends.
        indexes = [
            models.Index(fields=["next_due_at"], condition=~Q(next_due_at=None), name="subscription_due")
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.every}"


class SubscriptionReader(models.Model):
    """Somebody a subscription is sent to, its owner too. Who left stays left until they come back themselves."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_mails")
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reader")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["subscription", "user"], name="subscription_reader_once")
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.user_id}"


class ReportSending(models.Model):
    """One time a subscription was due, or was sent by hand. Waits until it is done; a worker claims it first."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="sendings")
    due_at = models.DateTimeField()
    # Who asked for it; nobody: it was due.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The day whose figures were sent.
    day = models.DateField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("sending of a report")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "due_at"], name="report_sent_once_per_due_moment"
            ),
            models.CheckConstraint(
                condition=Q(error="") | Q(done_at__isnull=False), name="report_sending_failed_is_done"
            ),
        ]
        # What waits, for the task that sends.
        indexes = [
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="report_sending_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.due_at:%Y-%m-%d %H:%M}"


class ReportCopy(models.Model):
    """What one reader got of a sending: a letter, or the reason why there was none."""

    sending = models.ForeignKey(ReportSending, models.CASCADE, related_name="copies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    letter = models.ForeignKey("mailroom.Letter", models.PROTECT, null=True, blank=True, related_name="+")
    trouble = models.CharField(max_length=10, choices=Trouble.choices, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("copy of a report")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["sending", "user"], name="report_copy_once_per_reader"),
            models.CheckConstraint(
                condition=Q(letter__isnull=False, trouble="") | Q(letter=None, trouble__in=Trouble.values),
                name="report_copy_is_a_letter_or_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sending_id}: {self.user_id}"
