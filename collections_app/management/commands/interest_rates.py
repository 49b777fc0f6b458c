"""Reads interest rates: `interest_rates FILE`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from collections_app.services.interest_rates import Taken, import_rates
from lib.clock import now
from lib.errors import DomainError

SHOWN = 50


class Command(BaseCommand):
    """`interest_rates FILE`: exit 0 all in, 1 some rows rejected, 2 unreadable."""

    help = "Read reference rates, margins, legal rates and flat sums for late interest (CSV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="write nothing and report the same")
        parser.add_argument("--json", action="store_true", help="the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print, and say by the exit code what became of it."""
        path: Path = options["path"]
        try:
            content = path.read_bytes()
            taken = import_rates(
                content=content, name=path.name, by=None, at=now(), dry_run=options["dry_run"]
            )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=2) from error
        except DomainError as error:
            raise CommandError(f"{path}: {error}", returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(taken.as_json(), ensure_ascii=False, indent=2))
        else:
            self._print(path, taken, dry_run=options["dry_run"])
        if taken.rejects:
            raise SystemExit(1)

    def _print(self, path: Path, taken: Taken, *, dry_run: bool) -> None:
        counts = ", ".join(f"{taken.count(name)} {name}" for name in ("created", "updated", "unchanged"))
        self.stdout.write(f"{path}: {counts}, {len(taken.rejects)} rejected.")
        for one in taken.rejects[:SHOWN]:
            self.stdout.write(f"  line {one.line}: {one.sentence}")
        if len(taken.rejects) > SHOWN:
            self.stdout.write(f"  and {len(taken.rejects) - SHOWN} more; --json lists them.")
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")
