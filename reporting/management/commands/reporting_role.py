"""`manage.py reporting_role NAME`: a role of the database with which a BI tool reads the views of `reporting`."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import LegalEntity
from lib import clock
from lib.errors import DomainError
from reporting.bi import roles
from reporting.bi.views import SCHEMA
from reporting.selectors.frame import one_entity


class Command(BaseCommand):
    """Make a role or give it other companies; its password is printed once."""

    help = "Make, change or drop a role that reads the views for BI tools, of its companies only."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="name of the role")
        parser.add_argument(
            "--entity",
            action="append",
            default=[],
            metavar="CODE",
            help="a legal entity it reads; may be repeated",
        )
        parser.add_argument("--new-password", action="store_true", help="give it another password")
        parser.add_argument("--drop", action="store_true", help="take the role away")

    def handle(self, *args: Any, **options: Any) -> None:
        name, at = options["name"], clock.now()
        try:
            if options["drop"]:
                roles.drop_role(name=name, at=at)
                self.stdout.write(f"{name} is gone.")
                return
            known = LegalEntity.objects.all()
            entities = [one_entity(known, code) for code in options["entity"]]
            # A role that is there keeps its companies; a new one gets the only one there is.
            entities = entities or roles.companies_of(name) or [one_entity(known)]
            password = roles.set_role(name=name, entities=entities, at=at, renew=options["new_password"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        codes = ", ".join(entity.code for entity in entities)
        self.stdout.write(f"{name} reads schema {SCHEMA} of {codes}.")
        if password:
            self.stdout.write(f"password: {password}")
