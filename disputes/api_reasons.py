"""The API that writes reasons."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Department, LegalEntity, User
from accounts.selectors import entities_for
from disputes.doors import Door
from disputes.models import Reason, Route
from disputes.services.reasons import ICONS, ReasonInput, set_reason
from disputes.shapes import ReasonOut
from lib import clock


class ReasonChange(serializers.Serializer[Any]):
    """A reason as it shall be. `labels` and `examples` are words by language (es, fr, en)."""

    labels = serializers.DictField(child=serializers.CharField(max_length=200))
    examples = serializers.DictField(child=serializers.CharField(max_length=200), default=dict)
    icon = serializers.CharField(max_length=40, default=ICONS[0])
    position = serializers.IntegerField(min_value=0, max_value=999, default=50)
    route = serializers.PrimaryKeyRelatedField(queryset=Route.objects.none(), allow_null=True, default=None)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.none(), allow_null=True, default=None
    )
    active = serializers.BooleanField(default=True)


class NewReasonIn(ReasonChange):
    """A new reason of an entity. Its code is made from the words."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())


class ReasonWrites(Door):
    """What the resource of reasons can also do: add and change."""

    @extend_schema(request=NewReasonIn, responses={201: ReasonOut})
    def create(self, request: Request) -> Response:
        """Add a reason."""
        data = self._read(NewReasonIn)
        return self._set(data.pop("entity"), data, None, status.HTTP_201_CREATED)

    @extend_schema(request=ReasonChange, responses=ReasonOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a reason. Open disputes keep what they have."""
        reason: Reason = self.get_object()
        return self._set(reason.entity, self._read(ReasonChange), reason, status.HTTP_200_OK)

    def _read(self, of: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body; what the person may not change is not found."""
        shape = of(data=self.request.data)
        mine = entities_for(self.request.user, "route.edit")
        rows: dict[str, Any] = {
            "entity": mine,
            "route": Route.objects.filter(entity__in=mine),
            "department": Department.objects.filter(entity__in=mine),
        }
        for name, found in rows.items():
            if name in shape.fields:
                field: Any = shape.fields[name]
                field.queryset = found
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def _set(self, entity: LegalEntity, data: dict[str, Any], reason: Reason | None, code: int) -> Response:
        by = cast(User, self.request.user)
        wanted = ReasonInput(**data)
        done = set_reason(entity=entity, wanted=wanted, by=by, at=clock.now(), reason=reason)
        return Response(ReasonOut(done).data, status=code)
