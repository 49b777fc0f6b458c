"""A small import before a big one on the same connection: the plans of the small one do not read whole tables for
each row of the big one. Counted in pages: without `lib.plans` 43 and 2,500 for each row, with it 12 and 90."""

from pathlib import Path

import pytest
from django.db import connection

from accounts.models import LegalEntity
from ledger.intake.undo import undo_import
from ledger.models import Customer, ImportBatch, Invoice
from lib.clock import now
from tests.factories import Cast, make_cast
from tests.ledger.test_undo import bring_now

pytestmark = pytest.mark.django_db(transaction=True)
SMALL, BIG = 20, 4000
READ = "SELECT coalesce(sum(heap_blks_read + heap_blks_hit), 0) FROM pg_statio_user_tables WHERE relname = ANY(%s)"
TABLES = ["ledger_customer", "ledger_invoice"]


def _bring(entity: LegalEntity, folder: Path, name: str, rows: int) -> ImportBatch:
    """An import of as many invoices as customers."""
    lines = (f"{name}-{n};{name}{n};Client {name} {n};2026-01-01;2026-02-01;10,00" for n in range(rows))
    header = "Number;Customer code;Customer name;Issue date;Due date;Amount"
    batch: ImportBatch = bring_now(entity, folder, *lines, header=header)
    return batch


def _read() -> int:
    """How many pages of these tables were read so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(READ, [TABLES])
        return int(cursor.fetchone()[0])


@pytest.fixture
def people() -> Cast:
    """Tables of one page each, of which the database knows that they are small."""
    people = make_cast()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM FULL ANALYZE {table}")
    return people


def test_a_big_import_after_a_small_one_reads_each_table_a_few_times(people: Cast, tmp_path: Path) -> None:
    _bring(people.entity, tmp_path, "S", SMALL)
    before = _read()
    _bring(people.entity, tmp_path, "B", BIG)
    assert Customer.objects.count() > BIG
    assert _read() - before < 25 * BIG


def test_a_big_undo_after_a_small_one_does_too(people: Cast, tmp_path: Path) -> None:
    undo_import(batch=_bring(people.entity, tmp_path, "S", SMALL), by=None, at=now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL ANALYZE ledger_invoice")
    undo_import(batch=_bring(people.entity, tmp_path, "T", SMALL), by=None, at=now())
    batch = _bring(people.entity, tmp_path, "B", BIG)
    before = _read()
    undo_import(batch=batch, by=None, at=now())
    assert not Invoice.objects.exists()
    assert _read() - before < 200 * BIG
