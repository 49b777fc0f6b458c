"""The API of letters and of their texts."""

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
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts import policy
from accounts.choices import Language
from accounts.models import LegalEntity, User
from lib import clock
from mailroom import api_inbound, rendering, selectors, services
from mailroom.catalogue import kinds, shipped
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
        )


class LetterViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Letter]):
    """The letters of your legal entities, newest first."""

    serializer_class = LetterOut
    filterset_fields = ("status", "kind", "about_stream", "about_id")
    queryset = Letter.objects.none()

    def get_queryset(self) -> QuerySet[Letter]:
        """Where you may read letters."""
        return selectors.letters(self.request.user).order_by("-pk")


class TextIn(serializers.Serializer[Any]):
    """A text of an entity."""

    entity = serializers.SlugField()
    kind = serializers.ChoiceField(choices=kinds())
    language = serializers.ChoiceField(choices=Language.choices)
    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=10_000)


class TextKey(serializers.Serializer[Any]):
    """Which text of an entity."""

    entity = serializers.SlugField()
    kind = serializers.ChoiceField(choices=kinds())
    language = serializers.ChoiceField(choices=Language.choices)


class TextOut(TextIn):
    """The text that applies now, and the names it may use."""

    values = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class PreviewOut(serializers.Serializer[Any]):
    """A text with sample figures in it."""

    subject = serializers.CharField()
    text = serializers.CharField()


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

    @extend_schema(responses=TextOut(many=True), parameters=[OpenApiParameter("entity", str, required=True)])
    def list(self, request: Request) -> Response:
        """Every text that applies in an entity."""
        entity = self._entity(request, request.query_params.get("entity", ""), "letter.read")
        texts = [
            services.text_for(kind=kind, language=lang, entity=entity) for kind, lang in sorted(shipped())
        ]
        return Response([_text(entity, text) for text in texts])

    @extend_schema(request=TextIn, responses=TextOut)
    def create(self, request: Request) -> Response:
        """Use other words from now on; a name nobody fills is refused."""
        shape = TextIn(data=request.data)
        shape.is_valid(raise_exception=True)
        words = dict(shape.validated_data)
        entity = self._entity(request, words.pop("entity"), "plan.edit")
        services.save_template(entity=entity, by=cast(User, request.user), at=clock.now(), **words)
        text = services.text_for(kind=words["kind"], language=words["language"], entity=entity)
        return Response(_text(entity, text))

    @extend_schema(request=TextKey, responses=TextOut)
    @action(detail=False, methods=["post"])
    def reset(self, request: Request) -> Response:
        """Back to the shipped words."""
        shape = TextKey(data=request.data)
        shape.is_valid(raise_exception=True)
        words = dict(shape.validated_data)
        entity = self._entity(request, words.pop("entity"), "plan.edit")
        services.reset_template(entity=entity, **words)
        return Response(_text(entity, services.text_for(entity=entity, **words)))

    @extend_schema(request=TextIn, responses=PreviewOut)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """How a text would read, with sample figures; nothing is stored."""
        shape = TextIn(data=request.data)
        shape.is_valid(raise_exception=True)
        words = shape.validated_data
        entity = self._entity(request, words["entity"], "letter.read")
        known = services.text_for(kind=words["kind"], language=words["language"], entity=entity).values
        for source in (words["subject"], words["body"]):
            rendering.check(source, known)
        values = services.sample_values(entity, known)
        parts = rendering.blocks(words["body"], values)
        return Response(
            {"subject": rendering.one_line(words["subject"], values), "text": rendering.as_text(parts)}
        )


def _text(entity: LegalEntity, text: services.Text) -> dict[str, Any]:
    return {
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
