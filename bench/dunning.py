"""Dunning on the workload W(N) of PERFORMANCE.md, beside the plain SQL floor of the same run.

    python bench/dunning.py [N ...]        (default 10000 50000; needs DATABASE_URL of a scratch database server)

Makes a database of its own and drops it. Prints, for each N: the floor (one statement that decides and inserts
an item per overdue line), our decision, the same decision again on the same day, the ratio of each, and what it
takes to send one customer's letter into a file, in CPU.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection

from accounts.models import LegalEntity
from collections_app.models import Notice, NoticeLine
from collections_app.services import dunning, plans
from ledger.models import Contact, Customer, Invoice

ON = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
STEPS = [
    plans.StepInput(days, f"dunning.{kind}") for days, kind in ((1, "friendly"), (15, "firm"), (30, "formal"))
]
STEPS.append(plans.StepInput(60, "dunning.formal"))
RUNS = 5

FLOOR_TABLE = """
CREATE TABLE IF NOT EXISTS floor_item (
    id bigserial PRIMARY KEY, invoice_id bigint NOT NULL, customer_id bigint NOT NULL,
    amount numeric(14, 2) NOT NULL, level smallint NOT NULL, UNIQUE (invoice_id, level))
"""
FLOOR = """
INSERT INTO floor_item (invoice_id, customer_id, amount, level)
SELECT i.id, i.customer_id, i.amount - i.allocated,
       CASE WHEN DATE '{on}' - i.due_on >= 60 THEN 4 WHEN DATE '{on}' - i.due_on >= 30 THEN 3
            WHEN DATE '{on}' - i.due_on >= 15 THEN 2 ELSE 1 END
FROM ledger_invoice i
WHERE i.entity_id = {entity} AND i.kind = 'invoice' AND i.allocated < i.amount AND i.due_on < DATE '{on}'
"""
SELECT = """
SELECT i.customer_id, i.currency, max(DATE '{on}' - i.due_on), sum(i.amount - i.allocated), array_agg(i.id)
FROM ledger_invoice i
WHERE i.entity_id = {entity} AND i.kind = 'invoice' AND i.allocated < i.amount AND i.due_on < DATE '{on}'
GROUP BY i.customer_id, i.currency
"""


def invoices(entity: LegalEntity, customers: list[Customer]) -> list[Invoice]:
    """W(N): ten overdue lines and two not yet due for each customer."""
    rows = []
    for c, customer in enumerate(customers):
        for k in range(12):
            spread = c * 37 + k * 53
            due = ON - timedelta(days=1 + spread % 180) if k < 10 else ON + timedelta(days=1 + spread % 60)
            issued = due - timedelta(days=30) if k < 10 else min(ON, due - timedelta(days=61))
            amount = Decimal(50) + Decimal((c * 7919 + k * 104729) % 500000) / 100
            rows.append(
                Invoice(
                    entity=entity,
                    customer=customer,
                    number=f"INV-{c:06d}-{k:02d}",
                    issued_on=issued,
                    due_on=due,
                    amount=amount,
                    currency="EUR",
                    recorded_at=AT,
                )
            )
    return rows


def lay(n: int) -> LegalEntity:
    """An entity with W(n) and a plan of four levels."""
    entity = LegalEntity.objects.create(code=f"W{n}", name=f"W {n}", country="ES", currency="EUR")
    plans.install(entity, at=AT)
    plans.publish_version(plan=entity.plans.get(code="standard"), steps=STEPS, by=None, at=AT)
    customers = Customer.objects.bulk_create(
        Customer(
            entity=entity, code=f"C{c:06d}", name=f"Customer {c}", name_key=f"customer {c}", recorded_at=AT
        )
        for c in range(n // 10)
    )
    Contact.objects.bulk_create(
        Contact(customer=customer, name="Payables", email=f"{customer.code}@example.com", is_billing=True)
        for customer in customers
    )
    Invoice.objects.bulk_create(invoices(entity, customers), batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return entity


def timed(work: Callable[[], object]) -> float:
    """The wall time of `work` in milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def sql(text: str) -> Callable[[], object]:
    """A statement to run."""

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)

    return run


def forget() -> None:
    """Empty the tables of notices, whatever their guards say: this is a scratch database."""
    sql("TRUNCATE collections_app_noticeline, collections_app_notice, collections_app_run CASCADE")()


def measure(n: int) -> None:
    """Print one block of figures: RUNS rounds, in each the floor, the select and ours one after the other."""
    entity = lay(n)
    words = {"entity": entity.pk, "on": ON.isoformat()}
    sql(FLOOR_TABLE)()

    def decide() -> object:
        return dunning.decide(entity=entity, on=ON, at=AT)

    took: dict[str, list[float]] = {"floor": [], "select": [], "decide": [], "again": []}
    for _ in range(RUNS):
        forget()
        sql("TRUNCATE floor_item")()
        took["floor"].append(timed(sql(FLOOR.format(**words))))
        took["select"].append(timed(sql(SELECT.format(**words))))
        took["decide"].append(timed(decide))
        took["again"].append(timed(decide))
    least = {name: min(times) for name, times in took.items()}
    middle = {name: sorted(times)[RUNS // 2] for name, times in took.items()}
    print(
        f"\nW({n:,}): {n // 10:,} customers, {n:,} overdue lines; wall ms, least and median of {RUNS} rounds"
    )
    labels = {
        "floor": "floor: insert an item per line",
        "select": "bare select and group",
        "decide": "decide",
        "again": "decide again, same day",
    }
    for name, label in labels.items():
        ratio = f"{least[name] / least['floor']:6.2f} x floor {least[name] / least['select']:6.2f} x select"
        print(f"  {label:<32} {least[name]:8.1f} {middle[name]:8.1f}   {ratio}")
    send(entity)
    forget()


def send(entity: LegalEntity) -> None:
    """What sending costs, on up to 1,000 notices: decided again, written, delivered to a file, marked, told."""
    ids = list(Notice.objects.filter(entity=entity, status="decided").values_list("pk", flat=True)[:1000])
    with TemporaryDirectory() as place:
        settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", place
        cpu, wall = time.process_time(), time.perf_counter()
        dunning.send_batch(notice_ids=ids, at=AT)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        files = len(list(Path(place).iterdir()))
    lines = NoticeLine.objects.filter(counts=True).count()
    each = 1000 / len(ids)
    print(
        f"  send {files:,} letters, {lines:,} lines: {cpu * each:.2f} ms CPU each in Python, {wall * each:.2f} ms wall"
    )


def main() -> None:
    """Measure every N of the command line in a database that is dropped at the end."""
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 50_000]
    kept = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        for n in sizes:
            measure(n)
    finally:
        connection.creation.destroy_test_db(kept, verbosity=0)


if __name__ == "__main__":
    main()
