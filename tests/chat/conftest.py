"""Rooms for tests: a live dispute of Comercial Norte, with the people its route brings in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from accounts.choices import Role
from accounts.events import relay
from accounts.models import Event, User
from chat.models import Message, Room
from chat.services import post_message
from disputes import services as disputes
from disputes.models import Dispute, Reason
from tests.factories import AT, Cast, make_invoice, make_person

_tokens = itertools.count(1)


def token() -> str:
    """A client token nobody used yet."""
    return f"token-{next(_tokens):08d}"


def deliver() -> None:
    """Hand every pending event to its listeners, as the relay does after commit."""
    for pk in (
        Event.objects.filter(dispatched_at=None, stream="dispute").order_by("pk").values_list("pk", flat=True)
    ):
        assert relay(pk, at=AT)


def make_dispute(cast: Cast, *, reason: str = "price", amount: str = "400.00") -> Dispute:
    """A dispute on part of an invoice of Comercial Norte, opened by Alice; its events are delivered."""
    disputes.catalogue.install(cast.entity)
    invoice = make_invoice(cast.norte)
    dispute = disputes.open_dispute(
        customer=cast.norte,
        lines=[disputes.LineInput(invoice_id=invoice.pk, amount=Decimal(amount))],
        reason=Reason.objects.get(entity=cast.entity, code=reason),
        by=cast.alice,
        at=AT,
        statement="The price is not the one we agreed.",
    )
    deliver()
    return dispute


def say(room: Room, by: User, body: str = "Hello", **more: object) -> Message:
    """Post a message with a fresh token."""
    fields: dict[str, object] = {"client_token": token(), "at": AT, **more}
    return post_message(room=room, by=by, body=body, **fields)  # type: ignore[arg-type]


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute."""
    return make_dispute(cast)


@pytest.fixture
def room(dispute: Dispute) -> Room:
    """The room of the dispute."""
    return Room.objects.get(dispute=dispute)


@pytest.fixture
def paula(cast: Cast) -> User:
    """A carrier's dispatcher: a partner of ACM, in no room yet."""
    return make_person("Paula", cast.entity, Role.PARTNER)


@pytest.fixture
def new_token() -> Callable[[], str]:
    """Makes client tokens."""
    return token


@pytest.fixture
def later() -> datetime:
    """A while after the moment of the tests."""
    return AT.replace(hour=17)
