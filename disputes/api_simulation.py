"""The API that tries an edition of a route on past disputes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from disputes.doors import Door
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Route
from disputes.simulation.figures import Side
from disputes.simulation.run import Simulation, simulate
from lib import clock


class SimulationIn(serializers.Serializer[Any]):
    """Which edition (its number), and on the disputes opened in which days."""

    number = serializers.IntegerField(min_value=1)
    since = serializers.DateField()
    until = serializers.DateField()


class SideOut(serializers.Serializer[Any]):
    """Stays in a stage: how many, how many late, late working minutes in all, median working minutes."""

    times = serializers.IntegerField()
    late = serializers.IntegerField()
    late_minutes = serializers.IntegerField()
    median_minutes = serializers.IntegerField(allow_null=True)


class SimulatedStageOut(serializers.Serializer[Any]):
    """A stage as it was and as it would have been. `own_times`: passages with the dispute's own time."""

    code = serializers.CharField()
    before = SideOut()
    after = SideOut()
    own_times = serializers.IntegerField()


class SimulatedDisputeOut(serializers.Serializer[Any]):
    """A dispute: late working minutes as it was and would have been; where and why its replay stopped, if it did."""

    dispute = serializers.IntegerField()
    ref = serializers.CharField()
    late_minutes_before = serializers.IntegerField()
    late_minutes_after = serializers.IntegerField()
    stopped_in = serializers.CharField(allow_blank=True)
    why = serializers.CharField(allow_blank=True)


def days_field() -> serializers.DecimalField:
    """Calendar days with three decimals; nothing without disputes to compare."""
    return serializers.DecimalField(max_digits=10, decimal_places=3, coerce_to_string=False, allow_null=True)


class SimulationOut(serializers.Serializer[Any]):
    """What the edition would have meant. Days are calendar days; `compared` disputes count for them."""

    disputes = serializers.IntegerField()
    closed = serializers.IntegerField()
    compared = serializers.IntegerField()
    more = serializers.BooleanField()
    late_before = serializers.IntegerField()
    late_after = serializers.IntegerField()
    median_days_before = days_field()
    median_days_after = days_field()
    p90_days_before = days_field()
    p90_days_after = days_field()
    sources = serializers.DictField(child=serializers.IntegerField())
    stages = SimulatedStageOut(many=True)
    rows = SimulatedDisputeOut(many=True)


class SimulateAction(Door):
    """What the resource of routes can also do."""

    @extend_schema(request=SimulationIn, responses=SimulationOut)
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, pk: str) -> Response:
        """Try an edition of the route on past disputes. Changes nothing."""
        route: Route = self.get_object()
        if not policy.may(self.person, "route.edit", route.entity_id):
            raise RoleMayNot(_("Your role does not allow you to change routes."), code="role_may_not")
        data = self.shape(SimulationIn)
        if data["since"] > data["until"]:
            raise FieldErrors({"until": _("The last day comes before the first one.")})
        version = get_object_or_404(route.versions.select_related("route__entity"), number=data.pop("number"))
        return Response(told(simulate(version=version, now=clock.now(), **data)))


def told(simulation: Simulation) -> dict[str, Any]:
    """The answer as plain data."""
    found = simulation.comparison
    return {
        "disputes": found.disputes,
        "closed": found.closed,
        "compared": found.compared,
        "more": simulation.more,
        "late_before": found.late_before,
        "late_after": found.late_after,
        "median_days_before": _days(found.before.median),
        "median_days_after": _days(found.after.median),
        "p90_days_before": _days(found.before.p90),
        "p90_days_after": _days(found.after.p90),
        "sources": {str(source): count for source, count in found.sources.items()},
        "stages": [
            {
                "code": row.code,
                "before": _side(row.before),
                "after": _side(row.after),
                "own_times": row.own,
            }
            for row in found.stages
        ],
        "rows": [
            {
                "dispute": row.replay.past.pk,
                "ref": row.replay.past.ref,
                "late_minutes_before": _minutes(row.before),
                "late_minutes_after": _minutes(row.after),
                "stopped_in": row.replay.stopped,
                "why": row.replay.why,
            }
            for row in simulation.rows
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "times": side.times,
        "late": side.late,
        "late_minutes": _minutes(side.late_by),
        "median_minutes": side.minutes,
    }


def _minutes(time: timedelta) -> int:
    return round(time.total_seconds() / 60)


def _days(time: timedelta | None) -> Decimal | None:
    return None if time is None else round(Decimal(time // timedelta(seconds=1)) / 86_400, 3)
