"""The routes of an entity as their list shows them, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Prefetch

from accounts.models import LegalEntity
from disputes.models import Dispute, Reason, Route, RouteVersion


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route in the list."""

    route: Route
    current: RouteVersion | None
    draft: RouteVersion | None
    reasons: list[Reason]
    running: int


def listed_routes(entity: LegalEntity) -> list[RouteRow]:
    """Every route with its edition in force, its draft, its reasons and how many disputes are under way on it."""
    versions = RouteVersion.objects.select_related("made_by", "activated_by").order_by("-number")
    found = Route.objects.filter(entity=entity).order_by("code")
    rows = found.prefetch_related(Prefetch("versions", versions), "reasons")
    counts = dict(
        Dispute.objects.active()
        .filter(entity=entity)
        .order_by()
        .values_list("route_version__route")
        .annotate(n=Count("pk"))
    )
    return [
        RouteRow(
            route=route,
            current=next((one for one in route.versions.all() if one.current), None),
            draft=next((one for one in route.versions.all() if one.is_draft), None),
            reasons=list(route.reasons.all()),
            running=counts.get(route.pk, 0),
        )
        for route in rows
    ]


def running_by_version(route: Route) -> dict[int, int]:
    """How many disputes are under way on each edition of a route."""
    rows = Dispute.objects.active().filter(route_version__route=route).order_by()
    return dict(rows.values_list("route_version").annotate(n=Count("pk")))
