"""Who at the customer deals with an invoice: as a file says, as a person chooses, and back again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, User
from ledger import services
from ledger.errors import LedgerError
from ledger.intake.shown import changes
from ledger.intake.undo import StillNeeded, undo_import
from ledger.models import Contact, ImportBatch, Invoice
from lib.clock import now
from tests.factories import AT, Cast, make_customer, make_invoice
from tests.ledger.einvoice_builders import cii
from tests.ledger.intake_helpers import FILES, bring, bring_rows, numbers, put, words
from tests.ledger.test_ledger_api import Caller
from tests.ledger.test_undo import bring_now, content

HEADER = "Number;Customer code;Customer name;Customer e-mail;Issue date;Due date;Amount;Currency;{}"


def row(number: str, contact: str, *, code: str = "C-001", due: str = "2026-02-14", mail: str = "") -> str:
    """A row of norte, or of another customer."""
    return f"{number};{code};Norte;{mail};2026-01-15;{due};100.00;EUR;{contact}"


def of(number: str) -> str:
    """The address of whoever deals with the invoice."""
    contact = Invoice.objects.get(number=number).contact
    return contact.email if contact else ""


@pytest.mark.parametrize(
    "words_of_header",
    ["Contact e-mail", "E-mail de contacto", "E-mail du contact", "Correo de contacto", "contact_email"],
)
def test_a_file_says_who_deals_with_an_invoice(cast: Cast, tmp_path: Path, words_of_header: str) -> None:
    ana = services.record_contact(customer=cast.norte, name="Ana", email="Ana@norte.example", language="fr")
    header = HEADER.format(words_of_header)
    rows = (
        row("F-1", "ana@NORTE.example"),
        row("F-2", "luis@norte.example"),
        row("F-3", "luis@norte.example"),
        row("F-4", ""),
        row("F-5", "nobody"),
        row("F-6", "ana@norte.example", code="C-002"),
    )
    result = bring_rows(cast.entity, tmp_path, *rows, header=header)
    assert (numbers(result), words(result)) == ((6, 0, 0, 0), {"contact_no_address"})
    luis = Contact.objects.get(email="luis@norte.example")
    assert (luis.customer, luis.name, luis.is_billing, luis.language) == (
        cast.norte,
        "luis@norte.example",
        False,
        cast.norte.language,
    )
    dealing = dict(Invoice.objects.values_list("number", "contact_id"))
    other = Contact.objects.get(email="ana@norte.example")
    assert other.customer == cast.sur
    assert dealing == {
        "F-1": ana.pk,
        "F-2": luis.pk,
        "F-3": luis.pk,
        "F-4": None,
        "F-5": None,
        "F-6": other.pk,
    }
    again = bring_rows(cast.entity, tmp_path, *rows, header=header)
    assert numbers(again) == (0, 0, 6, 0)
    assert Contact.objects.filter(customer__in=[cast.norte, cast.sur]).count() == 5


def test_a_later_file_changes_it_and_says_so_and_an_empty_cell_leaves_it(cast: Cast, tmp_path: Path) -> None:
    header = HEADER.format("Contact e-mail")
    bring_rows(cast.entity, tmp_path, row("F-1", "ana@norte.example"), header=header)
    result = bring_rows(cast.entity, tmp_path, row("F-1", "luis@norte.example"), header=header)
    assert (numbers(result), of("F-1")) == ((0, 1, 0, 0), "luis@norte.example")
    shown = [(c.field, c.before, c.after) for c in changes(ImportBatch.objects.get(pk=result.batch_id))]
    assert shown == [("Contact", "ana@norte.example", "luis@norte.example")]
    bring_rows(cast.entity, tmp_path, row("F-1", ""), header=header)
    assert of("F-1") == "luis@norte.example"
    refused = row("F-1", "eva@norte.example").replace("100.00", "101.00")
    assert numbers(bring_rows(cast.entity, tmp_path, refused, header=header)) == (0, 0, 0, 1)
    assert (of("F-1"), Contact.objects.filter(email="eva@norte.example").exists()) == (
        "luis@norte.example",
        False,
    )


def test_what_a_person_chose_stays_whatever_a_later_file_says(cast: Cast, tmp_path: Path) -> None:
    header = HEADER.format("Contact e-mail")
    rows = (row("F-1", "ana@norte.example"), row("F-2", "ana@norte.example"))
    bring_rows(cast.entity, tmp_path, *rows, header=header)
    invoice = Invoice.objects.get(number="F-1")
    services.choose_contact(document=invoice, contact=None, by=cast.alice, at=AT)
    changed = [line.replace("ana@", "luis@") for line in rows]
    result = bring_rows(cast.entity, tmp_path, *changed, header=header)
    assert (numbers(result), of("F-1"), of("F-2")) == ((0, 1, 1, 0), "", "luis@norte.example")


def test_a_table_with_no_other_address_fills_in_the_customers_as_before(cast: Cast, tmp_path: Path) -> None:
    header = "Number;Customer code;Customer name;Contact e-mail;Issue date;Amount"
    line = "F-1;C-900;Nuevo;ap@nuevo.example;2026-01-15;100.00"
    bring_rows(cast.entity, tmp_path, line, header=header)
    contact = Contact.objects.get(email="ap@nuevo.example")
    assert (contact.name, contact.is_billing, contact.customer.email) == ("Nuevo", True, "ap@nuevo.example")
    assert Invoice.objects.get().contact == contact


def test_an_import_with_contacts_is_taken_back(cast: Cast, tmp_path: Path) -> None:
    header = HEADER.format("Contact e-mail")
    known = make_invoice(cast.norte, "100.00", number="K-1")
    services.record_contact(customer=cast.norte, name="Eva", email="eva@norte.example")
    Invoice.objects.filter(pk=known.pk).update(contact=cast.norte.contacts.get(name="Eva"))
    lines = (
        f"K-1;C-001;Norte;;{known.issued_on};{known.due_on};100.00;EUR;ana@norte.example",
        row("N-1", "ana@norte.example"),
        row("N-2", "z@nuevo.example", code="C-900", mail="ap@nuevo.example"),
    )
    before = content()
    batch = bring_now(cast.entity, tmp_path, *lines, header=header)
    assert (batch.created, batch.updated) == (2, 1)
    assert (of("K-1"), of("N-1"), of("N-2")) == ("ana@norte.example", "ana@norte.example", "z@nuevo.example")
    undo_import(batch=batch, by=cast.alice, at=now())
    assert content() == before


def test_an_import_whose_contact_deals_with_something_else_by_now_stays(cast: Cast, tmp_path: Path) -> None:
    header = HEADER.format("Contact e-mail")
    batch = bring_now(cast.entity, tmp_path, row("N-1", "ana@norte.example"), header=header)
    other = make_invoice(cast.norte, "50.00", number="K-9")
    ana = Contact.objects.get(email="ana@norte.example")
    services.choose_contact(document=other, contact=ana, by=cast.alice, at=AT)
    with pytest.raises(StillNeeded, match="Invoices: 1"):
        undo_import(batch=batch, by=cast.alice, at=now())
    assert of("N-1") == "ana@norte.example"


UBL = (FILES / "invoice.xml").read_text(encoding="utf-8")
MAIL = "<ram:URIID>pagos@rio.example</ram:URIID>"
PERSON = (
    "<ram:DefinedTradeContact><ram:EmailURIUniversalCommunication>"
    f"{MAIL}</ram:EmailURIUniversalCommunication></ram:DefinedTradeContact></ram:BuyerTradeParty>"
)


@pytest.mark.parametrize("text", [UBL, cii().replace("</ram:BuyerTradeParty>", PERSON)])
def test_an_e_invoice_names_whoever_deals_with_it(cast: Cast, tmp_path: Path, text: str) -> None:
    rio = make_customer(cast.entity, "C-70", "Almacenes Río", tax_id="ESB76543214")
    assert bring(cast.entity, put(tmp_path, text)).created == 1
    contact = Invoice.objects.get().contact
    assert contact is not None
    assert (contact.email, contact.customer, contact.is_billing) == ("pagos@rio.example", rio, False)
    assert rio.contacts.count() == 2


def test_the_database_keeps_contacts_with_their_customer(cast: Cast) -> None:
    invoice, ana = make_invoice(cast.norte), cast.norte.contacts.get()
    with pytest.raises(IntegrityError, match="invoice_contact_is_of_customer"), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(contact=cast.sur.contacts.get())
    Invoice.objects.filter(pk=invoice.pk).update(contact=ana)
    with pytest.raises(IntegrityError, match="invoice_contact_is_of_customer"), transaction.atomic():
        Contact.objects.filter(pk=ana.pk).update(customer=cast.sur)
    ana.delete()
    invoice.refresh_from_db()
    assert invoice.contact is None


def test_a_choice_is_told_once(cast: Cast) -> None:
    invoice, ana = make_invoice(cast.norte), cast.norte.contacts.get()
    for _again in range(2):
        services.choose_contact(document=invoice, contact=ana, by=cast.alice, at=AT)
    event = Event.objects.get(stream="invoice", kind="invoice.contact_changed")
    assert (event.actor, event.data["before"], event.data["contact"]) == (cast.alice, None, ana.pk)
    with pytest.raises(LedgerError, match="of this customer"):
        services.choose_contact(document=invoice, contact=cast.sur.contacts.get(), by=cast.alice, at=AT)


def browser(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_the_page_of_an_invoice_shows_and_changes_it(cast: Cast) -> None:
    invoice, ana = make_invoice(cast.norte), cast.norte.contacts.get()
    page, save = (reverse(f"ledger:{name}", args=[invoice.pk]) for name in ("invoice", "invoice_contact"))
    alice = browser(cast.alice)
    shown = alice.get(page).content.decode()
    assert f'<option value="{ana.pk}">' in shown
    form = shown.partition(f'action="{save}">')[2].partition("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    answer = alice.post(save, {"contact": ana.pk}, follow=True).content.decode()
    assert f'<option value="{ana.pk}" selected>' in answer
    assert "deals with this document from now on" in answer
    assert Invoice.objects.get(pk=invoice.pk).contact == ana
    for wrong in (str(cast.sur.contacts.get().pk), "x", "9" * 30):
        assert alice.post(save, {"contact": wrong}).status_code == 404
    assert browser(cast.mallory).post(save, {"contact": ana.pk}).status_code == 404
    seller = make_customer(cast.entity, "C-77", "De Sofía", salesperson=cast.sofia)
    own = make_invoice(seller)
    sofia = browser(cast.sofia)
    assert sofia.post(reverse("ledger:invoice_contact", args=[own.pk]), {"contact": ""}).status_code == 403
    assert "invoice-contact" not in sofia.get(reverse("ledger:invoice", args=[own.pk])).content.decode()
    alice.post(save, {"contact": ""})
    assert Invoice.objects.get(pk=invoice.pk).contact is None


def test_the_api_reads_and_changes_it(cast: Cast) -> None:
    alice = Caller(cast.alice)
    invoice, ana = make_invoice(cast.norte), cast.norte.contacts.get()

    def change(body: dict[str, Any], status: int, who: Caller = alice) -> Any:
        answer = who.client.patch(
            f"/api/v1/invoices/{invoice.pk}/", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    assert change({"contact": ana.pk}, 200)["contact"] == ana.pk
    assert [one["id"] for one in alice.get(f"invoices/?contact={ana.pk}")["results"]] == [invoice.pk]
    assert change({"contact": cast.sur.contacts.get().pk}, 409)["type"].endswith("not_their_contact")
    assert change({}, 400)
    assert change({"contact": None}, 404, Caller(cast.mallory))
    assert change({"contact": None}, 200)["contact"] is None
    new = {"customer": cast.norte.pk, "number": "A-1", "issued_on": "2026-01-15", "due_on": "2026-02-14"}
    made = alice.post("invoices/", new | {"amount": "10.00", "currency": "EUR", "contact": ana.pk})
    assert made["contact"] == ana.pk
    rows = [
        new | {"customer": None, "customer_code": "C-001", "amount": "10.00", "contact_email": "L@n.example"}
    ]
    for counted in ("updated", "unchanged"):
        assert alice.post("invoices/bulk/", rows, status=200)[counted] == 1
        assert of("A-1") == "l@n.example"
    rows[0]["number"] = "A-2"
    assert alice.post("invoices/bulk/", rows, status=200)["created"] == 1
    assert of("A-2") == "l@n.example"


def test_contacts_cost_a_file_a_handful_of_statements(cast: Cast, tmp_path: Path) -> None:
    header, counts = HEADER.format("Contact e-mail"), []
    for size in (1, 2, 60):
        lines = [row(f"S-{size}-{place}", f"p{place}@norte.example") for place in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as caught:
            bring_rows(cast.entity, tmp_path, *lines, header=header)
        counts.append(len(caught))
    assert counts[1] == counts[2]
