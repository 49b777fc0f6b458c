"""A plan that writes one message for each invoice: each by itself, capped and covered in order, foretold as it goes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from collections_app.choices import Reason
from collections_app.decision.book import Book
from collections_app.decision.items import chosen
from collections_app.decision.play import month_ahead
from collections_app.decision.sql import Scope
from collections_app.models import Notice, Plan
from collections_app.services import dunning, plans
from collections_app.services.comparing import compare
from collections_app.services.plans import Rules, StepInput
from collections_app.services.retelling import retold
from ledger.models import Invoice
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, make_payment, pay

DAY = timedelta(days=1)
STEPS = [StepInput(days=1, kind="dunning.friendly"), StepInput(days=15, kind="dunning.firm")]


def publish(house: House, **rules: Any) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    figures = Rules(**{"grouping": "invoice", **rules})
    plans.publish_version(plan=plan, steps=STEPS, rules=figures, by=house.cast.alice, at=AT)


def late(house: House, days: int, amount: str, **more: Any) -> Invoice:
    due_on = ON - DAY * days
    return make_invoice(house.cast.norte, amount, issued_on=due_on - DAY * 60, due_on=due_on, **more)


def test_each_invoice_has_its_message_its_step_and_its_day(house: House) -> None:
    publish(house)
    first, second = late(house, 16, "300.00", number="G-1"), late(house, 2, "90.00", number="G-2")
    rows = house.day()
    assert [(row.outcome, str(row.asked), len(row.items)) for row in rows] == [
        ("send", "300.00", 1),
        ("send", "90.00", 1),
    ]
    house.dun()
    again = house.dun()
    assert again.decided == 0
    sent = Notice.objects.filter(status="sent").order_by("asked")
    assert [(n.invoice, n.step.days, str(n.asked), n.lines.count()) for n in sent] == [
        (second, 1, "90.00", 1),
        (first, 15, "300.00", 1),
    ]
    one, other = house.texts()
    assert ("G-1" in one) != ("G-2" in one)
    assert ("G-1" in other) != ("G-2" in other)
    told, letter = retold(sent[0]), sent[0].letter
    assert told is not None
    assert letter is not None
    assert told.text == letter.body_text
    house.dun(ON + DAY)
    assert Notice.objects.count() == 2


def test_at_sending_each_is_decided_by_itself(house: House) -> None:
    publish(house)
    first, second = late(house, 16, "300.00"), late(house, 2, "90.00")
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    pay(first)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    assert Notice.objects.get(invoice=first).status == "withdrawn"
    assert Notice.objects.get(invoice=second).status == "sent"


def test_a_cap_and_money_on_account_go_to_the_most_overdue_first(house: House) -> None:
    publish(house, cap_messages=1, cap_days=7)
    late(house, 20, "100.00"), late(house, 18, "200.00"), late(house, 2, "300.00")
    make_payment(house.cast.norte, "150.00")
    reasons = [row.reason for row in sorted(going(house), key=lambda row: row.amount)]
    assert reasons == [Reason.COVERED, Reason.CAPPED, Reason.CAPPED]
    publish(house)
    assert sorted(row.reason for row in going(house)) == ["", "", Reason.COVERED]
    house.dun()
    assert sorted(str(notice.asked) for notice in Notice.objects.filter(status="sent")) == [
        "200.00",
        "300.00",
    ]


def going(house: House) -> list[Any]:
    return chosen(Scope(Book.of(house.cast.entity), ON))


def test_a_message_about_everything_that_is_under_way_holds_each_back_and_the_other_way_round(
    house: House,
) -> None:
    late(house, 16, "300.00"), late(house, 2, "90.00")
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    Notice.objects.update(status="queued")
    publish(house)
    assert {row.reason for row in going(house)} == {Reason.IN_FLIGHT}
    over = {"status": "withdrawn", "reason": "superseded", "ended_at": AT}
    Notice.objects.update(**over)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    Notice.objects.filter(decided_amount=300).update(status="queued")
    Notice.objects.filter(decided_amount=90).update(**over)
    assert sorted((str(row.amount), row.reason) for row in going(house)) == [
        ("300.00", Reason.IN_FLIGHT),
        ("90.00", ""),
    ]
    publish(house, grouping="customer")
    assert [row.reason for row in going(house)] == [Reason.IN_FLIGHT]


def test_the_database_keeps_one_message_for_an_invoice_and_day(house: House) -> None:
    publish(house)
    late(house, 2, "90.00")
    house.dun()
    notice = house.notice()
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)
    notice.invoice_ids = [*notice.invoice_ids, 7]
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_the_month_ahead_is_what_the_month_then_sends_and_a_draft_shows_its_sum(house: House) -> None:
    publish(house, cap_messages=2, cap_days=7)
    for days, amount in ((16, "300.00"), (2, "90.00"), (1, "80.00")):
        late(house, days, amount)
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    draft = plans.save_draft(plan=plan, steps=STEPS, rules=Rules(), by=house.cast.alice, at=AT)
    assert [
        (c.before.amount, c.after.amount) for c in compare(draft=draft, on=ON).today if c.before and c.after
    ] == [(Decimal("390.00"), Decimal("470.00"))]
    foretold = month_ahead(Book.of(house.cast.entity), ON, days=20)
    for day in foretold:
        house.dun(day.on, AT + (day.on - ON))
        went = Notice.objects.filter(on=day.on, status="sent").values_list("step__days", "asked")
        assert sorted(went) == sorted((one.step_days, one.amount) for one in day.sent), day.on
    assert sum(len(day.sent) for day in foretold) == 5
