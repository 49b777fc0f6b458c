"""The API of a company's paper."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from lib import clock
from mailroom import services, trying
from mailroom.catalogue import shipped_text
from mailroom.choices import Channel
from mailroom.paper.letterhead import FIELDS


class LetterheadIn(serializers.Serializer[Any]):
    """What stands at the head and foot of an entity's paper; a field that is not given is emptied."""

    address = serializers.CharField(max_length=FIELDS["address"], allow_blank=True, default="")
    phone = serializers.CharField(max_length=FIELDS["phone"], allow_blank=True, default="")
    email = serializers.EmailField(max_length=FIELDS["email"], allow_blank=True, default="")
    web = serializers.CharField(max_length=FIELDS["web"], allow_blank=True, default="")
    place = serializers.CharField(max_length=FIELDS["place"], allow_blank=True, default="")
    registry = serializers.CharField(max_length=FIELDS["registry"], allow_blank=True, default="")
    capital = serializers.CharField(max_length=FIELDS["capital"], allow_blank=True, default="")
    window = serializers.RegexField("^(ES|FR)?$", allow_blank=True, default="")
    logo = serializers.FileField(required=False, write_only=True)
    drop_logo = serializers.BooleanField(default=False, write_only=True)


class LetterheadOut(LetterheadIn):
    """The paper as it is."""

    has_logo = serializers.BooleanField()


@extend_schema(parameters=[OpenApiParameter("entity", str, OpenApiParameter.PATH)])
class LetterheadViewSet(ViewSet):
    """The paper of each legal entity, by its code."""

    lookup_field = "entity"
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    def _entity(self, request: Request, code: str | None, act: str) -> LegalEntity:
        mine = policy.scope(request.user).entities("letter.read")
        entity = LegalEntity.objects.filter(code=code or "", pk__in=mine).first()
        if entity is None:
            raise Http404
        if not policy.may(request.user, act, entity.pk):
            raise PermissionDenied
        return entity

    @extend_schema(responses=LetterheadOut)
    def retrieve(self, request: Request, entity: str | None = None) -> Response:
        """What is set."""
        return Response(_shown(self._entity(request, entity, "letter.read")))

    @extend_schema(request=LetterheadIn, responses=LetterheadOut)
    def update(self, request: Request, entity: str | None = None) -> Response:
        """Set all of it; without a new logo the old one stays."""
        found = self._entity(request, entity, "plan.edit")
        shape = LetterheadIn(data=request.data)
        shape.is_valid(raise_exception=True)
        data = dict(shape.validated_data)
        logo = data.pop("logo", None)
        kept = services.set_letterhead(
            entity=found,
            values=data,
            by=cast(User, request.user),
            at=clock.now(),
            logo=logo.read() if logo else None,
            drop_logo=data["drop_logo"],
        )
        return Response(_shown(kept))

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def specimen(self, request: Request, entity: str | None = None) -> HttpResponse:
        """A letter on this paper, with samples or a customer's figures."""
        found = self._entity(request, entity, "plan.edit")
        text, on = shipped_text("dunning.firm", found.language), clock.today(found.time_zone)
        words, _whose = trying.tried(
            entity=found,
            kind=text.kind,
            language=text.language,
            channel=Channel.POST,
            subject=text.subject,
            body=text.body,
            user=cast(User, request.user),
            on=on,
        )
        return HttpResponse(trying.paper_of(found, words, on, clock.now()), content_type="application/pdf")


def _shown(entity: LegalEntity) -> dict[str, Any]:
    head = entity.settings.get("letterhead", {})
    return {name: head.get(name, "") for name in FIELDS} | {"has_logo": bool(head.get("logo"))}


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("letterheads", LetterheadViewSet, basename="letterhead")
