"""What goes along with a reminder: statements that never ask for what is disputed, and the invoices themselves."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from collections_app.decision.book import Book
from collections_app.decision.items import by_customer
from collections_app.decision.sql import Scope
from collections_app.models import Plan
from collections_app.paying import links
from collections_app.services import enclosing, plans, writing
from collections_app.services.enclosing import enclosures_for
from collections_app.services.letters import Reminder, recipient_of
from collections_app.services.plans import StepInput
from collections_app.services.retelling import retold
from collections_app.statements import statement_of
from ledger.models import Contact, Invoice, InvoiceFile
from lib import clock
from mailroom.models import Letter
from mailroom.services.carrying import enclosed_in
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, make_payment

ALL = ("statement_pdf", "statement_xlsx", "invoices")


def reminder_of(house: House) -> Reminder:
    """What Norte is asked for today."""
    book = Book.of(house.cast.entity)
    found = by_customer(Scope(book, ON))[house.cast.norte.pk, "EUR"]
    asked = [item for item in found if item.asked]
    contact = Contact.objects.get(customer=house.cast.norte)
    rule = book.rules[asked[0].plan_id or 0]
    recipient = recipient_of(house.cast.norte, contact)
    return Reminder(house.cast.entity, house.cast.norte, recipient, "EUR", ON, rule, asked)


@pytest.fixture
def owed(house: House, settings: Any, tmp_path: Any) -> list[Invoice]:
    """One late invoice, one partly and one wholly disputed, one to come, and money on the account."""
    settings.MEDIA_ROOT = tmp_path / "files"
    norte = house.cast.norte
    whole, part, all_of_it = (
        make_invoice(norte, f"{n}000.00", number=f"=F-{n}", due_on=ON - timedelta(days=n)) for n in (1, 2, 3)
    )
    coming = make_invoice(norte, "400.00", number="F-4", due_on=ON + timedelta(days=40))
    house.dispute(part, "500.00")
    house.dispute(all_of_it)
    make_payment(norte, "150.00")
    return [whole, part, all_of_it, coming]


def test_a_statement_asks_for_what_the_letter_asks_for_and_keeps_disputes_apart(
    house: House, owed: list[Invoice]
) -> None:
    reminder = reminder_of(house)
    asked = {item.invoice_id: item.asked for item in reminder.items}
    (section,) = statement_of(house.cast.norte, ON, asked=asked, currency="EUR").sections
    assert [row.number for row in section.standing] == ["=F-2", "=F-1", "F-4"]
    assert [row.number for row in section.reviewed] == ["=F-3", "=F-2"]
    assert (str(section.asked), str(section.unapplied)) == ("2500.00", "150.00")
    assert section.asked == reminder.asked


def test_the_files_travel_with_the_mail_and_no_table_of_what_is_asked_names_a_disputed_invoice(
    house: House, owed: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = default_storage.save("docs/f1", ContentFile(b"%PDF-1.7 invoice"))
    facts = {"media_type": "application/pdf", "stored_as": key, "size": 16, "recorded_at": AT}
    for invoice in owed[:3]:
        InvoiceFile.objects.create(invoice=invoice, name=f"{invoice.number}.pdf", sha256="x", **facts)
    monkeypatch.setattr(
        writing, "enclosures_for", lambda reminder, _wanted: enclosing.enclosures_for(reminder, ALL)
    )
    house.dun()
    mail = house.mails()[0]
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == [
        "extracto-C-001-2026-03-16.pdf",
        "extracto-C-001-2026-03-16.xlsx",
        "=F-2.pdf",
        "=F-1.pdf",
    ]
    pdf, xlsx, *_rest = (part.get_payload(decode=True) for part in mail.iter_attachments())
    (page,) = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]  # type: ignore[arg-type]
    asked, reviewed = page.split("En revisión con ustedes")
    assert "2.500,00" in asked
    assert "=F-3" not in asked
    assert "3.000,00" in reviewed
    assert "150,00" in reviewed
    book = CalamineWorkbook.from_filelike(BytesIO(xlsx))  # type: ignore[arg-type]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[-1][4:] == [2900.0, 2500.0]
    assert "=F-3" not in [row[0] for row in rows]
    assert "=F-2" in [row[0] for row in rows], "as words, not as a formula"
    assert book.get_sheet_by_index(1).to_python()[-2:] != []
    letter = Letter.objects.get()
    again = list(enclosed_in(letter))
    assert [file.data for file in again][:2] != []
    assert {file.name: file.data for file in again if not file.cid}[names[0] or ""] == pdf


def test_nothing_wanted_nothing_enclosed_and_heavy_files_stay_at_home(
    house: House, owed: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    reminder = reminder_of(house)
    assert enclosures_for(reminder, ()).files == ()
    facts = {"media_type": "application/pdf", "stored_as": "x", "recorded_at": AT}
    for invoice, size in zip(owed[:2], (10, 5), strict=True):
        InvoiceFile.objects.create(invoice=invoice, name=invoice.number, sha256="x", size=size, **facts)
    monkeypatch.setattr(enclosing, "MOST_BYTES", 10)
    given = enclosures_for(reminder, ["invoices"])
    assert [file.name for file in given.files] == ["=F-2"]
    assert given.note.startswith("Se adjuntan las primeras 1 de 2 facturas.")
    assert "/pay/" in given.note
    monkeypatch.setattr(enclosing, "MOST_BYTES", 10 * 8)
    assert enclosures_for(reminder, ["invoices"]).note == ""
    monkeypatch.setattr(enclosing, "MOST_BYTES", 4)
    assert enclosures_for(reminder, ["invoices"]).files == ()


def test_a_step_of_the_plan_says_what_goes_along(house: House) -> None:
    make_invoice(house.cast.norte, "300.00", issued_on=ON - timedelta(days=60), due_on=ON - timedelta(days=4))
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    step = StepInput(days=1, kind="dunning.friendly", attach=["statement_pdf", "statement_xlsx"])
    plans.publish_version(plan=plan, steps=[step], by=house.cast.alice, at=AT)
    house.dun()
    names = [part.get_filename() for part in house.mails()[0].iter_attachments() if part.get_filename()]
    assert [name.rsplit(".", 1)[1] for name in names] == ["pdf", "xlsx"]


def test_a_letter_says_what_does_not_go_along_and_the_page_has_it(
    house: House, owed: list[Invoice], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(enclosing, "MOST_INVOICES", 1)
    for invoice in owed[:2]:
        key = default_storage.save("docs/f", ContentFile(b"%PDF-1.7 one"))
        facts = {"media_type": "application/pdf", "stored_as": key, "size": 12, "recorded_at": AT}
        InvoiceFile.objects.create(invoice=invoice, name=f"{invoice.pk}.pdf", sha256="x", **facts)
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    step = StepInput(days=1, kind="dunning.friendly", attach=["invoices"])
    plans.publish_version(plan=plan, steps=[step], by=house.cast.alice, at=AT)
    house.dun()
    notice = house.notice()
    assert notice.letter is not None
    told = notice.letter.body_text
    assert "Se adjuntan las primeras 1 de 2 facturas." in " ".join(told.split())
    again = retold(notice)
    assert again is not None
    assert again.text == told
    token = links.make(customer_id=notice.customer_id, currency="EUR", on=clock.today(), notice_id=notice.pk)
    assert str(owed[1].number) in client.get(f"/pay/{token}/").content.decode()
    got = client.get(f"/pay/{token}/invoices/{owed[1].pk}/")
    assert got.content == b"%PDF-1.7 one"
    assert client.get(f"/pay/{token}/invoices/{owed[2].pk}/").status_code == 404, "disputed: not asked for"
    assert client.get(f"/pay/{token}x/invoices/{owed[1].pk}/").status_code == 404


def test_the_preview_shows_paper_as_pdf_and_counts_short_messages(house: House, client: Client) -> None:
    today = clock.today()
    due_on = today - timedelta(days=4)
    make_invoice(house.cast.norte, "300.00", issued_on=today - timedelta(days=60), due_on=due_on)
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    client.force_login(house.cast.alice)
    url = reverse("collections_app:preview", args=[house.cast.norte.pk])
    pdf = reverse("collections_app:preview_pdf", args=[house.cast.norte.pk])
    for channel in ("post", "sms"):
        step = StepInput(days=1, kind="dunning.friendly", channel=channel, attach=["statement_pdf"])
        plans.publish_version(plan=plan, steps=[step], by=house.cast.alice, at=AT)
        page = client.get(url).content.decode()
        assert (pdf in page) is (channel == "post")
        assert ("short message" in page) is (channel == "sms")
        assert (".pdf" in page) is (channel == "post")
        answer = client.get(pdf)
        assert answer.status_code == (200 if channel == "post" else 404)
        assert answer.content.startswith(b"%PDF-") is (channel == "post")
