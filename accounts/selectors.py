"""What the accounts room tells."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts import policy
from accounts.models import Absence, ApiToken, Calendar, Department, Event, LegalEntity, User
from accounts.offices import Offices, calendars_in_order, coming_closures, office_of_calendar

__all__ = [
    "Offices",
    "absences",
    "calendars",
    "calendars_in_order",
    "colleagues",
    "coming_closures",
    "companies",
    "departments",
    "entities",
    "entities_for",
    "events",
    "office_of_calendar",
    "people_to_report_for",
    "tokens",
]


def entities(user: User | AnonymousUser) -> QuerySet[LegalEntity]:
    """The legal entities the person belongs to."""
    return LegalEntity.objects.filter(pk__in=policy.scope(user).roles)


def entities_for(user: User | AnonymousUser, action: str) -> QuerySet[LegalEntity]:
    """The legal entities in which the person may do `action`."""
    return LegalEntity.objects.filter(pk__in=policy.scope(user).entities(action))


def colleagues(user: User | AnonymousUser) -> QuerySet[User]:
    """Everybody active who shares a legal entity with the person."""
    mine = policy.scope(user).roles
    return User.objects.filter(is_active=True, memberships__entity__in=mine).distinct().order_by("name", "pk")


def departments(user: User | AnonymousUser) -> QuerySet[Department]:
    """The teams of the person's legal entities."""
    return Department.objects.filter(entity__in=policy.scope(user).roles, outside=False)


def companies(entity: LegalEntity) -> QuerySet[Department]:
    """The partner companies of a legal entity."""
    return Department.objects.filter(entity=entity, outside=True).order_by("name", "pk")


def absences(user: User) -> QuerySet[Absence]:
    """The person's own absences, and all of an entity for its office."""
    ruled = policy.scope(user).entities("absence.edit")
    return (
        Absence.objects.filter(user=user) | Absence.objects.filter(user__memberships__entity__in=ruled)
    ).distinct()


def calendars(user: User | AnonymousUser) -> QuerySet[Calendar]:
    """The calendars of the legal entities the person works in."""
    rows = Calendar.objects.visible_to(user).select_related("entity", "department", "user")
    return rows.prefetch_related("closures")


def tokens(user: User) -> QuerySet[ApiToken]:
    """The person's own tokens."""
    return ApiToken.objects.filter(user=user)


def events(user: User | AnonymousUser) -> QuerySet[Event]:
    """The audit trail of the legal entities the person administers or manages."""
    return Event.objects.filter(policy.rows(user, "audit.read")).select_related("actor")


def people_to_report_for(user: User) -> QuerySet[User]:
    """Whose absences the person may report: their own, and those of colleagues for the credit team."""
    ruled = policy.scope(user).entities("absence.edit")
    mine = Q(pk=user.pk) | Q(memberships__entity__in=ruled)
    return User.objects.filter(mine, is_active=True).distinct().order_by("name", "pk")
