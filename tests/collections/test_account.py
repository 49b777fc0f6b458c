"""The customer's page and what collecting fills of it; the statement whose totals are the ledger's."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.events import Event
from chat.models import Message, Room
from chat.services import room_for_dispute
from collections_app.choices import CallReason
from collections_app.models import Remark
from collections_app.schedules import Share
from collections_app.services import calls, instalments, remarks
from collections_app.services.calls import Result
from collections_app.statements import as_pdf, statement_of
from collections_app.timeline import KINDS, timeline_of
from disputes.models import Dispute
from ledger.choices import InvoiceKind
from lib import clock
from lib.money import ZERO
from reporting.reports.aging import aging_report
from reporting.reports.table import Options
from reporting.selectors.frame import make_frame
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, make_payment, pay

DAY = timedelta(days=1)
TABS = (
    "invoices",
    "disputes",
    "payments",
    "promises",
    "calls",
    "letters",
    "contacts",
    "notes",
    "files",
    "timeline",
)
PARTS = ("promises", "calls", "letters", "notes", "timeline")


def in_house(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def live(house: House) -> None:
    """A customer with something in every tab."""
    invoice = make_invoice(house.cast.norte, "500.00")
    other = make_invoice(house.cast.norte, "300.00")
    house.promise(invoice, "100.00", 5)
    plan = instalments.make_plan(
        parts=[(other, other.amount)],
        shares=[Share(ON + DAY, other.amount)],
        by=house.cast.carl,
        on=ON,
        at=AT,
    )
    instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)
    calls.plan_call(customer=house.cast.norte, reason=CallReason.OTHER, due_on=ON, at=AT)
    calls.finish_call(
        customer=house.cast.norte, result=Result("paid", notes="Last week"), by=house.cast.carl, on=ON, at=AT
    )
    remarks.write_remark(customer=house.cast.norte, text="Ask for Ana", by=house.cast.carl, at=AT)
    house.dispute(make_invoice(house.cast.norte, "50.00"))


def test_every_tab_and_its_part_opens_with_what_is_there(house: House) -> None:
    live(house)
    client, pk = in_house(house.cast.carl), house.cast.norte.pk
    for tab in TABS:
        page = client.get(f"/customers/{pk}/?tab={tab}")
        assert page.status_code == 200, tab
    words = {"promises": "Instalments", "calls": "Last week", "letters": "No letters", "notes": "Ask for Ana"}
    words["timeline"] = "Note: Ask for Ana"
    for part in PARTS:
        assert words[part] in client.get(f"/collections/account/{pk}/{part}/").content.decode(), part
    panel = client.get(f"/collections/customers/{pk}/panel/").content.decode()
    assert "Statement (PDF)" in panel
    assert "DSO" in client.get(f"/reports/customers/{pk}/figures/").content.decode()


@pytest.mark.parametrize(("who", "answer"), [("mallory", 404), ("sofia", 404), ("eva", 404), ("fin", 200)])
def test_strangers_find_no_part_of_it(house: House, who: str, answer: int) -> None:
    client, pk = in_house(getattr(house.cast, who)), house.cast.norte.pk
    urls = [f"/collections/account/{pk}/{part}/" for part in PARTS]
    urls += [f"/collections/account/{pk}/statement.pdf", f"/reports/customers/{pk}/figures/"]
    assert {client.get(url).status_code for url in urls} == {answer}
    post = client.post(f"/collections/account/{pk}/note/", {"text": "x"})
    assert post.status_code == (403 if who == "fin" else 404)
    assert not Remark.objects.exists()


def test_a_salesperson_sees_no_letters_and_writes_a_note(house: House) -> None:
    client, pk = in_house(house.cast.sam), house.cast.norte.pk
    assert (
        "Letters are for those who collect"
        in client.get(f"/collections/account/{pk}/letters/").content.decode()
    )
    client.post(f"/collections/account/{pk}/note/", {"text": "  They moved  "})
    assert Remark.objects.get().text == "They moved"


def test_notes_are_read_and_written_over_the_api(house: House) -> None:
    carl, door = in_house(house.cast.carl), "/api/v1/notes/"
    body = {"customer": house.cast.norte.pk, "text": " Ask for Ana "}
    made = carl.post(door, body, content_type="application/json")
    assert (made.status_code, made.json()["text"], made.json()["by"]) == (
        201,
        "Ask for Ana",
        house.cast.carl.pk,
    )
    carl.post(door, {"customer": house.cast.sur.pk, "text": "No"}, content_type="application/json")
    listed = carl.get(f"{door}?customer={house.cast.norte.pk}").json()["results"]
    assert listed == [made.json()]
    assert carl.get(f"{door}{made.json()['id']}/").json() == made.json()
    empty = carl.post(door, body | {"text": "  "}, content_type="application/json")
    assert (empty.status_code, Remark.objects.count()) == (400, 2)


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [("mallory", 404, 400), ("sofia", 404, 400), ("eva", 404, 400), ("fin", 200, 403)],
)
def test_strangers_find_no_note_over_the_api(house: House, who: str, reads: int, writes: int) -> None:
    cast = house.cast
    note = remarks.write_remark(customer=cast.norte, text="Ask for Ana", by=cast.carl, at=AT)
    client, body = in_house(getattr(cast, who)), {"customer": cast.norte.pk, "text": "x"}
    assert client.get(f"/api/v1/notes/{note.pk}/").status_code == reads
    listed = client.get("/api/v1/notes/")
    assert listed.status_code == 403 or len(listed.json()["results"]) == (reads == 200)
    assert client.post("/api/v1/notes/", body, content_type="application/json").status_code == writes
    assert Remark.objects.count() == 1


def test_k_a_customer_with_five_hundred_events_opens_like_one_with_five(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    dispute = house.dispute(invoice, "10.00")
    client, counts = in_house(house.cast.alice), []
    urls = [f"/customers/{house.cast.norte.pk}/?tab={tab}" for tab in TABS]
    urls += [f"/collections/account/{house.cast.norte.pk}/{part}/" for part in PARTS]
    urls += [
        f"/collections/customers/{house.cast.norte.pk}/panel/",
        f"/collections/call/{house.cast.norte.pk}/",
    ]
    for much in (5, 500):
        for number in range(much):
            remarks.write_remark(customer=house.cast.norte, text=f"Note {number}", by=house.cast.carl, at=AT)
        _many_messages(dispute, much * 20, house)
        for url in urls:
            client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert {client.get(url).status_code for url in urls} == {200}
        counts.append(len(captured))
    # Pages without a dispute's event have no disputes to read.
    assert counts[1] <= counts[0]


def _many_messages(dispute: Dispute, count: int, house: House) -> None:
    """Messages in the room of the dispute, written straight into the table: ten thousand would take minutes."""
    room = room_for_dispute(dispute=dispute, at=AT)
    first = room.messages.count() + 1
    with connection.cursor() as cursor:
        # Past the guards that give each message its number under the room's lock.
        cursor.execute("SET LOCAL session_replication_role = replica")
        Message.objects.bulk_create(
            Message(
                room=room,
                seq=first + number,
                author=house.cast.carl,
                body="Hello",
                client_token=f"t{first + number}",
                created_at=AT,
            )
            for number in range(count)
        )
        Room.objects.filter(pk=room.pk).update(last_seq=first + count - 1)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_timeline_pages_backwards_without_gaps(house: House) -> None:
    for number in range(7):
        remarks.write_remark(customer=house.cast.norte, text=f"Note {number}", by=house.cast.carl, at=AT)
    seen: list[int] = []
    before = 0
    while True:
        page = timeline_of(house.cast.norte, house.cast.carl, before, size=3)
        seen += [one.pk for one in page.moments]
        before = page.before
        if not before:
            break
    shown = Event.objects.filter(stream="customer", object_id=house.cast.norte.pk, kind__in=KINDS)
    assert seen == list(shown.order_by("-pk").values_list("pk", flat=True))


def test_a_dispute_one_may_not_see_is_not_in_the_timeline(house: House) -> None:
    house.dispute(make_invoice(house.cast.norte))
    mine = timeline_of(house.cast.norte, house.cast.alice).moments
    assert any("Dispute" in one.words for one in mine)
    assert not any("Dispute" in one.words for one in timeline_of(house.cast.norte, house.cast.eva).moments)


def books(house: House) -> None:
    norte = house.cast.norte
    part = make_invoice(norte, "1000.00")
    pay(part, "400.00", on=ON - DAY * 5)
    make_invoice(norte, "250.00", issued_on=ON - DAY * 3)
    late = make_invoice(norte, "600.00", issued_on=ON - DAY * 90)
    house.dispute(late, "150.00", at=AT - DAY * 2)
    make_invoice(norte, "80.00", currency="USD")
    make_payment(norte, "33.00", on=ON - DAY)
    make_invoice(norte, "20.00", kind=InvoiceKind.CREDIT_NOTE)


@pytest.mark.parametrize("ago", [0, 1, 4, 6, 80])
def test_the_totals_of_a_statement_are_those_of_the_ledger_on_that_day(house: House, ago: int) -> None:
    books(house)
    on = ON - DAY * ago
    found = statement_of(house.cast.norte, on)
    for section in found.sections:
        frame = make_frame(
            house.cast.entity, on, filters={"customer": house.cast.norte.pk, "currency": section.currency}
        )
        if section.currency != "EUR":
            continue
        data = aging_report(frame, Options()).data
        assert Decimal(data["total"]) == section.balance
        assert Decimal(data["unapplied"]) in (section.unapplied, -section.unapplied)
        assert sum((Decimal(value) for value in data["disputed"].values()), ZERO) == section.disputed


@pytest.mark.parametrize("language", ["es", "fr", "en"])
def test_the_statement_is_a_pdf_in_three_languages(house: House, language: str) -> None:
    books(house)
    live(house)
    made = as_pdf(statement_of(house.cast.norte, ON), language)
    assert made.startswith(b"%PDF-")
    assert len(made) > 10_000
    url = f"/collections/account/{house.cast.norte.pk}/statement.pdf?on={ON.isoformat()}&language={language}"
    answer = in_house(house.cast.sam).get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")


def test_a_statement_of_nothing_says_so(house: House) -> None:
    assert statement_of(house.cast.norte, ON).sections == []
    assert as_pdf(statement_of(house.cast.norte, ON), "es").startswith(b"%PDF-")


def test_the_credit_limit_is_a_bar_and_says_what_is_over(house: House) -> None:
    house.cast.norte.credit_limit = Decimal("400.00")
    house.cast.norte.save(update_fields=["credit_limit"])
    make_invoice(house.cast.norte, "500.00", due_on=clock.today() + DAY)
    page = in_house(house.cast.sam).get(f"/customers/{house.cast.norte.pk}/").content.decode()
    assert "€100.00 over" in page.replace("\xa0", " ")
