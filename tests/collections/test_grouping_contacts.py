"""A plan that writes one message for each contact: theirs alone, in their words, foretold as it goes."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from collections_app.choices import Reason
from collections_app.decision.book import Book
from collections_app.decision.items import Chosen, chosen
from collections_app.decision.play import month_ahead, replayed
from collections_app.decision.sql import Scope
from collections_app.models import Call, Notice, Plan
from collections_app.paying import links
from collections_app.plan_words import sentences
from collections_app.services import dunning, plans
from collections_app.services.plans import Rules, StepInput
from collections_app.services.retelling import retold
from ledger import services as ledger
from ledger.models import Contact, Invoice
from lib import clock
from tests.collections.conftest import House
from tests.collections.test_plan_doors import typed
from tests.factories import AT, ON, make_invoice, make_payment, pay

DAY = timedelta(days=1)
STEPS = [StepInput(days=1, kind="dunning.friendly"), StepInput(days=15, kind="dunning.firm")]


def publish(house: House, steps: list[StepInput] = STEPS, **rules: Any) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    figures = Rules(**{"grouping": "contact", **rules})
    plans.publish_version(plan=plan, steps=steps, rules=figures, by=house.cast.alice, at=AT)


def person(house: House, name: str, **more: Any) -> Contact:
    email = f"{name.lower()}@norte.example"
    return ledger.record_contact(customer=house.cast.norte, name=name, email=email, **more)


def late(house: House, number: str, days: int, amount: str, contact: Contact | None = None) -> Invoice:
    due_on = ON - DAY * days
    invoice = make_invoice(
        house.cast.norte, amount, issued_on=due_on - DAY * 60, due_on=due_on, number=number
    )
    if contact:
        ledger.choose_contact(document=invoice, contact=contact, at=AT)
    return invoice


def going(house: House) -> list[Chosen]:
    return chosen(Scope(Book.of(house.cast.entity), ON))


@pytest.fixture
def shared(house: House) -> dict[str, Invoice]:
    """Norte's invoices: two of Ana, one of Luc who reads French, one nobody deals with and one of the usual contact."""
    ana, luc = person(house, "Ana", language="en"), person(house, "Luc", language="fr")
    usual = house.cast.norte.contacts.get(is_billing=True)
    return {
        "A-1": late(house, "A-1", 16, "300.00", ana),
        "A-2": late(house, "A-2", 2, "90.00", ana),
        "L-1": late(house, "L-1", 3, "70.00", luc),
        "N-1": late(house, "N-1", 2, "50.00"),
        "U-1": late(house, "U-1", 2, "40.00", usual),
    }


def by_address(house: House) -> dict[str, str]:
    """Address -> the letter that went there; one each."""
    mails = house.mails()
    texts = dict(zip([mail["To"].addresses[0].addr_spec for mail in mails], house.texts(), strict=True))
    assert len(texts) == len(mails)
    return texts


def test_each_contact_gets_one_letter_that_names_what_they_deal_with(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house, cap_messages=1, cap_days=7)
    rows = [(row.contact.name if row.contact else "", row.outcome, str(row.asked)) for row in house.day()]
    usual = house.cast.norte.contacts.get(is_billing=True)
    assert rows == [("Ana", "send", "390.00"), (usual.name, "send", "90.00"), ("Luc", "send", "70.00")]
    house.dun()
    letters = by_address(house)
    named = {address: {number for number in shared if number in text} for address, text in letters.items()}
    assert named == {
        "ana@norte.example": {"A-1", "A-2"},
        "luc@norte.example": {"L-1"},
        usual.email: {"N-1", "U-1"},
    }
    assert "Bonjour" in letters["luc@norte.example"]
    assert house.dun().decided == 0
    notices = Notice.objects.filter(status="sent").order_by("-asked")
    assert [(n.grouping, n.invoice, n.step.days) for n in notices] == [
        ("contact", None, 15),
        ("contact", None, 1),
        ("contact", None, 1),
    ]
    for notice in notices:
        told = retold(notice)
        assert told is not None
        assert notice.letter is not None
        assert told.text == notice.letter.body_text


def test_a_contact_without_a_working_address_leaves_it_to_the_usual_one(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house)
    ledger.mark_undeliverable(entity=house.cast.entity, email="ana@norte.example", why="gone", at=AT)
    Contact.objects.filter(name="Luc").update(email="")
    assert [(str(row.asked), len(row.items)) for row in house.day()] == [("550.00", 5)]
    house.dun()
    usual = house.cast.norte.contacts.get(is_billing=True)
    assert set(by_address(house)) == {usual.email}


def test_without_any_contact_the_customers_own_address_gets_everything(house: House) -> None:
    publish(house)
    house.cast.norte.contacts.all().delete()
    type(house.cast.norte).objects.filter(pk=house.cast.norte.pk).update(email="all@norte.example")
    late(house, "N-1", 2, "50.00"), late(house, "N-2", 2, "60.00")
    house.dun()
    assert set(by_address(house)) == {"all@norte.example"}
    assert (house.notice().contact, str(house.notice().asked)) == (None, "110.00")


def test_at_sending_each_is_decided_again_by_who_deals_with_what_then(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house)
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    pay(shared["L-1"])
    ledger.choose_contact(document=shared["A-2"], contact=None, at=AT)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    found = {n.contact.name if n.contact else "": (n.status, str(n.asked)) for n in Notice.objects.all()}
    usual = house.cast.norte.contacts.get(is_billing=True)
    assert found == {"Ana": ("sent", "300.00"), usual.name: ("sent", "180.00"), "Luc": ("withdrawn", "70.00")}
    assert "A-2" in by_address(house)[usual.email]


def test_the_limit_is_of_a_contact_and_money_on_account_goes_to_the_most_overdue(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house, gap_days=0, cap_messages=1, cap_days=7)
    make_payment(house.cast.norte, "400.00")
    assert sorted((str(row.amount), row.reason) for row in going(house)) == [
        ("390.00", Reason.COVERED),
        ("70.00", ""),
        ("90.00", ""),
    ]
    house.dun()
    usual = house.cast.norte.contacts.get(is_billing=True)
    assert set(by_address(house)) == {"luc@norte.example", usual.email}
    late(house, "L-9", 1, "30.00", Contact.objects.get(name="Luc"))
    tomorrow = {row.part: row.reason for row in chosen(Scope(Book.of(house.cast.entity), ON + DAY))}
    assert tomorrow[Contact.objects.get(name="Luc").pk] == Reason.CAPPED


def test_a_message_under_way_holds_back_its_contact_and_one_of_another_kind_all(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    over = {"status": "withdrawn", "reason": "superseded", "ended_at": AT}
    Notice.objects.exclude(contact__name="Ana").update(**over)
    Notice.objects.filter(contact__name="Ana").update(status="queued")
    assert sorted((str(row.amount), row.reason) for row in going(house)) == [
        ("390.00", Reason.IN_FLIGHT),
        ("70.00", ""),
        ("90.00", ""),
    ]
    for grouping in ("customer", "invoice"):
        publish(house, grouping=grouping)
        assert {row.reason for row in going(house)} == {Reason.IN_FLIGHT}


def test_the_database_keeps_one_message_under_way_to_a_contact(
    house: House, shared: dict[str, Invoice]
) -> None:
    publish(house)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    notice = Notice.objects.filter(contact__name="Ana").get()
    notice.pk, notice.on = None, ON + DAY
    with pytest.raises(IntegrityError, match="notice_one_under_way"), transaction.atomic():
        notice.save(force_insert=True)
    notice.grouping = "invoice"
    with pytest.raises(IntegrityError, match="notice_names_its_invoice"), transaction.atomic():
        notice.save(force_insert=True)


def test_what_goes_along_and_the_page_to_pay_name_nothing_of_others(house: House) -> None:
    today = clock.today("Europe/Madrid")
    ana, norte = person(house, "Ana"), house.cast.norte
    for number, contact in (("A-1", ana), ("N-1", None)):
        made = make_invoice(norte, "80.00", number=number, issued_on=today - 60 * DAY, due_on=today - 4 * DAY)
        ledger.choose_contact(document=made, contact=contact, at=AT)
    make_invoice(norte, "9.00", kind="credit_note", number="CN-N")
    publish(house, [StepInput(days=1, kind="dunning.friendly", attach=["statement_pdf"])])
    run = dunning.decide(entity=house.cast.entity, on=today, at=clock.now())
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=clock.now())
    to_ana, to_usual = Notice.objects.get(contact=ana), Notice.objects.exclude(contact=ana).get()
    assert to_ana.letter is not None
    assert to_usual.letter is not None
    drawn = str(to_ana.letter.enclosed)
    assert ("A-1" in drawn, "N-1" in drawn, "CN-N" in drawn) == (True, False, False)
    drawn = str(to_usual.letter.enclosed)
    assert ("A-1" in drawn, "N-1" in drawn, "CN-N" in drawn) == (False, True, True)
    for notice, own, other in ((to_ana, "A-1", "N-1"), (to_usual, "N-1", "A-1")):
        token = links.make(customer_id=norte.pk, currency="EUR", on=today, notice_id=notice.pk)
        page = Client().get(f"/pay/{token}/").content.decode()
        assert own in page
        assert other not in page


def test_a_step_that_is_a_call_names_whom_to_call(house: House, shared: dict[str, Invoice]) -> None:
    publish(house, [StepInput(days=1, kind="dunning.friendly", channel="call")])
    house.dun()
    calls = {call.contact.name if call.contact else "": call.about for call in Call.objects.all()}
    assert set(calls) == {"Ana", "Luc", house.cast.norte.contacts.get(is_billing=True).name}
    assert "A-1" in calls["Ana"]
    assert "L-1" not in calls["Ana"]


def test_the_month_ahead_is_what_the_month_then_sends(house: House, shared: dict[str, Invoice]) -> None:
    publish(house, cap_messages=1, cap_days=3)
    book = Book.of(house.cast.entity)
    foretold = month_ahead(book, ON, days=20)
    for day in foretold:
        house.dun(day.on, AT + (day.on - ON))
        went = Notice.objects.filter(on=day.on, status="sent").values_list("step__days", "asked")
        assert sorted(went) == sorted((one.step_days, one.amount) for one in day.sent), day.on
    assert sum(len(day.sent) for day in foretold) > 4
    assert any(day.sent for day in replayed(book, ON + 20 * DAY, days=20))


def test_pages_and_doors_say_whom_each_goes_to(house: House, shared: dict[str, Invoice]) -> None:
    publish(house, cap_messages=2)
    ana, norte = Contact.objects.get(name="Ana"), house.cast.norte
    out = StringIO()
    call_command("dun", "--dry-run", "--on", ON.isoformat(), "--entity", house.cast.entity.code, stdout=out)
    assert f"{norte.name}, Ana" in out.getvalue()
    alice = Client(headers={"Accept-Language": "en"})
    alice.force_login(house.cast.alice)
    day = alice.get(f"/collections/?entity={house.cast.entity.code}&on={ON.isoformat()}").content.decode()
    assert f"part={ana.pk}" in day
    letter = f"/collections/preview/{norte.pk}/?on={ON.isoformat()}"
    shown = alice.get(f"{letter}&part={ana.pk}").content.decode()
    assert ("ana@norte.example" in shown, "A-1" in shown, "L-1" in shown) == (True, True, False)
    assert "A-1" in alice.get(letter).content.decode()
    ahead = month_ahead(Book.of(house.cast.entity), ON, days=1)[0]
    assert ana.pk in {one.contact_id for one in ahead.sent}
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    Notice.objects.filter(contact=ana).update(status="withdrawn", reason="refused", ended_at=AT)
    rested = alice.get(f"/collections/?entity={house.cast.entity.code}&on={ON.isoformat()}").content.decode()
    assert "Ana" in rested
    version = Plan.objects.get(entity=house.cast.entity, code="standard").versions.get(current=True)
    said = sentences(version, "EUR")
    assert "One message for each contact, about what they deal with." in said
    assert "At most 2 messages to a contact within 30 days." in said


def test_the_editor_and_the_api_know_the_choice(house: House, shared: dict[str, Invoice]) -> None:
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    alice = Client(headers={"Accept-Language": "en"})
    alice.force_login(house.cast.alice)
    edit = f"/collections/plans/{plan.pk}/edit/"
    assert "what nobody deals with goes to the contact" in alice.get(edit).content.decode()
    steps = [{"days": "1", "kind": "dunning.friendly"}]
    assert alice.post(edit, typed(steps, grouping="contact")).status_code == 302
    assert plan.versions.get(draft=True).grouping == "contact"
    assert alice.get(f"/collections/plans/{plan.pk}/tried/").status_code == 200
    alice.post(f"/collections/plans/{plan.pk}/publish/")
    versions = alice.get(f"/api/v1/plans/{plan.pk}/versions/").json()
    assert [one["grouping"] for one in versions if one["state"] == "current"] == ["contact"]
    day = alice.get(f"/api/v1/notices/preview/?entity={house.cast.entity.code}").json()
    assert day
    assert all("contact" in row for row in day)
