"""The API of what is done to a dispute beside its route: root cause, merge, split, kin; and how priority is weighed."""

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

from disputes import kin, selectors, services, shapes
from disputes.doors import Door
from disputes.models import Dispute, PriorityWeights, Reason
from disputes.services import Part
from disputes.shapes import case
from lib import clock


class CaseActions(Door):
    """The disputes you may see, as they are told, and the acts on them that no route knows."""

    def get_queryset(self) -> QuerySet[Dispute]:
        """Yours only: anything else is 404."""
        rows = selectors.with_people(selectors.disputes_for(self.person)).select_related("outcome__letter")
        return rows.prefetch_related("lines__invoice", "stage__moves__to_stage")

    @extend_schema(request=case.CauseIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def cause(self, request: Request, pk: str) -> Response:
        """Say what the root cause is, as we find it; null takes it back."""
        dispute, data = self.get_object(), self.shape(case.CauseIn)
        cause = None
        if data["cause"]:
            cause = get_object_or_404(Reason, entity=dispute.entity_id, code=data["cause"], active=True)
        return self.again(services.set_cause(dispute=dispute, cause=cause, by=self.person, at=clock.now()))

    @extend_schema(request=case.MergeIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Merge another dispute of the customer into this one: its lines come here, it is closed as a duplicate."""
        into = self.get_object()
        other = self.shape(case.MergeIn, other=selectors.disputes_for(self.person))["other"]
        return self.again(services.merge_disputes(into=into, other=other, by=self.person, at=clock.now()))

    @extend_schema(request=case.SplitIn, responses={201: shapes.DisputeOut})
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Make lines, or parts of them, a dispute of its own; the answer is the new one."""
        dispute, data = self.get_object(), self.shape(case.SplitIn)
        reason = None
        if data["reason"]:
            reason = get_object_or_404(Reason, entity=dispute.entity_id, code=data["reason"], active=True)
        parts = [Part(part["line"], part["amount"]) for part in data["lines"]]
        new = services.split_dispute(
            dispute=dispute, lines=parts, reason=reason, by=self.person, at=clock.now()
        )
        return self.again(new, status.HTTP_201_CREATED)

    @extend_schema(responses=case.KinListOut)
    @action(detail=True, methods=["get"], pagination_class=None)
    def kin(self, request: Request, pk: str) -> Response:
        """Related disputes (the same invoice, order, customer) and similar ones, each with why."""
        dispute = self.get_object()
        found = {
            "related": kin.related(self.person, dispute),
            "similar": kin.similar(self.person, dispute),
        }
        return Response(case.KinListOut(found).data)


class PriorityViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """How the disputes of the entities you decide in are weighed; without a row the usual weights hold."""

    serializer_class = case.WeightsOut
    queryset = PriorityWeights.objects.none()
    lookup_field = "entity"
    filterset_fields = ("entity",)

    def get_queryset(self) -> QuerySet[PriorityWeights]:
        """Yours only."""
        return PriorityWeights.objects.filter(entity__in=self.entities("dispute.decide"))

    @extend_schema(request=case.WeightsIn, responses=case.WeightsOut)
    def update(self, request: Request, entity: str) -> Response:
        """Weigh the disputes of a legal entity differently; what is left out stays."""
        one = get_object_or_404(self.entities("dispute.decide"), pk=entity if entity.isdigit() else 0)
        data = self.shape(case.WeightsIn)
        row = services.set_weights(entity=one, by=self.person, at=clock.now(), **data)
        return Response(case.WeightsOut(row).data)


def register(router: DefaultRouter) -> None:
    """Put the weights on the API."""
    router.register("dispute-priorities", PriorityViewSet, basename="dispute-priority")
