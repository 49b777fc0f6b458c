"""The API of reports: the same selectors, the same JSON as the command."""

from typing import Any, cast

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

from accounts.models import User
from lib import clock
from reporting.boards.api import BoardViewSet
from reporting.metrics.dso import COUNT_BACK, METHODS
from reporting.reports import NAMES, Options, build, find
from reporting.reports.group import currency_of, group_report
from reporting.score_api import GoalViewSet, ScoreViewSet
from reporting.selectors.frame import FILTERS, entities_for, make_frame, one_entity
from reporting.subscriptions.api import ReportSubscriptionViewSet
from reporting.target_api import CostRatesViewSet, ReportTargetViewSet


class ReportIn(serializers.Serializer[Any]):
    """How a report is asked for."""

    entity = serializers.CharField(required=False, default="", help_text="Code of the legal entity.")
    as_of = serializers.DateField(required=False, help_text="Position at the end of this day; default today.")
    known_at = serializers.DateTimeField(
        required=False, help_text="Count only what was recorded by this moment."
    )
    date_from = serializers.DateField(required=False, help_text="First day of the period.")
    date_to = serializers.DateField(required=False, help_text="Last day of the period.")
    by = serializers.CharField(
        required=False, default="", help_text="Dimension: customer, salesperson, reason..."
    )
    step = serializers.CharField(
        required=False, default="", help_text="Points of a series: day, week or month."
    )
    part = serializers.CharField(
        required=False,
        default="",
        help_text="Of invoices: open, disputed, undisputed, late, not_due, overdue.",
    )
    bucket = serializers.CharField(
        required=False, default="", help_text="Of invoices: an age, such as 31_60."
    )
    method = serializers.ChoiceField(
        METHODS, required=False, default=COUNT_BACK, help_text="How a DSO is computed."
    )
    salesperson = serializers.IntegerField(required=False, help_text="Only this salesperson's customers.")
    collector = serializers.IntegerField(required=False, help_text="Only this collector's customers.")
    segment = serializers.CharField(required=False, help_text="Only customers of this segment.")
    country = serializers.CharField(required=False, help_text="Only customers of this country.")
    currency = serializers.CharField(required=False, help_text="Only documents in this currency.")
    customer = serializers.IntegerField(required=False, help_text="Only this customer.")


class ReportName(serializers.Serializer[Any]):
    """A report there is."""

    name = serializers.CharField()
    url = serializers.URLField()


class ReportList(APIView):
    """The reports there are."""

    @extend_schema(operation_id="reports_list", responses=ReportName(many=True))
    def get(self, request: Request) -> Response:
        """Their names and addresses."""
        return Response(
            [{"name": n, "url": reverse("reporting:api-report", [n], request=request)} for n in NAMES]
        )


class ReportView(APIView):
    """One report."""

    @extend_schema(
        operation_id="reports_retrieve",
        parameters=[ReportIn, OpenApiParameter("name", str, OpenApiParameter.PATH, enum=NAMES)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, name: str) -> Response:
        """The report of this name, as the person may see it: amounts as text, days as numbers."""
        find(name)
        asked = ReportIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted, user = asked.validated_data, cast(User, request.user)
        entities = entities_for(user)
        if not entities.exists() or (
            wanted["entity"] and not entities.filter(code=wanted["entity"]).exists()
        ):
            raise Http404
        entity = one_entity(entities, wanted["entity"])
        as_of = wanted.get("as_of") or wanted.get("date_to") or clock.today(entity.time_zone)
        filters = {key: wanted[key] for key in FILTERS if key in wanted}
        frame = make_frame(entity, as_of, user=user, known_at=wanted.get("known_at"), filters=filters)
        options = Options(
            wanted["by"], wanted.get("date_from"), wanted.get("date_to"), wanted["method"], wanted["step"],
            wanted["part"], wanted["bucket"],
        )  # fmt: skip
        return Response(build(name, frame, options).data)


class GroupIn(serializers.Serializer[Any]):
    """How the group is asked for."""

    as_of = serializers.DateField(required=False, help_text="Position at the end of this day; default today.")
    known_at = serializers.DateTimeField(
        required=False, help_text="Count only what was recorded by this moment."
    )
    shown_in = serializers.CharField(
        required=False, default="", max_length=3, help_text="Currency; default that of most of the entities."
    )


class GroupView(APIView):
    """All legal entities together."""

    @extend_schema(operation_id="reports_group", parameters=[GroupIn], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Aging and DSO of every entity whose figures the person may read, and of all of them in one currency."""
        asked = GroupIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted, user = asked.validated_data, cast(User, request.user)
        entities = list(entities_for(user).order_by("code"))
        if not entities:
            raise Http404
        as_of = wanted.get("as_of") or clock.today(entities[0].time_zone)
        frames = [
            make_frame(entity, as_of, user=user, known_at=wanted.get("known_at")) for entity in entities
        ]
        return Response(group_report(frames, currency_of(frames, wanted["shown_in"])).data)


def register(router: DefaultRouter) -> None:
    """Reports have addresses of their own (urls.py): a report is asked for, not listed and edited."""
    router.register("scores", ScoreViewSet, basename="score")
    router.register("score-goals", GoalViewSet, basename="score-goal")
    router.register("report-targets", ReportTargetViewSet, basename="report-target")
    router.register("cost-rates", CostRatesViewSet, basename="cost-rates")
    router.register("boards", BoardViewSet, basename="board")
    router.register("report-subscriptions", ReportSubscriptionViewSet, basename="report-subscription")
