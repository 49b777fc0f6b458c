"""The command: what it refuses, what it prints, and that nothing is left to be told afterwards."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.events import Event
from accounts.models import LegalEntity, User
from chat.models import Message
from demo import play
from demo.company import NotEmpty, make_company
from demo.sizes import SIZES, TINY
from ledger.models import Customer, Invoice
from tests.demo.conftest import FRAME, known_digest
from tests.demo.digest import digest
from tests.factories import Cast


@pytest.mark.django_db
def test_a_database_with_anything_in_it_is_refused(cast: Cast) -> None:
    before = Customer.objects.count()
    with pytest.raises(CommandError, match="DATABASE_URL"):
        call_command("demo", stdout=StringIO())
    assert Customer.objects.count() == before
    assert not User.objects.filter(is_demo=True).exists()


@pytest.mark.django_db
def test_a_size_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(CommandError, match=r"large.*medium.*small"):
        call_command("demo", "--size", "huge")


def test_the_tiny_size_is_for_tests_only() -> None:
    assert TINY.name not in SIZES


@pytest.mark.django_db(transaction=True)
def test_the_command_makes_the_same_each_time_and_leaves_nothing_to_be_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SIZES, "small", TINY)
    known = known_digest()
    said = StringIO()
    call_command("demo", "--on", "2026-03-16", "--seed", "7", stdout=said)
    assert digest() == known
    assert not Event.objects.filter(dispatched_at=None).exists()
    assert Message.objects.exists()
    assert "marta@" in said.getvalue()
    assert "zanjar-demo-2026" in said.getvalue()
    with pytest.raises(NotEmpty):
        make_company(FRAME)


@pytest.mark.django_db(transaction=True)
def test_a_demo_that_is_interrupted_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(play.Player, "go", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_company(FRAME)
    assert not LegalEntity.objects.exists()
    assert not User.objects.exists()
    assert not Invoice.objects.exists()
