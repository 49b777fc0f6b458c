"""`manage.py report NAME`: any figure, as of any day, in any format."""

import argparse
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from accounts.models import LegalEntity
from lib import clock
from lib.errors import DomainError
from reporting.export import BINARY, FORMATS, write
from reporting.metrics.dso import COUNT_BACK, METHODS
from reporting.reports import NAMES, Options, build, find
from reporting.selectors.frame import make_frame, one_entity


def day(text: str) -> date:
    """An ISO date from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-03-31.") from error


def moment(text: str) -> datetime:
    """An ISO moment from the command line; without an offset it is taken in the entity's time zone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a moment like 2026-03-31T18:00.") from error


class Command(BaseCommand):
    """Print or write one report. Exit code 1 when it cannot be made, with the reason."""

    help = f"Print a report. NAME is one of: {', '.join(NAMES)}."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help=", ".join(NAMES))
        parser.add_argument(
            "--entity", default="", metavar="CODE", help="legal entity; may be left out if there is one"
        )
        parser.add_argument(
            "--as-of", type=day, metavar="DATE", help="position at the end of this day (default: today)"
        )
        parser.add_argument(
            "--known-at", type=moment, metavar="MOMENT", help="count only what was recorded by then"
        )
        parser.add_argument("--from", dest="first", type=day, metavar="DATE", help="first day of the period")
        parser.add_argument("--to", dest="last", type=day, metavar="DATE", help="last day of the period")
        parser.add_argument(
            "--by", default="", metavar="DIM", help="customer, segment, salesperson, country, reason..."
        )
        parser.add_argument("--method", choices=METHODS, default=COUNT_BACK, help="how the DSO is computed")
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument("-o", "--output", metavar="FILE", help="write here instead of the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._put(self._make(options), options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _make(self, options: dict[str, Any]) -> bytes:
        find(options["name"])
        entity = one_entity(LegalEntity.objects.all(), options["entity"])
        known_at = options["known_at"]
        if known_at is not None and known_at.tzinfo is None:
            known_at = known_at.replace(tzinfo=ZoneInfo(entity.time_zone))
        as_of = options["as_of"] or options["last"] or clock.today(entity.time_zone)
        with override(entity.language):
            asked = Options(options["by"], options["first"], options["last"], options["method"])
            report = build(options["name"], make_frame(entity, as_of, known_at=known_at), asked)
            return write(report, options["format"])

    def _put(self, content: bytes, options: dict[str, Any]) -> None:
        if options["output"]:
            path = Path(options["output"])
            try:
                path.write_bytes(content)
            except OSError as error:
                raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        elif options["format"] not in BINARY:
            self.stdout.write(content.decode(), ending="")
        elif sys.stdout.isatty():
            raise CommandError(f"A {options['format']} file is not for the screen: give -o FILE.")
        else:
            sys.stdout.buffer.write(content)
