"""The first big load builds indexes and keys at its end: they are the same as before, and nothing else changed."""

from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.intake import first_load
from ledger.intake.batch import rehearse
from ledger.intake.job import Job
from ledger.models import Invoice
from tests.factories import AT, ON, Cast, make_cast
from tests.ledger.intake_helpers import bring, numbers

ROWS = "Number;Customer code;Issue date;Amount\n" + "".join(
    f"N-{n};C-{n % 3};2026-01-15;10.00\n" for n in range(9)
)
DEFINITIONS = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'ledger_invoice'::regclass
UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'ledger_invoice'::regclass
ORDER BY 1, 2
"""


def definitions() -> list[tuple[str, str]]:
    """Every index and constraint of the invoices."""
    with connection.cursor() as cursor:
        cursor.execute(DEFINITIONS)
        return list(cursor.fetchall())


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Nine rows are many; how many statements each load has put back."""
    monkeypatch.setattr(first_load, "MANY", 9)
    monkeypatch.setattr(first_load, "HARDLY", 1)
    real, seen = first_load._taken_off, []

    def watched() -> list[str]:
        back = real()
        seen.append(len(back))
        return back

    monkeypatch.setattr(first_load, "_taken_off", watched)
    return seen


def test_indexes_and_keys_are_back_and_hold(cast: Cast, tmp_path: Path, taken: list[int]) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    before = definitions()
    assert numbers(bring(cast.entity, path)) == (9, 0, 0, 0)
    assert definitions() == before
    assert len(taken) == 1
    assert taken[0] > 5
    stranger = (
        "INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, currency, "
        "order_reference, note, allocated, recorded_at) "
        "VALUES (%s, 0, 'invoice', 'X', now(), now(), 1, 'EUR', '', '', 0, now()); SET CONSTRAINTS ALL IMMEDIATE"
    )
    with (
        pytest.raises(IntegrityError, match="ledger_invoice_customer_id"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(stranger, [cast.entity.pk])


def test_a_ledger_in_use_and_a_rehearsal_keep_their_indexes(
    cast: Cast, tmp_path: Path, taken: list[int]
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    (dry,) = rehearse([Job(path=path, entity=cast.entity, at=AT, day=ON)])
    assert (numbers(dry), taken) == ((9, 0, 0, 0), [])
    bring(cast.entity, path)
    bring(cast.other, path)
    assert len(taken) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.services
def test_who_reads_the_invoices_is_not_waited_for(
    tmp_path: Path, taken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_load, "PATIENCE", "50ms")
    cast, path = make_cast(), tmp_path / "rows.csv"
    path.write_text(ROWS)
    reading, done = Event(), Event()

    def reader() -> None:
        try:
            with transaction.atomic():
                Invoice.objects.count()
                reading.set()
                done.wait(20)
        finally:
            connection.close()

    thread = Thread(target=reader)
    thread.start()
    assert reading.wait(20)
    try:
        assert numbers(bring(cast.entity, path)) == (9, 0, 0, 0)
    finally:
        done.set()
        thread.join()
    assert (taken, Invoice.objects.count()) == ([0], 9)
