"""What the doors of this room's API share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts import policy
from accounts.models import LegalEntity
from disputes import doors, services


class Door(doors.Door):
    """A door that also takes lists of references, and names legal entities by what the person may do there."""

    def shape(self, of: type[serializers.Serializer[Any]], **visible: QuerySet[Any]) -> dict[str, Any]:
        """The checked body. `visible` limits what its references may name: the rest does not exist."""
        shape = of(data=self.request.data)
        for name, rows in visible.items():
            field: Any = shape.fields[name]
            getattr(field, "child_relation", field).queryset = rows
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def entities(self, action: str) -> QuerySet[LegalEntity]:
        """The legal entities in which this person may do it."""
        return LegalEntity.objects.filter(pk__in=policy.scope(self.person).entities(action))


def lines_of(data: dict[str, Any]) -> list[services.LineInput]:
    """The lines of a body as the services take them."""
    return [
        services.LineInput(line["invoice"], line["amount"], line["invoice_line"], line["quantity"])
        for line in data["lines"]
    ]
