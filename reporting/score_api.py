"""The API of points and goals: what the page shows, and what it changes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department, LegalEntity
from accounts.requests import Door
from lib import clock
from reporting import services
from reporting.choices import GoalKind, ScoreMode
from reporting.metrics.scores import Score
from reporting.models import TeamGoal
from reporting.score_shown import month_of, shown
from reporting.selectors import scores


class ScoreOut(serializers.Serializer[Any]):
    """What was done in a month: `median_minutes` is working time, `share_in_time` 0 to 1; empty without answers."""

    points = serializers.IntegerField()
    answers = serializers.IntegerField()
    held = serializers.IntegerField()
    in_time = serializers.IntegerField()
    share_in_time = serializers.DecimalField(max_digits=6, decimal_places=4, allow_null=True)
    median_minutes = serializers.DecimalField(max_digits=9, decimal_places=1, allow_null=True)
    freed = serializers.DictField(child=serializers.DecimalField(max_digits=16, decimal_places=2))


class EntryOut(serializers.Serializer[Any]):
    """Points that came or went."""

    points = serializers.IntegerField()
    why = serializers.CharField()
    at = serializers.DateTimeField()
    dispute = serializers.IntegerField(source="dispute.pk", default=None, allow_null=True)


class GoalOut(serializers.ModelSerializer[TeamGoal]):
    """A goal of a team."""

    class Meta:
        model = TeamGoal
        fields = ("id", "entity", "department", "kind", "target", "first_day", "last_day", "set_by", "set_at")


class GoalIn(serializers.Serializer[Any]):
    """A goal to set."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), required=False, allow_null=True, default=None
    )
    kind = serializers.ChoiceField(choices=GoalKind.choices)
    target = serializers.DecimalField(max_digits=14, decimal_places=2)
    first_day = serializers.DateField()
    last_day = serializers.DateField()


class ProgressOut(serializers.Serializer[Any]):
    """How far a goal is; `reached` is empty while too few answered."""

    goal = GoalOut(source="made.goal")
    reached = serializers.DecimalField(
        max_digits=16, decimal_places=2, source="made.reached", allow_null=True
    )
    met = serializers.BooleanField(source="made.met")
    words = serializers.CharField()


class ScoreSharedOut(serializers.Serializer[Any]):
    """A colleague who lets others see it."""

    name = serializers.CharField()
    points = serializers.IntegerField(source="score.points")
    held = serializers.IntegerField(source="score.held")


class MonthIn(serializers.Serializer[Any]):
    """Which month, as `2026-11`; the present one by default."""

    month = serializers.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False)


class BoardOut(serializers.Serializer[Any]):
    """A month of points and goals, as this person may see it."""

    entity = serializers.IntegerField(source="entity.pk")
    mode = serializers.ChoiceField(choices=ScoreMode.choices)
    mine = ScoreOut(allow_null=True)
    entries = EntryOut(many=True)
    team = ScoreOut(allow_null=True)
    goals = ProgressOut(many=True)
    shared = ScoreSharedOut(many=True)


class ScoreWishesShape(serializers.Serializer[Any]):
    """What the person wants."""

    on = serializers.BooleanField()
    shared = serializers.BooleanField()


class ScoreRulesShape(serializers.Serializer[Any]):
    """How far a legal entity counts."""

    mode = serializers.ChoiceField(choices=ScoreMode.choices)


class ScoreViewSet(Door):
    """Points and goals of a legal entity, by its id."""

    serializer_class = BoardOut
    queryset = LegalEntity.objects.none()

    def get_queryset(self) -> QuerySet[LegalEntity]:
        """Where answers are counted for this person."""
        return scores.entities_that_count(self.request.user)

    @extend_schema(parameters=[MonthIn], responses=BoardOut)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A month."""
        entity = self._entity(pk)
        asked = MonthIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        today = clock.today(entity.time_zone)
        month = month_of(asked.validated_data.get("month") or f"{today:%Y-%m}", today)
        found = shown(self.person, entity, month, clock.now())
        found = (
            {"mine": None, "team": None, "goals": [], "shared": []}
            | found
            | {"entries": found.get("lines", [])}
        )
        for name in ("mine", "team"):
            found[name] = _told(found[name])
        return Response(BoardOut(found).data)

    @extend_schema(methods=["GET"], responses=ScoreWishesShape)
    @extend_schema(methods=["PUT"], request=ScoreWishesShape, responses=ScoreWishesShape)
    @action(detail=False, methods=["get", "put"])
    def wishes(self, request: Request) -> Response:
        """What the person wants."""
        if request.method == "PUT":
            return Response(
                ScoreWishesShape(services.set_wishes(user=self.person, **self.shape(ScoreWishesShape))).data
            )
        return Response(ScoreWishesShape(scores.wishes_of(self.person)).data)

    @extend_schema(methods=["GET"], responses=ScoreRulesShape)
    @extend_schema(methods=["PUT"], request=ScoreRulesShape, responses=ScoreRulesShape)
    @action(detail=True, methods=["get", "put"])
    def rules(self, request: Request, pk: str) -> Response:
        """How far the entity counts; changed by administrators and credit managers."""
        entity = self._entity(pk)
        if request.method == "PUT":
            wanted = self.shape(ScoreRulesShape)
            services.set_rules(entity=entity, by=self.person, at=clock.now(), **wanted)
        return Response({"mode": scores.mode_of(entity)})

    def _entity(self, pk: str) -> LegalEntity:
        return get_object_or_404(self.get_queryset(), pk=pk if pk.isdecimal() else 0)


class GoalViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The goals of teams."""

    serializer_class = GoalOut
    queryset = TeamGoal.objects.none()
    filterset_fields = ("entity", "kind", "department")

    def get_queryset(self) -> QuerySet[TeamGoal]:
        """Those of the entities where the person sees them, not dropped."""
        entities = scores.entities_that_count(self.request.user)
        return TeamGoal.objects.filter(entity__in=entities, dropped_at=None).select_related("entity")

    @extend_schema(request=GoalIn, responses={201: GoalOut})
    def create(self, request: Request) -> Response:
        """Set a goal."""
        wanted = self.shape(GoalIn, entity=scores.entities_that_count(self.person))
        self.must("score.rules", wanted["entity"])
        try:
            goal = services.set_goal(by=self.person, at=clock.now(), **wanted)
        except DjangoValidationError as wrong:
            raise serializers.ValidationError(wrong.message_dict) from None
        return self.again(goal, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Drop a goal."""
        goal = self.get_object()
        self.must("score.rules", goal)
        services.drop_goal(goal=goal, by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _told(score: Score | None) -> dict[str, Any] | None:
    if score is None:
        return None
    minutes = score.median.total_seconds() / 60 if score.median is not None else None
    share = round(score.share_in_time, 4) if score.share_in_time is not None else None
    return {
        "points": score.points,
        "answers": score.answers,
        "held": score.held,
        "in_time": score.in_time,
        "share_in_time": share,
        "median_minutes": None if minutes is None else f"{minutes:.1f}",
        "freed": score.freed,
    }
