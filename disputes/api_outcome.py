"""The API of decisions: approvals and their rules, offers, requests to billing, promises among ourselves."""

from __future__ import annotations

from typing import Any

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
from accounts.models import Department, LegalEntity, User
from accounts.selectors import entities_for
from disputes import decisions, selectors, services
from disputes.doors import Door
from disputes.models import Approval, CreditRequest, InternalPromise, Offer, Reason
from disputes.shapes import outcome as shapes
from disputes.shapes.dispute import NoteIn
from lib import clock


class ApprovalViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What waits for somebody's yes, and what was decided."""

    serializer_class = shapes.ApprovalOut
    queryset = Approval.objects.none()
    filterset_fields = ("dispute", "state", "purpose", "asked_by")

    def get_queryset(self) -> QuerySet[Approval]:
        """Of the disputes you may see."""
        return decisions.approvals_for(self.person)

    def get_serializer_context(self) -> dict[str, Any]:
        """Which of them wait for the asking person."""
        waits = {one.pk for one in decisions.inbox(self.person, clock.now())} if self.request else set()
        return {**super().get_serializer_context(), "mine": waits}

    @action(detail=False, methods=["get"], pagination_class=None)
    def mine(self, request: Request) -> Response:
        """What waits for your yes or no, oldest first."""
        return Response(self.get_serializer(decisions.inbox(self.person, clock.now()), many=True).data)

    @extend_schema(request=shapes.VoteIn, responses=shapes.ApprovalOut)
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, pk: str) -> Response:
        """Say yes or no."""
        approval, data = self.get_object(), self.shape(shapes.VoteIn)
        services.vote(approval_id=approval.pk, by=self.person, at=clock.now(), **data)
        return self.again(approval)

    @extend_schema(request=None, responses=shapes.ApprovalOut)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take the request back."""
        approval = self.get_object()
        services.take_back(approval_id=approval.pk, by=self.person, at=clock.now())
        return self.again(approval)


class ApprovalRuleViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The limits, rules and tolerance of your legal entities, by their ids. Only administrators change them."""

    serializer_class = shapes.RulesOut
    queryset = LegalEntity.objects.none()

    def get_queryset(self) -> QuerySet[LegalEntity]:
        """Of the entities you work on disputes in."""
        return entities_for(self.person, "dispute.move").order_by("pk")

    @extend_schema(request=shapes.RulesIn, responses=shapes.RulesOut)
    def update(self, request: Request, pk: str) -> Response:
        """Replace the set. Requests that already wait keep their steps."""
        entity, data = self.get_object(), self.shape(shapes.RulesIn)
        by, at = self.person, clock.now()
        services.set_rules(
            entity=entity,
            limits=[services.LimitInput(**dict(one)) for one in data["limits"]],
            rules=[services.RuleInput(**dict(one)) for one in data["rules"]],
            by=by,
            at=at,
        )
        if data["tolerance"] is not None:
            given = dict(data["tolerance"])
            codes = given.pop("reasons")
            reasons = [get_object_or_404(Reason, entity=entity, code=code) for code in codes]
            services.set_tolerance(entity=entity, reasons=reasons, by=by, at=at, **given)
        return self.again(entity)


class OfferViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What either side proposed."""

    serializer_class = shapes.OfferOut
    queryset = Offer.objects.none()
    filterset_fields = ("dispute", "state", "side")

    def get_queryset(self) -> QuerySet[Offer]:
        """Of the disputes you may see."""
        return decisions.offers_for(self.person)

    @extend_schema(request=shapes.OfferIn, responses={201: shapes.OfferOut})
    def create(self, request: Request) -> Response:
        """Make an offer, or note the customer's."""
        data = self.shape(shapes.OfferIn, dispute=selectors.disputes_for(self.person))
        offer = services.make_offer(by=self.person, at=clock.now(), **data)
        return self.again(offer, status.HTTP_201_CREATED)

    @extend_schema(request=NoteIn, responses=shapes.OfferOut)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """The other side agrees: the dispute closes as offered, or our accepting waits for approval."""
        return self._do(services.accept_offer)

    @extend_schema(request=NoteIn, responses=shapes.OfferOut)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """The other side does not agree."""
        return self._do(services.decline_offer)

    @extend_schema(request=NoteIn, responses=shapes.OfferOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the offer back."""
        return self._do(services.withdraw_offer)

    def _do(self, service: Any) -> Response:
        offer, data = self.get_object(), self.shape(NoteIn)
        service(offer_id=offer.pk, by=self.person, at=clock.now(), **data)
        return self.again(offer)


class CreditRequestViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What billing and the ERP were asked for."""

    serializer_class = shapes.CreditRequestOut
    queryset = CreditRequest.objects.none()
    filterset_fields = ("dispute", "state", "kind", "department")

    def get_queryset(self) -> QuerySet[CreditRequest]:
        """Of the disputes you may see."""
        return decisions.requests_for(self.person)

    @extend_schema(request=shapes.IssuedIn, responses=shapes.CreditRequestOut)
    @action(detail=True, methods=["post"])
    def issued(self, request: Request, pk: str) -> Response:
        """It is done."""
        wanted, data = self.get_object(), self.shape(shapes.IssuedIn)
        services.take_as_issued(request_id=wanted.pk, by=self.person, at=clock.now(), **data)
        return self.again(wanted)

    @extend_schema(request=NoteIn, responses=shapes.CreditRequestOut)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Billing will not do it."""
        wanted, data = self.get_object(), self.shape(NoteIn)
        services.refuse_request(request_id=wanted.pk, by=self.person, at=clock.now(), **data)
        return self.again(wanted)


class InternalPromiseViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What people here promised each other."""

    serializer_class = shapes.PromiseOut
    queryset = InternalPromise.objects.none()
    filterset_fields = ("dispute", "state", "keeper", "department", "what")

    def get_queryset(self) -> QuerySet[InternalPromise]:
        """Of the disputes you may see."""
        return decisions.promises_for(self.person)

    @extend_schema(request=shapes.PromiseIn, responses={201: shapes.PromiseOut})
    def create(self, request: Request) -> Response:
        """Promise something."""
        entities = policy.scope(self.person).entities("dispute.read")
        data = self.shape(
            shapes.PromiseIn,
            dispute=selectors.disputes_for(self.person),
            keeper=User.objects.filter(memberships__entity__in=entities).distinct(),
            department=Department.objects.filter(entity__in=entities),
        )
        promise = services.promise_internally(by=self.person, at=clock.now(), **data)
        return self.again(promise, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.PromiseOut)
    @action(detail=True, methods=["post"])
    def kept(self, request: Request, pk: str) -> Response:
        """It is done."""
        promise = self.get_object()
        services.keep_promise(promise_id=promise.pk, by=self.person, at=clock.now())
        return self.again(promise)

    @extend_schema(request=None, responses=shapes.PromiseOut)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Nobody needs it any more."""
        promise = self.get_object()
        services.release_promise(promise_id=promise.pk, by=self.person, at=clock.now())
        return self.again(promise)


def register(router: DefaultRouter) -> None:
    """Put the decisions on the API."""
    router.register("approvals", ApprovalViewSet, basename="approval")
    router.register("approval-rules", ApprovalRuleViewSet, basename="approval-rule")
    router.register("offers", OfferViewSet, basename="offer")
    router.register("credit-requests", CreditRequestViewSet, basename="credit-request")
    router.register("internal-promises", InternalPromiseViewSet, basename="internal-promise")
