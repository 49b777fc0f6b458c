"""The invented people of the demo, as whom anybody may sign in where DEMO_LOGINS is on."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Prefetch, QuerySet

from accounts.models import Membership, User


def demo_people() -> QuerySet[User]:
    """The demo's people with their roles; nobody unless DEMO_LOGINS is on. Real people are never among them."""
    if not settings.DEMO_LOGINS:
        return User.objects.none()
    roles = Membership.objects.select_related("entity", "department").order_by("entity__code", "role")
    people = User.objects.filter(is_demo=True, is_active=True, is_staff=False, is_superuser=False)
    return people.prefetch_related(Prefetch("memberships", queryset=roles)).order_by("pk")


def lend_password(people: list[User], password: str) -> None:
    """Give invented people a password that everybody may know. One hash for all: hashing is slow on purpose."""
    secret = make_password(password)
    User.objects.filter(pk__in=[person.pk for person in people], is_demo=True).update(password=secret)
