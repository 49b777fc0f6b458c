"""The pages of imports: upload, look, change the mapping, confirm once, and what was refused."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from ledger.choices import BatchStatus
from ledger.intake import uploads
from ledger.intake.shown import neutral
from ledger.models import ImportBatch, Invoice
from tests.factories import AT, Cast
from tests.ledger.intake_helpers import FILES, bring_rows

BACKEND = django_settings.AUTHENTICATION_BACKENDS[0]
ROWS = b"Number;Customer;Date;Amount\nN-1;Uno;2026-01-05;10.00\nN-2;Dos;2026-02-30;20.00\n"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "files"


def browser(user: User) -> Client:
    """A client signed in as the person."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def upload(client: Client, cast: Cast, data: bytes, name: str = "list.csv") -> ImportBatch:
    """Upload a file; the batch that came of it."""
    answer = client.post(
        reverse("ledger:imports"), {"entity": cast.entity.pk, "upload": SimpleUploadedFile(name, data)}
    )
    assert answer.status_code == 302
    return ImportBatch.objects.latest("id")


def test_an_upload_is_shown_before_anything_is_written(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, ROWS)
    page = client.get(reverse("ledger:import", args=[batch.pk]))
    text = page.content.decode()
    assert (batch.status, batch.created, batch.rejected) == (BatchStatus.PREVIEWED, 1, 1)
    assert "Nothing is written yet." in text
    assert "2026-02-30" in text
    assert "Invoice number" in text
    assert not Invoice.objects.exists()
    assert not batch.rejects.exists()


def test_confirming_writes_what_was_shown_and_a_second_click_is_refused(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, ROWS)
    url = reverse("ledger:import_confirm", args=[batch.pk])
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 409
    batch.refresh_from_db()
    assert (batch.status, batch.created, batch.rejected, batch.by) == (BatchStatus.PARTLY, 1, 1, cast.alice)
    assert Invoice.objects.get().batch == batch
    page = client.get(reverse("ledger:import_rejects", args=[batch.pk])).content.decode()
    assert "is not a date that exists" in page
    assert "N-2" in page


def test_running_a_confirmed_import_twice_imports_once(cast: Cast) -> None:
    batch = upload(browser(cast.alice), cast, ROWS)
    uploads.confirm(batch=batch)
    assert uploads.run(batch_id=batch.pk, at=AT) is not None
    assert uploads.run(batch_id=batch.pk, at=AT) is None
    assert Invoice.objects.count() == 1


def test_the_mapping_can_be_changed_and_is_kept(cast: Cast) -> None:
    client = browser(cast.alice)
    data = b"a;b;c;d\nN-1;Uno;05/01/2026;1.234\nN-2;Dos;06/01/2026;2.000\n"
    batch = upload(client, cast, data)
    assert batch.status == BatchStatus.UNREADABLE
    assert (
        "No column was recognised" in client.get(reverse("ledger:import", args=[batch.pk])).content.decode()
    )
    chosen = {
        "column_0": "number",
        "column_1": "customer_name",
        "column_2": "issued_on",
        "column_3": "amount",
        "currency": "chf",
        "style_2": "mdy",
        "style_3": ".",
        "encoding": "utf-8-sig",
        "delimiter": ";",
    }
    assert client.post(reverse("ledger:import_mapping", args=[batch.pk]), chosen).status_code == 302
    assert client.post(reverse("ledger:import_confirm", args=[batch.pk])).status_code == 302
    first = Invoice.objects.get(number="N-1")
    assert (first.issued_on, first.amount, first.currency) == (date(2026, 5, 1), Decimal("1.23"), "CHF")
    again = upload(client, cast, data.replace(b"N-", b"M-"))
    assert (again.status, again.created) == (BatchStatus.PREVIEWED, 2)


def test_two_columns_for_one_meaning_are_an_error_at_the_field(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, ROWS)
    answer = client.post(
        reverse("ledger:import_mapping", args=[batch.pk]), {"column_0": "number", "column_1": "number"}
    )
    assert answer.status_code == 422
    assert "is already the" in answer.content.decode()


def test_an_upload_can_be_put_away(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, ROWS)
    assert client.post(reverse("ledger:import_cancel", args=[batch.pk])).status_code == 302
    assert client.post(reverse("ledger:import_confirm", args=[batch.pk])).status_code == 409
    assert client.post(reverse("ledger:import_cancel", args=[batch.pk])).status_code == 409
    assert not uploads.path_of(batch).exists()
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG" + b"\x00" * 99, "not a text file"),
        (b"<html></html>", "no invoice that is known here"),
        (b"<Invoice", "The XML is broken"),
        (b" ", "The file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(cast: Cast, data: bytes, words: str) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, data)
    assert batch.status == BatchStatus.UNREADABLE
    assert words in client.get(reverse("ledger:import", args=[batch.pk])).content.decode()


def test_no_file_is_an_error_on_the_page(cast: Cast) -> None:
    answer = browser(cast.alice).post(reverse("ledger:imports"), {"entity": cast.entity.pk})
    assert answer.status_code == 422


def test_large_files_wait_for_a_worker_with_progress(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    monkeypatch.setattr("ledger.intake.uploads.INLINE_BYTES", 10)
    sent: list[int] = []
    monkeypatch.setattr("ledger.tasks.preview_import.delay", sent.append)
    client = browser(cast.alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        batch = upload(client, cast, ROWS)
    assert sent == [batch.pk]
    page = client.get(reverse("ledger:import", args=[batch.pk])).content.decode()
    assert "import-progress" in page
    assert client.get(reverse("ledger:import_progress", args=[batch.pk])).status_code == 200
    uploads.preview(batch_id=batch.pk, at=AT)
    assert client.get(reverse("ledger:import_progress", args=[batch.pk]))["HX-Refresh"] == "true"


def test_rejected_rows_come_back_as_csv_that_no_spreadsheet_executes(cast: Cast, tmp_path: Path) -> None:
    header = "Number;Customer;Issue date;Amount"
    evil = ('=cmd|" /C calc"!A1', "@SUM(A1)", "-5.00")
    result = bring_rows(cast.entity, tmp_path, f"N-1;{evil[1]};2026-02-30;{evil[2]}", header=header)
    answer = browser(cast.alice).get(reverse("ledger:import_rejects_csv", args=[result.batch_id]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[0].startswith("Number,Customer,Issue date,Amount,")
    assert "'@SUM(A1)" in text
    assert "-5.00" in text
    assert "'-5.00" not in text
    assert neutral(evil[0]).startswith("'=")


def test_strangers_find_no_import_and_salespeople_have_none(cast: Cast) -> None:
    batch = upload(browser(cast.alice), cast, ROWS)
    for user in (cast.mallory, cast.sam, cast.fin):
        client = browser(user)
        for name in ("import", "import_rejects", "import_rejects_csv", "import_progress"):
            assert client.get(reverse(f"ledger:{name}", args=[batch.pk])).status_code == 404
        for name in ("import_confirm", "import_cancel", "import_mapping"):
            assert client.post(reverse(f"ledger:{name}", args=[batch.pk])).status_code == 404
    answer = browser(cast.mallory).post(
        reverse("ledger:imports"), {"entity": cast.entity.pk, "upload": SimpleUploadedFile("a.csv", ROWS)}
    )
    assert answer.status_code == 422
    batch.refresh_from_db()
    assert batch.status == BatchStatus.PREVIEWED
    assert ImportBatch.objects.count() == 1


def test_the_list_of_imports_costs_the_same_for_many(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(cast.alice)
    upload(client, cast, ROWS)
    client.get(reverse("ledger:imports"))
    with django_assert_num_queries(6):
        client.get(reverse("ledger:imports"))
    for number in range(5):
        upload(client, cast, ROWS.replace(b"N-", b"%d-" % number))
    with django_assert_num_queries(6):
        page = client.get(reverse("ledger:imports"))
    assert len(re.findall(r'href="/imports/\d+/"', page.content.decode())) == 6


def test_the_sample_list_of_the_docs_can_be_uploaded(cast: Cast) -> None:
    client = browser(cast.alice)
    batch = upload(client, cast, (FILES / "facturas.csv").read_bytes())
    client.post(reverse("ledger:import_confirm", args=[batch.pk]))
    page = client.get(reverse("ledger:import", args=[batch.pk])).content.decode()
    assert "3,691.11" in page
    assert "Totals rows skipped" in page
