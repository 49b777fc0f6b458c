"""The API of payments on a page: who takes them."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from accounts.services import change_settings
from collections_app.paying.providers import provider_codes
from lib import clock


class PayProviderIn(serializers.Serializer[Any]):
    """The code of the provider; empty for none."""

    provider = serializers.CharField(max_length=20, allow_blank=True)

    def validate_provider(self, value: str) -> str:
        """One that this installation has."""
        if value and value not in provider_codes():
            raise serializers.ValidationError(f"There is no provider {value!r} here.")
        return value


class PayProviderOut(serializers.Serializer[Any]):
    """The provider that is chosen, and those that can be."""

    provider = serializers.CharField()
    choices = serializers.ListField(child=serializers.CharField())


@extend_schema(parameters=[OpenApiParameter("entity", str, OpenApiParameter.PATH)])
class PayProviderViewSet(ViewSet):
    """Who takes the payments of each legal entity, by its code."""

    lookup_field = "entity"

    def _entity(self, request: Request, code: str | None, act: str) -> LegalEntity:
        mine = policy.scope(request.user).entities("plan.read")
        entity = LegalEntity.objects.filter(code=code or "", pk__in=mine).first()
        if entity is None:
            raise Http404
        if not policy.may(request.user, act, entity.pk):
            raise PermissionDenied
        return entity

    @extend_schema(responses=PayProviderOut)
    def retrieve(self, request: Request, entity: str | None = None) -> Response:
        """What is chosen."""
        return Response(_told(self._entity(request, entity, "plan.read")))

    @extend_schema(request=PayProviderIn, responses=PayProviderOut)
    def update(self, request: Request, entity: str | None = None) -> Response:
        """Choose."""
        found = self._entity(request, entity, "plan.edit")
        shape = PayProviderIn(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        by = cast(User, request.user)
        return Response(
            _told(change_settings(entity=found, part="paying", values=values, by=by, at=clock.now()))
        )


def _told(entity: LegalEntity) -> dict[str, Any]:
    chosen = entity.settings.get("paying", {}).get("provider", "")
    return {"provider": chosen, "choices": provider_codes()}


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("payment-providers", PayProviderViewSet, basename="payment-provider")
