"""Reads files into the ledger."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.intake.formats import NAMES
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult, money_text, notice_sentence
from ledger.intake.run import NoEntity, RunResult, run_intake
from ledger.intake.sentences import sentence
from lib.clock import now

SHOWN = 50


class Command(BaseCommand):
    """`intake PATH...`: exit 0 all in, 1 some rows rejected, 2 unreadable."""

    help = "Read invoices and credit notes (CSV, UBL 2.1) into the ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of DESIGN.md section 5."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders")
        parser.add_argument(
            "--entity", default="", metavar="CODE", help="the legal entity; optional if there is one"
        )
        parser.add_argument("--format", default="auto", choices=["auto", *NAMES])
        parser.add_argument("--profile", default="", metavar="NAME", help="a saved mapping of columns")
        parser.add_argument(
            "--allow-unbalanced",
            action="store_true",
            help="book bank statements that do not balance (bank formats)",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing and report the same")
        parser.add_argument("--json", action="store_true", help="the summary as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, print, and end with the exit code of the worst file."""
        how = HowToRead(options["format"], options["profile"], allow_unbalanced=options["allow_unbalanced"])
        try:
            run = run_intake(
                paths=options["paths"],
                how=how,
                at=now(),
                entity_code=options["entity"],
                dry_run=options["dry_run"],
            )
        except NoEntity as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(run.as_json(), ensure_ascii=False, indent=2))
        else:
            self._print(run)
        if run.exit_code:
            raise SystemExit(run.exit_code)

    def _print(self, run: RunResult) -> None:
        if not run.files:
            self.stdout.write("No files found.")
        for result in run.files:
            self._print_file(result)
        if run.dry_run:
            self.stdout.write("Dry run: nothing was written.")

    def _print_file(self, result: FileResult) -> None:
        if result.error:
            self.stdout.write(f"{result.path}: {sentence(result.error.code, result.error.params)}")
            return
        totals = ", ".join(f"{money_text(total)} {currency}" for currency, total in result.totals.items())
        self.stdout.write(
            f"{result.path} ({result.format}): {result.documents} documents: {result.created} created, "
            f"{result.updated} updated, {result.unchanged} unchanged, {result.rejected} rejected. {totals}".rstrip()
        )
        for notice in result.notices:
            self.stdout.write(f"  {notice_sentence(notice)}")
        for listed in result.rejects[:SHOWN]:
            entry = listed.as_json()
            self.stdout.write(f"  {entry['at']}: {entry['message']}")
        if result.rejected > SHOWN:
            self.stdout.write(f"  and {result.rejected - SHOWN} more; --json lists them.")
