"""The API of segments: who is where, the rules and their draft, how a customer pays, a segment set by hand."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from accounts.requests import Door
from collections_app.api_plans import entity_for
from collections_app.segmenting import shown
from collections_app.services import pins, segments
from collections_app.shapes_segments import (
    BehaviourOut,
    PayerOut,
    SegmentDraftIn,
    SegmentEntityIn,
    SegmentOut,
    SegmentPinIn,
    SegmentRulesBothOut,
    SegmentRulesOut,
    SegmentStandingOut,
    SegmentTriedOut,
)
from ledger.models import Customer
from lib import clock

ENTITY = [OpenApiParameter("entity", str, required=True)]


class SegmentViewSet(Door):
    """The segments of a legal entity, and the rules that fill them."""

    serializer_class = SegmentOut
    queryset = LegalEntity.objects.none()
    pagination_class = None

    def _entity(self, act: str, code: str | None = None) -> LegalEntity:
        return entity_for(self.request, code or self.request.query_params.get("entity", ""), act)

    @extend_schema(responses=SegmentOut(many=True), parameters=ENTITY)
    def list(self, request: Request) -> Response:
        """Each segment with its customers and what is open."""
        entity = self._entity("plan.read")
        return Response(SegmentOut(shown.counted(request.user, entity), many=True).data)

    @extend_schema(responses=SegmentRulesBothOut, parameters=ENTITY)
    @action(detail=False)
    def rules(self, request: Request) -> Response:
        """The rules in force, and the draft."""
        entity = self._entity("plan.read")
        both = {
            "current": shown.version_of(entity, draft=False),
            "draft": shown.version_of(entity, draft=True),
        }
        return Response(SegmentRulesBothOut(both).data)

    @extend_schema(methods=["put"], request=SegmentDraftIn, responses=SegmentRulesOut)
    @extend_schema(methods=["delete"], request=None, responses={204: None}, parameters=ENTITY)
    @action(detail=False, methods=["put", "delete"])
    def draft(self, request: Request) -> Response:
        """Write the draft, in place of an earlier one; or discard it."""
        if request.method == "DELETE":
            segments.discard_draft(entity=self._entity("plan.edit"))
            return Response(status=status.HTTP_204_NO_CONTENT)
        shape = SegmentDraftIn(data=request.data)
        shape.is_valid(raise_exception=True)
        entity = self._entity("plan.edit", shape.validated_data["entity"])
        version = segments.save_draft(entity=entity, rules=shape.inputs, by=self.person, at=clock.now())
        return Response(SegmentRulesOut(version).data)

    @extend_schema(responses=SegmentTriedOut, parameters=ENTITY)
    @action(detail=False)
    def tried(self, request: Request) -> Response:
        """Whom the draft would move. Writes nothing."""
        entity = self._entity("plan.edit")
        draft = shown.version_of(entity, draft=True)
        if draft is None:
            raise Http404
        seen = shown.tried(request.user, entity, list(draft.rules.all()))
        return Response(SegmentTriedOut(seen).data)

    @extend_schema(request=SegmentEntityIn, responses=SegmentRulesOut)
    @action(detail=False, methods=["post"])
    def publish(self, request: Request) -> Response:
        """Put the draft into force; every customer is in the segment that follows."""
        entity = self._entity("plan.edit", self.shape(SegmentEntityIn)["entity"])
        on = clock.today(entity.time_zone)
        version = segments.publish_draft(entity=entity, by=self.person, on=on, at=clock.now())
        return Response(SegmentRulesOut(version).data)


class PayerViewSet(Door):
    """How customers pay, and why they are in their segment."""

    serializer_class = PayerOut
    queryset = Customer.objects.none()
    pagination_class = None

    def _customer(self, pk: str) -> Customer:
        mine = Customer.objects.visible_to(self.person).select_related("entity")
        found: Customer = get_object_or_404(mine, pk=pk)
        return found

    @extend_schema(responses=PayerOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """How the customer pays, in figures and in sentences, and their segment with the reason."""
        return Response(_payer(self._customer(pk)))

    @extend_schema(methods=["put"], request=SegmentPinIn, responses=PayerOut)
    @extend_schema(methods=["delete"], request=None, responses=PayerOut)
    @action(detail=True, methods=["put", "delete"])
    def segment(self, request: Request, pk: str) -> Response:
        """Set the customer's segment by hand, or let the rules decide again."""
        customer = self._customer(pk)
        self.must("plan.edit", customer)
        on, at = clock.today(customer.entity.time_zone), clock.now()
        if request.method == "DELETE":
            pins.unpin(customer=customer, by=self.person, on=on, at=at)
        else:
            pins.pin(customer=customer, by=self.person, on=on, at=at, **self.shape(SegmentPinIn))
        return Response(_payer(self._customer(pk)))


def _payer(customer: Customer) -> dict[str, Any]:
    known = shown.explained(customer)
    found = getattr(known, "behaviour", None)
    return {
        "customer": customer.pk,
        "standing": SegmentStandingOut(shown.standing(known, customer.entity.currency)).data,
        "behaviour": BehaviourOut(found).data if found else None,
        "sentences": shown.behaviour_words(known),
    }


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("segments", SegmentViewSet, basename="segments")
    router.register("payers", PayerViewSet, basename="payers")
