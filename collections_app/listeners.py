"""What the collections room does when something happened elsewhere."""

from accounts.events import Event, listen
from accounts.models import LegalEntity
from collections_app.services import plans


@listen("entity.opened")
def lay_out_plans(event: Event) -> None:
    """A new legal entity starts with the shipped plans."""
    plans.install(LegalEntity.objects.get(pk=event.object_id), at=event.at)
