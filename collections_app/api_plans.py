"""The API of plans: versions and drafts, what a draft would change, who follows what, the month ahead."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app import selectors
from collections_app.decision.book import Book
from collections_app.decision.play import month_ahead
from collections_app.models import Plan
from collections_app.services import plans
from collections_app.services.comparing import Comparison, Period, compare
from collections_app.services.plans import Rules, StepInput
from collections_app.shapes_plans import (
    AheadOut,
    ChangeOut,
    ComparisonOut,
    FollowIn,
    PlanDraftIn,
    PlanIn,
    PlanOut,
    PlanPeriodOut,
    PlanVersionOut,
)
from lib import clock


def entity_for(request: Request, code: str, act: str) -> LegalEntity:
    """The entity, 404 when the person may not see its reminders, 403 when they may not do this."""
    found = selectors.entities(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    if not policy.may(request.user, act, found.pk):
        raise PermissionDenied
    return found


class PlanViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Plan]):
    """The plans in force, their drafts, and what a draft would change."""

    serializer_class = PlanOut
    queryset = Plan.objects.none()

    def get_queryset(self) -> QuerySet[Plan]:
        """Of your legal entities: those in force; a plan that is only a draft is found by its versions."""
        if self.action in {"list", "retrieve"}:
            return selectors.plans(self.request.user)
        return Plan.objects.visible_to(self.request.user).filter(active=True).select_related("entity")

    def _mine(self) -> Plan:
        plan: Plan = self.get_object()
        if not policy.may(self.request.user, "plan.edit", plan.entity_id):
            raise PermissionDenied
        return plan

    @extend_schema(request=PlanIn, responses={201: PlanVersionOut})
    def create(self, request: Request) -> Response:
        """A new plan, as a draft: nobody follows it before it is published."""
        shape = PlanIn(data=request.data)
        shape.is_valid(raise_exception=True)
        facts = shape.validated_data
        entity = entity_for(request, facts["entity"], "plan.edit")
        like = selectors.plans(request.user).filter(entity=entity, code=facts["like"]).first()
        user, at = cast(User, request.user), clock.now()
        plan = plans.create_plan(entity=entity, labels=facts["labels"], by=user, at=at, like=like)
        shown = {"id": plan.pk, "code": plan.code, **PlanVersionOut(plan.versions.get()).data}
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(responses=PlanVersionOut(many=True))
    @action(detail=True, pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """All versions, newest first, a draft included."""
        rows = self.get_object().versions.prefetch_related("steps").order_by("-number")
        return Response(PlanVersionOut(rows, many=True).data)

    @extend_schema(methods=["put"], request=PlanDraftIn, responses=PlanVersionOut)
    @extend_schema(methods=["delete"], request=None, responses={204: None})
    @action(detail=True, methods=["put", "delete"])
    def draft(self, request: Request, pk: str) -> Response:
        """Save the draft, in place of an earlier one, or discard it."""
        plan = self._mine()
        if request.method == "DELETE":
            plans.discard_draft(plan=plan)
            return Response(status=status.HTTP_204_NO_CONTENT)
        shape = PlanDraftIn(data=request.data)
        shape.is_valid(raise_exception=True)
        facts = dict(shape.validated_data)
        steps = [StepInput(**step) for step in facts.pop("steps")]
        user, at = cast(User, request.user), clock.now()
        version = plans.save_draft(plan=plan, steps=steps, rules=Rules(**facts), by=user, at=at)
        return Response(PlanVersionOut(version).data)

    @extend_schema(request=None, responses=ComparisonOut)
    @action(detail=True, methods=["get"])
    def tried(self, request: Request, pk: str) -> Response:
        """What the draft would change; 404 without one."""
        plan = self.get_object()
        draft = plan.versions.filter(draft=True).select_related("plan__entity").first()
        if draft is None:
            raise Http404
        return Response(_compared(compare(draft=draft, on=clock.today(plan.entity.time_zone))))

    @extend_schema(request=None, responses=PlanVersionOut)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Put the draft into force, from the next decision on."""
        version = plans.publish_draft(plan=self._mine(), by=cast(User, request.user), at=clock.now())
        return Response(PlanVersionOut(version).data)

    @extend_schema(request=FollowIn, responses={204: None})
    @action(detail=False, methods=["post"])
    def follow(self, request: Request) -> Response:
        """Say which plan the customers of a segment follow."""
        shape = FollowIn(data=request.data)
        shape.is_valid(raise_exception=True)
        facts = shape.validated_data
        entity = entity_for(request, facts["entity"], "plan.edit")
        plan = None
        if facts["plan"] is not None:
            plan = Plan.objects.filter(entity=entity, pk=facts["plan"]).first()
            if plan is None:
                raise Http404
        user, at = cast(User, request.user), clock.now()
        plans.follow(entity=entity, code=facts["segment"], plan=plan, by=user, at=at)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=AheadOut(many=True), parameters=[OpenApiParameter("entity", str, required=True)])
    @action(detail=False, methods=["get"], pagination_class=None)
    def ahead(self, request: Request) -> Response:
        """The working days of the next 30 days, if nobody paid and nothing else happened. Writes nothing."""
        entity = entity_for(request, request.query_params.get("entity", ""), "plan.read")
        days = month_ahead(Book.of(entity), clock.today(entity.time_zone))
        rows = [
            {
                "on": day.on,
                "messages": len(day.sent),
                "amount": sum((one.amount for one in day.sent if one.currency == entity.currency), 0),
            }
            for day in days
        ]
        return Response(AheadOut(rows, many=True).data)


def _compared(seen: Comparison) -> dict[str, Any]:
    return {
        "today": ChangeOut(seen.today, many=True).data,
        "same_today": seen.same_today,
        "ahead": _period(seen.ahead),
        "past": _period(seen.past),
    }


def _period(period: Period) -> dict[str, Any]:
    return PlanPeriodOut(period).data
