"""`manage.py doctor`: what is configured, what is reachable, what is missing, in words."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.diagnosis import Verdict, findings


class Command(BaseCommand):
    """Prints one line for each thing looked at; exit status 1 when something is missing."""

    help = "Says what is configured, what is reachable and what is missing. Changes nothing."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Look and print."""
        missing = 0
        for found in findings():
            self.stdout.write(f"{found.verdict:<8} {found.subject:<14} {found.words}")
            missing += found.verdict is Verdict.BAD
        if missing:
            raise CommandError("Something is missing: see the lines above.", returncode=1)
        self.stdout.write("Nothing is missing.")
