"""Working hours, holidays and closures: of a legal entity, a department, a person, or of the customers of a country."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.choices import CalendarSide
from lib.working import STANDARD_WEEK, Closed, Office, Week


def standard_week() -> list[list[list[int]]]:
    """Monday to Friday, nine to six, as the rows keep it."""
    return [[list(span) for span in day] for day in STANDARD_WEEK]


class CalendarQuerySet(models.QuerySet["Calendar"]):
    """The words in which calendars are asked for."""

    def visible_to(self, user: settings.AUTH_USER_MODEL | AnonymousUser) -> CalendarQuerySet:  # type: ignore[name-defined]
        """The calendars of the legal entities the person works in."""
        return self.filter(entity__in=policy.scope(user).entities("calendar.read"))


class Calendar(models.Model):
    """When somebody works. The most particular one counts: the person's, their department's, the entity's.

    `week` is seven lists, Monday first, of `[opens, closes]` in minutes of the wall clock. The closures of the
    entity's own calendar hold for its departments and people too.
    """

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="calendars")
    name = models.CharField(_("name"), max_length=100)
    side = models.CharField(
        _("whose"), max_length=10, choices=CalendarSide.choices, default=CalendarSide.OURS
    )
    department = models.ForeignKey(
        "accounts.Department", models.CASCADE, null=True, blank=True, related_name="calendars"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="calendars"
    )
    country = models.CharField(_("country"), max_length=2)
    subdivision = models.CharField(_("region"), max_length=6, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50)
    week = models.JSONField(_("weekly hours"), default=standard_week)
    keeps_holidays = models.BooleanField(_("closed on public holidays"), default=True)

    objects: ClassVar[CalendarQuerySet] = CalendarQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ("entity", "side", "name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(side="ours", department=None)
                | Q(side="ours", user=None)
                | Q(side="customer", department=None, user=None),
                name="calendar_is_of_one",
                violation_error_message=_("A calendar is of a department, of a person, or of neither."),
            ),
            models.UniqueConstraint(
                fields=["entity"],
                condition=Q(side="ours", department=None, user=None),
                name="calendar_one_per_entity",
                violation_error_message=_("The legal entity has its calendar already: change that one."),
            ),
            models.UniqueConstraint(
                fields=["department"],
                condition=Q(department__isnull=False),
                name="calendar_one_per_department",
                violation_error_message=_("This department has its calendar already: change that one."),
            ),
            models.UniqueConstraint(
                fields=["entity", "user"],
                condition=Q(user__isnull=False),
                name="calendar_one_per_person",
                violation_error_message=_("This person has a calendar already: change that one."),
            ),
            models.UniqueConstraint(
                fields=["entity", "country"],
                condition=Q(side="customer"),
                name="calendar_one_per_country_of_customers",
                violation_error_message=_("The customers of this country have a calendar already."),
            ),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="calendar_country_is_iso"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_default(self) -> bool:
        """Whether it is the entity's own, which holds for whoever has no other."""
        return self.side == CalendarSide.OURS and self.department_id is None and self.user_id is None

    @property
    def spans(self) -> Week:
        """The weekly hours as working time is counted in."""
        return tuple(tuple((int(a), int(b)) for a, b in day) for day in self.week)

    def office(self, more: tuple[Closed, ...] = ()) -> Office:
        """The working time it tells, with further closures."""
        own = tuple(closure.closed for closure in self.closures.all())
        return Office(
            self.country, self.time_zone, self.subdivision, self.spans, own + more, self.keeps_holidays
        )


class Closure(models.Model):
    """Days on which a calendar's people do not work, beside the public holidays; or only a part of each."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="closures")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    # Closed from this hour on; the whole day without one.
    from_time = models.TimeField(_("closed from"), null=True, blank=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="closure_ends_after_it_starts",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="closure_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def closed(self) -> Closed:
        """The closure as working time is counted with."""
        since = self.from_time.hour * 60 + self.from_time.minute if self.from_time else 0
        return Closed(self.starts_on, self.ends_on, since, self.name)
