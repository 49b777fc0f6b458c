"""Computes every stored total again from its rows."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lib import books


class Command(BaseCommand):
    """`check_books`: exit 0 when the books are right, 1 with the list of what differs."""

    help = (
        "Compute every stored or derived total again from its rows; exit 1 with the list on any difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of DESIGN.md section 5."""
        parser.add_argument("--json", action="store_true", help="the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, print what is found as it is found, and say it by the exit code."""
        begun = time.monotonic()
        found = self._as_json() if options["json"] else self._as_words()
        seconds = round(time.monotonic() - begun, 3)
        if options["json"]:
            rest = {"ok": not found, "found": found, "checks": sorted(books.CHECKS), "seconds": seconds}
            self.stdout.write(f"], {json.dumps(rest)[1:]}")
        else:
            verdict = f"{found} differences" if found else "the books are right"
            self.stdout.write(f"{len(books.CHECKS)} checks in {seconds} s: {verdict}.")
        if found:
            raise SystemExit(1)

    def _as_json(self) -> int:
        """Write the opening of the object and its findings, one a line; how many."""
        found = 0
        self.stdout.write('{"findings": [', ending="")
        for finding in books.run():
            separator = "," if found else ""
            self.stdout.write(f"{separator}\n{json.dumps(finding.as_json(), ensure_ascii=False)}", ending="")
            found += 1
        return found

    def _as_words(self) -> int:
        """Write the findings, those of each check under its sentence; how many."""
        found, heading = 0, ""
        for finding in books.run():
            if finding.code != heading:
                heading = finding.code
                self.stdout.write(f"{heading}: {books.CHECKS[heading].words}")
            row = finding.difference
            self.stdout.write(f"  {finding.where}: stored {row.stored}, recomputed {row.recomputed}")
            found += 1
        return found
