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
from accounts.models import User
from collections_app import (
    api_calls,
    api_instalments,
    api_interest,
    api_paying,
    api_promises,
    api_remarks,
    api_segments,
    api_worklist,
    selectors,
    tasks,
)
from collections_app.api_after import AfterDisputeViewSet
from collections_app.api_plans import PlanViewSet, entity_for
from collections_app.choices import Door, Reason, Why
from collections_app.models import Notice, NoticeLine
from collections_app.services import dunning, releasing
from collections_app.services.day import CustomerRow, preview
from lib import clock


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
            "grouping",
            "invoice",
            "decided_amount",
            "asked",
            "status",
            "reason",
            "sentence",
            "letter",
            "call",
            "on_account",
            "bank_on",
            "not_before",
            "released_by",
            "released_at",
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
    contact = serializers.IntegerField(
        allow_null=True, help_text="whom it goes to, where each contact has a message"
    )
    currency = serializers.CharField()
    outcome = serializers.CharField()
    step = serializers.CharField(allow_null=True)
    asked = serializers.DecimalField(max_digits=14, decimal_places=2)
    why = serializers.CharField()
    sentence = serializers.CharField()


class ReleaseIn(serializers.Serializer[Any]):
    """Which notices may go, or may not go today."""

    notices = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=1000)


class ReleaseOut(serializers.Serializer[Any]):
    """The notices that had waited for this answer; others had ended or been answered."""

    done = serializers.ListField(child=serializers.IntegerField())


class RunOut(serializers.Serializer[Any]):
    """How many notices a run decided, and how many are on their way."""

    decided = serializers.IntegerField()
    waiting = serializers.IntegerField()


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
        entity = entity_for(request, request.query_params.get("entity", ""), "plan.read")
        rows = preview(entity=entity, on=clock.today(entity.time_zone))
        return Response([_day(row) for row in rows])

    @extend_schema(request=DayIn, responses=RunOut)
    @action(detail=False, methods=["post"])
    def run(self, request: Request) -> Response:
        """Decide today and hand the notices to the workers. Running twice sends once."""
        shape = DayIn(data=request.data)
        shape.is_valid(raise_exception=True)
        entity = entity_for(request, shape.validated_data["entity"], "plan.run")
        on, at = clock.today(entity.time_zone), clock.now()
        run = dunning.decide(entity=entity, on=on, at=at, door=Door.API, by=cast(User, request.user))
        waiting = dunning.waiting(run=run)
        tasks.send_soon(waiting)
        return Response({"decided": run.decided, "waiting": len(waiting)})

    @extend_schema(request=ReleaseIn, responses=ReleaseOut)
    @action(detail=False, methods=["post"])
    def release(self, request: Request) -> Response:
        """A person's yes to notices that wait for it: they go."""
        done = releasing.release(notice_ids=self._asked(request), by=cast(User, request.user), at=clock.now())
        tasks.send_soon(done)
        return Response({"done": done})

    @extend_schema(request=ReleaseIn, responses=ReleaseOut)
    @action(detail=False, methods=["post"])
    def refuse(self, request: Request) -> Response:
        """A person's no: nothing goes to these customers today."""
        done = releasing.refuse(notice_ids=self._asked(request), by=cast(User, request.user), at=clock.now())
        return Response({"done": done})

    def _asked(self, request: Request) -> list[int]:
        """The notices of the request that the person may send; 404 when one of them is not theirs to see."""
        shape = ReleaseIn(data=request.data)
        shape.is_valid(raise_exception=True)
        wanted = set(shape.validated_data["notices"])
        seen = dict(selectors.notices(request.user).filter(pk__in=wanted).values_list("pk", "entity"))
        if set(seen) != wanted:
            raise Http404
        if not all(policy.may(request.user, "plan.run", entity) for entity in set(seen.values())):
            raise PermissionDenied
        return sorted(seen)


def _day(row: CustomerRow) -> dict[str, Any]:
    return {
        "customer": row.customer.code,
        "contact": row.contact.pk if row.contact else None,
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
    router.register("after-dispute", AfterDisputeViewSet, basename="after-dispute")
    api_promises.register(router)
    api_paying.register(router)
    api_instalments.register(router)
    api_interest.register(router)
    api_calls.register(router)
    api_remarks.register(router)
    api_worklist.register(router)
    api_segments.register(router)
