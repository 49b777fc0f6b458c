"""Roles given and taken, accounts closed: what is so afterwards, and what is told of it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import policy, services
from accounts.choices import Role
from accounts.events import verify_chain
from accounts.models import Event, User
from tests.factories import AT, Cast


def told() -> list[tuple[str, int | None, int]]:
    rows = Event.objects.filter(stream="person").order_by("pk")
    return [(event.kind, event.entity_id, event.object_id) for event in rows]


def test_a_first_role_is_no_news_and_every_other_change_is(cast: Cast) -> None:
    assert told() == []
    given = {"user": cast.eva, "entity": cast.entity, "role": Role.EXPERT, "at": AT, "by": cast.adam}
    services.give_role(department=cast.logistics, **given)
    assert told() == [], "nothing changed"
    services.give_role(department=cast.billing, **given)
    services.give_role(**given | {"role": Role.SALES})
    assert services.take_role(user=cast.eva, entity=cast.entity, role=Role.SALES, at=AT) is True
    assert services.take_role(user=cast.eva, entity=cast.entity, role=Role.SALES, at=AT) is False
    kinds = ["person.role_changed", "person.role_changed", "person.role_taken"]
    assert told() == [(kind, cast.entity.pk, cast.eva.pk) for kind in kinds]
    assert verify_chain("person", cast.eva.pk)
    assert policy.scope(User.objects.get(pk=cast.eva.pk)).departments == {cast.billing.pk}


def test_a_closed_account_opens_nothing_and_keeps_its_roles(cast: Cast) -> None:
    assert services.deactivate(user=cast.carl, at=AT, by=cast.adam) is True
    assert services.deactivate(user=cast.carl, at=AT) is False
    carl = User.objects.get(pk=cast.carl.pk)
    assert policy.scope(carl).roles == {}
    assert carl.memberships.get().role == Role.COLLECTOR
    assert told() == [("person.deactivated", cast.entity.pk, carl.pk)]


def test_the_command_does_what_the_services_do(cast: Cast) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("access", *words, stdout=out)
        return out.getvalue()

    said = run(cast.eva.email, "--give", "collector@ACM")
    assert said == f"{cast.eva.email}: collector@ACM, expert@ACM.\n"
    assert run(cast.eva.email, "--take", "expert@ACM") == f"{cast.eva.email}: collector@ACM.\n"
    run(cast.bill.email, "--give", "expert@ACM", "--department", "logistics")
    assert cast.bill.memberships.get().department == cast.logistics
    assert "cannot sign in" in run(cast.eva.email.upper(), "--close")
    assert not User.objects.get(pk=cast.eva.pk).is_active
    for words in (
        ("nobody@acm.example", "--close"),
        (cast.eva.email, "--take", "king@ACM"),
        (cast.eva.email, "--take", "expert@NIL"),
        (cast.eva.email, "--give", "expert@ACM", "--department", "nil"),
    ):
        with pytest.raises(CommandError):
            run(*words)
