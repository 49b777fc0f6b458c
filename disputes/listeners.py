"""What disputes do when something happened below them. Each is idempotent: events may come twice."""

from accounts.events import Event, listen
from accounts.models import LegalEntity
from disputes.models import DisputeLine
from disputes.services import catalogue, settle_if_paid


@listen("entity.opened")
def install_catalogue(event: Event) -> None:
    """A new legal entity gets the reasons and routes of the catalogue."""
    catalogue.install(LegalEntity.objects.get(pk=event.object_id))


@listen("payment.allocated")
def close_what_is_settled(event: Event) -> None:
    """An invoice was paid or credited: disputes with nothing left to pay close by themselves."""
    live = DisputeLine.objects.filter(invoice=event.object_id, closed_on=None)
    for dispute_id in sorted(set(live.values_list("dispute_id", flat=True))):
        settle_if_paid(dispute_id=dispute_id, at=event.at)
