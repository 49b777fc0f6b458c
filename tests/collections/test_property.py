"""For any books, disputes and promises: asked is open less disputed less promised, and sent once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collections_app.models import InstalmentPlan, NoticeLine
from collections_app.schedules import Share, equal
from collections_app.services.instalments import agree_plan, make_plan
from collections_app.services.limits import set_rules
from lib.money import ZERO
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay
from tests.plays import plays

cents = st.integers(min_value=500, max_value=500_000)
share = st.integers(min_value=0, max_value=100)
books = st.lists(
    st.tuples(st.integers(-10, 120), cents, share, share, share, st.integers(0, 20), st.booleans()),
    max_size=8,
)
# How long ago the instalments were agreed, the days between them, how many, the share of the invoice, what was paid.
plans = st.lists(
    st.tuples(
        st.integers(0, 40), st.integers(1, 20), st.integers(1, 5), st.integers(30, 100), share, share, share
    ),
    max_size=4,
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


def lay_instalments(house: House, agreed: list[Any]) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """As `lay`, for invoices that are paid in instalments: promised is what is not yet due less what was paid ahead."""
    facts = {}
    for ago, gap, count, covered, paid, disputed, size in agreed:
        amount = Decimal(size * 37 + 5)
        then = ON - timedelta(days=ago)
        invoice = make_invoice(house.cast.sur, str(amount), issued_on=then - timedelta(days=70))
        part_of = max(part(amount, covered), Decimal("0.05"))
        shares = [
            Share(then + timedelta(days=gap * number), each.amount)
            for number, each in enumerate(equal(part_of, count, then, "week"))
        ]
        plan = make_plan(parts=[(invoice, part_of)], shares=shares, by=house.cast.carl, on=then, at=AT)
        agree_plan(plan_id=plan.pk, by=house.cast.carl, on=then, at=AT)
        came = part(amount, paid)
        if came:
            pay(invoice, str(came), on=ON)
        left, claim = amount - came, min(part(amount, disputed), amount - came)
        if claim > 0:
            house.dispute(invoice, str(claim))
        due = sum((one.amount for one in shares if one.due_on < ON), ZERO)
        rest = max(part_of - came, ZERO)
        to_come = rest - min(max(due - min(came, part_of), ZERO), rest)
        if left > 0:
            facts[invoice.number] = (left, claim, min(to_come, left - claim))
    return facts


@pytest.mark.parametrize("whole", [True, False])
@given(book=books, agreed=plans)
@settings(max_examples=plays(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_asked_is_open_less_disputed_less_promised_and_each_is_sent_once(
    house: House, whole: bool, book: list[Any], agreed: list[Any]
) -> None:
    before = transaction.savepoint()
    try:
        # Thirty days of grace: no instalment of these examples is missed, unless the whole may come back.
        set_rules(
            entity=house.cast.entity,
            grace_days=30,
            whole_comes_back=whole,
            limits={},
            by=house.cast.alice,
            at=AT,
        )
        facts = lay(house, book)
        agreements = lay_instalments(house, agreed)
        facts |= agreements
        house.dun()
        letters = Letter.objects.count()
        house.dun()
        assert Letter.objects.count() == letters
        for row in InstalmentPlan.objects.filter(status="broken").prefetch_related("invoices__invoice"):
            for covered in row.invoices.all():
                left, claim, _to_come = facts[covered.invoice.number]
                facts[covered.invoice.number] = (left, claim, ZERO)
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
