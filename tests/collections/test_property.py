"""For any books, disputes and promises: asked is open less disputed less promised, and sent once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collections_app.models import NoticeLine
from lib.money import ZERO
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import ON, make_invoice, pay

cents = st.integers(min_value=500, max_value=500_000)
share = st.integers(min_value=0, max_value=100)
books = st.lists(
    st.tuples(st.integers(-10, 120), cents, share, share, share, st.integers(0, 20), st.booleans()),
    max_size=8,
)


def part(amount: Decimal, percent: int) -> Decimal:
    return (amount * percent / 100).quantize(Decimal("0.01"))


def lay(house: House, book: list[Any]) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """The invoices of an example; what is open, disputed and promised of each, worked out by hand."""
    facts = {}
    for late, amount_cents, paid, disputed, promised, promise_days, first in book:
        customer = house.cast.norte if first else house.cast.sur
        amount = Decimal(amount_cents) / 100
        due_on = ON - timedelta(days=late)
        invoice = make_invoice(customer, str(amount), issued_on=due_on - timedelta(days=60), due_on=due_on)
        if part(amount, paid):
            pay(invoice, str(part(amount, paid)), on=ON)
        left = amount - part(amount, paid)
        claim = min(part(amount, disputed), left)
        if claim > 0:
            house.dispute(invoice, str(claim))
        promise = part(left, promised)
        if promise > 0:
            house.promise(invoice, str(promise), promise_days)
        facts[invoice.number] = (left, claim, min(promise, left - claim))
    return facts


@given(book=books)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_asked_is_open_less_disputed_less_promised_and_each_is_sent_once(
    house: House, book: list[Any]
) -> None:
    before = transaction.savepoint()
    try:
        facts = lay(house, book)
        house.dun()
        letters = Letter.objects.count()
        house.dun()
        assert Letter.objects.count() == letters
        check(facts)
    finally:
        transaction.savepoint_rollback(before)


def check(facts: dict[str, tuple[Decimal, Decimal, Decimal]]) -> None:
    for line in NoticeLine.objects.select_related("invoice", "notice__letter"):
        left, claim, promise = facts[line.invoice.number]
        assert (line.open, line.disputed, line.promised) == (left, claim, promise)
        named = line.invoice.number in line.notice.letter.body_text
        assert named == (line.asked > 0) == (line.why == "asked")
        if named:
            assert line.asked == left - claim - promise
    for letter in Letter.objects.all():
        lines = NoticeLine.objects.filter(notice__letter=letter)
        assert sum((line.asked for line in lines), ZERO) == lines[0].notice.asked
    asked = set(NoticeLine.objects.filter(counts=True).values_list("invoice__number", flat=True))
    for number, (left, claim, promise) in facts.items():
        if left - claim - promise <= 0:
            assert number not in asked
