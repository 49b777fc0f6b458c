"""Lists of invoices go into the ledger: good rows in, bad rows listed, a retry harmless, facts never changed."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.events import verify_chain
from accounts.models import Event
from ledger import services
from ledger.choices import BatchStatus
from ledger.intake.batch import rehearse
from ledger.intake.changes import summary_of_changes
from ledger.intake.job import Job
from ledger.models import (
    Allocation,
    Customer,
    ImportBatch,
    ImportChange,
    Invoice,
    MappingProfile,
    Payment,
    RejectedRow,
)
from tests.factories import AT, ON, Cast, make_invoice
from tests.ledger.intake_helpers import FILES, bring, bring_rows, codes, numbers


def test_a_list_goes_in_with_customers_payments_and_credit_notes(cast: Cast) -> None:
    result = bring(cast.entity, FILES / "facturas.csv")
    assert numbers(result) == (4, 0, 0, 0)
    assert result.totals == {"EUR": Decimal("3691.11")}
    assert {notice.code for notice in result.notices} == {
        "blank_lines",
        "totals_row",
        "negative_is_credit_note",
        "due_assumed",
        "salesperson_unknown",
    }
    oeste = Customer.objects.get(entity=cast.entity, name="Talleres Oeste, S.L.")
    assert (oeste.invoices.count(), oeste.tax_id, oeste.salesperson) == (2, "B12345674", cast.sam)
    first = Invoice.objects.get(entity=cast.entity, number="F-2026-001")
    assert (first.amount, first.net, first.tax) == (Decimal("1210.00"), Decimal("1000.00"), Decimal("210.00"))
    assert (first.issued_on, first.due_on, first.order_reference) == (
        date(2026, 1, 15),
        date(2026, 2, 14),
        "PO-1",
    )
    assert Invoice.objects.get(number="F-2026-003").kind == "credit_note"
    assert Invoice.objects.get(number="F-2026-004").due_on == date(2026, 2, 10) + timedelta(days=30)


def test_settled_rows_are_paid_on_their_day(cast: Cast) -> None:
    bring(cast.entity, FILES / "facturas.csv")
    settled = Invoice.objects.get(number="F-2026-002")
    (allocation,) = settled.allocations.all()
    assert (allocation.amount, allocation.allocated_on) == (settled.amount, date(2026, 3, 10))
    assert settled.allocated == settled.amount
    before, after = date(2026, 3, 9), date(2026, 3, 10)
    assert Invoice.objects.filter(pk=settled.pk).open_as_of(before).exists()
    assert not Invoice.objects.filter(pk=settled.pk).open_as_of(after).exists()


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    bring(cast.entity, FILES / "facturas.csv")
    before = (
        Invoice.objects.count(),
        Customer.objects.count(),
        Payment.objects.count(),
        Allocation.objects.count(),
    )
    again = bring(cast.entity, FILES / "facturas.csv")
    assert numbers(again) == (0, 0, 4, 0)
    assert again.totals == {"EUR": Decimal("3691.11")}
    after = (
        Invoice.objects.count(),
        Customer.objects.count(),
        Payment.objects.count(),
        Allocation.objects.count(),
    )
    assert after == before


def test_a_dry_run_writes_nothing_and_reports_the_same(cast: Cast) -> None:
    job = Job(path=FILES / "facturas.csv", entity=cast.entity, at=AT, day=ON)
    models = (Invoice, Customer, Payment, Allocation, ImportBatch, RejectedRow, MappingProfile, Event)
    before = [model.objects.count() for model in models]
    dry = rehearse([job, job])
    assert [model.objects.count() for model in models] == before
    real = [bring(cast.entity, FILES / "facturas.csv") for _ in range(2)]
    assert [result.as_json() for result in dry] == [result.as_json() for result in real]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("N-1;C-001;Comercial Norte;2026-01-15;2026-02-14;99.00;EUR;", "amount"),
        ("N-1;C-001;Comercial Norte;2026-01-16;2026-02-14;100.00;EUR;", "issued_on"),
        ("N-1;C-001;Comercial Norte;2026-01-15;2026-02-14;100.00;USD;", "currency"),
        ("N-1;C-002;Distribuciones Sur;2026-01-15;2026-02-14;100.00;EUR;", "customer"),
    ],
)
def test_a_row_that_contradicts_a_recorded_fact_is_refused(
    cast: Cast, tmp_path: Path, row: str, field: str
) -> None:
    known = make_invoice(
        cast.norte, "100.00", number="N-1", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14)
    )
    result = bring_rows(cast.entity, tmp_path, row, "N-2;C-001;Norte;2026-01-15;2026-02-14;5.00;EUR;")
    assert numbers(result) == (1, 0, 0, 1)
    assert codes(result) == [(2, "facts_differ")]
    assert result.rejects[0].params["field"] == field
    assert "credit note" in result.rejects[0].as_json()["message"]
    known.refresh_from_db()
    assert (known.amount, known.customer_id) == (Decimal("100.00"), cast.norte.pk)


def test_due_date_and_order_reference_may_change_and_the_change_is_told(cast: Cast, tmp_path: Path) -> None:
    known = make_invoice(
        cast.norte, "100.00", number="N-1", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14)
    )
    result = bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-01-15;2026-03-31;100.00;EUR;PO-9")
    assert numbers(result) == (0, 1, 0, 0)
    known.refresh_from_db()
    assert (known.due_on, known.order_reference) == (date(2026, 3, 31), "PO-9")
    batch = ImportBatch.objects.get(pk=result.batch_id)
    assert list(batch.changes.values_list("invoice_id", "field", "before", "after")) == [
        (known.pk, "due_on", "2026-02-14", "2026-03-31"),
        (known.pk, "order_reference", "", "PO-9"),
    ]
    (finished,) = Event.objects.filter(stream="import", object_id=batch.pk)
    assert (finished.kind, finished.data["updated"]) == ("import.finished", 1)
    assert finished.data["changes"] == summary_of_changes(batch.pk)
    assert finished.data["changes"]["invoices"] == 2
    assert verify_chain("import", batch.pk)


def test_a_change_that_was_tampered_with_no_longer_has_the_digest_of_its_event(
    cast: Cast, tmp_path: Path
) -> None:
    make_invoice(cast.norte, "100.00", number="N-1", issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14))
    result = bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-01-15;2026-03-31;100.00;EUR;PO-9")
    (finished,) = Event.objects.filter(stream="import", object_id=result.batch_id)
    ImportChange.objects.filter(batch=result.batch_id, field="due_on").update(before="2026-02-15")
    assert finished.data["changes"]["digest"] != summary_of_changes(result.batch_id or 0)["digest"]


def test_what_an_import_fills_in_on_a_known_customer_is_kept_and_a_new_customer_has_its_batch(
    cast: Cast, tmp_path: Path
) -> None:
    services.record_customer(entity=cast.entity, code="X", name="Otro Nombre", at=AT)
    header = "Number;Customer code;Customer name;NIF;Country;Customer e-mail;Salesperson;Issue date;Amount"
    result = bring_rows(
        cast.entity,
        tmp_path,
        f"N-1;X;Otro;ESB99;ES;pay@otro.test;{cast.sam.email};2026-01-15;10.00",
        "N-2;NEW;Nuevo;ESB98;ES;pay@nuevo.test;;2026-01-15;10.00",
        header=header,
    )
    known, new = Customer.objects.get(code="X"), Customer.objects.get(code="NEW")
    assert (known.batch_id, new.batch_id) == (None, result.batch_id)
    changes = ImportChange.objects.filter(batch=result.batch_id)
    assert list(changes.values_list("customer_id", "field", "before", "after")) == [
        (known.pk, "tax_id", "", "ESB99"),
        (known.pk, "country", "", "ES"),
        (known.pk, "email", "", "pay@otro.test"),
        (known.pk, "billing_contact", "", str(known.contacts.get().pk)),
        (known.pk, "salesperson", "", str(cast.sam.pk)),
    ]
    assert new.contacts.get().email == "pay@nuevo.test"


def test_an_empty_cell_does_not_erase_what_is_recorded(cast: Cast, tmp_path: Path) -> None:
    bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-01-15;2026-03-31;100.00;EUR;PO-9")
    again = bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-01-15;;100.00;EUR;")
    assert numbers(again) == (0, 0, 1, 0)
    assert Invoice.objects.get(number="N-1").order_reference == "PO-9"


def test_a_number_twice_in_a_file_is_the_same_or_refused_with_the_first_line(
    cast: Cast, tmp_path: Path
) -> None:
    row = "N-1;C-001;Norte;2026-01-15;2026-02-14;100.00;EUR;"
    result = bring_rows(cast.entity, tmp_path, row, row, row.replace("100.00", "101.00"))
    assert numbers(result) == (1, 0, 1, 1)
    assert codes(result) == [(4, "duplicate_in_file")]
    assert "line 2" in result.rejects[0].as_json()["message"]


def test_an_invoice_and_a_credit_note_may_share_a_number(cast: Cast, tmp_path: Path) -> None:
    rows = ("N-1;C-001;Norte;2026-01-15;;100.00;EUR;", "N-1;C-001;Norte;2026-01-15;;-100.00;EUR;")
    assert numbers(bring_rows(cast.entity, tmp_path, *rows)) == (2, 0, 0, 0)


def test_every_reject_is_kept_with_what_its_row_said(cast: Cast, tmp_path: Path) -> None:
    result = bring_rows(
        cast.entity, tmp_path, "N-1;C-001;Norte;2026-02-30;;100.00;EUR;", "N-2;C-001;Norte;2026-01-15;;5;EUR;"
    )
    batch = ImportBatch.objects.get(pk=result.batch_id)
    assert (batch.status, batch.created, batch.rejected) == (BatchStatus.PARTLY, 1, 1)
    (reject,) = batch.rejects.all()
    assert (reject.line, reject.column, reject.code) == (2, "Issue date", "not_a_date")
    assert dict(reject.raw)["Issue date"] == "2026-02-30"
    fixed = bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-02-28;;100.00;EUR;")
    assert numbers(fixed) == (1, 0, 0, 0)


def test_customers_are_recognised_by_code_with_or_without_leading_zeros(cast: Cast, tmp_path: Path) -> None:
    rows = (
        "N-1;0000321;Uno;2026-01-15;;10;EUR;",
        "N-2;321;Uno;2026-01-15;;10;EUR;",
        "N-3;C-001;?;2026-01-15;;10;EUR;",
    )
    bring_rows(cast.entity, tmp_path, *rows)
    assert Invoice.objects.get(number="N-1").customer == Invoice.objects.get(number="N-2").customer
    assert Invoice.objects.get(number="N-3").customer == cast.norte
    assert cast.norte.name == "Comercial Norte, S.A."


def test_customers_without_code_are_recognised_by_tax_id_or_name(cast: Cast, tmp_path: Path) -> None:
    services.record_customer(entity=cast.entity, code="X", name="Otro Nombre", tax_id="ES-B 99", at=AT)
    header = "Number;Customer name;NIF;Issue date;Amount"
    rows = ("N-1;Nuevo Nombre;ESB99;2026-01-15;10.00", "N-2;COMERCIAL NORTE, S.A.;;2026-01-15;10.00")
    bring_rows(cast.entity, tmp_path, *rows, header=header)
    assert Invoice.objects.get(number="N-1").customer.code == "X"
    assert Invoice.objects.get(number="N-2").customer == cast.norte


def test_a_payment_on_account_is_booked_once_and_topped_up_later(cast: Cast, tmp_path: Path) -> None:
    header = "Number;Customer code;Issue date;Amount;Paid amount"
    bring_rows(cast.entity, tmp_path, "N-1;C-001;2026-01-15;100.00;30.00", header=header)
    bring_rows(cast.entity, tmp_path, "N-1;C-001;2026-01-15;100.00;30.00", header=header)
    more = bring_rows(cast.entity, tmp_path, "N-1;C-001;2026-01-15;100.00;80.00", header=header)
    assert numbers(more) == (0, 1, 0, 0)
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [Decimal("30.00"), Decimal("50.00")]
    assert Invoice.objects.get(number="N-1").allocated == Decimal("80.00")


def test_paid_more_than_billed_leaves_the_surplus_unplaced(cast: Cast, tmp_path: Path) -> None:
    header = "Number;Customer code;Issue date;Amount;Paid amount"
    bring_rows(cast.entity, tmp_path, "N-1;C-001;2026-01-15;100.00;130.00", header=header)
    payment = Payment.objects.get()
    assert (payment.amount, payment.allocated) == (Decimal("130.00"), Decimal("100.00"))


def test_the_mapping_is_kept_and_found_again_by_its_header(cast: Cast, tmp_path: Path) -> None:
    bring_rows(cast.entity, tmp_path, "N-1;C-001;Norte;2026-01-15;;100.00;EUR;")
    profile = MappingProfile.objects.get(entity=cast.entity)
    profile.mapping["constants"] = {"currency": "SEK"}
    del profile.mapping["columns"]["currency"]
    profile.save()
    bring_rows(cast.entity, tmp_path, "N-2;C-001;Norte;2026-01-15;;100.00;EUR;")
    assert Invoice.objects.get(number="N-2").currency == "SEK"
    assert MappingProfile.objects.count() == 1
    assert MappingProfile.objects.filter(entity=cast.other).count() == 0


def test_a_named_profile_that_does_not_exist_is_said(cast: Cast) -> None:
    result = bring(cast.entity, FILES / "facturas.csv", profile="none")
    assert result.exit_code == 2
    assert result.error is not None
    assert result.error.code == "unknown_profile"


def test_a_list_that_is_no_list_of_invoices_says_what_is_missing(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("effective_from,percent\n2025-06-11,2.15\n")
    result = bring(cast.entity, path)
    message = result.as_json()["rejects"][0]["message"]
    assert result.exit_code == 2
    assert "Invoice number" in message
    assert "effective_from" in message
    assert ImportBatch.objects.get(pk=result.batch_id).status == BatchStatus.UNREADABLE


def test_entities_do_not_see_each_other(cast: Cast, tmp_path: Path) -> None:
    row = "N-1;C-001;Norte;2026-01-15;;100.00;EUR;"
    bring_rows(cast.entity, tmp_path, row)
    assert numbers(bring_rows(cast.other, tmp_path, row.replace("100.00", "7.00"))) == (1, 0, 0, 0)
    assert Invoice.objects.filter(number="N-1").count() == 2
    assert Customer.objects.get(entity=cast.other, code="C-001").pk != cast.norte.pk


def test_mostly_bad_amounts_are_bad_rows_and_no_unknown_file(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    head = "Number;Customer code;Issue date;Due date;Amount\n"
    path.write_text(head + "A-1;C-1;2026-03-01;;80.00\nA-2;C-1;2026-03-01;;bad\nA-3;C-1;2026-03-01;;worse\n")
    result = bring(cast.entity, path)
    assert result.error is None
    assert numbers(result) == (1, 0, 0, 2)
