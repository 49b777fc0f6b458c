"""Background work of the mailroom: ids in, nothing out."""

from celery import shared_task

from lib import clock
from mailroom import services


@shared_task(name="mailroom.deliver")
def deliver(letter_id: int) -> None:
    """Send one letter; harmless when it is gone already."""
    services.deliver(letter_id=letter_id, at=clock.now())


@shared_task(name="mailroom.sweep")
def sweep() -> None:
    """Every minute: bring back what a dead worker left behind and send what is due."""
    at = clock.now()
    services.sweep(at=at)
    services.deliver_due(at=at)
