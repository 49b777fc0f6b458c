"""An accepted offer makes the customer's promise for the rest, once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.events import Event
from collections_app.listeners import promise_the_rest
from collections_app.models import Promise
from disputes import services
from tests.disputes.conftest import open_one
from tests.factories import AT, ON, Cast, pay

pytestmark = pytest.mark.django_db


def accepted(cast: Cast, *, paid: str = "", rest: bool = True) -> Event:
    services.catalogue.install(cast.entity)
    dispute = open_one(cast)
    day = ON + timedelta(days=10)
    offer = services.make_offer(
        dispute=dispute,
        amount=Decimal("100"),
        valid_until=day,
        rest_by=day if rest else None,
        by=cast.alice,
        at=AT,
    )
    services.accept_offer(offer_id=offer.pk, by=cast.sam, at=AT)
    if paid:
        pay(dispute.lines.get().invoice, paid)
    return Event.objects.get(kind="offer.accepted")


def test_the_rest_is_promised_for_the_agreed_day_once(cast: Cast) -> None:
    event = accepted(cast)
    promise_the_rest(event)
    promise_the_rest(event)
    promise = Promise.objects.get()
    assert (promise.amount, promise.promised_on, promise.made_by) == (
        Decimal("900.00"),
        ON + timedelta(days=10),
        cast.sam,
    )
    assert promise.offer == event.data["offer"]


def test_never_more_than_is_open_and_nothing_when_nothing_is(cast: Cast) -> None:
    promise_the_rest(accepted(cast, paid="1000.00"))
    assert not Promise.objects.exists()


def test_an_offer_without_a_day_promises_nothing(cast: Cast) -> None:
    promise_the_rest(accepted(cast, rest=False))
    assert not Promise.objects.exists()
