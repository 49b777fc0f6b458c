"""The API of letters and of their texts."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts import policy
from accounts.choices import Language
from accounts.models import LegalEntity, User
from lib import clock
from mailroom import api_batches, api_inbound, api_paper, selectors, services, trying
from mailroom.catalogue import kinds, shipped
from mailroom.choices import Channel
from mailroom.models import Letter


class LetterOut(serializers.ModelSerializer[Letter]):
    """A letter and how it fared."""

    class Meta:
        model = Letter
        fields = (
            "id",
            "entity",
            "key",
            "kind",
            "channel",
            "to_name",
            "to_address",
            "postal",
            "language",
            "subject",
            "body_text",
            "status",
            "trouble",
            "trouble_detail",
            "attempts",
            "message_id",
            "about_stream",
            "about_id",
            "created_at",
            "sent_at",
            "delivered_at",
            "read_at",
            "batch",
        )


class ReturnedIn(serializers.Serializer[Any]):
    """What the post wrote on a letter that came back."""

    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class LetterViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Letter]):
    """The letters of your legal entities, newest first."""

    serializer_class = LetterOut
    filterset_fields = ("status", "kind", "about_stream", "about_id")
    queryset = Letter.objects.none()

    def get_queryset(self) -> QuerySet[Letter]:
        """Where you may read letters."""
        return selectors.letters(self.request.user).order_by("-pk")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The letter on paper; 404 for one that is not written on paper."""
        letter = self.get_object()
        if not letter.paper:
            raise Http404
        return HttpResponse(services.pdf_of(letter), content_type="application/pdf")

    @extend_schema(request=ReturnedIn, responses=LetterOut)
    @action(detail=True, methods=["post"])
    def returned(self, request: Request, pk: str | None = None) -> Response:
        """The post brought the letter back; saying it twice changes nothing."""
        letter = self.get_object()
        if not policy.may(request.user, "letter.print", letter.entity_id):
            raise PermissionDenied
        if letter.channel != Channel.POST:
            raise Http404
        shape = ReturnedIn(data=request.data)
        shape.is_valid(raise_exception=True)
        by, note = cast(User, request.user), shape.validated_data["note"]
        services.return_letter(letter=letter, detail=note, by=by, at=clock.now())
        return Response(LetterOut(self.get_queryset().get(pk=letter.pk)).data)


class TextIn(serializers.Serializer[Any]):
    """A text of an entity."""

    entity = serializers.SlugField()
    kind = serializers.ChoiceField(choices=kinds())
    language = serializers.ChoiceField(choices=Language.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.EMAIL)
    subject = serializers.CharField(max_length=200, allow_blank=True)
    body = serializers.CharField(max_length=10_000)


class TextKey(serializers.Serializer[Any]):
    """Which text of an entity."""

    entity = serializers.SlugField()
    kind = serializers.ChoiceField(choices=kinds())
    language = serializers.ChoiceField(choices=Language.choices)
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.EMAIL)


class TextOut(TextIn):
    """The text that applies now, and the names it may use."""

    values = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class PreviewOut(serializers.Serializer[Any]):
    """A text with the figures of a customer (`figures_of`), or with samples when that is empty."""

    subject = serializers.CharField()
    text = serializers.CharField()
    figures_of = serializers.CharField()


class TemplateViewSet(ViewSet):
    """The words of each kind of letter, per language. Without a text of its own an entity uses the shipped one."""

    def _entity(self, request: Request, code: str, act: str) -> LegalEntity:
        entity = LegalEntity.objects.filter(
            code=code, pk__in=policy.scope(request.user).entities("letter.read")
        )
        found = entity.first()
        if found is None:
            raise Http404
        if not policy.may(request.user, act, found.pk):
            raise PermissionDenied
        return found

    @extend_schema(
        responses=TextOut(many=True),
        parameters=[
            OpenApiParameter("entity", str, required=True),
            OpenApiParameter("channel", str, enum=Channel.values),
        ],
    )
    def list(self, request: Request) -> Response:
        """Every text that applies in an entity."""
        entity = self._entity(request, request.query_params.get("entity", ""), "letter.read")
        wanted = request.query_params.get("channel", "")
        channel = wanted if wanted in Channel.values else Channel.EMAIL.value
        texts = [
            services.text_for(kind=kind, language=lang, entity=entity, channel=channel)
            for kind, lang in sorted(shipped())
        ]
        return Response([_text(entity, text, channel) for text in texts])

    @extend_schema(request=TextIn, responses=TextOut)
    def create(self, request: Request) -> Response:
        """Use other words from now on; a name nobody fills is refused."""
        shape = TextIn(data=request.data)
        shape.is_valid(raise_exception=True)
        words = dict(shape.validated_data)
        entity = self._entity(request, words.pop("entity"), "plan.edit")
        services.save_template(entity=entity, by=cast(User, request.user), at=clock.now(), **words)
        key = {name: words[name] for name in ("kind", "language", "channel")}
        return Response(_text(entity, services.text_for(entity=entity, **key), key["channel"]))

    @extend_schema(request=TextKey, responses=TextOut)
    @action(detail=False, methods=["post"])
    def reset(self, request: Request) -> Response:
        """Back to the shipped words."""
        shape = TextKey(data=request.data)
        shape.is_valid(raise_exception=True)
        words = dict(shape.validated_data)
        entity = self._entity(request, words.pop("entity"), "plan.edit")
        services.reset_template(entity=entity, **words)
        return Response(_text(entity, services.text_for(entity=entity, **words), words["channel"]))

    @extend_schema(request=TextIn, responses=PreviewOut)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """How a text would read, with a real customer's figures where there is one; nothing is stored."""
        shape = TextIn(data=request.data)
        shape.is_valid(raise_exception=True)
        entity = self._entity(request, shape.validated_data["entity"], "letter.read")
        words = dict(shape.validated_data)
        words.pop("entity")
        on = clock.today(entity.time_zone)
        made, whose = trying.tried(entity=entity, user=cast(User, request.user), on=on, **words)
        return Response({"subject": made.subject, "text": made.text, "figures_of": whose})


def _text(entity: LegalEntity, text: services.Text, channel: str) -> dict[str, Any]:
    return {
        "channel": channel,
        "entity": entity.code,
        "kind": text.kind,
        "language": text.language,
        "subject": text.subject,
        "body": text.body,
        "values": sorted(text.values),
    }


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("letters", LetterViewSet, basename="letter")
    router.register("templates", TemplateViewSet, basename="template")
    api_inbound.register(router)
    api_batches.register(router)
    api_paper.register(router)
