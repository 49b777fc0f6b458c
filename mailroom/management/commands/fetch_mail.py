"""manage.py fetch_mail: take in what waits in the mailbox and in the folder."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mailroom.fetching import fetch_mail
from mailroom.inbound.mailbox import MailboxAway


class Command(BaseCommand):
    """Running it twice takes each mail in once."""

    help = "Takes in the mail that waits in the mailbox of IMAP_URL (and in VAR_DIR/mail/in on a machine without one)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Take everything in and say how many mails there were."""
        try:
            taken = fetch_mail()
        except MailboxAway as error:
            raise CommandError(f"The mailbox of IMAP_URL cannot be read: {error}") from error
        self.stdout.write(f"{taken} e-mails were taken in.")
