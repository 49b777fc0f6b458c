"""The API of other systems' codes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from accounts.selectors import entities_for
from disputes import services
from disputes.choices import CodeKind, Effect, Standard
from disputes.doors import Door
from disputes.models import ExternalCode, Reason
from disputes.services import CodeInput
from lib import clock


class ExternalCodeOut(serializers.ModelSerializer[ExternalCode]):
    """What a code of another system means here. `reason` is the code of one of the entity's reasons, or nothing."""

    reason = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = ExternalCode
        fields = ("id", "entity", "standard", "kind", "code", "reason", "effect", "active")


class CodeChange(serializers.Serializer[Any]):
    """A row of the table."""

    standard = serializers.ChoiceField(choices=Standard.choices)
    kind = serializers.ChoiceField(choices=CodeKind.choices, default=CodeKind.REASON)
    code = serializers.CharField(max_length=40)
    reason = serializers.SlugField(
        max_length=40, required=False, allow_null=True, allow_blank=True, default=None
    )
    effect = serializers.ChoiceField(choices=Effect.choices, default=Effect.OPEN)
    active = serializers.BooleanField(default=True)


class ExternalCodeIn(CodeChange):
    """A row of an entity's table."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())


class ExternalCodeViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The codes of the legal entities you decide disputes in. Mapping a code reaches the disputes that wait for it."""

    serializer_class = ExternalCodeOut
    queryset = ExternalCode.objects.none()
    filterset_fields = ("entity", "standard", "kind", "code", "effect", "active", "reason__code")

    def get_queryset(self) -> QuerySet[ExternalCode]:
        """Yours only."""
        return ExternalCode.objects.visible_to(self.request.user).select_related("reason", "entity")

    @extend_schema(request=ExternalCodeIn, responses={201: ExternalCodeOut})
    def create(self, request: Request) -> Response:
        """Put a code into the table; one that is there already is changed."""
        data = self.shape(ExternalCodeIn, entity=entities_for(request.user, "dispute.decide"))
        return self._set(data.pop("entity"), data, None, status.HTTP_201_CREATED)

    @extend_schema(request=CodeChange, responses=ExternalCodeOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a row."""
        row = self.get_object()
        return self._set(row.entity, self.shape(CodeChange), row, status.HTTP_200_OK)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a code out of the table: from then on it is unknown."""
        services.drop_code(row=self.get_object(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _set(
        self, entity: LegalEntity, data: dict[str, Any], row: ExternalCode | None, code: int
    ) -> Response:
        reason = data.pop("reason") or None
        if reason is not None:
            reason = get_object_or_404(Reason, entity=entity, code=reason, active=True)
        wanted = CodeInput(reason=reason, **data)
        by = self.person
        done = services.set_code(entity=entity, wanted=wanted, by=by, at=clock.now(), row=row)
        return Response(ExternalCodeOut(done).data, status=code)


def register(router: DefaultRouter) -> None:
    """Put the codes on the API."""
    router.register("external-codes", ExternalCodeViewSet, basename="external-code")
