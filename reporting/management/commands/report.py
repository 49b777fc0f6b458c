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
from reporting.errors import no_entity
from reporting.export import BINARY, FORMATS, write
from reporting.metrics.dso import COUNT_BACK, METHODS
from reporting.reports import NAMES, Options, build, find
from reporting.reports.group import currency_of, group_report
from reporting.selectors.frame import FILTERS, make_frame, one_entity


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


GROUP = "group"


class Command(BaseCommand):
    """Print or write one report. Exit code 1 when it cannot be made, with the reason."""

    help = f"Print a report. NAME is one of: {', '.join(NAMES)}, {GROUP}."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help=", ".join((*NAMES, GROUP)))
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
        for name in FILTERS:
            parser.add_argument(f"--{name}", default="", help="only this " + name)
        parser.add_argument("--shown-in", default="", metavar="CUR", help="currency of the group")
        parser.add_argument(
            "--part", default="", help="of invoices: open, disputed, undisputed, late, not_due, overdue"
        )
        parser.add_argument("--bucket", default="", help="of invoices: an age, such as 31_60")
        parser.add_argument("--step", default="", help="points of a series: day, week or month")
        parser.add_argument("--method", choices=METHODS, default=COUNT_BACK, help="how the DSO is computed")
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument("-o", "--output", metavar="FILE", help="write here instead of the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._put(self._make(options), options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _make(self, options: dict[str, Any]) -> bytes:
        if options["name"] == GROUP:
            return self._group(options)
        find(options["name"])
        entity = one_entity(LegalEntity.objects.all(), options["entity"])
        known_at = options["known_at"]
        if known_at is not None and known_at.tzinfo is None:
            known_at = known_at.replace(tzinfo=ZoneInfo(entity.time_zone))
        as_of = options["as_of"] or options["last"] or clock.today(entity.time_zone)
        filters = {name: options[name] for name in FILTERS}
        with override(entity.language):
            names = ("by", "first", "last", "method", "step", "part", "bucket")
            asked = Options(**{name: options[name] for name in names})
            report = build(
                options["name"], make_frame(entity, as_of, known_at=known_at, filters=filters), asked
            )
            return write(report, options["format"])

    def _group(self, options: dict[str, Any]) -> bytes:
        """Several entities, given by their codes with commas between (all of them when left out), in one currency."""
        rows = LegalEntity.objects.order_by("code")
        codes = [code for code in options["entity"].split(",") if code]
        entities = [one_entity(rows, code) for code in codes] or list(rows)
        if not entities:
            raise no_entity()
        as_of = options["as_of"] or options["last"] or clock.today(entities[0].time_zone)
        known_at = options["known_at"]
        if known_at is not None and known_at.tzinfo is None:
            known_at = known_at.replace(tzinfo=ZoneInfo(entities[0].time_zone))
        with override(entities[0].language):
            frames = [make_frame(entity, as_of, known_at=known_at) for entity in entities]
            return write(group_report(frames, currency_of(frames, options["shown_in"])), options["format"])

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
