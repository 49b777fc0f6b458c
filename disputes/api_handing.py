"""The API of hand-overs, and of the wait-time ledger of one dispute."""

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

from disputes import selectors, services
from disputes.doors import Door
from disputes.evidence.sides import ours_in
from disputes.models import Dispute, HandOver
from disputes.shapes.handing import HandOverIn, HandOverOut, WaitsOut
from lib import clock


class HandOverViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Who passed which of the disputes you may see on to whom."""

    serializer_class = HandOverOut
    queryset = HandOver.objects.none()
    filterset_fields = ("dispute", "kind", "to_user", "from_user")

    def get_queryset(self) -> QuerySet[HandOver]:
        """Yours only: anything else is 404."""
        return HandOver.objects.filter(dispute__in=selectors.disputes_for(self.person).values("pk"))

    @extend_schema(request=HandOverIn, responses={201: HandOverOut})
    def create(self, request: Request) -> Response:
        """Hand a dispute over to a colleague; with `until`, for a time."""
        given = self.shape(HandOverIn, dispute=selectors.disputes_for(self.person), to=self.people())
        services.hand_over(by=self.person, at=clock.now(), **given)
        passed = HandOver.objects.filter(dispute=given["dispute"]).latest("pk")
        return Response(HandOverOut(passed).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=HandOverOut)
    @action(detail=True, methods=["post"])
    def give_back(self, request: Request, pk: str) -> Response:
        """Give the dispute back, or take it back. 409 when it went on meanwhile."""
        passed = self.get_object()
        services.give_back(dispute=passed.dispute, by=self.person, at=clock.now(), passed_id=passed.pk)
        passed.refresh_from_db()
        return Response(HandOverOut(passed).data)


class WaitsViewSet(Door):
    """The wait-time ledger of a dispute: every minute of its life has one stage, one holder, one side."""

    serializer_class = WaitsOut
    queryset = Dispute.objects.none()

    @extend_schema(responses=WaitsOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The stays of the dispute, and what they add up to."""
        inside = selectors.disputes_for(request.user).filter(entity__in=ours_in(request.user))
        rows = selectors.with_people(inside)
        dispute = get_object_or_404(rows, pk=pk if pk.isdecimal() else 0)
        waited = selectors.waits_of(dispute, clock.now())
        sums = {by: selectors.add_up(waited, by) for by in selectors.WAIT_DIMENSIONS}
        facts = {"dispute": dispute.pk, "stays": waited, "sums": sums}
        return Response(WaitsOut(cast(Any, facts)).data)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("hand-overs", HandOverViewSet, basename="hand-over")
    router.register("dispute-waits", WaitsViewSet, basename="dispute-waits")
