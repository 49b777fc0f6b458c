"""The API of agreements on instalments."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.requests import Door
from collections_app import instalments_shown, selectors
from collections_app.api_promises import PromiseAnswerIn, PromisePartsIn, PromiseReasonIn
from collections_app.forms_instalments import shares_of
from collections_app.models import InstalmentInvoice, InstalmentPlan
from collections_app.services import agreement, instalments
from collections_app.services.promises import Said
from lib import clock


class InstalmentRow(serializers.Serializer[Any]):
    """An instalment and where it stands: paid, part, late, missed or to_come."""

    number = serializers.IntegerField()
    due_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    paid = serializers.DecimalField(max_digits=14, decimal_places=2)
    state = serializers.CharField()


class InstalmentInvoiceOut(serializers.ModelSerializer[InstalmentInvoice]):
    """A part of an invoice that is paid in instalments."""

    class Meta:
        model = InstalmentInvoice
        fields = ("invoice", "amount")


class InstalmentPlanOut(serializers.ModelSerializer[InstalmentPlan]):
    """An agreement on instalments, with what is paid and what is due and not paid."""

    invoices = InstalmentInvoiceOut(many=True)
    instalments = serializers.SerializerMethodField()
    paid = serializers.SerializerMethodField()
    short = serializers.SerializerMethodField()

    class Meta:
        model = InstalmentPlan
        fields = (
            "id",
            "entity",
            "customer",
            "currency",
            "amount",
            "paid",
            "short",
            "status",
            "made_by",
            "made_on",
            "source",
            "contact",
            "said_by",
            "note",
            "decided_by",
            "agreed_on",
            "agreed_by",
            "ended_on",
            "reason",
            "letter",
            "invoices",
            "instalments",
        )

    def _shown(self, plan: InstalmentPlan) -> instalments_shown.Shown:
        kept: instalments_shown.Shown | None = getattr(plan, "_shown", None)
        if kept is None:
            kept = instalments_shown.of(plan, clock.today(plan.entity.time_zone))
            plan._shown = kept  # type: ignore[attr-defined]
        return kept

    @extend_schema_field(InstalmentRow(many=True))
    def get_instalments(self, plan: InstalmentPlan) -> Any:
        """In order."""
        return InstalmentRow(self._shown(plan).rows, many=True).data

    def get_paid(self, plan: InstalmentPlan) -> str:
        """What came since it was made."""
        return str(self._shown(plan).standing.paid)

    def get_short(self, plan: InstalmentPlan) -> str:
        """What is due and not paid."""
        return str(self._shown(plan).standing.short)


class InstalmentShareIn(serializers.Serializer[Any]):
    """One instalment."""

    due_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class InstalmentPlanIn(PromisePartsIn):
    """A new agreement: the parts of invoices, and the instalments that add up to them."""

    instalments = InstalmentShareIn(many=True)


class AgreeIn(serializers.Serializer[Any]):
    """The customer agrees; `mail` sends the confirmation."""

    mail = serializers.BooleanField(default=True)


class InstalmentPlanViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Agreements on instalments with your customers, newest first."""

    serializer_class = InstalmentPlanOut
    filterset_fields = ("entity", "customer", "status")
    queryset = InstalmentPlan.objects.none()

    def get_queryset(self) -> QuerySet[InstalmentPlan]:
        """Of the customers you may see."""
        return selectors.instalment_plans(self.request.user).prefetch_related("invoices")

    @extend_schema(request=InstalmentPlanIn, responses={201: InstalmentPlanOut})
    def create(self, request: Request) -> Response:
        """Propose an agreement. Beyond your limits it waits for an approval first."""
        shape = InstalmentPlanIn(data=request.data, context={"request": request})
        shape.is_valid(raise_exception=True)
        parts, data = shape.chosen(), shape.validated_data
        for invoice, _amount in parts:
            self.must("promise.make", invoice)
        plan = instalments.make_plan(
            parts=parts,
            shares=shares_of(data["instalments"]),
            by=self.person,
            on=clock.today(parts[0][0].entity.time_zone),
            at=clock.now(),
            said=Said(data["source"], data.get("contact"), data["said_by"], data["note"]),
        )
        return self.again(plan, status.HTTP_201_CREATED)

    def _facts(self, plan: InstalmentPlan) -> dict[str, Any]:
        on, at = clock.today(plan.entity.time_zone), clock.now()
        return {"plan_id": plan.pk, "by": self.person, "on": on, "at": at}

    @extend_schema(request=PromiseAnswerIn, responses=InstalmentPlanOut)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Approve it, or not. Who asked cannot."""
        plan, data = self.get_object(), self.shape(PromiseAnswerIn)
        self.must("promise.approve", plan)
        return self.again(instalments.decide_plan(**self._facts(plan), **data))

    @extend_schema(request=AgreeIn, responses=InstalmentPlanOut)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """The customer agrees: from now on only instalments that are due are asked for."""
        plan, data = self.get_object(), self.shape(AgreeIn)
        self.must("promise.make", plan)
        facts = self._facts(plan)
        instalments.agree_plan(**facts)
        if data["mail"]:
            agreement.mail_agreement(plan_id=plan.pk, at=facts["at"])
        return self.again(plan)

    @extend_schema(request=PromiseReasonIn, responses=InstalmentPlanOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """It no longer holds."""
        plan, data = self.get_object(), self.shape(PromiseReasonIn)
        self.must("promise.make", plan)
        return self.again(instalments.cancel_plan(**self._facts(plan), **data))


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("instalment-plans", InstalmentPlanViewSet, basename="instalment-plan")
