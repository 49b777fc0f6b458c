"""What the viewsets of this room share."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User


class ReadOnly(ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]):
    """A list and its rows."""

    @property
    def person(self) -> User:
        """Who asks; anonymous requests never come here."""
        return cast(User, self.request.user)

    def shape(self, of: type[serializers.Serializer[Any]], **visible: QuerySet[Any]) -> dict[str, Any]:
        """The checked body. `visible` limits what its reference fields may name: the rest does not exist."""
        shape = of(data=self.request.data)
        for name, rows in visible.items():
            field: Any = shape.fields[name]
            field.queryset = rows
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def must(self, what: str, row: Any) -> None:
        """403 unless the person may do `what` in the row's legal entity."""
        entity_id = row.pk if isinstance(row, LegalEntity) else row.entity_id
        if not policy.may(self.person, what, entity_id):
            raise PermissionDenied
