"""An import is taken back whole, or not at all: what stands on it is said, and the books are as they were."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Event, LegalEntity
from ledger import services
from ledger.choices import BatchStatus
from ledger.errors import LedgerError
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.intake.undo import StillNeeded, undo_import
from ledger.models import (
    Allocation,
    Contact,
    Customer,
    ImportBatch,
    ImportChange,
    Invoice,
    InvoiceLine,
    Payment,
)
from lib.clock import now
from tests.factories import Cast, make_invoice

HEADER = (
    "Number;Customer code;Customer name;Tax id;E-mail;Issue date;Due date;Amount;Order;Paid on;Salesperson"
)
TABLES = (
    "ledger_customer",
    "ledger_contact",
    "ledger_invoice",
    "ledger_invoiceline",
    "ledger_payment",
    "ledger_allocation",
    "ledger_invoicefile",
)


def bring_now(
    entity: LegalEntity, folder: Path, *rows: str, header: str = HEADER, at: datetime | None = None
) -> Any:
    """Import a list at this moment; the guard of the database asks the real clock."""
    path = folder / f"{abs(hash(rows))}.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    at = at or now()
    result = import_file(Job(path=path, entity=entity, at=at, day=at.date()))
    assert result.batch_id is not None
    return ImportBatch.objects.get(pk=result.batch_id)


def content() -> dict[str, list[Any]]:
    """Everything the ledger's tables say, but the ids of what comes and goes."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY to_jsonb(t)::text")
            found[table] = [json.loads(row[0]) for row in cursor.fetchall()]
    return found


def test_everything_that_came_goes_and_everything_changed_is_put_back(cast: Cast, tmp_path: Path) -> None:
    make_invoice(cast.norte, "100.00", number="K-1", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14))
    bare = services.record_customer(entity=cast.entity, code="C-003", name="Sin Datos", at=now())
    make_invoice(bare, "50.00", number="K-2", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14))
    before = content()
    batch = bring_now(
        cast.entity,
        tmp_path,
        "K-1;C-001;Comercial Norte;;;2026-01-15;2026-03-31;100.00;PO-9;2026-02-20;",
        "K-2;C-003;Sin Datos;B12345674;ap@sin.example;2026-01-15;2026-02-14;50.00;;;sofia@acm.example",
        "N-1;C-900;Nuevo;B99;ap@nuevo.example;2026-01-15;2026-02-14;10.00;;2026-02-20;",
        "N-2;C-900;Nuevo;;;2026-01-16;2026-02-14;-3.00;;;",
    )
    assert (batch.created, batch.updated, Payment.objects.count(), Contact.objects.count()) == (2, 1, 2, 5)
    assert Customer.objects.get(code="C-003").salesperson == cast.sofia
    undone = undo_import(batch=batch, by=cast.alice, at=now())
    assert content() == before
    assert (undone.status, undone.undone_by) == (BatchStatus.UNDONE, cast.alice)
    event = Event.objects.get(stream="import", object_id=batch.pk, kind="import.undone")
    assert event.data == {
        "file": batch.file_name,
        "allocation": 2,
        "payment": 2,
        "invoice": 2,
        "contact": 2,
        "customer": 1,
    }


def test_lines_go_with_their_invoice_and_the_file_can_be_imported_again(cast: Cast, tmp_path: Path) -> None:
    header = "Number;Customer;Date;Line description;Line quantity;Line net amount;Line vat rate"
    rows = ("N-1;Uno;2026-01-05;Tornillos;2;10.00;21", "N-1;Uno;2026-01-05;Tuercas;1;5.00;21")
    batch = bring_now(cast.entity, tmp_path, *rows, header=header)
    assert InvoiceLine.objects.count() == 2
    undo_import(batch=batch, by=cast.alice, at=now())
    assert (InvoiceLine.objects.count(), Invoice.objects.count()) == (0, 0)
    again = bring_now(cast.entity, tmp_path, *rows, header=header)
    assert (again.created, InvoiceLine.objects.count()) == (1, 2)


def test_undo_twice_is_harmless(cast: Cast, tmp_path: Path) -> None:
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;")
    undo_import(batch=batch, by=cast.alice, at=now())
    make_invoice(cast.norte, number="N-1")
    assert undo_import(batch=batch, by=cast.carl, at=now()).undone_by == cast.alice
    assert Invoice.objects.count() == 1
    assert Event.objects.filter(kind="import.undone").count() == 1


def test_what_was_not_written_or_is_too_old_is_refused(cast: Cast, tmp_path: Path) -> None:
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;")
    with pytest.raises(LedgerError, match="24 hours"):
        undo_import(batch=batch, by=cast.alice, at=now() + timedelta(hours=24, minutes=1))
    ImportBatch.objects.filter(pk=batch.pk).update(status=BatchStatus.CANCELLED)
    with pytest.raises(LedgerError, match="nothing to undo"):
        undo_import(batch=batch, by=cast.alice, at=now())
    assert Invoice.objects.count() == 1


def allocate(cast: Cast) -> str:
    """Somebody places money on an invoice of the import."""
    payment = services.record_payment(
        customer=cast.norte,
        received_on=date(2026, 3, 1),
        amount=Decimal(5),
        currency="EUR",
        identity="by hand",
        at=now(),
    )
    invoice = Invoice.objects.get(number="N-1")
    services.allocate(
        invoice=invoice, payment=payment, amount=Decimal(5), on=date(2026, 3, 1), at=now(), by=cast.carl
    )
    return "Allocations: 1 (N-1)"


def take_back(cast: Cast) -> str:
    """Somebody takes back what the import placed."""
    services.reverse_allocation(
        allocation=Allocation.objects.get(), on=date(2026, 3, 1), at=now(), by=cast.carl
    )
    return "Allocations: 1 (N-2)"


def bill_a_new_customer(cast: Cast) -> str:
    """Somebody bills a customer whom the import made."""
    make_invoice(Customer.objects.get(code="C-900"), number="X-1")
    return "Invoices: 1 (Nuevo)"


def correct_an_invoice(cast: Cast) -> str:
    """Somebody corrects an invoice of the import."""
    note = services.DocumentFacts(
        number="CN-1",
        issued_on=date(2026, 3, 1),
        due_on=date(2026, 3, 1),
        amount=Decimal(1),
        currency="EUR",
        kind="credit_note",
    )
    original = Invoice.objects.get(number="N-1")
    services.record_document(customer=cast.norte, facts=note, at=now(), corrects=original)
    return "Invoices: 1 (N-1)"


def change_again(cast: Cast) -> str:
    """Somebody sets a due date that the import had set."""
    Invoice.objects.filter(number="K-1").update(due_on=date(2026, 5, 1))
    return "Changed again since: 1 (K-1)"


def import_again(cast: Cast, folder: Path) -> str:
    """A later import finds the rows of this one."""
    bring_now(
        cast.entity, folder, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;", "N-9;C-001;;;;2026-01-15;;9.00;;;"
    )
    return "Later imports that build on it; undo them first"


def add_a_contact(cast: Cast) -> str:
    """Somebody adds a person at a customer whom the import made."""
    services.record_contact(
        customer=Customer.objects.get(code="C-900"), name="Berta", email="b@nuevo.example"
    )
    return "Contacts: 1 (Nuevo)"


@pytest.mark.parametrize(
    "act",
    [allocate, take_back, bill_a_new_customer, correct_an_invoice, change_again, import_again, add_a_contact],
)
def test_what_stands_on_an_import_is_named_and_nothing_is_taken(cast: Cast, tmp_path: Path, act: Any) -> None:
    make_invoice(cast.norte, "100.00", number="K-1", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14))
    batch = bring_now(
        cast.entity,
        tmp_path,
        "K-1;C-001;;;;2026-01-15;2026-03-31;100.00;;;",
        "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;",
        "N-2;C-900;Nuevo;;ap@nuevo.example;2026-01-15;2026-02-14;20.00;;2026-02-20;",
    )
    words = act(cast, tmp_path) if act is import_again else act(cast)
    before = content()
    with pytest.raises(StillNeeded) as caught:
        undo_import(batch=batch, by=cast.alice, at=now())
    assert words in str(caught.value)
    assert caught.value.facts["standing"]
    assert content() == before
    batch.refresh_from_db()
    assert batch.status == BatchStatus.DONE


def test_imports_are_undone_in_reverse_order(cast: Cast, tmp_path: Path) -> None:
    before = content()
    first = bring_now(cast.entity, tmp_path, "N-1;C-900;Nuevo;;;2026-01-15;2026-02-14;10.00;;;")
    second = bring_now(cast.entity, tmp_path, "N-1;C-900;Nuevo;B1;;2026-01-15;2026-03-14;10.00;;;")
    with pytest.raises(StillNeeded, match="undo them first"):
        undo_import(batch=first, by=cast.alice, at=now())
    undo_import(batch=second, by=cast.alice, at=now())
    undo_import(batch=first, by=cast.alice, at=now())
    assert content() == before
    assert not ImportChange.objects.exists()


def test_a_dispute_about_an_invoice_keeps_its_import(cast: Cast, tmp_path: Path) -> None:
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;")
    invoice = Invoice.objects.get()
    # A table of a room above, as the catalogue shows it.
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE room_above (id int, about bigint REFERENCES ledger_invoice DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute("INSERT INTO room_above VALUES (1, %s)", [invoice.pk])
        with pytest.raises(StillNeeded, match=r"Room_above: 1 \(N-1\)"):
            undo_import(batch=batch, by=cast.alice, at=now())
        cursor.execute("DELETE FROM room_above")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    undo_import(batch=batch, by=cast.alice, at=now())
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    "case", ["no setting", "another batch", "by hand", "taken back", "old", "undone", "cancelled"]
)
def test_the_database_lets_only_the_undo_of_its_import_delete_an_allocation(
    cast: Cast, tmp_path: Path, case: str
) -> None:
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;2026-02-20;")
    placed = Allocation.objects.get()
    setting = {"no setting": "", "another batch": str(batch.pk + 1)}.get(case, str(batch.pk))
    if case == "by hand":
        make_invoice(cast.norte, "100.00", number="X-1")
        batch_payment = placed.payment
        assert batch_payment is not None
        services.reverse_allocation(allocation=placed, on=date(2026, 3, 1), at=now(), by=cast.carl)
        placed = services.allocate(
            invoice=Invoice.objects.get(number="X-1"),
            payment=batch_payment,
            amount=Decimal(5),
            on=date(2026, 3, 1),
            at=now(),
            by=cast.carl,
        )
    if case == "taken back":
        placed = services.reverse_allocation(allocation=placed, on=date(2026, 3, 1), at=now())
    if case == "old":
        ImportBatch.objects.filter(pk=batch.pk).update(finished_at=now() - timedelta(hours=26))
    if case in {"undone", "cancelled"}:
        ImportBatch.objects.filter(pk=batch.pk).update(status=case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.undo_batch', %s, true)", [setting])
        with pytest.raises(IntegrityError, match="allocation_is_append_only"):
            cursor.execute("DELETE FROM ledger_allocation WHERE id = %s", [placed.pk])


def test_what_is_allocated_follows_a_deleted_allocation(cast: Cast, tmp_path: Path) -> None:
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;2026-02-20;")
    assert Invoice.objects.get().allocated == Payment.objects.get().allocated == Decimal(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ledger.undo_batch', %s, true)", [str(batch.pk)])
        cursor.execute("DELETE FROM ledger_allocation")
    assert Invoice.objects.get().allocated == Payment.objects.get().allocated == Decimal(0)
