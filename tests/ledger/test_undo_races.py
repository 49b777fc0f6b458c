"""An undo, and somebody who builds on the import at the same moment: one waits, nothing hangs in the air."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Event as Signal

import pytest
from django.db import connection

from ledger import services
from ledger.choices import BatchStatus
from ledger.intake import undo
from ledger.intake.undo import undo_import
from ledger.models import Allocation, Customer, ImportBatch, Invoice
from lib.clock import now
from tests.factories import Cast, make_cast, make_invoice
from tests.ledger.test_undo import bring_now

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


def in_the_middle(monkeypatch: pytest.MonkeyPatch) -> Signal:
    """Let the undo rest between looking for what stands on the import and taking it away."""
    looked = Signal()
    refuse = undo._refuse_if_needed

    def rest(params: dict[str, object]) -> None:
        refuse(params)
        looked.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.6)")

    monkeypatch.setattr(undo, "_refuse_if_needed", rest)
    return looked


def race(looked: Signal, batch: ImportBatch, cast: Cast, act: Callable[[], object]) -> tuple[str, str]:
    """Undo and act at once; what became of each."""

    def undoing() -> str:
        try:
            undo_import(batch=batch, by=cast.alice, at=now())
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    def acting() -> str:
        looked.wait(10)
        try:
            act()
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(undoing), pool.submit(acting)
        return first.result(), second.result()


def test_a_payment_allocated_meanwhile_waits_and_finds_no_invoice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cast = make_cast()
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;;")
    invoice = Invoice.objects.get()
    money = services.record_payment(
        customer=cast.norte,
        received_on=date(2026, 3, 1),
        amount=Decimal(5),
        currency="EUR",
        identity="x",
        at=now(),
    )
    looked = in_the_middle(monkeypatch)

    def allocate() -> None:
        services.allocate(invoice=invoice, payment=money, amount=Decimal(5), on=date(2026, 3, 1), at=now())

    undone, placed = race(looked, batch, cast, allocate)
    batch.refresh_from_db()
    assert (undone, batch.status) == ("done", BatchStatus.UNDONE)
    assert placed == "LedgerError"
    assert not Allocation.objects.exists()
    assert not Invoice.objects.exists()


def test_a_new_customer_is_billed_meanwhile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cast = make_cast()
    batch = bring_now(cast.entity, tmp_path, "N-1;C-900;Nuevo;;;2026-01-15;2026-02-14;10.00;;;")
    customer = Customer.objects.get(code="C-900")
    looked = in_the_middle(monkeypatch)
    undone, billed = race(looked, batch, cast, lambda: make_invoice(customer, number="X-1"))
    assert (undone, billed == "done") == ("done", False)
    assert not Customer.objects.filter(code="C-900").exists()


def test_two_people_undo_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cast = make_cast()
    batch = bring_now(cast.entity, tmp_path, "N-1;C-001;;;;2026-01-15;2026-02-14;10.00;;2026-02-20;")
    looked = in_the_middle(monkeypatch)
    again = race(looked, batch, cast, lambda: undo_import(batch=batch, by=cast.carl, at=now()))
    assert again == ("done", "done")
    batch.refresh_from_db()
    assert batch.undone_by == cast.alice
