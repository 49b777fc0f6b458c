"""The life of a dispute: where it has been and with whom, who takes part, how it ended."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.choices import HolderSide, Resolution, Status, Telling, Verdict
from disputes.models.dispute import HOLDER_IS_ONE, Dispute
from disputes.models.route import Stage
from mailroom.choices import LetterStatus
from mailroom.models import Letter


class Stay(models.Model):
    """One stretch of time in one stage with one holder. The stays of a dispute tile its whole life."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="stays")
    seq = models.PositiveIntegerField()
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status.choices)
    holder_side = models.CharField(max_length=20, choices=HolderSide.choices)
    holder_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    holder_department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("dispute", "seq")
        constraints = [
            models.UniqueConstraint(fields=["dispute", "seq"], name="stay_seq_unique_per_dispute"),
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(ended_at=None), name="stay_one_open_per_dispute"
            ),
            models.CheckConstraint(condition=HOLDER_IS_ONE, name="stay_has_exactly_one_holder"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="stay_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="stay_no_overlap",
                expressions=[
                    ("dispute", RangeOperators.EQUAL),
                    (
                        Func(
                            "started_at", "ended_at", function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}#{self.seq}"


# A letter that still waits will be sent.
ON_ITS_WAY = (LetterStatus.QUEUED, LetterStatus.SENDING, LetterStatus.TRAY)


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """The words in which outcomes are asked for."""

    def untold(self, *, on_its_way: bool = False, then: date | None = None) -> OutcomeQuerySet:
        """Those the customer is to be told and was not: their letter is not sent.

        With `on_its_way` a letter that waits counts as sent; with `then`, what was untold at the end of that day.
        """
        if then is not None:
            later = Q(letter=None) | Q(letter__sent_at=None) | Q(letter__sent_at__date__gt=then)
            return self.filter(
                Q(telling=Telling.WANTED) & later | Q(telling=Telling.OTHERWISE, told_at__date__gt=then)
            )
        gone = (LetterStatus.SENT, *ON_ITS_WAY) if on_its_way else (LetterStatus.SENT,)
        return self.filter(Q(letter=None) | ~Q(letter__status__in=gone), telling=Telling.WANTED)


class Outcome(models.Model):
    """How a dispute ended. There is one exactly while it is closed."""

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="outcome")
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    resolution = models.CharField(_("resolution"), max_length=20, choices=Resolution.choices)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField()
    # The votes behind it, when the decider could not decide it alone.
    approval = models.OneToOneField(
        "disputes.Approval", models.PROTECT, null=True, blank=True, related_name="outcome"
    )
    # Whether the customer is to be told, and how they were: by a letter, or as a person says.
    telling = models.CharField(max_length=10, choices=Telling.choices, default=Telling.UNNEEDED)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, blank=True, related_name="+")
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(telling=Telling.OTHERWISE) | Q(told_at__isnull=False),
                name="outcome_told_otherwise_says_when",
            ),
            models.CheckConstraint(condition=Q(telling__in=Telling.values), name="outcome_telling_is_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="outcome_amount_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
        ]
        # Reminders: what was not told yet.
        indexes = [
            models.Index(fields=["dispute"], condition=Q(telling=Telling.WANTED), name="outcome_to_be_told")
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: {self.resolution}"

    @property
    def is_untold(self) -> bool:
        """Whether the customer is to be told and no letter is sent or on its way."""
        gone = self.letter is not None and self.letter.status in (LetterStatus.SENT, *ON_ITS_WAY)
        return self.telling == Telling.WANTED and not gone


class Participation(models.Model):
    """Somebody who takes part in a dispute and therefore sees it: held it, was asked, was called in."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="participations")
    user = models.ForeignKey(User, models.PROTECT, related_name="participations")
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "user"], name="participation_unique_per_dispute")
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.user_id}"
