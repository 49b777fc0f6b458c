"""`manage.py up`: everything that Zanjar needs, as one process tree with one log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.embedded import ServerError
from config.env import env, env_bool, env_int
from config.house import House, Wishes
from config.port import PortTaken


class Command(BaseCommand):
    """Starts embedded services if needed, prepares the database, then web, worker and beat."""

    help = "Runs Zanjar: embedded services, migrations, demo data, web, worker and beat. Ctrl-C stops all."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--port, --bind, --workers, --demo / --no-demo; the environment gives the defaults."""
        parser.add_argument("--port", type=int, default=env_int("PORT", 8000))
        parser.add_argument("--bind", default=env("BIND", "127.0.0.1"), metavar="ADDRESS")
        parser.add_argument("--workers", type=int, default=env_int("WORKERS", 1), metavar="N")
        parser.add_argument("--demo", action="store_true", default=env_bool("DEMO", True))
        parser.add_argument("--no-demo", action="store_false", dest="demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM."""
        names = ("port", "bind", "workers", "demo")
        try:
            House(Wishes(**{name: options[name] for name in names})).run()
        except (PortTaken, ServerError) as error:
            raise CommandError(str(error)) from error
