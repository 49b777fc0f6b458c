"""Segments by rule: the first that fits decides, people have the last word, and the decision follows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.events import Event, verify_chain
from collections_app.choices_segments import RuleOp, SegmentFact
from collections_app.decision.book import Book
from collections_app.decision.items import chosen
from collections_app.decision.play import month_ahead
from collections_app.decision.sql import Scope
from collections_app.errors import SegmentError
from collections_app.models import Behaviour, EffectiveSegment, Plan, SegmentRules
from collections_app.segmenting.conditions import Condition
from collections_app.segmenting.shown import counted, standing, tried, version_of, with_segment
from collections_app.services import pins, plans, segments
from collections_app.services.learning import learn
from collections_app.services.segments import RuleInput
from collections_app.timeline import timeline_of
from ledger.choices import Segment
from ledger.models import Customer
from lib import books
from lib.errors import FieldErrors
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice, pay
from tests.plays import plays

DAY = timedelta(days=1)
F, Op = SegmentFact, RuleOp


def of(customer: Customer) -> str:
    found: Any = with_segment(Customer.objects.filter(pk=customer.pk)).get()
    segment: str = found.followed
    return segment


def rule(segment: str, *conditions: tuple[Any, ...]) -> RuleInput:
    """(fact, op, number or codes)..."""
    made = []
    for fact, op, value in conditions:
        listed = isinstance(value, list)
        made.append(Condition(fact, op, None if listed else Decimal(value), tuple(value) if listed else ()))
    return RuleInput(segment, made)


def put(house: House, *rules: RuleInput) -> None:
    segments.save_draft(entity=house.cast.entity, rules=rules, by=house.cast.alice, at=AT)
    segments.publish_draft(entity=house.cast.entity, by=house.cast.alice, on=ON, at=AT)


def slow(house: House, customer: Customer, late: int = 45) -> None:
    for month in range(1, 6):
        due = ON - DAY * (50 + 30 * month)
        pay(make_invoice(customer, "100.00", issued_on=due - DAY * 30, due_on=due), on=due + DAY * late)
    learn(entity=house.cast.entity, on=ON, at=AT)


def test_the_starting_rules_put_slow_payers_at_risk_but_not_key_accounts(house: House) -> None:
    cast = house.cast
    segments.install(cast.entity, at=AT)
    segments.install(cast.entity, at=AT)
    Customer.objects.filter(pk=cast.sur.pk).update(segment=Segment.KEY)
    slow(house, cast.sur)
    slow(house, cast.norte)
    assert (of(cast.norte), of(cast.sur)) == ("risky", "key")
    assert not EffectiveSegment.objects.filter(segment="key").exists()
    moment = timeline_of(cast.norte, cast.alice).moments[0]
    assert moment.words == "Segment: Risky, before Standard. Typical delay: 45 days (at least 31 days)"
    why = standing(Customer.objects.get(pk=cast.norte.pk), "EUR")
    assert (why.source, why.why) == ("rule", ["Typical delay: 45 days (at least 31 days)"])
    kept = standing(Customer.objects.get(pk=cast.sur.pk), "EUR")
    assert (kept.source, kept.why) == ("declared", ["Declared segment: Key account"])
    # The ERP says otherwise: nobody works anything out, it counts at once.
    Customer.objects.filter(pk=cast.sur.pk).update(segment=Segment.STRATEGIC)
    assert of(cast.sur) == "strategic"


def test_who_no_longer_fits_is_back_where_they_are_declared(house: House) -> None:
    segments.install(house.cast.entity, at=AT)
    slow(house, house.cast.norte)
    learn(entity=house.cast.entity, on=ON + DAY * 400, at=AT + DAY * 400)
    assert of(house.cast.norte) == "standard"
    assert not EffectiveSegment.objects.exists()
    words = [one.words for one in timeline_of(house.cast.norte, house.cast.alice).moments]
    assert words[0].startswith("Segment: Standard, before Risky. No rule fits any more")
    assert verify_chain("customer", house.cast.norte.pk)


def test_a_person_has_the_last_word_and_says_why(house: House) -> None:
    cast, by = house.cast, house.cast.alice
    segments.install(cast.entity, at=AT)
    slow(house, cast.norte)
    with pytest.raises(FieldErrors):
        pins.pin(customer=cast.norte, segment="key", reason=" ", by=by, on=ON, at=AT)
    pins.pin(customer=cast.norte, segment="key", reason="Signed a frame contract", by=by, on=ON, at=AT)
    assert of(cast.norte) == "key"
    learn(entity=cast.entity, on=ON + DAY, at=AT + DAY)
    assert of(cast.norte) == "key"
    found = standing(Customer.objects.get(pk=cast.norte.pk), "EUR")
    assert (found.source, found.why) == ("pin", ["Signed a frame contract"])
    assert not list(books.run(["segment.source"]))
    EffectiveSegment.objects.update(segment="risky")
    assert [one.difference.recomputed for one in books.run(["segment.source"])] == ["key"]
    EffectiveSegment.objects.update(segment="key")
    pins.unpin(customer=cast.norte, by=by, on=ON, at=AT)
    assert of(cast.norte) == "risky"
    with pytest.raises(SegmentError):
        pins.unpin(customer=cast.norte, by=by, on=ON, at=AT)
    words = [one.words for one in timeline_of(cast.norte, by).moments][:3]
    assert words[2] == "Segment set by hand: Key account. Signed a frame contract"
    assert words[1] == "The rules say the segment again"
    assert words[0].startswith("Segment: Risky, before Key account.")


def test_a_draft_changes_nobody_and_says_whom_it_would_move(house: House) -> None:
    cast = house.cast
    rules = [rule("risky", (F.COUNTRY, Op.ONE_OF, ["ES"])), rule("key", (F.OPEN, Op.AT_LEAST, 0))]
    draft = segments.save_draft(entity=cast.entity, rules=rules, by=cast.alice, at=AT)
    seen = tried(cast.alice, cast.entity, list(draft.rules.all()))
    assert (seen.count, [m.customer.code for m in seen.moved]) == (2, ["C-001", "C-002"])
    assert seen.flows == [("Standard", "Risky", 2)]
    assert list(seen.hits.values()) == [2]
    assert of(cast.norte) == "standard"
    assert version_of(cast.entity, draft=False) is None
    segments.publish_draft(entity=cast.entity, by=cast.alice, on=ON, at=AT)
    assert of(cast.norte) == "risky"
    event = Event.objects.get(kind="segments.published")
    assert (event.actor, event.data["moved"]) == (cast.alice, 2)
    with pytest.raises(SegmentError):
        segments.publish_draft(entity=cast.entity, by=cast.alice, on=ON, at=AT)
    put(house)
    assert of(cast.norte) == "standard"
    assert SegmentRules.objects.filter(entity=cast.entity).count() == 2


@pytest.mark.parametrize(
    ("fact", "op", "value"),
    [
        (F.LATE, Op.ONE_OF, ["ES"]),
        (F.COUNTRY, Op.AT_LEAST, 3),
        (F.COUNTRY, Op.ONE_OF, ["Spain"]),
        (F.COUNTRY, Op.ONE_OF, ["';"]),
        (F.DECLARED, Op.ONE_OF, ["gold"]),
        (F.CURRENCY, Op.NONE_OF, []),
        (F.OPEN, Op.AT_MOST, "1e40"),
    ],
)
def test_what_no_condition_can_be(fact: Any, op: Any, value: Any) -> None:
    made = {"values": value} if isinstance(value, list) else {"value": value}
    with pytest.raises(SegmentError):
        Condition.read({"fact": fact, "op": op, **made})


def test_the_decision_follows_the_segment_that_counts(house: House) -> None:
    cast = house.cast
    plans.follow(entity=cast.entity, code="risky", plan=None, by=cast.alice, at=AT)
    for customer in (cast.norte, cast.sur):
        make_invoice(customer, "500.00", due_on=ON - DAY, issued_on=ON - DAY * 31)

    def asked() -> set[int]:
        return {row.customer_id for row in chosen(Scope(Book.of(cast.entity), ON))}

    def ahead() -> set[int]:
        return {one.customer_id for day in month_ahead(Book.of(cast.entity), ON) for one in day.sent}

    assert asked() == ahead() == {cast.norte.pk, cast.sur.pk}
    pins.pin(customer=cast.norte, segment="risky", reason="Doubtful", by=cast.alice, on=ON, at=AT)
    assert asked() == ahead() == {cast.sur.pk}
    # A step for risky customers only is taken for who counts as risky.
    gentle = Plan.objects.get(entity=cast.entity, code="standard")
    step = plans.StepInput(days=1, kind="dunning.firm", segments=["risky"])
    plans.publish_version(plan=gentle, steps=[step], by=cast.alice, at=AT)
    plans.follow(entity=cast.entity, code="risky", plan=gentle, by=cast.alice, at=AT)
    assert asked() == {cast.norte.pk}


FACTS: dict[SegmentFact, str] = {
    F.LATE: "late",
    F.ON_TIME: "on_time",
    F.BROKEN: "promises_broken",
    F.PAID: "invoices",
    F.OPEN: "open_amount",
}
number = st.integers(0, 4)
known = st.tuples(st.none() | number, st.none() | number, number, number, number)
condition = st.tuples(st.sampled_from(list(FACTS)), st.sampled_from([Op.AT_LEAST, Op.AT_MOST]), number)
wanted = st.tuples(st.sampled_from(["", *Segment.values]), st.lists(condition, min_size=1, max_size=3))


@given(
    rules=st.lists(wanted, max_size=4), facts=st.lists(known, min_size=3, max_size=3), pinned=st.booleans()
)
@settings(
    max_examples=plays(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_each_customer_is_in_one_segment_the_first_rule_that_fits(
    house: House, rules: list[Any], facts: list[Any], pinned: bool
) -> None:
    before = transaction.savepoint()
    try:
        cast = house.cast
        third = make_customer(cast.entity, "C-009", "Tercero", segment="key")
        for customer, row in zip((cast.norte, cast.sur, third), facts, strict=True):
            known = dict(zip(FACTS.values(), row, strict=True))
            Behaviour.objects.create(customer=customer, learned_on=ON, **known)
        if pinned:
            pins.pin(customer=cast.sur, segment="strategic", reason="So", by=cast.alice, on=ON, at=AT)
        put(house, *(rule(segment, *conditions) for segment, conditions in rules))
        for customer, row in zip((cast.norte, cast.sur, third), facts, strict=True):
            values = dict(zip(FACTS, row, strict=True))
            hit = next((s for s, conditions in rules if all(fits(values, *c) for c in conditions)), "")
            expected = "strategic" if pinned and customer == cast.sur else hit or customer.segment
            assert of(customer) == expected
        assert sum(row.customers for row in counted(cast.alice, cast.entity)) == 3
    finally:
        transaction.savepoint_rollback(before)


def fits(values: dict[SegmentFact, Any], fact: SegmentFact, op: RuleOp, bound: int) -> bool:
    value = values[fact]
    if value is None:
        return False
    found: bool = value >= bound if op == Op.AT_LEAST else value <= bound
    return found


def test_segments_are_stored_in_the_same_few_statements(house: House) -> None:
    def statements(op: RuleOp) -> int:
        with CaptureQueriesContext(connection) as seen:
            put(house, rule("risky", (F.COUNTRY, op, ["ES"])))
        return len(seen)

    few = statements(Op.ONE_OF)
    assert EffectiveSegment.objects.count() == 2
    put(house)
    for number in range(5):
        make_customer(house.cast.entity, f"N-{number}", f"Nuevo {number}", country="ES")
    assert statements(Op.ONE_OF) == few
    assert EffectiveSegment.objects.count() == 7
    assert Event.objects.filter(kind="customer.segment", data__segment="risky").count() == 9
