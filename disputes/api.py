"""The API of disputes. Each endpoint is one service; errors of the domain become problem details."""

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

from accounts import policy
from accounts.models import Department
from disputes import (
    api_branches,
    api_case,
    api_codes,
    api_drafts,
    api_evidence,
    api_handing,
    api_mails,
    api_mass,
    api_outcome,
    api_questions,
    api_queue,
    api_reasons,
    api_routes,
    api_rule_trials,
    api_telling,
    api_templates,
    selectors,
    services,
    shapes,
)
from disputes.choices import Via
from disputes.doors import Door, lines_of
from disputes.models import Dispute, Reason
from ledger.models import Customer
from lib import clock


class DisputeViewSet(api_case.CaseActions, api_telling.TellingActions, ListModelMixin, RetrieveModelMixin):
    """The disputes you may see, and what can be done to them."""

    serializer_class = shapes.DisputeOut
    queryset = Dispute.objects.none()
    filterset_fields = ("entity", "customer", "status", "reason__code", "holder_user", "coordinator")

    @extend_schema(request=shapes.DisputeIn, responses={201: shapes.DisputeOut})
    def create(self, request: Request) -> Response:
        """Open a dispute on parts of one customer's invoices."""
        visible = policy.rows(self.person, "dispute.open", salesperson="salesperson")
        customers = Customer.objects.filter(visible).select_related("entity")
        data = self.shape(shapes.DisputeIn, customer=customers, coordinator=self.people())
        reason = get_object_or_404(
            Reason, entity=data["customer"].entity_id, code=data["reason"], active=True
        )
        dispute = services.open_dispute(
            customer=data["customer"],
            lines=lines_of(data),
            reason=reason,
            by=self.person,
            at=clock.now(),
            statement=data["statement"],
            coordinator=data["coordinator"],
            via=Via.API,
        )
        return self.again(dispute, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.MoveIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Make a move of the present stage."""
        dispute, data = self.get_object(), self.shape(shapes.MoveIn)
        if data["stage"]:
            seen = dispute.route_version.stages.filter(code=data["stage"]).first()
            dispute.stage_id = seen.pk if seen else 0
        done = services.make_move(
            dispute=dispute, move_code=data["move"], by=self.person, at=clock.now(), fields=data["fields"]
        )
        return self.again(done)

    @extend_schema(request=shapes.AssignIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give the dispute to somebody."""
        dispute = self.get_object()
        teams = Department.objects.filter(entity=dispute.entity_id)
        data = self.shape(shapes.AssignIn, user=self.people(), coordinator=self.people(), department=teams)
        return self.again(services.assign(dispute=dispute, by=self.person, at=clock.now(), **data))

    @extend_schema(request=shapes.ClassifyIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def classify(self, request: Request, pk: str) -> Response:
        """Change the stated reason."""
        dispute, data = self.get_object(), self.shape(shapes.ClassifyIn)
        reason = get_object_or_404(Reason, entity=dispute.entity_id, code=data["reason"], active=True)
        return self.again(services.classify(dispute=dispute, reason=reason, by=self.person, at=clock.now()))

    @extend_schema(request=shapes.LinesIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, pk: str) -> Response:
        """Replace what is disputed."""
        dispute, lines = self.get_object(), lines_of(self.shape(shapes.LinesIn))
        return self.again(services.change_lines(dispute=dispute, lines=lines, by=self.person, at=clock.now()))

    @extend_schema(request=shapes.CloseIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Decide the outcome and close, or ask whoever must agree to it."""
        dispute, data = self.get_object(), self.shape(shapes.CloseIn)
        data["parts"] = {part["invoice"]: part["amount"] for part in data["parts"]}
        return self.again(services.close_dispute(dispute=dispute, by=self.person, at=clock.now(), **data))

    @extend_schema(request=shapes.NoteIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a closed dispute up again."""
        dispute, data = self.get_object(), self.shape(shapes.NoteIn)
        return self.again(services.reopen_dispute(dispute=dispute, by=self.person, at=clock.now(), **data))

    @action(detail=True, methods=["get"], pagination_class=None)
    def events(self, request: Request, pk: str) -> Response:
        """What happened, in order; each row carries the hash of the one before it."""
        names = ("seq", "kind", "actor", "at", "data", "previous_hash", "hash")
        return Response(list(selectors.timeline(self.get_object(), self.person).values(*names)))


class ReasonViewSet(api_reasons.ReasonWrites, ListModelMixin, RetrieveModelMixin, Door):
    """The reasons of your legal entities."""

    serializer_class = shapes.ReasonOut
    queryset = Reason.objects.none()
    filterset_fields = ("entity", "code", "active")

    def get_queryset(self) -> QuerySet[Reason]:
        """Yours only."""
        rows = Reason.objects.filter(entity__in=policy.scope(self.person).entities("dispute.read"))
        return rows.prefetch_related("external_codes")


def register(router: DefaultRouter) -> None:
    """Put the resources of this room under /api/v1/."""
    router.register("disputes", DisputeViewSet, basename="dispute")
    router.register("dispute-reasons", ReasonViewSet, basename="dispute-reason")
    api_routes.register(router)
    api_rule_trials.register(router)
    api_branches.register(router)
    api_questions.register(router)
    api_templates.register(router)
    api_codes.register(router)
    api_outcome.register(router)
    api_evidence.register(router)
    api_queue.register(router)
    api_handing.register(router)
    api_case.register(router)
    api_mass.register(router)
    api_mails.register(router)
    api_drafts.register(router)
