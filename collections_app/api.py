"""The API of plans and notices; promises and calls have files of their own."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app import api_instalments, api_interest, api_promises, selectors, tasks
from collections_app.choices import Door, Reason, Why
from collections_app.models import Notice, NoticeLine, Plan, Step
from collections_app.services import dunning
from collections_app.services.day import CustomerRow, preview
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


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("plans", PlanViewSet, basename="plan")
    router.register("notices", NoticeViewSet, basename="notice")
    api_promises.register(router)
    api_instalments.register(router)
    api_interest.register(router)
