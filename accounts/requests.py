"""What the pages and the API of every room share: who asks, what came in, and which legal entity is meant."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from accounts.selectors import entities_for


def person(request: HttpRequest) -> User:
    """Who asks; only behind a sign-in."""
    return cast(User, request.user)


def chosen_entity(request: HttpRequest, action: str) -> LegalEntity:
    """The entity a page of settings is about: the one asked for, or the first; 403 for who may `action` nowhere."""
    rows = entities_for(person(request), action).order_by("code")
    wanted = request.GET.get("entity") or request.POST.get("entity") or ""
    if wanted:
        return get_object_or_404(rows, pk=wanted if wanted.isdecimal() else 0)
    entity = rows.first()
    if entity is None:
        raise PermissionDenied
    return entity


class Door(GenericViewSet[Any]):
    """A resource of the API."""

    @property
    def person(self) -> User:
        """Who asks; anonymous requests never come here."""
        return cast(User, self.request.user)

    def shape(self, of: type[serializers.Serializer[Any]], **visible: QuerySet[Any]) -> dict[str, Any]:
        """The checked body. `visible` limits what its references may name: the rest does not exist."""
        shape = of(data=self.request.data)
        for name, rows in visible.items():
            field: Any = shape.fields[name]
            getattr(field, "child_relation", field).queryset = rows
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def again(self, row: Model, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is now."""
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data, status=code)

    def must(self, what: str, row: Any) -> None:
        """403 unless the person may do `what` in the row's legal entity."""
        entity_id = row.pk if isinstance(row, LegalEntity) else row.entity_id
        if not policy.may(self.person, what, entity_id):
            raise PermissionDenied
