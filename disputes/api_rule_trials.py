"""The API that tries the rules of routes on past disputes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from accounts.selectors import entities_for
from disputes.doors import Door
from disputes.rules_tried import DAYS, rules_of, try_rules
from disputes.services.common import day_of
from lib import clock


class RuleTrialIn(serializers.Serializer[Any]):
    """Whose rules, and on the disputes of how many days."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    days = serializers.IntegerField(min_value=1, max_value=366, default=DAYS)


class RouteShiftOut(serializers.Serializer[Any]):
    """So many disputes took one route and would take another (or the same one)."""

    was = serializers.CharField()
    would = serializers.CharField()
    count = serializers.IntegerField()
    changed = serializers.BooleanField()


class RuleTrialOut(serializers.Serializer[Any]):
    """Where the disputes would go by the rules. `by_rule`: how many by the key of each rule."""

    disputes = serializers.IntegerField()
    more = serializers.BooleanField()
    changed = serializers.IntegerField()
    by_rule = serializers.DictField(child=serializers.IntegerField())
    by_reason = serializers.IntegerField()
    nowhere = serializers.IntegerField()
    shifts = RouteShiftOut(many=True)


class RuleTrialViewSet(Door):
    """Tries the rules that choose a route. Changes nothing."""

    serializer_class = RuleTrialIn

    @extend_schema(request=RuleTrialIn, responses=RuleTrialOut)
    def create(self, request: Request) -> Response:
        """Where the disputes opened in the last days would have gone."""
        given = self.shape(RuleTrialIn, entity=entities_for(request.user, "route.edit"))
        entity = given["entity"]
        since = day_of(clock.now(), entity) - timedelta(days=given["days"])
        return Response(RuleTrialOut(try_rules(entity, rules_of(entity), since)).data)


def register(router: DefaultRouter) -> None:
    """Put the trials on the API."""
    router.register("route-rule-trials", RuleTrialViewSet, basename="route-rule-trial")
