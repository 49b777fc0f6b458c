from argparse import ArgumentParser
from datetime import date
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.cast import PASSWORD
from demo.company import Made, NotEmpty, make_company
from demo.plans import Frame
from demo.sizes import SIZES
from lib.clock import today


class Command(BaseCommand):
    """`manage.py demo`: a believable company in an empty database."""

    help = (
        "Makes a believable company in an empty database: two legal entities in Spain and France, customers, three "
        "years of invoices and payments, disputes, conversations and reminders. The same seed and day make the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--size, --seed, --on."""
        parser.add_argument(
            "--size", choices=sorted(SIZES), default="small", help="how much (default: small)"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="another number makes another company (default: 1)"
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, help="the day it is made for, as YYYY-MM-DD (default: today)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, saying what is being made, and print who can sign in."""
        started = monotonic()
        frame = Frame(SIZES[options["size"]], options["on"] or today("Europe/Madrid"), options["seed"])
        try:
            made = make_company(frame, tell=lambda line: self.stdout.write(f"  {line}", ending="\n"))
        except NotEmpty as refusal:
            raise CommandError(str(refusal)) from refusal
        self._report(made, monotonic() - started)

    def _report(self, made: Made, seconds: float) -> None:
        self.stdout.write(
            f"Made {made.customers} customers, {made.papers} invoices and credit notes, {made.closed} closed and "
            f"{made.live} live disputes in {seconds:.0f} s."
        )
        self.stdout.write(f"Sign in with the password {PASSWORD} as:")
        for house in made.houses:
            self.stdout.write(f"  {house.entity.name}")
            for person, role in (
                (house.manager, "credit manager"),
                (house.sales[0], "salesperson"),
                (house.experts["logistics"], "logistics"),
            ):
                self.stdout.write(f"    {person.email:48} {person.name}, {role}")
        self.stdout.write(f"    {made.houses[0].finance.email:48} {made.houses[0].finance.name}, finance")
