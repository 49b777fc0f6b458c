"""What the API's doors of this room share."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import LegalEntity, User
from disputes import services


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
            getattr(field, "child_relation", field).queryset = rows
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def people(self) -> QuerySet[User]:
        """The colleagues of the entities this person works on disputes in."""
        entities = policy.scope(self.person).entities("dispute.read")
        return User.objects.filter(memberships__entity__in=entities).distinct()

    def entities(self, action: str) -> QuerySet[LegalEntity]:
        """The legal entities in which this person may do it."""
        return LegalEntity.objects.filter(pk__in=policy.scope(self.person).entities(action))


def lines_of(data: dict[str, Any]) -> list[services.LineInput]:
    """The lines of a body as the services take them."""
    return [
        services.LineInput(line["invoice"], line["amount"], line["invoice_line"], line["quantity"])
        for line in data["lines"]
    ]
