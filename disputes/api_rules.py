"""The API of the rules that choose a route."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.models import LegalEntity, User
from accounts.selectors import entities_for
from disputes import services
from disputes.doors import Door
from disputes.models import Reason, Route, RouteRule
from disputes.services import RouteRuleInput
from disputes.shapes.route_changes import ChooseIn, ChosenOut, OrderIn, RuleChange, RuleIn, RuleOut, by_code
from ledger.models import Customer
from lib import clock


class RuleViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The rules of your legal entities, in their order."""

    serializer_class = RuleOut
    queryset = RouteRule.objects.none()
    filterset_fields = ("entity", "active", "route__code", "reason__code")

    def get_queryset(self) -> QuerySet[RouteRule]:
        """Yours only."""
        seen = policy.scope(self.request.user).entities("dispute.read")
        return RouteRule.objects.filter(entity__in=seen).select_related("entity", "reason", "route")

    @extend_schema(request=RuleIn, responses={201: RuleOut})
    def create(self, request: Request) -> Response:
        """Put a rule at the end."""
        given = self.shape(RuleIn, entity=entities_for(request.user, "route.edit"))
        return self._set(given.pop("entity"), given, None, status.HTTP_201_CREATED)

    @extend_schema(request=RuleChange, responses=RuleOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a rule; its place stays."""
        rule = self.get_object()
        return self._set(rule.entity, self.shape(RuleChange), rule, status.HTTP_200_OK)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a rule out."""
        services.drop_rule(rule=self.get_object(), by=cast(User, request.user), at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=OrderIn, responses=RuleOut(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_fields=())
    def order(self, request: Request) -> Response:
        """Put the rules of an entity into another order."""
        given = self.shape(OrderIn, entity=entities_for(request.user, "route.edit"))
        rules = services.order_rules(
            entity=given["entity"], ids=given["rules"], by=cast(User, request.user), at=clock.now()
        )
        return Response(RuleOut(rules, many=True).data)

    @extend_schema(request=ChooseIn, responses=ChosenOut)
    @action(detail=False, methods=["post"])
    def choose(self, request: Request) -> Response:
        """Which route a dispute like this would follow, and why; nothing is opened."""
        visible = policy.rows(request.user, "dispute.open", salesperson="salesperson")
        given = self.shape(ChooseIn, customer=Customer.objects.filter(visible))
        entity = given["customer"].entity_id
        given["reason"] = get_object_or_404(Reason, entity=entity, code=given["reason"], active=True)
        return Response(ChosenOut(services.choose_version(**given)).data)

    def _set(self, entity: LegalEntity, given: dict[str, Any], rule: RouteRule | None, code: int) -> Response:
        given["route"] = by_code(Route, entity, given["route"], "route")
        given["reason"] = by_code(Reason, entity, given["reason"], "reason")
        by = self.person
        row = services.set_rule(
            entity=entity, wanted=RouteRuleInput(**given), by=by, at=clock.now(), rule=rule
        )
        return Response(RuleOut(row).data, status=code)


def register(router: DefaultRouter) -> None:
    """Put the rules on the API."""
    router.register("route-rules", RuleViewSet, basename="route-rule")
