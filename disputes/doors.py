"""What the API's doors of this room share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts import policy, requests
from accounts.models import LegalEntity, User
from disputes import services


class Door(requests.Door):
    """A resource of this room."""

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
