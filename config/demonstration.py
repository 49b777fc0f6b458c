"""Something to look at: the demo company in an empty database, and who may sign in to it."""

from django.core.management import call_command

from accounts.demo import demo_people
from accounts.models import LegalEntity
from demo.cast import PASSWORD


def database_is_empty() -> bool:
    """Whether nobody has put a legal entity in yet."""
    return not LegalEntity.objects.exists()


def make_demo() -> None:
    """Make the demo company."""
    call_command("demo")


def demo_logins() -> list[str]:
    """A line for each kind of demo person: how to sign in. Nothing where the demo's logins are off."""
    lines: dict[str, str] = {}
    for person in demo_people():
        role = next((membership.get_role_display() for membership in person.memberships.all()), "")
        lines.setdefault(role, f"  {person.name:<18} {role:<16} {person.email}")
    return [*lines.values(), f"  password: {PASSWORD} (or one click on the login page)"] if lines else []
