"""The API of single messages: reading one, changing it, reacting, earlier versions, whom one can name."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from chat import selectors, services
from chat.models import Message, Revision, Room
from chat.selectors import Standing
from chat.talk import extras, keeping, people, searching
from chat.talk.choices import Emoji
from chat.talk.extras import Extra
from lib import clock

ONE = r"messages/(?P<seq>[0-9]{1,9})"


class ReactionOut(serializers.Serializer[Any]):
    """A sign under a message, and whose it is."""

    emoji = serializers.CharField()
    words = serializers.CharField()
    people = serializers.SerializerMethodField()
    mine = serializers.BooleanField()

    def get_people(self, sign: extras.Reacted) -> list[dict[str, Any]]:
        """Who gave it."""
        return [{"id": pk, "name": name} for pk, name in sign.people]


class ReplyOut(serializers.Serializer[Any]):
    """What a message answers, where the reader may see it."""

    seq = serializers.IntegerField()
    author_name = serializers.CharField(source="writer.name", default=None)
    body = serializers.CharField()


class ExtrasOut(serializers.Serializer[Any]):
    """What a message carries besides its words; `context["extras"]` has it by the message's primary key."""

    reply = serializers.SerializerMethodField()
    mentions = serializers.SerializerMethodField()
    reactions = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    def get_reply(self, message: Message) -> dict[str, Any] | None:
        """What the message answers; null as well when the reader may not see that."""
        parent = self._extra(message).parent
        return dict(ReplyOut(parent).data) if parent else None

    def get_mentions(self, message: Message) -> list[int]:
        """The people whom the message names."""
        return [one.user_id for one in self._extra(message).mentions]

    def get_reactions(self, message: Message) -> list[dict[str, Any]]:
        """The signs under the message."""
        return [dict(ReactionOut(sign).data) for sign in self._extra(message).reactions]

    def get_files(self, message: Message) -> list[dict[str, Any]]:
        """The files that came with the message."""
        place = {"pk": message.room_id, "seq": message.seq}
        return [
            {
                "id": one.pk,
                "name": one.name,
                "media_type": one.media_type,
                "size": one.size,
                "erased": not one.stored_as,
                "url": reverse("chat:file", kwargs={**place, "number": one.pk}),
            }
            for one in self._extra(message).files
        ]

    def _extra(self, message: Message) -> Extra:
        found: dict[int, Extra] = self.context.get("extras", {})
        return found.get(message.pk, Extra())


class EditIn(serializers.Serializer[Any]):
    """Other words for one's own message; `version` is the one that was on screen."""

    body = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(min_value=1, max_value=32_000)
    chosen = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50, default=list)
    unseen = serializers.BooleanField(default=False)


class DeleteIn(serializers.Serializer[Any]):
    """Taking a message away; `why` is asked when it is somebody else's."""

    why = serializers.CharField(max_length=300, allow_blank=True, default="")


class ReactIn(serializers.Serializer[Any]):
    """A sign put under a message (`on`), or taken back."""

    emoji = serializers.ChoiceField(choices=Emoji.choices)
    on = serializers.BooleanField(default=True)


class RevisionOut(serializers.ModelSerializer[Revision]):
    """Words of a message that stand there no longer."""

    class Meta:
        model = Revision
        fields = ("number", "body", "written_at")


class NameableOut(serializers.Serializer[Any]):
    """Whom one can name in the room with @."""

    key = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField()
    side = serializers.CharField()


class PinIn(serializers.Serializer[Any]):
    """A message put at the top of its room (`on`), or taken down."""

    on = serializers.BooleanField(default=True)


class DraftShape(serializers.Serializer[Any]):
    """What is being written in a room."""

    body = serializers.CharField(allow_blank=True, trim_whitespace=False)
    reply_to = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, allow_null=True)


class SearchIn(serializers.Serializer[Any]):
    """What is looked for, and where."""

    q = serializers.CharField(allow_blank=True, default="")
    room = serializers.IntegerField(min_value=1, default=None)
    before = serializers.IntegerField(min_value=1, default=None)


class FoundOut(serializers.ModelSerializer[Message]):
    """A message that was found."""

    author_name = serializers.CharField(source="writer.name", default=None, read_only=True)

    class Meta:
        model = Message
        fields = ("id", "room", "seq", "author", "author_name", "side", "body", "created_at")


class MessageActions(GenericViewSet[Room]):
    """What the API of rooms does with a single message."""

    def place(self, pk: str) -> Standing:
        """How the caller stands to the room; 404 when it does not exist for them."""
        raise NotImplementedError

    def out(self, messages: list[Message], place: Standing) -> BaseSerializer[Any]:
        """Messages as the API tells them."""
        raise NotImplementedError

    @extend_schema(methods=["GET"], operation_id="room_message_read", responses={200: None}, filters=False)
    @extend_schema(methods=["PATCH"], operation_id="room_message_edit", request=EditIn, responses={200: None})
    @extend_schema(methods=["DELETE"], operation_id="room_message_delete", request=DeleteIn, responses=None)
    @action(detail=True, methods=["get", "patch", "delete"], url_path=ONE, pagination_class=None)
    def message(self, request: Request, pk: str, seq: str) -> Response:
        """Read one message, change one's own words, or take it away."""
        place = self.place(pk)
        if request.method == "GET":
            return Response(self._one(place, seq))
        shape = EditIn if request.method == "PATCH" else DeleteIn
        given = self._clean(shape(data=request.data))
        act: Any = services.edit_message if request.method == "PATCH" else services.delete_message
        self._do(act, place, seq, given)
        return Response(self._one(place, seq))

    @extend_schema(request=ReactIn, responses={200: None})
    @action(detail=True, methods=["post"], url_path=f"{ONE}/reactions", pagination_class=None)
    def reactions(self, request: Request, pk: str, seq: str) -> Response:
        """Put a sign under a message, or take one's own back."""
        place = self.place(pk)
        self._do(services.react, place, seq, self._clean(ReactIn(data=request.data)))
        return Response(self._one(place, seq))

    @extend_schema(responses=RevisionOut(many=True), filters=False)
    @action(detail=True, methods=["get"], url_path=f"{ONE}/revisions", pagination_class=None)
    def revisions(self, request: Request, pk: str, seq: str) -> Response:
        """The earlier words of a message."""
        found = selectors.messages_for(self.place(pk)).filter(seq=seq).first()
        if found is None:
            raise Http404
        return Response(RevisionOut(extras.versions_of(found), many=True).data)

    @extend_schema(responses=NameableOut(many=True), parameters=[OpenApiParameter("q", str)], filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def names(self, request: Request, pk: str) -> Response:
        """Whom a message here can name, whose name begins with `q`."""
        place = self.place(pk)
        found = people.nameable(self._caller(), place, Room.objects.get(pk=place.room_id))
        return Response(
            NameableOut(people.matching(found, request.query_params.get("q", "")), many=True).data
        )

    @extend_schema(request=PinIn, responses={200: None})
    @action(detail=True, methods=["post"], url_path=f"{ONE}/pin", pagination_class=None)
    def pin(self, request: Request, pk: str, seq: str) -> Response:
        """Put a message at the top of its room, or take it down."""
        place = self.place(pk)
        self._do(services.pin, place, seq, self._clean(PinIn(data=request.data)))
        return Response(self._one(place, seq))

    @extend_schema(responses={200: None}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def pins(self, request: Request, pk: str) -> Response:
        """The pinned messages of the room."""
        place = self.place(pk)
        return Response(self.out(keeping.pins(place), place).data)

    @extend_schema(methods=["GET"], responses=DraftShape, filters=False)
    @extend_schema(methods=["PUT"], request=DraftShape, responses={204: None})
    @action(detail=True, methods=["get", "put"], pagination_class=None)
    def draft(self, request: Request, pk: str) -> Response:
        """What the person is writing in the room, for all their devices."""
        place, user = self.place(pk), self._caller()
        if request.method == "PUT":
            given = self._clean(DraftShape(data=request.data))
            services.keep_draft(place=place, user=user, at=clock.now(), **given)
            return Response(status=204)
        kept = keeping.draft_of(user.pk, place.room_id)
        return Response(DraftShape(kept or {"body": "", "reply_to": None}).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("room", int),
            OpenApiParameter("before", int),
        ],
        responses=FoundOut(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """What was said, newest first: every word of `q`; the next page is `before` the last `id`."""
        asked = self._clean(SearchIn(data=request.query_params.dict()))
        hits, _more = searching.search(self._caller(), asked["q"], asked["room"], asked["before"])
        return Response(FoundOut([hit.message for hit in hits], many=True).data)

    def _do(self, act: Any, place: Standing, seq: str, given: dict[str, Any]) -> None:
        try:
            act(place=place, seq=int(seq), by=self._caller(), at=clock.now(), **given)
        except Message.DoesNotExist as error:
            raise Http404 from error

    def _one(self, place: Standing, seq: str) -> Any:
        found = list(selectors.messages_for(place).filter(seq=seq))
        if not found:
            raise Http404
        return self.out(found, place).data[0]

    def _clean(self, given: serializers.Serializer[Any]) -> dict[str, Any]:
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _caller(self) -> User:
        return cast(User, self.request.user)
