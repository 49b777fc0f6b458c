"""What the last day teaches about how customers pay, and a customer whose segment a person has set."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from collections_app.services import segments
from collections_app.services.learning import learn
from collections_app.services.pins import pin
from demo.cast import House
from demo.dice import at_clock, words
from ledger.models import Customer


def know_them(house: House, last: date) -> None:
    """Behaviour and segments as of `last`; the riskiest large customer is kept where the manager wants them."""
    entity = house.entity
    segments.install(entity, at=at_clock(entity, last, 17, 30))
    learn(entity=entity, on=last, at=at_clock(entity, last, 17, 30))
    risky = Customer.objects.filter(entity=entity, effective__segment="risky")
    customer = risky.order_by(F("behaviour__open_amount").desc(), "code").first()
    if customer is not None:
        talk = words("talk")[house.language]["calls"]
        at = at_clock(entity, last, 17, 35)
        pin(customer=customer, segment="key", reason=talk["kept"], by=house.manager, on=last, at=at)
