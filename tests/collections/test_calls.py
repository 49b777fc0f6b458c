"""Calls: planned once, done with what follows in the same act, and the screen they are made from."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.events import Event
from collections_app.calling.script import kind_of, script_of, scripts
from collections_app.choices import CallOutcome, CallReason
from collections_app.decision.open_items import open_items
from collections_app.errors import CallError, PromiseError
from collections_app.listeners import remember_the_call
from collections_app.models import Call, ContactFlag, Promise
from collections_app.services import calls
from collections_app.services.calls import NewContact, Result
from ledger.models import Contact
from lib import clock
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice

DAY = timedelta(days=1)


def finish(house: House, outcome: str, *, days: int = 0, call: Call | None = None, **more: Any) -> calls.Done:
    facts: dict[str, Any] = {name: more.pop(name) for name in ("contact", "by", "customer") if name in more}
    return calls.finish_call(
        customer=facts.get("customer", house.cast.norte),
        result=Result(outcome, **more),
        by=facts.get("by", house.cast.carl),
        on=ON + DAY * days,
        at=AT + DAY * days,
        call_id=call.pk if call else None,
        contact=facts.get("contact"),
    )


def planned(house: House, key: str = "", **more: Any) -> Call:
    facts: dict[str, Any] = {
        "customer": house.cast.norte,
        "reason": CallReason.OVERDUE,
        "due_on": ON,
        "at": AT,
    }
    return calls.plan_call(key=key, **facts | more)


def test_a_call_with_a_key_is_planned_once(house: House) -> None:
    first = planned(house, "step:1:norte")
    again = planned(house, "step:1:norte", due_on=ON + DAY, at=AT + DAY)
    assert (first, again.due_on) == (again, ON)
    assert Event.objects.filter(kind="call.planned").count() == 1
    planned(house)
    planned(house)
    assert Call.objects.count() == 3


def test_a_promise_on_the_phone_is_made_in_the_same_act_with_who_said_it(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    contact = house.cast.norte.contacts.get()
    done = finish(
        house,
        "promise",
        call=planned(house),
        contact=contact,
        parts=((invoice, invoice.amount),),
        promised_on=ON + DAY * 5,
        notes="On Friday",
    )
    promise = Promise.objects.get()
    assert (promise.act, promise.contact, promise.source) == (done.call.promise_act, contact, "phone")
    assert done.promises == [promise]
    house.dun()
    assert house.mails() == []


def test_a_promise_that_is_refused_leaves_the_call_planned(house: House) -> None:
    invoice, call = make_invoice(house.cast.norte), planned(house)
    with pytest.raises(PromiseError) as refused:
        finish(house, "promise", call=call, parts=((invoice, Decimal("2000")),), promised_on=ON)
    assert refused.value.code == "promise_amount"
    call.refresh_from_db()
    assert (call.status, Promise.objects.count()) == ("planned", 0)
    with pytest.raises(CallError, match="by which day"):
        finish(house, "promise", call=call)
    with pytest.raises(CallError, match="moment to come"):
        finish(house, "call_back", call=call, call_back_at=AT)
    with pytest.raises(CallError, match="what came of"):
        finish(house, "hung_up", call=call)


def test_call_back_on_a_sunday_is_planned_for_monday_when_they_open(house: House) -> None:
    sunday = AT + DAY * 6
    done = finish(house, "call_back", call_back_at=sunday)
    assert done.next_call is not None
    when = done.next_call.due_at
    assert when is not None
    local = when.astimezone(ZoneInfo("Europe/Madrid"))
    assert (local.isoweekday(), local.hour, done.next_call.due_on) == (1, 9, ON + DAY * 7)
    assert (done.next_call.reason, done.next_call.assigned_to) == ("call_back", house.cast.carl)


def test_no_answer_is_tried_again_tomorrow_and_after_three_times_another_channel_is_suggested(
    house: House,
) -> None:
    invoice = make_invoice(house.cast.norte)
    assert invoice
    for days in range(2):
        assert finish(house, "no_answer", days=days).next_call is not None
    assert finish(house, "message", days=2).next_call is None
    page = in_house(house.cast.carl).get(f"/collections/call/{house.cast.norte.pk}/").content.decode()
    assert "write to them instead" in page


def test_a_wrong_contact_is_flagged_and_the_right_one_is_called(house: House) -> None:
    wrong = house.cast.norte.contacts.get()
    done = finish(house, "wrong_contact", contact=wrong, right=NewContact("Ana Ruiz", "+34 911 22 33 44"))
    right = Contact.objects.get(name="Ana Ruiz")
    assert (right.phone, done.next_call and done.next_call.contact) == ("+34 911 22 33 44", right)
    assert ContactFlag.objects.get(cleared_at=None).contact == wrong
    unknown = finish(house, "wrong_contact", contact=right, days=1)
    assert unknown.next_call is not None
    assert unknown.next_call.reason == "contact"
    calls.clear_flag(contact=wrong, at=AT)
    assert not ContactFlag.objects.filter(contact=wrong, cleared_at=None).exists()


def test_a_dispute_opened_after_the_call_is_linked_to_it(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    done = finish(house, "dispute", by=house.cast.alice)
    dispute = house.dispute(invoice, at=AT + timedelta(minutes=5))
    event = Event.objects.get(kind="dispute.opened")
    for _twice in range(2):
        remember_the_call(event)
    done.call.refresh_from_db()
    assert done.call.dispute == dispute


def test_a_call_ends_once_and_belongs_to_its_customer(house: House) -> None:
    call = planned(house)
    with pytest.raises(CallError, match="another customer"):
        finish(house, "paid", call=call, customer=house.cast.sur)
    finish(house, "paid", call=call)
    with pytest.raises(CallError, match="already ended"):
        finish(house, "refused", call=call)
    with pytest.raises(CallError, match="already ended"):
        calls.cancel_call(call=call, by=house.cast.carl, at=AT)
    with pytest.raises(CallError, match="another customer"):
        planned(house, contact=house.cast.sur.contacts.get())


def test_the_database_keeps_a_call_as_it_ended(house: House) -> None:
    call = finish(house, "paid").call
    rows = Call.objects.filter(pk=call.pk)
    waits = planned(house)
    for name, act in {
        "call_ended_is_final": lambda: rows.update(notes="x"),
        "call_done_has_an_outcome": lambda: Call.objects.filter(pk=waits.pk).update(outcome="paid"),
        "call_promise_has_its_promise": lambda: Call.objects.filter(pk=waits.pk).update(
            status="done", outcome="promise", ended_at=AT, ended_by=house.cast.carl
        ),
        "call_is_never_removed": lambda: connection.cursor().execute("DELETE FROM collections_app_call"),
        "call_stays_with_its_customer": lambda: Call.objects.filter(pk=waits.pk).update(
            customer=house.cast.sur
        ),
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            act()


def test_every_script_speaks_three_languages_and_takes_every_value() -> None:
    for kind, languages in scripts().items():
        assert set(languages) == {"en", "es", "fr"}, kind
        assert len({len(lines) for lines in languages.values()}) == 1, kind


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_script_fits_what_is_open_and_names_nothing_disputed(house: House, language: str) -> None:
    contact = house.cast.norte.contacts.get()
    contact.language = language
    disputed, open_one = make_invoice(house.cast.norte, "9000.00"), make_invoice(house.cast.norte, "700.00")
    house.dispute(disputed)
    items = open_items(house.cast.norte, ON)
    facts: dict[str, Any] = {"items": items, "customer": house.cast.norte, "contact": contact, "on": ON}
    assert kind_of("", items, broken=False) == "overdue"
    assert kind_of("", items, broken=True) == "broken"
    said = " ".join(script_of(kind="overdue", me="Carl", **facts).lines)
    assert "700" in said
    assert "9" not in said.replace("29", "").replace("30", "").replace(open_one.number, "")
    assert kind_of("", [item for item in items if item.disputed], broken=False) == "disputed"
    for kind in scripts():
        assert script_of(kind=kind, me="Carl", **facts).language == language


def test_open_items_are_those_of_the_decision(house: House) -> None:
    one, other = make_invoice(house.cast.norte, "100.00"), make_invoice(house.cast.norte, "200.00")
    house.dispute(one, "30.00")
    house.promise(other, "50.00", 5)
    rows = {
        item.invoice_id: (item.open, item.disputed, item.promised, item.free)
        for item in open_items(house.cast.norte, ON)
    }
    assert rows == {
        one.pk: (Decimal("100.00"), Decimal("30.00"), Decimal("0.00"), Decimal("70.00")),
        other.pk: (Decimal("200.00"), Decimal("0.00"), Decimal("50.00"), Decimal("150.00")),
    }


def in_house(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_screen_notes_a_promise_in_two_clicks_and_leads_a_dispute_on(house: House) -> None:
    today = clock.today("Europe/Madrid")
    invoice = make_invoice(house.cast.norte, issued_on=today - DAY * 40, due_on=today - DAY * 9)
    url = f"/collections/call/{house.cast.norte.pk}/"
    sam = in_house(house.cast.sam)
    page = sam.get(url).content.decode()
    assert "What to say" in page
    assert f'value="{invoice.pk}" checked' in page
    data = {"outcome": "promise", "invoice": invoice.pk, "promised_on": (today + DAY * 3).isoformat()}
    assert sam.post(url, data).status_code == 302
    assert Promise.objects.get().amount == invoice.amount
    dispute = sam.post(url, {"outcome": "dispute", "invoice": invoice.pk})
    assert dispute["Location"] == f"/disputes/new/?invoice={invoice.pk}"
    assert sam.post(url, {"outcome": "promise"}).status_code == 422
    assert Call.objects.filter(status="done").count() == 2


@pytest.mark.parametrize(("who", "answer"), [("mallory", 404), ("sofia", 404), ("eva", 404), ("fin", 403)])
def test_strangers_find_no_call_and_readers_make_none(house: House, who: str, answer: int) -> None:
    call = planned(house)
    client = in_house(getattr(house.cast, who))
    customer = house.cast.norte.pk
    assert client.get(f"/collections/call/{customer}/").status_code == answer
    assert client.post(f"/collections/call/{customer}/", {"outcome": "paid"}).status_code == answer
    for path in (f"call/{customer}/plan/", f"calls/{call.pk}/cancel/", f"worklist/{customer}/rest/"):
        assert client.post(f"/collections/{path}").status_code == answer
    assert client.post(f"/api/v1/calls/{call.pk}/finish/", {"outcome": "paid"}).status_code == answer
    assert Call.objects.get().status == "planned"


def test_the_api_plans_finishes_and_cancels(house: House) -> None:
    today = clock.today("Europe/Madrid")
    invoice = make_invoice(house.cast.norte, issued_on=today - DAY * 40, due_on=today - DAY * 9)
    carl, json = in_house(house.cast.carl), "application/json"
    body = {"customer": house.cast.norte.pk, "reason": "overdue", "due_on": today.isoformat(), "key": "k1"}
    one = carl.post("/api/v1/calls/", body, content_type=json).json()
    assert carl.post("/api/v1/calls/", body, content_type=json).json()["id"] == one["id"]
    result = {"outcome": "promise", "invoices": [invoice.pk], "promised_on": (today + DAY).isoformat()}
    done = carl.post(f"/api/v1/calls/{one['id']}/finish/", result, content_type=json).json()
    assert done["call"]["status"] == "done"
    assert done["promises"] == [Promise.objects.get().pk]
    again = carl.post(f"/api/v1/calls/{one['id']}/finish/", result, content_type=json)
    assert again.status_code == 409
    made = {"outcome": "no_answer", "customer": house.cast.norte.pk}
    follow = carl.post("/api/v1/calls/made/", made, content_type=json).json()["next_call"]
    assert carl.post(f"/api/v1/calls/{follow['id']}/cancel/").json()["status"] == "cancelled"
    assert {value for value, _label in CallOutcome.choices} >= {"promise", "dispute", "call_back"}
