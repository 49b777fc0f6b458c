"""What reporting keeps of its own: how answers are counted, what teams set out to reach, what is sent to whom."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, LegalEntity
from reporting.boards.models import Board, FirstBoard
from reporting.choices import IN_PERCENT, GoalKind, Measure, ScoreMode
from reporting.cube.models import AgingCell, AgingKept, CustomerMark, CustomerStanding
from reporting.subscriptions.models import ReportCopy, ReportSending, Subscription, SubscriptionReader

__all__ = [
    "AgingCell",
    "AgingKept",
    "Board",
    "CostRates",
    "CustomerMark",
    "CustomerStanding",
    "DaySales",
    "DayStanding",
    "DaysKept",
    "FirstBoard",
    "LedgerMark",
    "ReaderRole",
    "ReportCopy",
    "ReportSending",
    "ScoreRules",
    "ScoreWishes",
    "Subscription",
    "SubscriptionReader",
    "Target",
    "TeamGoal",
]


class ScoreRules(models.Model):
    """How far a legal entity counts answers. Without a row: what the team reaches together."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="score_rules")
    mode = models.CharField(_("counted"), max_length=10, choices=ScoreMode.choices, default=ScoreMode.TEAM)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rules of counting")
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=ScoreMode.values), name="score_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.mode}"


class ScoreWishes(models.Model):
    """What a person wants: to be counted at all, and to let colleagues see it. Without a row: counted, private."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="score_wishes")
    on = models.BooleanField(_("count my answers"), default=True)
    shared = models.BooleanField(_("colleagues may see my points"), default=False)

    class Meta:
        verbose_name = _("wishes about counting")
        constraints = [
            models.CheckConstraint(
                condition=Q(on=True) | Q(shared=False),
                name="score_shared_only_when_counted",
                violation_error_message=_("What is not counted cannot be shown."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.on}, {self.shared}"


class TeamGoal(models.Model):
    """Something a team, or the whole legal entity, wants to reach together between two days."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="team_goals")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    kind = models.CharField(_("goal"), max_length=10, choices=GoalKind.choices)
    target = models.DecimalField(_("to reach"), max_digits=14, decimal_places=2)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("goal of a team")
        ordering = ("last_day", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=GoalKind.values), name="goal_kind_is_known"),
            models.CheckConstraint(
                condition=Q(target__gt=0),
                name="goal_target_is_positive",
                violation_error_message=_("Choose a goal above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=GoalKind.IN_TIME) | Q(target__lte=100),
                name="goal_share_is_at_most_all",
                violation_error_message=_("More than 100 per cent cannot be reached."),
            ),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="goal_ends_after_it_starts",
                violation_error_message=_("The last day cannot be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target} until {self.last_day}"


class Target(models.Model):
    """What a figure of a legal entity should be from a day on, until the next row of the same figure."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="report_targets")
    measure = models.CharField(_("figure"), max_length=30, choices=Measure.choices)
    from_on = models.DateField(_("from"))
    value = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ("measure", "-from_on")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "measure", "from_on"],
                name="target_one_per_figure_and_day",
                violation_error_message=_("There is already a target for this figure from this day on."),
            ),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="target_measure_is_known"),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="target_is_not_negative",
                violation_error_message=_("A target cannot be negative."),
            ),
            models.CheckConstraint(
                condition=~Q(measure__in=sorted(IN_PERCENT)) | Q(value__lte=100),
                name="target_share_is_at_most_all",
                violation_error_message=_("More than 100 per cent cannot be reached."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.value} from {self.from_on}"


class CostRates(models.Model):
    """What time and money cost a legal entity from a day on: the cost of disputes is reckoned with it."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="cost_rates")
    from_on = models.DateField(_("from"))
    financing = models.DecimalField(_("financing, per cent a year"), max_digits=6, decimal_places=3)
    hour = models.DecimalField(_("an hour of work"), max_digits=9, decimal_places=2)
    minutes = models.PositiveSmallIntegerField(_("minutes of work per act"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cost rates")
        verbose_name_plural = _("cost rates")
        ordering = ("-from_on",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "from_on"],
                name="cost_rates_one_per_day",
                violation_error_message=_("There are already rates from this day on."),
            ),
            models.CheckConstraint(
                condition=Q(financing__gte=0, financing__lte=100),
                name="cost_financing_within_bounds",
                violation_error_message=_("A financing rate lies between 0 and 100 per cent a year."),
            ),
            models.CheckConstraint(
                condition=Q(hour__gte=0),
                name="cost_hour_is_not_negative",
                violation_error_message=_("An hour cannot cost less than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__lte=480),
                name="cost_minutes_are_at_most_a_day",
                violation_error_message=_("One act takes at most a day of work (480 minutes)."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.financing} % from {self.from_on}"


class LedgerMark(models.Model):
    """Something changed in the ledger that counts from `since` on. Only the database writes here (see migration 0003).

    No `entity`: for all of them (an exchange rate). `dim`: only the figures by that dimension ("": all figures).
    """

    entity = models.ForeignKey(LegalEntity, models.CASCADE, null=True, related_name="+", db_index=False)
    since = models.DateField()
    dim = models.CharField(max_length=12, default="", db_default="")

    class Meta:
        verbose_name = "ledger mark"
        indexes = [models.Index(fields=["entity", "since"], name="mark_by_entity")]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.dim} since {self.since}"


class DaysKept(models.Model):
    """The days, without a gap, whose position by a dimension is kept."""

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+", db_index=False)
    dim = models.CharField(max_length=12)
    first = models.DateField()
    last = models.DateField()

    class Meta:
        verbose_name = "days kept"
        constraints = [
            models.UniqueConstraint(fields=["entity", "dim"], name="days_kept_once_per_dimension"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="days_kept_end_after_they_start"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.dim} {self.first} {self.last}"


class DayStanding(models.Model):
    """What was open and disputed at the end of a day, by bucket, of one value of a dimension. A cache, nothing more."""

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+", db_index=False)
    dim = models.CharField(max_length=12)
    day = models.DateField()
    key = models.CharField(max_length=60)
    opens = ArrayField(models.DecimalField(max_digits=18, decimal_places=2))
    disputes = ArrayField(models.DecimalField(max_digits=18, decimal_places=2))

    class Meta:
        verbose_name = "standing of a day"
        constraints = [
            # A series reads one dimension's days in order.
            models.UniqueConstraint(
                fields=["entity", "dim", "day", "key"], name="standing_once_per_day_and_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.dim} {self.key} {self.day}"


class DaySales(models.Model):
    """Net sales of a day in one currency, of one value of a dimension: kept with the days, from the first sale on."""

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+", db_index=False)
    dim = models.CharField(max_length=12)
    day = models.DateField()
    key = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        verbose_name = "sales of a day"
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "dim", "day", "key", "currency"], name="sales_once_per_day_key_and_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.dim} {self.key} {self.day} {self.currency}"


class ReaderRole(models.Model):
    """Which legal entities a role of the database reads in the views for BI tools (reporting.bi)."""

    role = models.CharField(max_length=63)
    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = "role of BI tools"
        constraints = [models.UniqueConstraint(fields=["role", "entity"], name="reader_role_once_per_entity")]

    def __str__(self) -> str:
        return f"{self.role}: {self.entity_id}"
