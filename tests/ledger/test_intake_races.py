"""Two imports into one legal entity at the same moment: one waits for the other, nothing is doubled or lost."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from ledger.intake import uploads, write
from ledger.intake.results import FileResult
from ledger.models import ImportBatch, Invoice, Payment
from tests.factories import AT, make_cast
from tests.ledger.intake_helpers import FILES, bring, numbers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


def test_the_same_file_twice_at_once_goes_in_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cast = make_cast()
    path = tmp_path / "rows.csv"
    # A known customer: a new one's unique code would make the second import wait even without the lock.
    path.write_text("Number;Customer code;Issue date;Amount;Paid on\nN-1;C-001;2026-01-15;10.00;2026-02-01\n")
    # Widen the gap between deciding what is new and writing it.
    monkeypatch.setattr(write, "KNOWN", f"{write.KNOWN}; SELECT pg_sleep(0.4)")

    def run(_number: int) -> FileResult:
        try:
            return bring(cast.entity, path)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, range(2)))
    assert sorted(numbers(result) for result in results) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert (Invoice.objects.count(), Payment.objects.count()) == (1, 1)


def test_one_confirmed_upload_in_two_workers_is_imported_once(
    monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path
) -> None:
    cast = make_cast()
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "upload").write_bytes((FILES / "facturas.csv").read_bytes())
    batch = ImportBatch.objects.create(
        entity=cast.entity, file_name="a.csv", stored_as="upload", sha256="", status="running", started_at=AT
    )
    monkeypatch.setattr(write, "KNOWN", f"{write.KNOWN}; SELECT pg_sleep(0.4)")

    def run(_number: int) -> bool:
        try:
            return uploads.run(batch_id=batch.pk, at=AT) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [False, True]
    batch.refresh_from_db()
    assert (batch.status, batch.created, Invoice.objects.count()) == ("done", 4, 4)
