"""The API of routes: reading, writing, checking, activating, taking disputes over, files in and out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.selectors import entities_for
from disputes import api_rules, services
from disputes.api_simulation import SimulateAction
from disputes.doors import Door
from disputes.models import Route, RouteVersion
from disputes.shapes.route_changes import (
    CheckOut,
    LettersIn,
    MigratedOut,
    MigrateIn,
    RouteDataIn,
    RouteFileIn,
    RouteIn,
    SwitchIn,
    TakeOverOut,
)
from disputes.shapes.routes import RouteOut, VersionOut
from lib import clock

PARTS = ("moves__to_stage", "questions", "branches", "alerts", "sends")
EDITION = extend_schema(parameters=[OpenApiParameter("to", int, required=True)], responses=TakeOverOut)


class Routes(ListModelMixin, RetrieveModelMixin, Door):
    """What both doors of routes share."""

    def seen(self) -> frozenset[int]:
        """The legal entities whose routes this person sees."""
        return policy.scope(self.person).entities("dispute.read")

    def edition(self, version: RouteVersion, code: int = status.HTTP_200_OK) -> Response:
        """An edition as it is now."""
        rows = RouteVersion.objects.prefetch_related(*(f"stages__{part}" for part in PARTS))
        return Response(VersionOut(rows.get(pk=version.pk)).data, status=code)


class RouteViewSet(SimulateAction, Routes):
    """The routes of your legal entities, with their editions."""

    serializer_class = RouteOut
    queryset = Route.objects.none()
    filterset_fields = ("entity", "code", "active")

    def get_queryset(self) -> QuerySet[Route]:
        """Yours only."""
        rows = Route.objects.filter(entity__in=self.seen()).select_related("entity")
        return rows.prefetch_related(*(f"versions__stages__{part}" for part in PARTS))

    @extend_schema(request=RouteIn, responses={201: VersionOut})
    def create(self, request: Request) -> Response:
        """Keep a route as a draft: a new one, or the next edition of the one with this code."""
        given = self.shape(RouteIn, entity=entities_for(request.user, "route.edit"))
        given["data"] = given.pop("definition")
        version = services.write_version(by=self.person, at=clock.now(), **given)
        return self.edition(version, status.HTTP_201_CREATED)

    @extend_schema(request=RouteFileIn, responses={201: VersionOut})
    @action(detail=False, methods=["post"], url_path="import")
    def import_file(self, request: Request) -> Response:
        """Keep the route of a YAML file as a draft."""
        given = self.shape(RouteFileIn, entity=entities_for(request.user, "route.edit"))
        given["data"] = services.from_yaml(given.pop("yaml"))
        version = services.write_version(by=self.person, at=clock.now(), **given)
        return self.edition(version, status.HTTP_201_CREATED)

    @extend_schema(request=RouteIn, responses=CheckOut)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """What is wrong with a route; nothing is kept."""
        given = self.shape(RouteIn, entity=entities_for(request.user, "dispute.read"))
        problems = services.check_route(given["definition"], entity=given["entity"])
        return Response(CheckOut({"problems": problems}).data)

    @extend_schema(request=RouteDataIn, responses=VersionOut)
    @action(detail=True, methods=["put"])
    def draft(self, request: Request, pk: str) -> Response:
        """Replace the draft of the route, or begin one."""
        route, given = self.get_object(), self.shape(RouteDataIn)
        given["data"] = given.pop("definition")
        return self.edition(services.write_version(route=route, by=self.person, at=clock.now(), **given))

    @extend_schema(responses={204: None})
    @draft.mapping.delete
    def drop_draft(self, request: Request, pk: str) -> Response:
        """Throw the draft away."""
        services.drop_draft(route=self.get_object(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=SwitchIn, responses=RouteOut)
    @action(detail=True, methods=["post"])
    def switch(self, request: Request, pk: str) -> Response:
        """Switch the route on or off for new disputes."""
        route, given = self.get_object(), self.shape(SwitchIn)
        services.switch_route(route=route, by=self.person, at=clock.now(), **given)
        return Response(RouteOut(self.get_object()).data)

    @extend_schema(request=LettersIn, responses=RouteOut)
    @action(detail=True, methods=["post"])
    def letters(self, request: Request, pk: str) -> Response:
        """Let the letters of the route to customers leave, or hold them back."""
        route, given = self.get_object(), self.shape(LettersIn)
        services.switch_letters(route=route, by=self.person, at=clock.now(), **given)
        return Response(RouteOut(self.get_object()).data)


class RouteVersionViewSet(Routes):
    """The editions of the routes of your legal entities."""

    serializer_class = VersionOut
    queryset = RouteVersion.objects.none()
    filterset_fields = ("route", "current")

    def get_queryset(self) -> QuerySet[RouteVersion]:
        """Yours only."""
        rows = RouteVersion.objects.filter(route__entity__in=self.seen()).select_related("route__entity")
        return rows.prefetch_related(*(f"stages__{part}" for part in PARTS))

    @extend_schema(responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"])
    def data(self, request: Request, pk: str) -> Response:
        """The edition as plain data, in the form that writing takes."""
        return Response(services.read_route(self.get_object()))

    @extend_schema(responses={(200, "application/yaml"): OpenApiTypes.STR})
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: str) -> HttpResponse:
        """The edition as a YAML file."""
        version = self.get_object()
        response = HttpResponse(
            services.to_yaml(services.read_route(version)), content_type="application/yaml; charset=utf-8"
        )
        name = f"{version.route.code}-{version.number}.yaml"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @extend_schema(request=None, responses=VersionOut)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Put the edition into force for new disputes; running ones keep theirs."""
        version = self.get_object()
        return self.edition(services.activate_version(version=version, by=self.person, at=clock.now()))

    @EDITION
    @action(detail=True, methods=["get"])
    def plan(self, request: Request, pk: str) -> Response:
        """What taking the open disputes over to the edition `to` would mean."""
        version = self.get_object()
        other = MigrateIn(data={"to": request.query_params.get("to")})
        fields: Any = other.fields
        fields["to"].queryset = self.get_queryset()
        other.is_valid(raise_exception=True)
        rows = services.migration_plan(version, other.validated_data["to"])
        return Response(TakeOverOut({"rows": rows}).data)

    @extend_schema(request=MigrateIn, responses=MigratedOut)
    @action(detail=True, methods=["post"])
    def migrate(self, request: Request, pk: str) -> Response:
        """Take the open disputes of this edition over to another one."""
        version, given = self.get_object(), self.shape(MigrateIn, to=self.get_queryset())
        done = services.migrate_disputes(
            from_version=version,
            to_version=given["to"],
            mapping=given["mapping"],
            by=self.person,
            at=clock.now(),
        )
        return Response(MigratedOut(done).data)


def register(router: DefaultRouter) -> None:
    """Put routes, their editions and rules on the API."""
    router.register("routes", RouteViewSet, basename="route")
    router.register("route-versions", RouteVersionViewSet, basename="route-version")
    api_rules.register(router)
