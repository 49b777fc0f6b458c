"""Changes what a person may do, from the machine: a role given or taken, or the whole account closed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.choices import Role
from accounts.models import Department, LegalEntity, User
from lib import clock


class Command(BaseCommand):
    """`access EMAIL --give ROLE@ENTITY | --take ROLE@ENTITY | --close`: it counts at once, in open pages too."""

    help = "Give a person a role, take one, or close the account; what they have open follows at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and one of three acts."""
        parser.add_argument("email")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--give", metavar="ROLE@ENTITY")
        act.add_argument("--take", metavar="ROLE@ENTITY")
        act.add_argument("--close", action="store_true", help="the person cannot sign in any more")
        parser.add_argument("--department", default="", help="the code of the department, with --give")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what is so now."""
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        if options["close"]:
            services.deactivate(user=user, at=clock.now())
            self.stdout.write(f"{user.email} cannot sign in any more.")
            return
        role, entity = _role_at(options["give"] or options["take"])
        if options["give"]:
            team = _department(entity, options["department"])
            services.give_role(user=user, entity=entity, role=role, department=team, at=clock.now())
        else:
            services.take_role(user=user, entity=entity, role=role, at=clock.now())
        roles = user.memberships.order_by("entity__code", "role").values_list("role", "entity__code")
        held = ", ".join(f"{name}@{code}" for name, code in roles) or "none"
        self.stdout.write(f"{user.email}: {held}.")


def _role_at(said: str) -> tuple[Role, LegalEntity]:
    name, _mark, code = said.partition("@")
    entity = LegalEntity.objects.filter(code=code).first()
    if name not in Role.values or entity is None:
        raise CommandError(f"{said} is no role of a legal entity; roles are {', '.join(Role.values)}.")
    return Role(name), entity


def _department(entity: LegalEntity, code: str) -> Department | None:
    team = Department.objects.filter(entity=entity, code=code).first()
    if code and team is None:
        raise CommandError(f"{entity.code} has no department {code}.")
    return team
