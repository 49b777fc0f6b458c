"""Imports what was put into the watched folder."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.drop.folder import DropError
from ledger.drop.taking import Taken, look
from lib.clock import now

EVERY_SECONDS = 30


class Command(BaseCommand):
    """`drop`: looks every half minute until it is stopped; with `--once`, one look and the worst file's exit code."""

    help = "Import the files that were put into the watched folder (DROP_DIR), one folder per legal entity."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument(
            "--once", action="store_true", help="look once and end; exit 0, 1 or 2 as intake does"
        )
        parser.add_argument("--json", action="store_true", help="a report per file, one JSON object per line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, print, and wait for the next look."""
        worst = self._look(options["json"])
        while not options["once"]:
            time.sleep(EVERY_SECONDS)
            self._look(options["json"])
        if worst:
            raise SystemExit(worst)

    def _look(self, as_json: bool) -> int:
        """One look; the worst exit code."""
        worst = 0
        try:
            for taken in look(at=now()):
                worst = max(worst, taken.exit_code)
                self.stdout.write(
                    json.dumps(taken.as_json(), ensure_ascii=False) if as_json else _words(taken)
                )
        except DropError as error:
            raise CommandError(f"{error} (DROP_DIR={settings.DROP_DIR})", returncode=2) from error
        return worst


def _words(taken: Taken) -> str:
    created, updated, unchanged, rejected = (
        sum(getattr(result, name) for result in taken.results)
        for name in ("created", "updated", "unchanged", "rejected")
    )
    return (
        f"{taken.entity.code}/{taken.name}: {created} created, {updated} updated, {unchanged} unchanged, "
        f"{rejected} rejected -> {taken.path}"
    )
