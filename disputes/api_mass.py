"""The API of mass disputes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from disputes import clusters, masses, selectors, services
from disputes.doors import Door
from disputes.models import Mass, Reason
from disputes.shapes import mass as shapes
from lib import clock


class MassViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The mass disputes of the entities in which you see every dispute."""

    serializer_class = shapes.MassOut
    queryset = Mass.objects.none()
    filterset_fields = ("entity",)

    def get_queryset(self) -> QuerySet[Mass]:
        """Yours only."""
        return masses.masses_for(self.person)

    @extend_schema(request=shapes.MassIn, responses={201: shapes.MassOut})
    def create(self, request: Request) -> Response:
        """Put open disputes with the same cause under one parent."""
        seen = selectors.disputes_for(self.person)
        data = self.shape(shapes.MassIn, entity=self.entities("dispute.read"), disputes=seen)
        cause, code = None, data.pop("cause")
        if code:
            cause = get_object_or_404(Reason, entity=data["entity"], code=code, active=True)
        return self.again(
            services.open_mass(cause=cause, by=self.person, at=clock.now(), **data), status.HTTP_201_CREATED
        )

    @extend_schema(request=shapes.ChildrenIn, responses=shapes.MassOut)
    @action(detail=True, methods=["post"])
    def add(self, request: Request, pk: str) -> Response:
        """Put more disputes under it."""
        mass = self.get_object()
        disputes = self.shape(shapes.ChildrenIn, disputes=selectors.disputes_for(self.person))["disputes"]
        return self.again(services.add_to_mass(mass=mass, disputes=disputes, by=self.person, at=clock.now()))

    @extend_schema(request=shapes.ChildIn, responses=shapes.MassOut)
    @action(detail=True, methods=["post"])
    def detach(self, request: Request, pk: str) -> Response:
        """Let a child go its own way."""
        mass = self.get_object()
        child = self.shape(shapes.ChildIn, dispute=mass.children.all())["dispute"]
        services.detach(dispute=child, by=self.person, at=clock.now())
        return self.again(mass)

    @extend_schema(request=shapes.DecisionIn, responses=shapes.DecidedOut)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide every open child alike; one that is refused is named and stops none of the others."""
        mass, data = self.get_object(), self.shape(shapes.DecisionIn)
        done = services.decide_mass(mass=mass, by=self.person, at=clock.now(), **data)
        refused = [{"ref": ref, "sentence": sentence} for ref, sentence in done.refused]
        told = {"closed": done.closed, "waiting": done.waiting, "refused": refused}
        return Response(shapes.DecidedOut(told).data)

    @extend_schema(responses=shapes.ClusterOut(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filterset_fields=())
    def suggestions(self, request: Request) -> Response:
        """Open disputes that look as if one cause stood behind them."""
        return Response(shapes.ClusterOut(clusters.suggestions(self.person, clock.now()), many=True).data)


def register(router: DefaultRouter) -> None:
    """Put mass disputes on the API."""
    router.register("mass-disputes", MassViewSet, basename="mass-dispute")
