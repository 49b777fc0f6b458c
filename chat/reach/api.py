"""The API of notifications: wishes and rules, what would happen, and the journal."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import selectors as people
from accounts.models import LegalEntity
from accounts.reach import services as wishes_services
from accounts.reach.choices import ReachChannel, ReachEvent
from accounts.reach.models import ReachRule, ReachWishes
from accounts.reach.selectors import wishes_of
from accounts.requests import Door
from chat.models import Notification, Room
from chat.reach import journal, trying
from chat.reach.explaining import explain
from chat.reach.muting import mute_room
from chat.reach.outside import hint_of
from chat.reach.views import home_of
from chat.selectors import rooms_for
from lib import clock


class ReachRuleShape(serializers.Serializer[Any]):
    """One event over one channel."""

    event = serializers.ChoiceField(choices=ReachEvent.choices)
    channel = serializers.ChoiceField(choices=ReachChannel.choices)
    on = serializers.BooleanField()
    after_minutes = serializers.IntegerField(min_value=0, default=0)


class ReachRulesShape(serializers.Serializer[Any]):
    """Rules to set; what is not named stays as it is."""

    rules = ReachRuleShape(many=True)

    def given(self) -> dict[tuple[str, str], tuple[bool, int] | None]:
        """What `save_rules` takes."""
        rows = self.validated_data["rules"]
        return {(row["event"], row["channel"]): (row["on"], row["after_minutes"]) for row in rows}


class HouseRulesShape(ReachRulesShape):
    """Rules of a legal entity."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())


class ReachWishesShape(serializers.ModelSerializer[ReachWishes]):
    """Quiet hours, cap, letter of the day. The messenger is named, its address never."""

    class Meta:
        model = ReachWishes
        fields = (
            "quiet",
            "quiet_from",
            "quiet_until",
            "only_working",
            "daily_cap",
            "digest",
            "digest_at",
            "private",
            "bridge_hint",
        )
        read_only_fields = ("bridge_hint",)


class BridgeShape(serializers.Serializer[Any]):
    """The address of one's messenger; empty to take it away."""

    address = serializers.CharField(max_length=500, allow_blank=True)


class ReachPlanOut(serializers.Serializer[Any]):
    """What would happen, in sentences."""

    sentences = serializers.ListField(child=serializers.CharField())


class ReachTrialOut(serializers.Serializer[Any]):
    """The channels a test went to."""

    channels = serializers.ListField(child=serializers.CharField())


class NotificationOut(serializers.ModelSerializer[Notification]):
    """Something that was told, or not, and why."""

    class Meta:
        model = Notification
        fields = (
            "id",
            "event",
            "channel",
            "dispute",
            "question",
            "room",
            "urgent",
            "created_at",
            "send_at",
            "status",
            "why",
            "detail",
            "attempts",
            "ended_at",
            "seen_at",
        )


class MuteShape(serializers.Serializer[Any]):
    """Whether a room is muted."""

    room = serializers.PrimaryKeyRelatedField(queryset=Room.objects.none())
    muted = serializers.BooleanField()


class ReachViewSet(Door):
    """How you are told of things outside of the app."""

    serializer_class = ReachWishesShape
    queryset = ReachWishes.objects.none()

    def _wishes(self) -> ReachWishes:
        return ReachWishes.objects.filter(user=self.person).first() or ReachWishes(user=self.person)

    @extend_schema(request=ReachWishesShape, responses=ReachWishesShape)
    @action(detail=False, methods=["get", "put"], pagination_class=None)
    def wishes(self, request: Request) -> Response:
        """Quiet hours, cap, letter of the day."""
        if request.method == "PUT":
            row = self._wishes()
            shape = ReachWishesShape(row, data=request.data, partial=True)
            shape.is_valid(raise_exception=True)
            kept = {name: getattr(row, name) for name in wishes_services.WishesInput.__slots__}
            wanted = wishes_services.WishesInput(**{**kept, **shape.validated_data})
            wishes_services.save_wishes(user=self.person, wanted=wanted)
        return Response(ReachWishesShape(self._wishes()).data)

    @extend_schema(request=ReachRulesShape, responses=ReachRuleShape(many=True))
    @action(detail=False, methods=["get", "put"], pagination_class=None)
    def rules(self, request: Request) -> Response:
        """Which event goes over which channel, where you said so yourself."""
        if request.method == "PUT":
            shape = ReachRulesShape(data=request.data)
            shape.is_valid(raise_exception=True)
            wishes_services.save_rules(rules=shape.given(), user=self.person)
        rows = ReachRule.objects.filter(user=self.person).order_by("event", "channel")
        return Response(ReachRuleShape(rows, many=True).data)

    @extend_schema(request=HouseRulesShape, responses=ReachRuleShape(many=True))
    @action(detail=False, methods=["put"], pagination_class=None)
    def house(self, request: Request) -> Response:
        """What holds in a legal entity for all who said nothing. For administrators and credit managers."""
        shape = HouseRulesShape(data=request.data)
        field: Any = shape.fields["entity"]
        field.queryset = people.entities(self.person)
        shape.is_valid(raise_exception=True)
        entity = shape.validated_data["entity"]
        wishes_services.save_house_rules(rules=shape.given(), entity=entity, by=self.person, at=clock.now())
        rows = ReachRule.objects.filter(entity=entity).order_by("event", "channel")
        return Response(ReachRuleShape(rows, many=True).data)

    @extend_schema(request=BridgeShape, responses=ReachWishesShape)
    @action(detail=False, methods=["put"])
    def messenger(self, request: Request) -> Response:
        """Connect your messenger."""
        address = self.shape(BridgeShape)["address"]
        hint = hint_of(address) if address else ""
        row = wishes_services.set_bridge(user=self.person, address=address, hint=hint)
        return Response(ReachWishesShape(row).data)

    @extend_schema(request=MuteShape, responses=MuteShape)
    @action(detail=False, methods=["put"])
    def mute(self, request: Request) -> Response:
        """Mute a room, or hear of it again."""
        data = self.shape(MuteShape, room=rooms_for(self.person))
        mute_room(room_id=data["room"].pk, user=self.person, muted=data["muted"])
        return Response(MuteShape({"room": data["room"], "muted": data["muted"]}).data)

    @extend_schema(request=None, responses=ReachPlanOut)
    @action(detail=False, methods=["get"], pagination_class=None)
    def preview(self, request: Request) -> Response:
        """What would happen if a question came now."""
        entity = home_of(self.person)
        wishes = wishes_of(self.person, entity) if entity else None
        return Response({"sentences": explain(wishes, clock.now()) if wishes else []})

    @extend_schema(request=None, responses=ReachTrialOut)
    @action(detail=False, methods=["post"])
    def trial(self, request: Request) -> Response:
        """Send yourself a test over every channel there is."""
        entity = home_of(self.person)
        sent = trying.try_channels(user=self.person, entity=entity, at=clock.now()) if entity else []
        return Response({"channels": sent})


class NotificationViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What you were told; for who looks after a legal entity also what could not be told there."""

    serializer_class = NotificationOut
    queryset = Notification.objects.none()
    filterset_fields = ("event", "channel", "status", "dispute", "question")

    def get_queryset(self) -> QuerySet[Notification]:
        """Yours, and the failures you look after."""
        failed = journal.failures(self.person).order_by().values("pk")
        rows = Notification.objects.filter(user=self.person) | Notification.objects.filter(pk__in=failed)
        return rows.order_by("-pk")

    @extend_schema(request=None, responses=NotificationOut)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Try once more what failed. For administrators and credit managers."""
        row = self.get_object()
        self.must("reach.house", row)
        trying.try_again(notification=row, at=clock.now())
        row.refresh_from_db()
        return Response(NotificationOut(row).data)


def register(router: DefaultRouter) -> None:
    """Put notifications under /api/v1/."""
    router.register("reach", ReachViewSet, basename="reach")
    router.register("notifications", NotificationViewSet, basename="notification")
