"""What subscriptions there are, who may be a reader, and in which rhythm one goes."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from accounts import policy
from accounts.models import LegalEntity, Membership, User
from accounts.selectors import Offices
from reporting.models import ReportCopy, Subscription, SubscriptionReader
from reporting.selectors.frame import READ
from reporting.subscriptions.rhythm import Rhythm


def subscriptions_for(user: User | AnonymousUser) -> QuerySet[Subscription]:
    """Those the person made or gets, with all a list shows: their readers, and how the last time went. Four queries."""
    if not isinstance(user, User):
        return Subscription.objects.none()
    copies = ReportCopy.objects.select_related("user", "letter")
    rows = Subscription.objects.visible_to(user).select_related("entity", "owner", "last")
    readers = SubscriptionReader.objects.select_related("user")
    return rows.prefetch_related(Prefetch("readers", readers), Prefetch("last__copies", copies))


def may_read(entity: LegalEntity) -> QuerySet[User]:
    """Who may see figures of the legal entity at all: whom a report can be sent to."""
    members = Membership.objects.filter(entity=entity, role__in=policy.ACTIONS[READ])
    return User.objects.filter(is_active=True, pk__in=members.values("user")).order_by("name", "pk")


def rhythm_of(row: Subscription) -> Rhythm:
    """When it is due: by the legal entity's clock and the days it works."""
    office = Offices(row.entity).default
    return Rhythm(row.every, row.hour, row.entity.time_zone, office, row.number)
