"""For any books, disputes and promises: asked is open less disputed less promised, and sent once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collections_app.models import InstalmentPlan, Notice, NoticeLine, PlanVersion
from collections_app.schedules import Share, equal
from collections_app.services.instalments import agree_plan, make_plan
from collections_app.services.limits import set_rules
from collections_app.services.plans import Rules, publish_version, steps_of
from disputes.models import Dispute, DisputeLine, Outcome
from disputes.services import close_dispute
from ledger.models import Contact, Customer
from ledger.services import choose_contact, record_contact
from lib.money import ZERO
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay
from tests.plays import plays

cents = st.integers(min_value=500, max_value=500_000)
share = st.integers(min_value=0, max_value=100)
books = st.lists(
    st.tuples(
        st.integers(-10, 120),
        cents,
        share,
        share,
        share,
        st.integers(0, 20),
        st.booleans(),
        # Whether the dispute has ended, and its outcome was told.
        st.sampled_from(["open", "told", "untold"]),
        # Who deals with it, if anybody: one who can be written to, or one who cannot.
        st.sampled_from(["", "Ana", "Luc"]),
    ),
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


def reject(house: House, dispute: Dispute, *, told: bool) -> None:
    """The claim is rejected; nothing of the invoice may be asked for before the customer is told."""
    how: dict[str, Any] = {"verdict": "unjustified", "resolution": "rejected", "told": told}
    close_dispute(dispute=dispute, by=house.cast.alice, at=AT, **how)


def lay(house: House, book: list[Any]) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """The invoices of an example; what is open, disputed and promised of each, worked out by hand."""
    facts = {}
    for late, amount_cents, paid, disputed, promised, promise_days, first, outcome, who in book:
        customer = house.cast.norte if first else house.cast.sur
        amount = Decimal(amount_cents) / 100
        due_on = ON - timedelta(days=late)
        invoice = make_invoice(customer, str(amount), issued_on=due_on - timedelta(days=60), due_on=due_on)
        if part(amount, paid):
            pay(invoice, str(part(amount, paid)), on=ON)
        if who:
            choose_contact(document=invoice, contact=customer.contacts.get(name=who), at=AT)
        left = amount - part(amount, paid)
        claim = min(part(amount, disputed), left)
        if claim > 0:
            dispute = house.dispute(invoice, str(claim))
            if outcome != "open":
                reject(house, dispute, told=outcome == "told")
                claim = ZERO
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
@given(book=books, agreed=plans, grouping=st.sampled_from(["customer", "invoice", "contact"]))
@settings(
    max_examples=plays(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_asked_is_open_less_disputed_less_promised_and_each_is_sent_once(
    house: House, whole: bool, book: list[Any], agreed: list[Any], grouping: str
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
        for version in PlanVersion.objects.filter(current=True, plan__entity=house.cast.entity):
            rules = replace(Rules.of(version), grouping=grouping)
            publish_version(
                plan=version.plan, steps=steps_of(version), rules=rules, by=house.cast.alice, at=AT
            )
        for customer in (house.cast.norte, house.cast.sur):
            for name in ("Ana", "Luc"):
                record_contact(customer=customer, name=name, email=f"{name}@{customer.code}.example".lower())
        customer.contacts.filter(name="Luc").update(undeliverable_since=AT)
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
        check(facts, grouping)
    finally:
        transaction.savepoint_rollback(before)


def usual(customer: Customer) -> Contact:
    """Who gets what nobody else does."""
    return customer.contacts.get(is_billing=True)


def check_contacts() -> None:
    """Each letter is about what one contact deals with, or those who deal with something cannot be written to."""
    for line in NoticeLine.objects.select_related("invoice__contact", "notice__customer"):
        named = line.invoice.contact
        reached = named if named and not named.undeliverable_since else usual(line.notice.customer)
        assert line.notice.contact == reached
    letters = Notice.objects.filter(status="sent").values_list("customer", "contact", "currency", "on")
    assert len(letters) == len(set(letters))


def check(facts: dict[str, tuple[Decimal, Decimal, Decimal]], grouping: str) -> None:
    if grouping == "contact":
        check_contacts()
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
        assert grouping != "invoice" or len(lines) == 1
    asked = set(NoticeLine.objects.filter(counts=True).values_list("invoice__number", flat=True))
    untold = DisputeLine.objects.filter(dispute__outcome__in=Outcome.objects.untold())
    assert not asked & set(untold.values_list("invoice__number", flat=True))
    for number, (left, claim, promise) in facts.items():
        if left - claim - promise <= 0:
            assert number not in asked
