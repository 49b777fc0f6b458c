"""The locks of promises, instalments and calls: a writer who came another way holds the row, and is believed.

Each was seen to fail without the lock that it names.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.choices import Role
from collections_app.errors import CallError, PromiseError
from collections_app.models import Call, InstalmentPlan, Portfolio, Promise, PromiseRules
from collections_app.schedules import Share
from collections_app.services import agreement, calls, instalments, limits, promises, reviewing, worklist
from collections_app.services.calls import Result
from collections_app.services.limits import Limit
from ledger.models import Invoice
from tests.collections.conftest import House
from tests.disputes.race import both, meanwhile
from tests.factories import AT, ON, make_invoice, pay

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def code(found: Any) -> str:
    return str(getattr(found, "code", found))


def promised(house: House, days: int = 5) -> Promise:
    house.promise(make_invoice(house.cast.norte), "1000.00", days)
    return Promise.objects.get()


def taken_back(promise: Promise) -> Any:
    return lambda: Promise.objects.filter(pk=promise.pk).update(status="cancelled", reason="x", settled_at=AT)


def planned(house: House) -> InstalmentPlan:
    invoice = make_invoice(house.cast.norte)
    return instalments.make_plan(
        parts=[(invoice, invoice.amount)],
        shares=[Share(ON + DAY, invoice.amount)],
        by=house.cast.carl,
        on=ON,
        at=AT,
    )


def ended(plan: InstalmentPlan) -> Any:
    return lambda: InstalmentPlan.objects.filter(pk=plan.pk).update(
        status="cancelled", reason="x", ended_on=ON, ended_at=AT
    )


def paid(invoice: Invoice) -> Any:
    return lambda: pay(invoice)


def test_promising_what_is_paid_meanwhile(house: House) -> None:
    """`make_promises`, of the invoice"""
    invoice = make_invoice(house.cast.norte)
    found = meanwhile(
        "ledger_invoice", invoice.pk, paid(invoice), lambda: house.promise(invoice, "1000.00", 5)
    )
    assert isinstance(found, PromiseError)
    assert code(found) == "promise_amount"


def test_approving_what_is_taken_back_meanwhile(house: House) -> None:
    """`promises._locked`, of the promises"""
    waiting = promised_beyond(house)
    found = meanwhile(
        "collections_app_promise",
        waiting.pk,
        taken_back(waiting),
        lambda: promises.decide_promises(act=waiting.act, agree=True, by=house.cast.alice, on=ON, at=AT),
    )
    assert code(found) == "promise_decided"


def promised_beyond(house: House) -> Promise:
    limits.set_rules(
        entity=house.cast.entity,
        grace_days=3,
        whole_comes_back=True,
        limits={Role.COLLECTOR: Limit(1, None)},
        by=house.cast.alice,
        at=AT,
    )
    house.promise(make_invoice(house.cast.sur), "1000.00", 5)
    return Promise.objects.get(status="waiting")


def test_a_promise_taken_back_meanwhile_is_not_broken(house: House) -> None:
    """`review_promises`"""
    promise = promised(house, days=0)
    settled = meanwhile(
        "collections_app_promise",
        promise.pk,
        taken_back(promise),
        lambda: reviewing.review_promises(entity=house.cast.entity, on=ON + DAY * 9, at=AT),
    )
    assert (settled, Promise.objects.get().status) == (0, "cancelled")


def test_two_agreements_for_one_invoice(house: House) -> None:
    """`instalments._held`, of the invoice"""
    invoice = make_invoice(house.cast.norte)

    def propose() -> InstalmentPlan:
        return instalments.make_plan(
            parts=[(invoice, Decimal("1000.00"))],
            shares=[Share(ON + DAY, Decimal("1000.00"))],
            by=house.cast.carl,
            on=ON,
            at=AT,
        )

    found = both("ledger_invoice", invoice.pk, propose, propose)
    assert sorted(map(code, found))[-1] == "instalments_twice"
    assert InstalmentPlan.objects.count() == 1


def test_agreeing_to_what_is_cancelled_meanwhile(house: House) -> None:
    """`hold_plan`"""
    plan = planned(house)
    found = meanwhile(
        "collections_app_instalmentplan",
        plan.pk,
        ended(plan),
        lambda: instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT),
    )
    assert code(found) == "instalments_state"


def test_an_agreement_cancelled_meanwhile_is_not_broken(house: House) -> None:
    """`review_instalments`"""
    plan = planned(house)
    instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)
    settled = meanwhile(
        "collections_app_instalmentplan",
        plan.pk,
        ended(plan),
        lambda: reviewing.review_instalments(entity=house.cast.entity, on=ON + DAY * 9, at=AT),
    )
    plan.refresh_from_db()
    assert (settled, plan.status) == (0, "cancelled")


def test_the_confirmation_goes_once(house: House) -> None:
    """`hold_plan`, of `mail_agreement`"""
    plan = planned(house)
    instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)

    def mail() -> Any:
        return agreement.mail_agreement(plan_id=plan.pk, at=AT)

    found = both("collections_app_instalmentplan", plan.pk, mail, mail)
    assert sorted(isinstance(one, PromiseError) for one in found) == [False, True]


def test_a_call_ends_once(house: House) -> None:
    """`calls._held`"""
    call = calls.plan_call(customer=house.cast.norte, reason="other", due_on=ON, at=AT)

    def finish() -> Any:
        return calls.finish_call(
            customer=house.cast.norte,
            result=Result("paid"),
            by=house.cast.carl,
            on=ON,
            at=AT,
            call_id=call.pk,
        )

    found = both("collections_app_call", call.pk, finish, finish)
    assert sorted(isinstance(one, CallError) for one in found) == [False, True]
    assert Call.objects.get().status == "done"


def test_a_portfolio_changes_hands_one_after_the_other(house: House) -> None:
    """`set_collector`, of the customer"""
    give: dict[str, Any] = {"customers": [house.cast.norte], "collector": house.cast.carl}
    found = meanwhile(
        "ledger_customer",
        house.cast.norte.pk,
        lambda: Portfolio.objects.create(customer=house.cast.norte, collector=house.cast.carl, set_at=AT),
        lambda: worklist.set_collector(by=house.cast.alice, at=AT, **give),
    )
    assert found == 0


def test_the_rules_are_replaced_one_after_the_other(house: House) -> None:
    """`set_rules`, of the legal entity"""

    def replace() -> Any:
        return limits.set_rules(
            entity=house.cast.entity,
            grace_days=4,
            whole_comes_back=False,
            limits={Role.SALES: Limit(5, None)},
            by=house.cast.alice,
            at=AT,
        )

    found = both("accounts_legalentity", house.cast.entity.pk, replace, replace)
    assert all(isinstance(one, PromiseRules) for one in found), found
