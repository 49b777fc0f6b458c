"""The wizard: what is shown before, changed on the way, stopped, corrected in place and taken back; page and API."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Event
from ledger.choices import BatchStatus
from ledger.intake import running, uploads
from ledger.models import Customer, ImportBatch, Invoice, InvoiceLine, MappingProfile, RejectedRow
from lib.clock import now
from tests.factories import Cast, make_invoice
from tests.ledger.test_intake_pages import browser, upload
from tests.ledger.test_undo import content
from tests.ledger.workbooks import HEADER, workbook

HEAD = "Number;Customer code;Customer;Date;Due date;Amount"
ROWS = (
    "K-1;C-001;Comercial Norte;2026-01-15;2026-03-31;100,00",
    "K-2;C-001;Comercial Norte;2026-01-15;2026-02-14;100,00",
    "N-1;C-900;Nuevo;2026-01-05;2026-02-05;1.234,50",
    "N-2;C-900;Nuevo;2026-02-30;2026-03-30;20,00",
)
DATA = ("\n".join([HEAD, *ROWS]) + "\n").encode()
GROUPED = (
    b"Number;Customer;Date;Line description;Line net amount;Line vat rate\n"
    b"N-1;Uno;2026-01-05;Tornillos;10.00;21\nN-1;Uno;2026-01-05;Tuercas;x;21\nN-2;Uno;2026-01-06;Clavos;5.00;21\n"
)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def known(cast: Cast) -> Cast:
    """Two invoices are there already."""
    for number in ("K-1", "K-2"):
        make_invoice(
            cast.norte, "100.00", number=number, issued_on=date(2026, 1, 15), due_on=date(2026, 2, 14)
        )
    return cast


def page_of(client: Client, batch: ImportBatch, show: str = "") -> str:
    """The page of an import."""
    query = f"?show={show}" if show else ""
    return client.get(reverse("ledger:import", args=[batch.pk]) + query).content.decode()


def confirmed(cast: Cast, data: bytes = DATA, name: str = "list.csv") -> ImportBatch:
    """An upload that is in."""
    client = browser(cast.alice)
    batch = upload(client, cast, data, name)
    assert client.post(reverse("ledger:import_confirm", args=[batch.pk])).status_code == 302
    batch.refresh_from_db()
    return batch


def test_every_kind_of_row_is_shown_before_anything_is_written(known: Cast) -> None:
    client = browser(known.alice)
    before = content()
    batch = upload(client, known, DATA)
    assert (batch.created, batch.updated, batch.unchanged, batch.rejected) == (1, 1, 1, 1)
    new, changed, same, rejected = (
        page_of(client, batch, name) for name in ("new", "changed", "unchanged", "rejected")
    )
    assert "N-1" in new
    assert "1,234.50" in new
    assert "2026-02-14" in changed
    assert "2026-03-31" in changed
    assert "K-2" in same
    assert "is not a date that exists" in rejected
    assert content() == before


def test_the_way_a_column_is_written_can_be_chosen_and_is_remembered(cast: Cast) -> None:
    client = browser(cast.alice)
    data = b"Number;Customer;Date;Amount\nN-1;Uno;05/01/2026;1.234\n"
    batch = upload(client, cast, data)
    assert "could be read in two ways" in page_of(client, batch)
    chosen = {
        "column_0": "number",
        "column_1": "customer_name",
        "column_2": "issued_on",
        "style_2": "mdy",
        "column_3": "amount",
        "style_3": ".",
        "encoding": "utf-8-sig",
        "delimiter": ";",
    }
    client.post(reverse("ledger:import_mapping", args=[batch.pk]), chosen)
    client.post(reverse("ledger:import_confirm", args=[batch.pk]))
    invoice = Invoice.objects.get()
    assert (invoice.issued_on, invoice.amount) == (date(2026, 5, 1), Decimal("1.23"))
    assert MappingProfile.objects.get().mapping["chosen"] == {"issued_on": "mdy", "amount": "."}
    again = upload(client, cast, data.replace(b"N-1", b"N-2"))
    assert again.totals == {"EUR": "1.234"}


def test_another_encoding_or_delimiter_can_be_chosen(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, "Number;Customer;Date;Amount\nN-1;Señor Ñu;2026-01-05;10\n".encode("cp850"))
    assert "Windows-1252" in page_of(client, batch)
    client.post(reverse("ledger:import_mapping", args=[batch.pk]), {"encoding": "cp850", "delimiter": ";"})
    assert "Señor Ñu" in page_of(client, batch)
    client.post(
        reverse("ledger:import_mapping", args=[batch.pk]), {"encoding": "utf-8-sig", "delimiter": ";"}
    )
    assert "The file is not written in UTF-8" in page_of(client, batch)


def test_another_sheet_can_be_chosen(cast: Cast, tmp_path: Path) -> None:
    client = browser(cast.alice)
    path = workbook(
        tmp_path / "b.xlsx",
        {"A": [HEADER, ("A-1", "Uno", "2026-01-05", 1)], "B": [HEADER, ("B-1", "Uno", "2026-01-05", 1)]},
    )
    batch = upload(client, cast, path.read_bytes(), "b.xlsx")
    assert "A-1" in page_of(client, batch)
    client.post(reverse("ledger:import_mapping", args=[batch.pk]), {"sheet": "B"})
    assert "B-1" in page_of(client, batch)
    client.post(reverse("ledger:import_confirm", args=[batch.pk]))
    assert Invoice.objects.get().number == "B-1"


def test_a_list_without_issue_dates_asks_for_one(cast: Cast) -> None:
    client = browser(cast.alice)
    data = b"invoice_id,cust_number,name_customer,invoice_amount\n2960593742.0,100027744,OMEGA,9758.0\n"
    batch = upload(client, cast, data)
    assert "Still missing: Issue date" in page_of(client, batch)
    columns = {
        "column_0": "number",
        "column_1": "customer_code",
        "column_2": "customer_name",
        "column_3": "amount",
    }
    told = {"encoding": "utf-8-sig", "delimiter": ",", "issued_on": "2020-02-01"}
    client.post(reverse("ledger:import_mapping", args=[batch.pk]), columns | told)
    client.post(reverse("ledger:import_confirm", args=[batch.pk]))
    assert Invoice.objects.get().issued_on == date(2020, 2, 1)


def test_a_journal_is_told_from_a_list(cast: Cast) -> None:
    client = browser(cast.alice)
    header = b"Id;Datum;Referenz;Soll;Haben;Beschreibung;Betrag;Umrechnungsfaktor\n"
    batch = upload(client, cast, header + b"7;22.08.2022;x;6555 - Aufwand;2000 - Kreditoren;Y;18.00;1\n")
    assert "accounting journal" in page_of(client, batch)
    fec = b"JournalCode\tEcritureNum\tCompteNum\tDebit\tCredit\nVT\t1\t411\t1,00\t0,00\n"
    assert "French accounting file" in page_of(client, upload(client, cast, fec, "FEC.txt"))


def test_a_corrected_row_goes_in_and_leaves_the_list(known: Cast) -> None:
    batch = confirmed(known)
    client = browser(known.alice)
    row = RejectedRow.objects.get()
    url = reverse("ledger:import_reject_fix", args=[batch.pk, row.pk])
    cells = {f"cell_{place}": cell for place, (_name, cell) in enumerate(row.raw)}
    still = client.post(url, cells | {"cell_3": "2026-02-31"}, headers={"HX-Request": "true"})
    assert still.status_code == 422
    assert "“2026-02-31” is not a date" in still.content.decode()
    assert RejectedRow.objects.get().pk == row.pk
    good = client.post(url, cells | {"cell_3": "28/02/2026"}, headers={"HX-Request": "true"})
    assert (good.status_code, "The row is in." in good.content.decode()) == (200, True)
    invoice = Invoice.objects.get(number="N-2")
    assert (invoice.issued_on, invoice.amount) == (date(2026, 2, 28), Decimal("20.00"))
    batch.refresh_from_db()
    assert (batch.status, batch.rejected, batch.documents) == (BatchStatus.DONE, 0, 3)
    child = ImportBatch.objects.get(fixes=batch)
    assert (child.created, child.rejected, child.documents, child.status) == (1, 0, 1, BatchStatus.DONE)
    assert (
        "chosen" not in MappingProfile.objects.get().mapping
        or not MappingProfile.objects.get().mapping["chosen"]
    )
    assert client.post(url, cells).status_code == 404
    listed = client.get(reverse("ledger:imports")).content.decode()
    assert f'href="/imports/{child.pk}/"' not in listed


def test_undo_takes_the_corrected_rows_too(known: Cast) -> None:
    before = content()
    batch = confirmed(known)
    row = RejectedRow.objects.get()
    client = browser(known.alice)
    cells = {f"cell_{place}": cell for place, (_name, cell) in enumerate(row.raw)} | {"cell_3": "2026-02-28"}
    assert client.post(reverse("ledger:import_reject_fix", args=[batch.pk, row.pk]), cells).status_code == 302
    assert client.post(reverse("ledger:import_undo", args=[batch.pk])).status_code == 302
    assert content() == before
    assert set(ImportBatch.objects.values_list("status", flat=True)) == {BatchStatus.UNDONE}
    assert "Undone" in page_of(client, batch)
    assert client.post(reverse("ledger:import_undo", args=[batch.pk])).status_code == 302


def test_a_corrected_line_brings_its_whole_invoice(cast: Cast) -> None:
    batch = confirmed(cast, GROUPED)
    assert (Invoice.objects.get().number, batch.rejected) == ("N-2", 1)
    row = RejectedRow.objects.get()
    cells = {f"cell_{place}": cell for place, (_name, cell) in enumerate(row.raw)} | {"cell_4": "2.00"}
    url = reverse("ledger:import_reject_fix", args=[batch.pk, row.pk])
    assert browser(cast.alice).post(url, cells, headers={"HX-Request": "true"}).status_code == 200
    assert Invoice.objects.get(number="N-1").amount == Decimal("14.52")
    assert InvoiceLine.objects.filter(invoice__number="N-1").count() == 2


def test_an_undo_that_is_refused_says_what_stands_in_the_way(known: Cast) -> None:
    batch = confirmed(known)
    make_invoice(Customer.objects.get(code="C-900"), number="X-1")
    answer = browser(known.alice).post(reverse("ledger:import_undo", args=[batch.pk]))
    assert answer.status_code == 409
    assert "Invoices: 1 (Nuevo)" in answer.content.decode()


@pytest.mark.parametrize("when", ["before", "between", "at the end"])
def test_a_stopped_import_writes_nothing(known: Cast, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    client = browser(known.alice)
    batch = upload(client, known, DATA)
    before = content()
    uploads.confirm(batch=batch)
    stop = reverse("ledger:import_cancel", args=[batch.pk])
    if when == "before":
        assert client.post(stop).status_code == 302
        assert "Stopping" in client.get(reverse("ledger:import_progress", args=[batch.pk])).content.decode()
    elif when == "between":
        note = running.note_progress

        def stopped(batch_id: int, seen: int, rows: int) -> None:
            running.wish_to_stop(batch_id)
            note(batch_id, seen, rows)

        monkeypatch.setattr(running, "note_progress", stopped)
    else:
        bring = uploads.import_file

        def late(job: Any) -> Any:
            result = bring(job)
            running.wish_to_stop(batch.pk)
            return result

        monkeypatch.setattr(uploads, "import_file", late)
    assert uploads.run(batch_id=batch.pk, at=now()) is None
    batch.refresh_from_db()
    assert batch.status == BatchStatus.CANCELLED
    assert content() == before
    assert Event.objects.filter(stream="import", object_id=batch.pk, kind="import.cancelled").count() == 1
    assert uploads.run(batch_id=batch.pk, at=now()) is None


def test_a_stopped_rehearsal_is_put_away(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = uploads.receive(
        entity=cast.entity, upload=SimpleUploadedFile("a.csv", DATA), by=cast.alice, at=now()
    )
    rehearse = uploads.rehearse

    def put_away(jobs: Any, look: Any) -> Any:
        uploads.cancel(batch=batch, by=cast.alice, at=now())
        return rehearse(jobs, look)

    monkeypatch.setattr(uploads, "rehearse", put_away)
    uploads.preview(batch_id=batch.pk, at=now())
    batch.refresh_from_db()
    assert batch.status == BatchStatus.CANCELLED


def test_the_api_does_what_the_pages_do(known: Cast) -> None:
    api = APIClient()
    api.force_authenticate(known.alice)
    sent = api.post(
        "/api/v1/imports/",
        {"entity": known.entity.pk, "file": SimpleUploadedFile("a.csv", DATA), "dry_run": True},
    )
    assert (sent.status_code, sent.data["status"]) == (201, "previewed")
    url = f"/api/v1/imports/{sent.data['id']}/"
    whole = api.get(url).data
    assert [row["number"] for row in whole["preview"]["new"]] == ["N-1"]
    assert whole["preview"]["changed"] == [
        {"of": "K-1", "field": "due_on", "before": "2026-02-14", "after": "2026-03-31"}
    ]
    looked = api.post(
        f"{url}preview/", {"mapping": whole["mapping"] | {"constants": {"currency": "CHF"}}}, format="json"
    )
    assert (looked.status_code, looked.data["created"], looked.data["rejected"]) == (200, 1, 3)
    assert api.post(f"{url}preview/", {"mapping": whole["mapping"]}, format="json").data["created"] == 1
    assert api.post(f"{url}confirm/").data["status"] == "partly"
    (row,) = api.get(f"{url}rejects/").data["results"]
    fix = f"{url}rejects/{row['id']}/"
    wrong = api.patch(fix, {"cells": {"Date": "2026-02-31"}}, format="json")
    assert (wrong.data["fixed"], wrong.data["reject"]["code"]) == (False, "not_a_date")
    assert api.patch(fix, {"cells": {"Nothing": "x"}}, format="json").status_code == 400
    right = api.patch(fix, {"cells": {"Date": "2026-02-28"}}, format="json")
    assert right.data == {"fixed": True, "reject": None}
    assert Invoice.objects.filter(number="N-2").exists()
    assert api.patch(fix, {"cells": {}}, format="json").status_code == 404
    assert api.post(f"{url}cancel/").status_code == 409
    undone = api.post(f"{url}undo/")
    assert (undone.status_code, undone.data["status"]) == (200, "undone")
    assert sorted(Invoice.objects.values_list("number", flat=True)) == ["K-1", "K-2"]


def test_strangers_find_nothing_to_fix_or_undo(known: Cast) -> None:
    batch = confirmed(known)
    row = RejectedRow.objects.get()
    for user in (known.mallory, known.sam, known.fin):
        client, api = browser(user), APIClient()
        api.force_authenticate(user)
        assert client.post(reverse("ledger:import_undo", args=[batch.pk])).status_code == 404
        assert client.post(reverse("ledger:import_reject_fix", args=[batch.pk, row.pk])).status_code == 404
        for act in ("undo", "cancel", "preview"):
            assert api.post(f"/api/v1/imports/{batch.pk}/{act}/").status_code in {403, 404}
        assert api.patch(f"/api/v1/imports/{batch.pk}/rejects/{row.pk}/", {}, format="json").status_code in {
            403,
            404,
        }
    batch.refresh_from_db()
    assert (batch.status, batch.rejected) == (BatchStatus.PARTLY, 1)


def test_a_bank_file_shows_its_statements_before_and_after(cast: Cast) -> None:
    client = browser(cast.alice)
    data = (
        b":20:STARTUMS\n:25:70000000/1234567\n:28C:1/1\n:60F:C260101EUR100,00\n:61:2601020102C50,00NTRFNONREF\n"
        b":86:166?00GUTSCHRIFT?20INVOICE 1?32UNO\n:62F:C260102EUR150,00\n-\n"
    )
    batch = upload(client, cast, data, "konto.sta")
    assert batch.status == BatchStatus.PREVIEWED
    assert "150.00" in page_of(client, batch)
    client.post(reverse("ledger:import_confirm", args=[batch.pk]))
    assert "Go to the payments in" in page_of(client, batch)
