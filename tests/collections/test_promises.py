"""Promises of several invoices, limits and approval, days of grace, and who hears of a broken word."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.choices import Role
from accounts.events import Event
from accounts.reach.choices import ReachEvent
from chat.models import Notification
from chat.reach.hearing import word_broken
from chat.reach.words import told
from collections_app import selectors
from collections_app.errors import PromiseError
from collections_app.models import Portfolio, Promise, PromiseLimit, PromiseRules
from collections_app.services import limits, promises, reviewing
from collections_app.services.limits import Limit
from collections_app.services.promises import Said
from ledger.models import Invoice
from lib import clock
from lib.errors import NotAllowed
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, make_person, pay

DAY = timedelta(days=1)


def limit(house: House, role: str = Role.COLLECTOR, days: int | None = 10, amount: str | None = None) -> None:
    most = Decimal(amount) if amount else None
    limits.set_rules(
        entity=house.cast.entity,
        grace_days=3,
        whole_comes_back=True,
        limits={role: Limit(days, most)},
        by=house.cast.alice,
        at=AT,
    )


def asked(house: House, days: int = 20, *, by: Any = None, amount: str = "1000.00") -> Promise:
    """A promise that the collector's limit of ten days sends to an approval."""
    limit(house)
    invoice = make_invoice(house.cast.norte)
    return promises.make_promise(
        invoice=invoice,
        amount=Decimal(amount),
        promised_on=ON + DAY * days,
        by=by or house.cast.carl,
        on=ON,
        at=AT,
    )


def test_several_invoices_are_promised_in_one_act(house: House) -> None:
    invoices = [make_invoice(house.cast.norte, amount) for amount in ("100.00", "250.00")]
    contact = house.cast.norte.contacts.get()
    made = promises.make_promises(
        parts=[(one, one.amount) for one in invoices],
        promised_on=ON + DAY * 7,
        by=house.cast.carl,
        on=ON,
        at=AT,
        said=Said("mail", contact, "", "after the fair"),
    )
    assert len({row.act for row in made}) == 1
    assert {row.amount for row in made} == {Decimal("100.00"), Decimal("250.00")}
    assert {(row.source, row.speaker) for row in made} == {("mail", contact.name)}


def test_promises_of_one_act_belong_to_one_customer_and_each_invoice_once(house: House) -> None:
    one, other = make_invoice(house.cast.norte), make_invoice(house.cast.sur)
    facts: dict[str, Any] = {"promised_on": ON + DAY, "by": house.cast.carl, "on": ON, "at": AT}
    with pytest.raises(PromiseError, match="one customer"):
        promises.make_promises(parts=[(one, one.amount), (other, other.amount)], **facts)
    with pytest.raises(PromiseError, match="each invoice once"):
        promises.make_promises(parts=[(one, one.amount), (one, one.amount)], **facts)
    contact = house.cast.sur.contacts.get()
    with pytest.raises(PromiseError, match="another customer"):
        promises.make_promises(parts=[(one, one.amount)], said=Said(contact=contact), **facts)
    assert not Promise.objects.exists()


def test_an_amount_for_several_invoices_is_placed_on_the_oldest_and_none_leaves_the_disputed_out(
    house: House,
) -> None:
    old = make_invoice(house.cast.norte, "100.00", due_on=ON - DAY * 40, issued_on=ON - DAY * 60)
    new = make_invoice(house.cast.norte, "200.00", due_on=ON - DAY * 10, issued_on=ON - DAY * 60)
    assert selectors.parts_of([new, old], Decimal("150.00")) == [
        (old, Decimal("100.00")),
        (new, Decimal("50.00")),
    ]
    house.dispute(old)
    house.dispute(new, "80.00")
    assert selectors.parts_of([new, old], None) == [(new, Decimal("120.00"))]


def test_beyond_the_limit_it_waits_and_reminders_go_on_until_somebody_else_says_yes(house: House) -> None:
    promise = asked(house)
    assert promise.status == "waiting"
    house.dun()
    assert house.notice().asked == Decimal("1000.00")
    facts: dict[str, Any] = {"act": promise.act, "agree": True, "on": ON, "at": AT}
    with pytest.raises(NotAllowed, match="beyond"):
        promises.decide_promises(by=house.cast.sofia, **facts)
    (done,) = promises.decide_promises(by=house.cast.alice, **facts)
    assert (done.status, done.decided_by) == ("made", house.cast.alice)
    assert Event.objects.filter(kind="promise.made", stream="customer").count() == 1


def test_who_asks_may_not_approve_even_a_credit_manager(house: House) -> None:
    limit(house, Role.CREDIT_MANAGER)
    invoice = make_invoice(house.cast.norte)
    promise = promises.make_promise(
        invoice=invoice, amount=invoice.amount, promised_on=ON + DAY * 20, by=house.cast.alice, on=ON, at=AT
    )
    facts: dict[str, Any] = {"act": promise.act, "agree": True, "on": ON, "at": AT}
    with pytest.raises(NotAllowed, match="Somebody else"):
        promises.decide_promises(by=house.cast.alice, **facts)
    colleague = make_person("Mona", house.cast.entity, Role.CREDIT_MANAGER)
    with pytest.raises(NotAllowed, match="beyond"):
        promises.decide_promises(by=colleague, **facts)
    promises.decide_promises(by=house.cast.adam, **facts)
    assert Promise.objects.get().status == "made"


def test_the_widest_role_counts_and_an_amount_without_a_rate_is_beyond_every_limit(house: House) -> None:
    limit(house, Role.COLLECTOR, None, "500.00")
    facts: dict[str, Any] = {"user": house.cast.carl, "entity": house.cast.entity, "until": ON, "on": ON}
    assert limits.within(amount=Decimal("500.00"), currency="EUR", **facts)
    assert not limits.within(amount=Decimal("500.01"), currency="EUR", **facts)
    assert not limits.within(amount=Decimal("1.00"), currency="USD", **facts)
    assert limits.within(amount=Decimal("9e9"), currency="USD", **(facts | {"user": house.cast.alice}))
    assert not limits.within(amount=Decimal("1.00"), currency="EUR", **(facts | {"user": house.cast.fin}))


def test_a_refusal_says_why_and_a_second_answer_comes_too_late(house: House) -> None:
    promise = asked(house)
    facts: dict[str, Any] = {"act": promise.act, "agree": False, "by": house.cast.alice, "on": ON, "at": AT}
    with pytest.raises(PromiseError, match="Say why"):
        promises.decide_promises(**facts)
    (done,) = promises.decide_promises(**facts, reason="Too late for us")
    assert (done.status, done.reason) == ("refused", "Too late for us")
    with pytest.raises(PromiseError, match="any more"):
        promises.decide_promises(**facts, reason="Again")


def test_nobody_approves_after_the_day_and_the_review_ends_what_waited(house: House) -> None:
    promise = asked(house)
    late = ON + DAY * 21
    with pytest.raises(PromiseError, match="has passed"):
        promises.decide_promises(act=promise.act, agree=True, by=house.cast.alice, on=late, at=AT)
    assert reviewing.review(entity=house.cast.entity, on=late, at=AT) == 1
    assert Promise.objects.get().status == "refused"


def test_a_cancelled_promise_says_why_and_is_asked_for_again(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "1000.00", 9)
    house.dun()
    assert house.mails() == []
    promise = Promise.objects.get()
    with pytest.raises(PromiseError, match="no longer holds"):
        promises.cancel_promises(act=promise.act, by=house.cast.carl, at=AT, reason="")
    promises.cancel_promises(act=promise.act, by=house.cast.carl, at=AT, reason="Noted on the wrong customer")
    house.dun(ON + DAY)
    assert house.notice().asked == Decimal("1000.00")
    with pytest.raises(PromiseError, match="already ended"):
        promises.cancel_promises(act=promise.act, by=house.cast.carl, at=AT, reason="Twice")


@pytest.mark.parametrize("grace", [0, 3, 8])
def test_a_promise_breaks_after_the_entitys_days_of_grace(house: House, grace: int) -> None:
    PromiseRules.objects.create(entity=house.cast.entity, grace_days=grace)
    house.promise(make_invoice(house.cast.norte), "1000.00", 2)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * (2 + grace), at=AT)
    assert Promise.objects.get().status == "made"
    reviewing.review(entity=house.cast.entity, on=ON + DAY * (3 + grace), at=AT)
    assert Promise.objects.get().status == "broken"


def test_a_broken_promise_is_told_once_to_who_made_it_and_to_the_collector(house: House) -> None:
    cast = house.cast
    Portfolio.objects.create(customer=cast.norte, collector=cast.carl, set_at=AT)
    invoice = make_invoice(cast.norte)
    promises.make_promise(
        invoice=invoice, amount=invoice.amount, promised_on=ON, by=cast.sam, on=ON, at=AT, note=""
    )
    reviewing.review(entity=cast.entity, on=ON + DAY * 4, at=AT + DAY * 4)
    event = Event.objects.get(kind="promise.broken")
    assert event.data["people"] == sorted([cast.sam.pk, cast.carl.pk])
    word_broken(event)
    word_broken(event)
    rows = Notification.objects.filter(event=ReachEvent.PROMISE)
    assert {row.user for row in rows} == {cast.sam, cast.carl}
    assert len({row.key for row in rows}) == rows.count()
    words = told(rows[0])
    assert words.title == "Comercial Norte, S.A. did not keep a promise"
    assert invoice.number in words.text
    assert words.url.endswith(f"/customers/{cast.norte.pk}/")


def test_a_kept_promise_is_in_the_customers_stream(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "400.00", 5)
    pay(invoice, "400.00")
    reviewing.review(entity=house.cast.entity, on=ON + DAY, at=AT)
    assert Event.objects.filter(kind="promise.kept", object_id=house.cast.norte.pk).count() == 1


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"amount": Decimal("1.00")}, "promise_stays_as_said"),
        ({"promised_on": date(2030, 1, 1)}, "promise_stays_as_said"),
        ({"status": "waiting"}, "promise_status_moves_forward"),
        ({"status": "cancelled", "settled_at": AT}, "promise_taken_back_says_why"),
    ],
)
def test_the_database_keeps_what_was_said(house: House, change: dict[str, Any], name: str) -> None:
    house.promise(make_invoice(house.cast.norte), "500.00", 5)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Promise.objects.update(**change)


def test_the_database_lets_nothing_begin_without_its_approval(house: House) -> None:
    promise = asked(house)
    with pytest.raises(IntegrityError, match="promise_waits_for_its_approval"), transaction.atomic():
        Promise.objects.update(status="made")
    with pytest.raises(IntegrityError, match="promise_maker_does_not_approve"), transaction.atomic():
        Promise.objects.update(status="made", decided_by=house.cast.carl, decided_at=AT)
    with pytest.raises(IntegrityError, match="promise_is_never_removed"), transaction.atomic():
        promise.delete()


def in_house(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def overdue(house: House, amount: str = "1000.00") -> Invoice:
    today = clock.today("Europe/Madrid")
    return make_invoice(house.cast.norte, amount, issued_on=today - DAY * 40, due_on=today - DAY * 5)


def test_the_page_takes_several_invoices_and_shows_what_waits_to_who_may_approve(house: House) -> None:
    limit(house)
    invoices = [overdue(house, "100.00"), overdue(house, "300.00")]
    url = f"/collections/customers/{house.cast.norte.pk}/"
    day = (clock.today("Europe/Madrid") + DAY * 30).isoformat()
    data = {"invoice": [one.pk for one in invoices], "promised_on": day, "source": "chat", "said_by": "Ana"}
    page = in_house(house.cast.carl).post(url, data, follow=True).content.decode()
    assert "has to approve it" in page
    act = Promise.objects.values_list("act", flat=True).distinct().get()
    decide = f"/collections/promises/{act}/decide/"
    assert decide not in page
    assert decide in in_house(house.cast.alice).get(url).content.decode()
    assert in_house(house.cast.carl).post(decide, {"answer": "yes"}).status_code == 403
    assert in_house(house.cast.mallory).post(decide, {"answer": "yes"}).status_code == 404
    assert in_house(house.cast.sofia).post(decide, {"answer": "yes"}).status_code == 404
    in_house(house.cast.alice).post(decide, {"answer": "yes"})
    assert set(Promise.objects.values_list("status", "said_by")) == {("made", "Ana")}
    cancel = f"/collections/promises/{act}/cancel/"
    assert in_house(house.cast.fin).post(cancel, {"reason": "x"}).status_code == 403
    in_house(house.cast.sam).post(cancel, {"reason": "They will pay earlier"})
    assert set(Promise.objects.values_list("status", flat=True)) == {"cancelled"}


def test_the_api_promises_decides_cancels_and_keeps_the_rules(house: House) -> None:
    invoices = [overdue(house, "100.00"), overdue(house, "300.00")]
    rules = f"/api/v1/promise-rules/{house.cast.entity.pk}/"
    alice, carl = in_house(house.cast.alice), in_house(house.cast.carl)
    body = {"grace_days": 5, "whole_comes_back": False, "limits": [{"role": "collector", "days": 10}]}
    for who, answer in ((house.cast.carl, 403), (house.cast.mallory, 404), (house.cast.alice, 200)):
        assert in_house(who).put(rules, body, content_type="application/json").status_code == answer
    assert alice.get(rules).json()["limits"][1] == {"role": "collector", "days": 10, "amount": None}
    assert PromiseLimit.objects.count() == 1
    parts = [{"invoice": invoices[0].pk}, {"invoice": invoices[1].pk, "amount": "50.00"}]
    day = (clock.today("Europe/Madrid") + DAY * 30).isoformat()
    made = carl.post(
        "/api/v1/promises/", {"parts": parts, "promised_on": day}, content_type="application/json"
    )
    assert [row["amount"] for row in made.json()] == ["100.00", "50.00"]
    one = made.json()[0]
    assert one["status"] == "waiting"
    decide = f"/api/v1/promises/{one['id']}/decide/"
    assert carl.post(decide, {"agree": True}, content_type="application/json").status_code == 403
    assert {
        row["status"] for row in alice.post(decide, {"agree": True}, content_type="application/json").json()
    } == {"made"}
    cancel = f"/api/v1/promises/{one['id']}/cancel/"
    gone = carl.post(cancel, {"reason": "A mistake"}, content_type="application/json").json()
    assert {row["status"] for row in gone} == {"cancelled"}
    stranger = in_house(house.cast.mallory)
    foreign = {"invoice": invoices[0].pk, "amount": "1.00", "promised_on": day}
    assert stranger.post("/api/v1/promises/", foreign, content_type="application/json").status_code == 400
    assert stranger.post(cancel, {"reason": "x"}, content_type="application/json").status_code == 404
    assert uuid.UUID(one["act"])


def test_the_rules_are_a_page_for_credit_managers(house: House) -> None:
    url = "/collections/promise-rules/"
    assert in_house(house.cast.carl).get(url).status_code == 403
    client = in_house(house.cast.alice)
    data = {"grace_days": "4", "collector_days": "15", "collector_amount": "5000.00"}
    assert client.post(url, data).status_code == 302
    rules = PromiseRules.objects.get()
    assert (rules.grace_days, rules.whole_comes_back, rules.set_by) == (4, False, house.cast.alice)
    assert 'value="15"' in client.get(url).content.decode()
    assert client.post(url, {"grace_days": "99"}).status_code == 422
