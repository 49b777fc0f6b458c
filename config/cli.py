"""Starts a management command."""

import os

from django.core.management import execute_from_command_line


def main(argv: list[str]) -> int:
    """Run the command that `argv` names; the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(argv)
    return 0
