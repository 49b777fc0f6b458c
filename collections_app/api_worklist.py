"""The API of the worklist and of portfolios."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity, User
from accounts.requests import Door
from accounts.selectors import entities_for
from collections_app.services import worklist
from collections_app.worklist import rows
from ledger.models import Customer
from lib import clock


class PointOut(serializers.Serializer[Any]):
    """A reason in words, and its points."""

    words = serializers.CharField()
    points = serializers.DecimalField(max_digits=8, decimal_places=2)


class WorkRowOut(serializers.Serializer[Any]):
    """A customer to call. `overdue` is neither disputed nor promised, in the entity's currency."""

    customer = serializers.IntegerField()
    name = serializers.CharField()
    score = serializers.DecimalField(max_digits=8, decimal_places=2)
    overdue = serializers.DecimalField(max_digits=20, decimal_places=2)
    currency = serializers.CharField()
    reasons = PointOut(many=True)


class WorkPageOut(serializers.Serializer[Any]):
    """A page of the worklist; `after` asks for the next one, empty at the end."""

    after = serializers.CharField(allow_blank=True)
    results = WorkRowOut(many=True)


class PutOffIn(serializers.Serializer[Any]):
    """Until when a customer stays off your worklist."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    until = serializers.DateField()


class CollectorIn(serializers.Serializer[Any]):
    """Whose portfolio customers go into; null: the team's."""

    customers = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none(), many=True)
    collector = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), allow_null=True)


class ChangedOut(serializers.Serializer[Any]):
    """How many rows changed."""

    changed = serializers.IntegerField()


class WorklistViewSet(Door):
    """Whom to call first, and why."""

    serializer_class = WorkPageOut
    queryset = LegalEntity.objects.none()
    pagination_class = None

    @extend_schema(
        responses=WorkPageOut,
        parameters=[
            OpenApiParameter("entity", int, required=True),
            OpenApiParameter("whose", str, enum=[rows.MINE, rows.TEAM, rows.ALL]),
            OpenApiParameter("why", str, enum=["broken", "planned", "late"]),
            OpenApiParameter("after", str),
        ],
    )
    def list(self, request: Request) -> Response:
        """The customers to call, those with most points first."""
        given = request.query_params
        wanted = given.get("entity", "")
        entities = entities_for(self.person, "ledger.read")
        entity = get_object_or_404(entities, pk=wanted if wanted.isdecimal() else 0)
        self.must("call.make", entity)
        page = rows.page(
            user=self.person,
            entity=entity,
            whose=given.get("whose", rows.MINE),
            why=given.get("why", ""),
            after=given.get("after", ""),
            on=clock.today(entity.time_zone),
            at=clock.now(),
        )
        return Response({"after": page.after, "results": [_row(row) for row in page.rows]})

    @extend_schema(request=PutOffIn, responses={204: None})
    @action(detail=False, methods=["post"])
    def rest(self, request: Request) -> Response:
        """Put a customer off your list."""
        data = self.shape(PutOffIn, customer=Customer.objects.visible_to(self.person))
        customer = data["customer"]
        self.must("call.make", customer)
        on = clock.today(customer.entity.time_zone)
        worklist.put_off(by=self.person, on=on, at=clock.now(), **data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=CollectorIn, responses=ChangedOut)
    @action(detail=False, methods=["post"])
    def collector(self, request: Request) -> Response:
        """Put customers into a collector's portfolio, or back into the team's."""
        mine = Customer.objects.visible_to(self.person)
        data = self.shape(CollectorIn, customers=mine, collector=User.objects.filter(is_active=True))
        for customer in data["customers"]:
            self.must("portfolio.set", customer)
        changed = worklist.set_collector(by=self.person, at=clock.now(), **data)
        return Response({"changed": changed})


def _row(row: rows.Row) -> dict[str, Any]:
    return {
        "customer": row.customer.pk,
        "name": row.customer.name,
        "score": str(row.facts.score),
        "overdue": str(row.facts.overdue),
        "currency": row.currency,
        "reasons": [{"words": words, "points": str(round(points, 2))} for words, points in row.points],
    }


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("worklist", WorklistViewSet, basename="worklist")
