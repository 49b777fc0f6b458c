"""Plans: drafts and versions, conditions of a step, caps, hours, working days, and one step after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from collections_app.decision.book import Book
from collections_app.decision.items import items
from collections_app.decision.sql import Scope
from collections_app.errors import PlanError
from collections_app.models import Call, Notice, NoticeLine, Plan, PlanVersion, Segment, Step
from collections_app.services import dunning, plans
from collections_app.services.day import preview
from collections_app.services.plans import Rules, StepInput
from collections_app.services.retelling import retold
from disputes import services as disputes
from lib import books
from lib.errors import FieldErrors
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay


def publish(house: House, steps: Sequence[StepInput], **rules: Any) -> PlanVersion:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    return plans.publish_version(plan=plan, steps=steps, rules=Rules(**rules), by=house.cast.alice, at=AT)


def step(days: int, kind: str = "dunning.friendly", **more: Any) -> StepInput:
    return StepInput(days=days, kind=kind, **more)


def late(house: House, days: int, amount: str = "300.00", **more: Any) -> Any:
    customer = more.pop("customer", house.cast.norte)
    due_on = ON - timedelta(days=days)
    return make_invoice(customer, amount, issued_on=due_on - timedelta(days=60), due_on=due_on, **more)


def whys(house: House) -> dict[str, str]:
    return {item.number: item.why.value for item in items(Scope(Book.of(house.cast.entity), ON))}


# --- drafts ---------------------------------------------------------------------------------------


def test_a_draft_changes_nothing_until_it_is_published_and_then_stays(house: House) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    plans.save_draft(plan=plan, steps=[step(3)], rules=Rules(), by=house.cast.alice, at=AT)
    draft = plans.save_draft(plan=plan, steps=[step(4)], rules=Rules(), by=house.cast.alice, at=AT)
    assert plan.versions.filter(draft=True).get() == draft
    late(house, 5)
    assert preview(entity=house.cast.entity, on=ON)[0].step.days == 1  # type: ignore[union-attr]
    published = plans.publish_draft(plan=plan, by=house.cast.alice, at=AT)
    assert (published.pk, published.number, published.state) == (draft.pk, 2, "current")
    assert preview(entity=house.cast.entity, on=ON)[0].step.days == 4  # type: ignore[union-attr]
    with pytest.raises(PlanError):
        plans.publish_draft(plan=plan, by=house.cast.alice, at=AT)


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        ([], "between 1 and 20"),
        ([step(n) for n in range(21)], "between 1 and 20"),
        ([step(1), step(1)], "same day"),
        ([step(1, "dunning.rude")], "dunning.rude"),
        ([step(400)], "365 days"),
    ],
)
def test_steps_that_cannot_be_are_refused_and_the_draft_stays(
    house: House, steps: list[StepInput], word: str
) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    kept = plans.save_draft(plan=plan, steps=[step(3)], rules=Rules(), by=house.cast.alice, at=AT)
    with override("en"), pytest.raises(FieldErrors, match=word):
        plans.save_draft(plan=plan, steps=steps, rules=Rules(), by=house.cast.alice, at=AT)
    assert plan.versions.filter(draft=True).get() == kept
    assert kept.steps.count() == 1


@pytest.mark.parametrize(
    "rules",
    [
        {"cap_messages": 0},
        {"hour_from": 18, "hour_until": 9},
        {"hour_until": 25},
        {"release": "above"},
        {"release": "sample", "release_percent": 101},
        {"minimum_amount": Decimal("-1.00")},
    ],
)
def test_figures_that_cannot_be_are_refused_by_service_and_database(
    house: House, rules: dict[str, Any]
) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    with pytest.raises(FieldErrors):
        plans.save_draft(plan=plan, steps=[step(3)], rules=Rules(**rules), by=house.cast.alice, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.create(plan=plan, number=9, current=False, draft=True, created_at=AT, **rules)


def test_what_is_in_force_cannot_be_changed_or_removed_behind_the_services(house: House) -> None:
    version = PlanVersion.objects.filter(current=True, plan__entity=house.cast.entity).first()
    assert version is not None
    for act in (
        lambda: Step.objects.filter(version=version).delete(),
        lambda: Step.objects.filter(version=version).update(days=99),
        lambda: PlanVersion.objects.filter(pk=version.pk).update(gap_days=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_new_plan_begins_as_a_copy_and_is_followed_once_it_is_in_force(house: House) -> None:
    cast = house.cast
    like = Plan.objects.get(entity=cast.entity, code="gentle")
    plan = plans.create_plan(
        entity=cast.entity, labels={"en": "Key accounts"}, by=cast.alice, at=AT, like=like
    )
    twin = plans.create_plan(entity=cast.entity, labels={"en": "Key accounts"}, by=cast.alice, at=AT)
    assert (plan.code, twin.code) == ("key-accounts", "key-accounts-2")
    assert [one.days for one in plans.steps_of(plan.versions.get())] == [-5, 3]
    with pytest.raises(PlanError):
        plans.follow(entity=cast.entity, code="key", plan=plan, by=cast.alice, at=AT)
    plans.publish_draft(plan=plan, by=cast.alice, at=AT)
    plans.follow(entity=cast.entity, code="key", plan=plan, by=cast.alice, at=AT)
    assert Segment.objects.get(entity=cast.entity, code="key").plan == plan
    foreign = Plan.objects.get(entity=cast.other, code="standard")
    with pytest.raises(PlanError):
        plans.follow(entity=cast.entity, code="key", plan=foreign, by=cast.alice, at=AT)
    plans.discard_draft(plan=twin)
    assert not Plan.objects.get(pk=twin.pk).active


# --- the steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        ({"from_amount": Decimal(400)}, ["300.00", "100.00"], ["300.00", "99.00"]),
        ({"from_count": 2}, ["10.00", "10.00"], ["500.00"]),
        ({"countries": ["ES"]}, ["300.00"], []),
        ({"countries": ["FR", "PT"]}, [], ["300.00"]),
        ({"segments": ["standard"]}, ["300.00"], []),
        ({"segments": ["risky"]}, [], ["300.00"]),
    ],
)
def test_a_step_is_taken_under_its_conditions_only(
    house: House, condition: dict[str, Any], met: list[str], unmet: list[str]
) -> None:
    publish(house, [step(1), step(10, "dunning.firm", **condition)])
    for amounts, days in ((met, 10), (unmet, 1)):
        before = transaction.savepoint()
        for amount in amounts:
            late(house, 20, amount)
        rows = preview(entity=house.cast.entity, on=ON)
        assert [row.step.days for row in rows if row.step] == ([days] if amounts else [])
        transaction.savepoint_rollback(before)


def test_what_is_disputed_or_promised_does_not_count_for_a_condition(house: House) -> None:
    publish(house, [step(10, from_amount=Decimal(400), from_count=2)])
    one, other = late(house, 20, "300.00", number="C-1"), late(house, 20, "300.00", number="C-2")
    assert set(whys(house).values()) == {"asked"}
    house.dispute(one, "201.00")
    assert set(whys(house).values()) == {"not_met"}
    house.promise(other, "300.00", 5)
    assert whys(house) == {"C-1": "not_met", "C-2": "not_met"}


def test_a_condition_before_the_due_date_looks_at_the_invoice_itself(house: House) -> None:
    publish(house, [step(-5, from_amount=Decimal(1000)), step(1)])
    late(house, 30, "5000.00", number="L")
    for number, amount in (("BIG", "1000.00"), ("SMALL", "999.99")):
        make_invoice(house.cast.norte, amount, number=number, issued_on=ON - timedelta(days=30), due_on=ON)
    assert whys(house) == {"L": "asked", "BIG": "asked", "SMALL": "not_met"}


def test_one_step_after_the_other_leaves_none_out_and_jumping_does(house: House) -> None:
    steps = [step(1), step(15, "dunning.firm"), step(30, "dunning.formal")]
    publish(house, steps, climb="steps")
    late(house, 40)
    levels = []
    for day in range(0, 21, 5):
        house.dun(ON + timedelta(days=day))
        levels.append(Notice.objects.order_by("-on").first().step.days)  # type: ignore[union-attr]
    assert levels == [1, 15, 30, 30, 30]
    assert [notice.lines.get().skipped_days for notice in Notice.objects.order_by("on")] == [[], [], []]


def test_after_a_dispute_the_climb_goes_on_with_a_cool_down(house: House) -> None:
    publish(house, [step(1), step(15, "dunning.firm")], climb="steps", gap_days=5)
    invoice = late(house, 40)
    house.dun(ON)
    dispute = house.dispute(invoice, at=AT + timedelta(hours=1))
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT + timedelta(days=8))
    house.dun(ON + timedelta(days=11))
    assert Notice.objects.filter(status="sent").count() == 1
    house.dun(ON + timedelta(days=14))
    assert [notice.step.days for notice in Notice.objects.filter(status="sent").order_by("on")] == [1, 15]


@pytest.mark.parametrize(
    ("resume", "cool_days", "quiet", "days"),
    [
        ("next", 0, 5, 15),
        ("next", 10, 10, 15),
        ("lowest", 10, 10, 15),
        ("lowest", 0, 5, 15),
        ("age", 10, 10, 30),
    ],
)
def test_after_a_dispute_there_are_quiet_days_and_then_the_step_of_the_plan(
    house: House, resume: str, cool_days: int, quiet: int, days: int
) -> None:
    steps = [step(1), step(15, "dunning.firm"), step(30, "dunning.formal")]
    publish(house, steps, resume=resume, cool_days=cool_days)
    invoice = late(house, 1)
    house.dun(ON)
    dispute = house.dispute(invoice)
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT + timedelta(days=35))
    house.dun(ON + timedelta(days=34 + quiet))
    assert Notice.objects.filter(status="sent").count() == 1
    house.dun(ON + timedelta(days=35 + quiet))
    assert Notice.objects.filter(status="sent").latest("on").step.days == days


def test_no_step_comes_before_its_day_after_a_dispute(house: House) -> None:
    publish(house, [step(1), step(30, "dunning.formal")], resume="lowest", cool_days=2)
    invoice = late(house, 1)
    house.dun(ON)
    dispute = house.dispute(invoice)
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT + timedelta(days=2))
    house.dun(ON + timedelta(days=20))
    assert Notice.objects.count() == 1
    house.dun(ON + timedelta(days=29))
    assert Notice.objects.latest("on").step.days == 30


def test_the_letter_can_be_told_again_from_what_was_stored(house: House) -> None:
    one, other = late(house, 20, "300.00"), late(house, 3, "50.00", number="L-2")
    house.dispute(one, "120.00")
    house.promise(other, "10.00", 9)
    house.dun()
    notice = house.notice()
    disputes.withdraw_dispute(
        dispute=one.dispute_lines.get().dispute, by=house.cast.alice, at=AT + timedelta(hours=2)
    )
    pay(other, on=ON)
    again = retold(notice)
    assert again is not None
    assert notice.letter is not None
    assert (again.subject, again.text, again.html) == (
        notice.letter.subject,
        notice.letter.body_text,
        notice.letter.body_html,
    )
    withdrawn = Notice(pk=0)
    assert retold(withdrawn) is None


def test_a_step_that_is_a_call_goes_on_the_worklist_once_and_needs_no_address(house: House) -> None:
    publish(house, [step(1), step(10, "dunning.firm", channel="call", labels={"en": "Ring them"})])
    called, mailed = late(house, 12, number="R-1"), late(house, 2, "50.00", customer=house.cast.sur)
    type(house.cast.norte).objects.filter(pk=house.cast.norte.pk).update(email="")
    house.cast.norte.contacts.update(email="")
    house.dun()
    house.dun()
    call = Call.objects.get()
    assert (call.customer, call.reason, call.due_on, call.about) == (
        house.cast.norte,
        "overdue",
        ON,
        "Ring them: R-1",
    )
    notice = Notice.objects.get(customer=house.cast.norte)
    assert (notice.status, notice.call, notice.letter) == ("sent", call, None)
    assert mailed.number in house.texts()[0]
    assert len(house.mails()) == 1
    house.dun(ON + timedelta(days=7))
    assert Call.objects.count() == 1
    assert NoticeLine.objects.get(invoice=called, counts=True).step_days == 10
    assert list(books.run(["notice.sent", "notice.asked"])) == []


def test_a_call_is_handed_over_only_with_its_call(house: House) -> None:
    late(house, 12)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(status="sent", ended_at=AT)
