"""`manage.py send_reports`: send the reports by mail that are due, by hand."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from lib import clock
from reporting.models import Subscription
from reporting.subscriptions import sending


class Command(BaseCommand):
    """What the worker does every minute. Running it twice, or beside the worker, sends once."""

    help = "Send the reports by mail that are due now."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many are due")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        if options["dry_run"]:
            self.stdout.write(f"due: {Subscription.objects.filter(next_due_at__lte=at).count()}")
            return
        self.stdout.write(f"sent: {sending.send_due(at=at)}")
