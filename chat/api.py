"""The API of rooms and messages. What is heard live comes over `/ws/`; what is stored is posted here."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from chat import lines, selectors, services
from chat.api_guests import GuestActions
from chat.choices import MessageKind, Side
from chat.models import BODY_LIMIT, Message, Room
from chat.phone.api import CardViewSet
from chat.push.api import PushDeviceViewSet
from chat.reach import api as reach_api
from chat.selectors import Standing
from chat.services import Said
from chat.talk import extras
from chat.talk.api import ExtrasOut, MessageActions
from chat.talk.api_lists import ListActions
from lib import clock

PAGE, LIMIT = 50, 200


class RoomOut(serializers.ModelSerializer[Room]):
    """A conversation."""

    class Meta:
        model = Room
        fields = ("id", "entity", "kind", "dispute", "customer", "name", "created_at")


class SharedOut(serializers.ModelSerializer[Message]):
    """An earlier message that was shared: who wrote it, what, and when."""

    author_name = serializers.CharField(source="writer.name", read_only=True)

    class Meta:
        model = Message
        fields = ("author_name", "body", "created_at")


class MessageOut(ExtrasOut, serializers.ModelSerializer[Message]):
    """A line of a room; a system line has its sentence in `words`."""

    author_name = serializers.CharField(source="writer.name", default=None, read_only=True)
    words = serializers.SerializerMethodField()
    shared = serializers.SerializerMethodField()
    deleted_by_name = serializers.CharField(source="deleted_by.name", default=None, read_only=True)

    class Meta:
        model = Message
        fields = (
            "id",
            "room",
            "seq",
            "author",
            "contact",
            "author_name",
            "kind",
            "side",
            "party",
            "body",
            "words",
            "shared",
            "question",
            "code",
            "data",
            "client_token",
            "created_at",
            "reply",
            "mentions",
            "reactions",
            "files",
            "version",
            "edited_at",
            "deleted_at",
            "deleted_by_name",
            "deleted_why",
        )

    def get_words(self, message: Message) -> str:
        """The message as people read it, in the reader's language."""
        if message.kind == MessageKind.SYSTEM:
            return lines.words(message.code, message.data)
        return message.told.body

    @extend_schema_field(SharedOut(allow_null=True))
    def get_shared(self, message: Message) -> dict[str, Any] | None:
        """The earlier message that this line shows."""
        return dict(SharedOut(message.shared).data) if message.shared else None


class MessageIn(serializers.Serializer[Any]):
    """A message to post. Sending the same `client_token` again is the same message."""

    body = serializers.CharField(max_length=BODY_LIMIT, allow_blank=True, default="")
    files = serializers.ListField(child=serializers.FileField(), required=False)
    client_token = serializers.CharField(min_length=8, max_length=64)
    side = serializers.ChoiceField(choices=Side.choices, default=Side.INTERNAL)
    party = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    reply_to = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)
    chosen = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50, required=False)
    unseen = serializers.BooleanField(default=False)
    last_seen_seq = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, allow_null=True
    )


class ReadIn(serializers.Serializer[Any]):
    """How far somebody has read."""

    seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class WindowIn(serializers.Serializer[Any]):
    """Which part of a thread: behind `after` (from the start by default), or the last in front of `before`."""

    after = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    before = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=LIMIT, default=PAGE)


WINDOW = [OpenApiParameter(name, int) for name in ("after", "before", "limit")]


class RoomViewSet(ListModelMixin, RetrieveModelMixin, GuestActions, MessageActions, ListActions):
    """The conversations the person may read."""

    serializer_class = RoomOut
    queryset = Room.objects.none()
    filterset_fields = ("kind", "dispute", "customer", "entity")

    def get_queryset(self) -> QuerySet[Room]:
        """A room that is not the person's does not exist for them."""
        return selectors.rooms_for(self.request.user)

    @extend_schema(methods=["GET"], parameters=WINDOW, responses=MessageOut(many=True), filters=False)
    @extend_schema(
        methods=["POST"],
        request={"application/json": MessageIn, "multipart/form-data": MessageIn},
        responses={201: MessageOut},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def messages(self, request: Request, pk: str) -> Response:
        """Read a part of the thread, or post to it (409 `stale` when others wrote behind `last_seen_seq`)."""
        place = self.place(pk)
        if request.method == "GET":
            return Response(self.out(_window(place, request), place).data)
        given = _clean(MessageIn(data=request.data))
        files = services.vet(given.pop("files", ()))
        said = Said(given.pop("reply_to", None), tuple(given.pop("chosen", ())), given.pop("unseen"), files)
        posted = services.post_message(
            room=Room(pk=place.room_id), by=self._person(), at=clock.now(), said=said, **given
        )
        return Response(self.out([posted], place).data[0], status=201)

    @extend_schema(request=ReadIn, responses={204: None})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Move the person's read mark forward."""
        place = self.place(pk)
        seq = _clean(ReadIn(data=request.data))["seq"]
        services.mark_read(room=Room(pk=place.room_id), user=self._person(), seq=seq, at=clock.now())
        return Response(status=204)

    def out(self, messages: list[Message], place: Standing) -> BaseSerializer[Any]:
        """Messages with what hangs on them."""
        found = extras.of_messages(messages, place, self._person().pk)
        return MessageOut(messages, many=True, context={"extras": found})

    def place(self, pk: str) -> Standing:
        """How the caller stands to the room."""
        place = selectors.standing(self._person(), int(pk)) if pk.isdigit() else None
        if place is None:
            raise Http404
        return place

    def _person(self) -> User:
        return cast(User, self.request.user)


def _window(place: Standing, request: Request) -> list[Message]:
    window = _clean(WindowIn(data=request.query_params.dict()))
    if "before" in window:
        return selectors.messages_before(place, window["before"], window["limit"])
    return selectors.messages_after(place, window.get("after", 0), window["limit"])


def _clean(given: serializers.Serializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def register(router: DefaultRouter) -> None:
    """Put the resources of the chat room into the API."""
    router.register("rooms", RoomViewSet, basename="room")
    router.register("push-devices", PushDeviceViewSet, basename="push-device")
    router.register("question-cards", CardViewSet, basename="question-card")
    reach_api.register(router)
