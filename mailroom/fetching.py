"""Takes in what waits outside: in the mailbox of IMAP_URL, and in the folder of the embedded default."""

from functools import partial

from django.conf import settings

from lib import clock
from mailroom import services
from mailroom.choices import InboundSource
from mailroom.inbound import folder, mailbox
from mailroom.models import InboundMail
from mailroom.providers import to_files


def fetch_mail() -> int:
    """Take in everything that waits; how many mails. Raises MailboxAway."""
    taken = folder.take_all(settings.MAIL_FOLDER, partial(_take, InboundSource.FOLDER)) if to_files() else 0
    if settings.MAILBOX is not None:
        take = partial(_take, InboundSource.MAILBOX)
        taken += mailbox.fetch(settings.MAILBOX, take, largest=settings.INBOUND_MAX_BYTES)
    return taken


def _take(source: InboundSource, raw: bytes) -> InboundMail:
    return services.receive(raw=raw, source=source, at=clock.now())
