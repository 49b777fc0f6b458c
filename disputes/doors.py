"""What the API's doors of this room share."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import User


class Door(GenericViewSet[Any]):
    """A resource, with who asks and the shapes of what comes in."""

    @property
    def person(self) -> User:
        """Who asks; anonymous requests never come here."""
        return cast(User, self.request.user)

    def shape(self, of: type[serializers.Serializer[Any]], **visible: QuerySet[Any]) -> dict[str, Any]:
        """The checked body. `visible` limits what its references may name: the rest does not exist."""
        shape = of(data=self.request.data)
        for name, rows in visible.items():
            field: Any = shape.fields[name]
            field.queryset = rows
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def people(self) -> QuerySet[User]:
        """The colleagues of the entities this person works on disputes in."""
        entities = policy.scope(self.person).entities("dispute.read")
        return User.objects.filter(memberships__entity__in=entities).distinct()
