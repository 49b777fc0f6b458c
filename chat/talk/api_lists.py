"""The API of a person's list of rooms, of the teams' rooms, and of what others see."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import LegalEntity, User
from chat import selectors, services
from chat.audience import inner_entities
from chat.models import Discretion, Room
from chat.reach.muting import mute_room
from chat.talk import lists
from lib import clock


class ChannelOut(serializers.ModelSerializer[Room]):
    """A team's room."""

    mine = serializers.BooleanField()
    people = serializers.IntegerField()

    class Meta:
        model = Room
        fields = ("id", "entity", "name", "is_private", "archived_at", "mine", "people")


class ChannelIn(serializers.Serializer[Any]):
    """A room for a team."""

    entity = serializers.IntegerField(min_value=1)
    name = serializers.CharField(max_length=100)
    is_private = serializers.BooleanField(default=False)


class ActIn(serializers.Serializer[Any]):
    """What to do with a team's room: `invite` takes a `person`, `rename` a `name`."""

    act = serializers.ChoiceField(choices=["join", "leave", "invite", "rename", "archive", "restore"])
    person = serializers.IntegerField(min_value=1, required=False)
    name = serializers.CharField(max_length=100, required=False, default="")


class MineIn(serializers.Serializer[Any]):
    """What a person decides about a room in their list."""

    muted = serializers.BooleanField(required=False)
    unread_from = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class DiscretionShape(serializers.ModelSerializer[Discretion]):
    """What a person lets others see."""

    class Meta:
        model = Discretion
        fields = ("presence", "typing", "receipts")


class ListActions(GenericViewSet[Room]):
    """What the API of rooms does with lists, teams' rooms and switches."""

    @extend_schema(methods=["GET"], responses=ChannelOut(many=True), filters=False)
    @extend_schema(methods=["POST"], request=ChannelIn, responses={201: ChannelOut})
    @action(detail=False, methods=["get", "post"], pagination_class=None)
    def channels(self, request: Request) -> Response:
        """The teams' rooms of the company; a POST opens one."""
        me = self._me()
        if request.method == "GET":
            return Response(ChannelOut(lists.channels(me), many=True).data)
        given = _clean(ChannelIn(data=request.data))
        entity = LegalEntity.objects.filter(pk__in=inner_entities(me), pk=given.pop("entity")).first()
        if entity is None:
            raise Http404
        try:
            room = services.open_team(entity=entity, by=me, at=clock.now(), **given)
        except ValidationError as error:
            raise serializers.ValidationError({"name": error.messages}) from error
        return Response(ChannelOut(lists.channels(me).get(pk=room.pk)).data, status=201)

    @extend_schema(request=ActIn, responses={204: None})
    @action(detail=True, methods=["post"], pagination_class=None)
    def channel(self, request: Request, pk: str) -> Response:
        """Join, leave, invite somebody, rename, archive or open again a team's room."""
        given, me, at = _clean(ActIn(data=request.data)), self._me(), clock.now()
        room = lists.channels(me).filter(pk=pk).first() if pk.isdigit() else None
        if room is None:
            raise Http404
        if given["act"] == "join":
            services.join_team(room=room, by=me, at=at)
        elif given["act"] == "leave":
            services.leave_team(room=room, by=me, at=at)
        elif given["act"] == "invite":
            person = User.objects.filter(pk=given.get("person", 0), is_active=True).first()
            if person is None:
                raise Http404
            services.invite_to_team(room=room, person=person, by=me, at=at)
        elif given["act"] == "rename":
            services.rename_team(room=room, name=given["name"], by=me, at=at)
        else:
            services.archive_team(room=room, by=me, on=given["act"] == "archive", at=at)
        return Response(status=204)

    @extend_schema(request=MineIn, responses={204: None})
    @action(detail=True, methods=["patch"], pagination_class=None)
    def mine(self, request: Request, pk: str) -> Response:
        """Mute a room, or count it as unread again from a message on."""
        given, me = _clean(MineIn(data=request.data)), self._me()
        place = selectors.standing(me, int(pk)) if pk.isdigit() else None
        if place is None:
            raise Http404
        if "muted" in given:
            mute_room(room_id=place.room_id, user=me, muted=given["muted"])
        if "unread_from" in given:
            room = Room(pk=place.room_id)
            services.mark_unread(room=room, user=me, seq=given["unread_from"], at=clock.now())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"], pagination_class=None)
    def read_all(self, request: Request) -> Response:
        """Everything in the person's rooms is read."""
        services.mark_all_read(user=self._me(), at=clock.now())
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=DiscretionShape, filters=False)
    @extend_schema(methods=["PUT"], request=DiscretionShape, responses=DiscretionShape)
    @action(detail=False, methods=["get", "put"], pagination_class=None)
    def discretion(self, request: Request) -> Response:
        """What the person lets others see while they talk."""
        me = self._me()
        kept = Discretion.objects.filter(user=me).first() or Discretion(user=me)
        if request.method == "PUT":
            kept = services.set_discretion(user=me, **_clean(DiscretionShape(kept, data=request.data)))
        return Response(DiscretionShape(kept).data)

    def _me(self) -> User:
        return cast(User, self.request.user)


def _clean(given: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
