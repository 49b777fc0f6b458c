"""Starts a management command, with the embedded servers underneath when it needs them."""

import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import connection

from config.embedded import ServerError, hold

# These need no server, or (up, doctor) look after the servers themselves.
NEED_NO_SERVER = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "doctor",
    "findstatic",
    "help",
    "makemessages",
    "sendtestemail",
    "spectacular",
    "up",
    "version",
}
MAKE_TABLES_THEMSELVES = {"makemigrations", "migrate", "restore", "showmigrations", "sqlmigrate"}


def main(argv: list[str]) -> int:
    """Run the command that `argv` names; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        run(argv)
    except (ImproperlyConfigured, ServerError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(argv: list[str]) -> None:
    """Run the command; the embedded servers are held for its duration if it needs them and none are named."""
    name = next((word for word in argv[1:] if not word.startswith("-")), "help")
    helps = "--help" in argv or "-h" in argv
    embedded = settings.EMBEDDED or settings.EMBEDDED_BROKER
    if helps or name in NEED_NO_SERVER or not embedded:
        execute_from_command_line(argv)
        return
    with hold(settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER):
        if settings.EMBEDDED and name not in MAKE_TABLES_THEMSELVES:
            make_tables_once(argv)
        execute_from_command_line(argv)


def make_tables_once(argv: list[str]) -> None:
    """Run the migrations when the embedded database was made just now and is empty."""
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations')")
        (table,) = cursor.fetchone()
    connection.close()
    if table is None:
        execute_from_command_line([argv[0], "migrate", "--verbosity", "0"])
