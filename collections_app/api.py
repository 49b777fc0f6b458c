"""The API of plans, notices and promises."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app import selectors, tasks
from collections_app.choices import Door, Reason, Why
from collections_app.models import Notice, NoticeLine, Plan, Promise, Step
from collections_app.services import dunning, promises
from collections_app.services.day import CustomerRow, preview
from ledger.models import Invoice
from lib import clock


class StepOut(serializers.ModelSerializer[Step]):
    """A step of a plan."""

    class Meta:
        model = Step
        fields = ("days", "channel", "kind", "labels")


class PlanOut(serializers.ModelSerializer[Plan]):
    """A plan with the version in force."""

    version = serializers.IntegerField(source="version.number")
    minimum_amount = serializers.DecimalField(
        source="version.minimum_amount", max_digits=14, decimal_places=2
    )
    gap_days = serializers.IntegerField(source="version.gap_days")
    answer_days = serializers.IntegerField(source="version.answer_days")
    steps = StepOut(source="version.steps", many=True)
    segments: Any = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta:
        model = Plan
        fields = (
            "id",
            "entity",
            "code",
            "labels",
            "version",
            "minimum_amount",
            "gap_days",
            "answer_days",
            "steps",
            "segments",
        )


class NoticeLineOut(serializers.ModelSerializer[NoticeLine]):
    """What was decided about one invoice, and why."""

    number = serializers.CharField(source="invoice.number")
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = NoticeLine
        fields = (
            "invoice",
            "number",
            "step_days",
            "skipped_days",
            "days_late",
            "open",
            "disputed",
            "promised",
            "asked",
            "why",
            "sentence",
        )

    def get_sentence(self, line: NoticeLine) -> str:
        """The reason in the reader's language."""
        return str(Why(line.why).label)


class NoticeOut(serializers.ModelSerializer[Notice]):
    """A notice with its stored decision."""

    step = serializers.CharField(source="step.kind")
    sentence = serializers.SerializerMethodField()
    lines = NoticeLineOut(many=True)

    class Meta:
        model = Notice
        fields = (
            "id",
            "entity",
            "customer",
            "contact",
            "currency",
            "on",
            "step",
            "decided_amount",
            "asked",
            "status",
            "reason",
            "sentence",
            "letter",
            "decided_at",
            "ended_at",
            "lines",
        )

    def get_sentence(self, notice: Notice) -> str:
        """Why it did not go, in the reader's language; empty when it did."""
        return str(Reason(notice.reason).label)


class PromiseOut(serializers.ModelSerializer[Promise]):
    """A promise of payment."""

    class Meta:
        model = Promise
        fields = (
            "id",
            "entity",
            "customer",
            "invoice",
            "amount",
            "promised_on",
            "made_on",
            "made_by",
            "note",
            "status",
        )


class PromiseIn(serializers.Serializer[Any]):
    """What a new promise needs."""

    invoice = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    promised_on = serializers.DateField()
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class DayIn(serializers.Serializer[Any]):
    """Which entity, and which day (today without one)."""

    entity = serializers.SlugField()


class DayOut(serializers.Serializer[Any]):
    """What a customer would be asked, and why or why not."""

    customer = serializers.CharField()
    currency = serializers.CharField()
    outcome = serializers.CharField()
    step = serializers.CharField(allow_null=True)
    asked = serializers.DecimalField(max_digits=14, decimal_places=2)
    why = serializers.CharField()
    sentence = serializers.CharField()


class RunOut(serializers.Serializer[Any]):
    """How many notices a run decided, and how many are on their way."""

    decided = serializers.IntegerField()
    waiting = serializers.IntegerField()


def _entity(request: Request, code: str, act: str) -> LegalEntity:
    """The entity, 404 when the person may not see its reminders, 403 when they may not do this."""
    found = selectors.entities(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    if not policy.may(request.user, act, found.pk):
        raise PermissionDenied
    return found


class PlanViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Plan]):
    """The plans in force."""

    serializer_class = PlanOut
    queryset = Plan.objects.none()

    def get_queryset(self) -> QuerySet[Plan]:
        """Of your legal entities."""
        return selectors.plans(self.request.user)


class NoticeViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Notice]):
    """The notices of your legal entities, newest first, each with the decision about every invoice."""

    serializer_class = NoticeOut
    filterset_fields = ("entity", "customer", "status", "on", "currency")
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        """Where you may read plans."""
        rows = selectors.notices(self.request.user)
        return rows.prefetch_related("lines__invoice", "lines__step").order_by("-pk")

    @extend_schema(responses=DayOut(many=True), parameters=[OpenApiParameter("entity", str, required=True)])
    @action(detail=False, methods=["get"], pagination_class=None, filterset_fields=None)
    def preview(self, request: Request) -> Response:
        """What a run today would do, customer by customer. Writes nothing."""
        entity = _entity(request, request.query_params.get("entity", ""), "plan.read")
        rows = preview(entity=entity, on=clock.today(entity.time_zone))
        return Response([_day(row) for row in rows])

    @extend_schema(request=DayIn, responses=RunOut)
    @action(detail=False, methods=["post"])
    def run(self, request: Request) -> Response:
        """Decide today and hand the notices to the workers. Running twice sends once."""
        shape = DayIn(data=request.data)
        shape.is_valid(raise_exception=True)
        entity = _entity(request, shape.validated_data["entity"], "plan.run")
        on, at = clock.today(entity.time_zone), clock.now()
        run = dunning.decide(entity=entity, on=on, at=at, door=Door.API, by=cast(User, request.user))
        waiting = dunning.waiting(run=run)
        tasks.send_soon(waiting)
        return Response({"decided": run.decided, "waiting": len(waiting)})


def _day(row: CustomerRow) -> dict[str, Any]:
    return {
        "customer": row.customer.code,
        "currency": row.currency,
        "outcome": row.outcome,
        "step": row.step.kind if row.step else None,
        "asked": str(row.asked),
        "why": row.why.value,
        "sentence": row.sentence,
    }


class PromiseViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Promise]):
    """Promises of payment of your customers, newest first."""

    serializer_class = PromiseOut
    filterset_fields = ("entity", "customer", "invoice", "status")
    queryset = Promise.objects.none()

    def get_queryset(self) -> QuerySet[Promise]:
        """Of the customers you may see."""
        return selectors.promises(self.request.user).order_by("-pk")

    @extend_schema(request=PromiseIn, responses={201: PromiseOut})
    def create(self, request: Request) -> Response:
        """Note a promise; a running one for the same invoice is replaced."""
        shape = PromiseIn(data=request.data)
        shape.is_valid(raise_exception=True)
        facts = dict(shape.validated_data)
        mine = Invoice.objects.visible_to(request.user).select_related("entity")
        invoice = get_object_or_404(mine, pk=facts.pop("invoice"))
        if not policy.may(request.user, "promise.make", invoice.entity_id):
            raise PermissionDenied
        on, at = clock.today(invoice.entity.time_zone), clock.now()
        made = promises.make_promise(invoice=invoice, by=cast(User, request.user), on=on, at=at, **facts)
        return Response(PromiseOut(made).data, status=status.HTTP_201_CREATED)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("plans", PlanViewSet, basename="plan")
    router.register("notices", NoticeViewSet, basename="notice")
    router.register("promises", PromiseViewSet, basename="promise")
