"""Background work of the mailroom: ids in, nothing out."""

import logging

from celery import shared_task

from lib import clock
from mailroom import fetching, services
from mailroom.inbound.mailbox import MailboxAway

log = logging.getLogger(__name__)


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


@shared_task(name="mailroom.fetch")
def fetch() -> None:
    """Every minute: take in what waits in the mailbox and in the folder."""
    try:
        fetching.fetch_mail()
    except MailboxAway as error:
        log.warning("The mailbox of IMAP_URL cannot be read: %s", error)


@shared_task(name="mailroom.forget")
def forget() -> None:
    """Every hour: delete whole mails that were kept long enough."""
    services.forget_old_mail(at=clock.now())
