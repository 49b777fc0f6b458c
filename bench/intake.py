"""How long an import takes, beside the floor: a bare COPY of the same rows into a bare table with the same indexes.

    python bench/intake.py [--rows 100000] [--customers 10000] [--peer 5000]

Writes a list of invoices in Spanish style, imports it into an empty ledger, again as an update that changes nothing,
and once more with every tenth due date changed, in a database of its own that is dropped at the end. The peer is the
usual way: csv, model objects and `bulk_create(update_conflicts)`, on a sample. Prints seconds (wall, and processor
time of this process and of its database backend together), rows per second, the ratio to the floor, and the memory of
this process at its peak.
"""

import argparse
import csv
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psutil
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

from accounts import services as people
from accounts.models import LegalEntity
from config.embedded import hold
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.models import Customer, Invoice

AT, DAY = datetime(2026, 3, 16, 9, tzinfo=UTC), date(2026, 3, 16)
HEADER = (
    "Nº factura;Cód. cliente;Cliente;Fecha factura;Vencimiento;Base imponible;IVA;Importe total;Divisa;Pedido"
)
FLOOR = """
CREATE TABLE bench_floor (LIKE ledger_invoice INCLUDING IDENTITY INCLUDING INDEXES);
ALTER TABLE bench_floor ALTER COLUMN allocated SET DEFAULT 0
"""
COLUMNS = (
    "entity_id, customer_id, kind, number, issued_on, due_on, amount, net, tax, currency, "
    "order_reference, note, batch_id, recorded_at"
)
TARGET, PEER_TARGET = 2.5, 6


def spanish(cents: int) -> str:
    """An amount such as 1.234,56."""
    return f"{cents / 100:,.2f}".replace(",", "T").replace(".", ",").replace("T", ".")


def workload(rows: int, customers: int, path: Path, floor: Path, changed: Path) -> None:
    """Write the list, the same rows as COPY wants them, and the list with every tenth due date a week later."""
    chance = random.Random(1)
    with path.open("w") as file, floor.open("w") as copied, changed.open("w") as later:
        file.write(HEADER + "\n")
        later.write(HEADER + "\n")
        for n in range(rows):
            who, net = chance.randrange(customers), chance.randrange(1000, 9_000_000)
            tax, issued, due = (
                net * 21 // 100,
                date(2025, n % 12 + 1, n % 28 + 1),
                date(2026, n % 12 + 1, n % 28 + 1),
            )
            row = (
                f"INV-{n:08d};C{who:06d};Cliente {who:06d}, S.L.;{issued:%d/%m/%Y};%s;{spanish(net)};"
                f"{spanish(tax)};{spanish(net + tax)};EUR;PO-{n % 9999}\n"
            )
            file.write(row % f"{due:%d/%m/%Y}")
            later.write(row % f"{due + timedelta(days=0 if n % 10 else 7):%d/%m/%Y}")
            money = "\t".join(f"{part / 100:.2f}" for part in (net + tax, net, tax))
            copied.write(
                f"1\t{who}\tinvoice\tINV-{n:08d}\t{issued}\t{due}\t{money}\tEUR\tPO-{n % 9999}\t\t1\t{AT}\n"
            )


def backend() -> psutil.Process | None:
    """The database's process for this connection, when it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        number = cursor.fetchone()
    try:
        return psutil.Process(number[0]) if number else None
    except psutil.NoSuchProcess:
        return None


def measured(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds (ours and the backend's), and what `work` gave."""
    server = backend()

    def spent() -> float:
        times = server.cpu_times() if server else None
        return time.process_time() + (times.user + times.system if times else 0.0)

    wall, cpu = time.perf_counter(), spent()
    result = work()
    return time.perf_counter() - wall, spent() - cpu, result


def copy_floor(path: Path) -> None:
    """The floor."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY bench_floor ({COLUMNS}) FROM STDIN") as copy,
        path.open("rb") as file,
    ):
        while piece := file.read(1 << 20):
            copy.write(piece)


def by_objects(entity: LegalEntity, path: Path, rows: int) -> None:
    """The peer: the same file by csv, model objects and bulk_create(update_conflicts)."""

    def money(text: str) -> Decimal:
        return Decimal(text.replace(".", "").replace(",", "."))

    def day(text: str) -> date:
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))

    with path.open(newline="") as file:
        table = list(islice(csv.DictReader(file, delimiter=";"), rows))
    with transaction.atomic():
        found = {row["Cód. cliente"]: row["Cliente"] for row in table}
        Customer.objects.bulk_create(
            [
                Customer(entity=entity, code=code, name=name, name_key=name.lower(), recorded_at=AT)
                for code, name in found.items()
            ],
            ignore_conflicts=True,
            batch_size=1000,
        )
        ids = dict(Customer.objects.filter(entity=entity).values_list("code", "id"))
        Invoice.objects.bulk_create(
            [
                Invoice(
                    entity=entity,
                    customer_id=ids[row["Cód. cliente"]],
                    kind="invoice",
                    number=row["Nº factura"],
                    issued_on=day(row["Fecha factura"]),
                    due_on=day(row["Vencimiento"]),
                    amount=money(row["Importe total"]),
                    net=money(row["Base imponible"]),
                    tax=money(row["IVA"]),
                    currency=row["Divisa"],
                    order_reference=row["Pedido"],
                    recorded_at=AT,
                )
                for row in table
            ],
            update_conflicts=True,
            unique_fields=["entity", "kind", "number"],
            update_fields=["due_on", "order_reference"],
            batch_size=1000,
        )


def run(rows: int, customers: int, peer: int) -> None:
    """Measure and print."""
    entity, other = (
        people.open_entity(code=code, name=code, country="ES", currency="EUR", at=AT)
        for code in ("BENCH", "PEER")
    )
    with tempfile.TemporaryDirectory() as folder:
        path, floor, changed = (Path(folder) / name for name in ("list.csv", "floor", "changed.csv"))
        workload(rows, customers, path, floor, changed)
        with connection.cursor() as cursor:
            cursor.execute(FLOOR)
        floor_wall, floor_cpu, _ = measured(partial(copy_floor, floor))
        show("bare COPY, same indexes", rows, floor_wall, floor_cpu)
        before, first = peak(), 0.0
        for name, file in (
            ("import into an empty ledger", path),
            ("the same again", path),
            ("every tenth due date changed", changed),
        ):
            job = Job(path=file, entity=entity, at=AT, day=DAY)
            wall, cpu, result = measured(partial(import_file, job))
            assert result.created + result.unchanged + result.updated == rows, result.as_json()
            show(name, rows, wall, cpu, f"{cpu / floor_cpu:5.2f} x floor (CPU; target {TARGET})")
            first = first or cpu / rows
        print(f"memory of this process at its peak: {peak()} MB ({before} MB before the imports)")
        sample = min(rows, peer)
        for name in ("bulk_create, a sample, new", "bulk_create, the sample again"):
            wall, cpu, _ = measured(partial(by_objects, other, path, sample))
            show(
                name,
                sample,
                wall,
                cpu,
                f"{cpu / sample / first:5.1f} x our first import (target {PEER_TARGET})",
            )


def show(name: str, rows: int, wall: float, cpu: float, words: str = "") -> None:
    """One line."""
    print(f"{name:30} {wall:7.2f} s {cpu:7.2f} CPU s {rows / wall:9.0f} rows/s  {words}", flush=True)


def peak() -> int:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Read the arguments, make a database, measure, drop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--customers", type=int, help="a tenth of the rows")
    parser.add_argument("--peer", type=int, default=5_000, help="rows for the peer")
    chosen = parser.parse_args()
    embedded = hold(settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER)
    with embedded if settings.EMBEDDED or settings.EMBEDDED_BROKER else nullcontext():
        old = setup_databases(verbosity=0, interactive=False)
        try:
            run(chosen.rows, chosen.customers or max(1, chosen.rows // 10), chosen.peer)
        finally:
            teardown_databases(old, verbosity=0)


if __name__ == "__main__":
    main()
