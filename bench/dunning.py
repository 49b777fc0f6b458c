"""Dunning on the workload W(N) of PERFORMANCE.md, beside the plain SQL floor of the same run.

    python bench/dunning.py [N ...] [--tryton]    (default 10000 50000; needs DATABASE_URL of a scratch database server)

Makes a database of its own and drops it. Prints, for each N: the floor (one statement that decides and inserts
an item per overdue line), the bare select and group of what is open, the select of all
the facts that decide, our decision, the same decision again on the same day, the ratio of each, and what it
takes to send one customer's letter into a file, in CPU. 1000000 is a million open invoices that are late (and
200,000 not yet due) of 100,000 customers. With `--tryton` the peer is installed into a scratch environment and does
the same in a database of its own: lines per second of both.
"""

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.db import connection

from accounts.models import LegalEntity
from collections_app.decision.book import Book
from collections_app.decision.choosing import chosen
from collections_app.decision.sql import Scope
from collections_app.models import Notice, NoticeLine
from collections_app.services import dunning, plans
from ledger.models import Contact

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


CUSTOMERS = """
WITH fresh AS (
    INSERT INTO ledger_customer (entity_id, code, name, name_key, tax_id, endpoint, country, language, segment, email,
        address, recorded_at)
    SELECT {entity}, 'C' || lpad(c::text, 6, '0'), 'Customer ' || c, 'customer ' || c, '', '', 'ES', 'es', 'standard',
        '', '', '2020-01-01'
    FROM generate_series(0, {customers} - 1) c RETURNING id, code)
INSERT INTO ledger_contact (customer_id, name, email, phone, role, language, is_billing)
SELECT id, 'Payables', code || '@example.com', '', '{role}', 'es', true FROM fresh
"""
INVOICES = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, currency, order_reference,
    note, allocated, recorded_at)
SELECT {entity}, id, 'invoice', 'INV-' || substr(code, 2) || '-' || lpad(k::text, 2, '0'),
    CASE WHEN k < 10 THEN due - 30 ELSE least(due - 61, DATE '{on}') END, due,
    50.00 + ((c * 7919 + k * 104729) % 500000) / 100.0, 'EUR', '', '', 0, '2020-01-01'
FROM (SELECT id, code, substr(code, 2)::bigint AS c, k, CASE WHEN k < 10
        THEN DATE '{on}' - (1 + (substr(code, 2)::bigint * 37 + k * 53) % 180)::int
        ELSE DATE '{on}' + (1 + (substr(code, 2)::bigint * 37 + k * 53) % 60)::int END AS due
    FROM ledger_customer, generate_series(0, 11) k WHERE entity_id = {entity}) lines
"""


def lay(n: int) -> LegalEntity:
    """An entity with W(n) and a plan of four levels."""
    entity = LegalEntity.objects.create(code=f"W{n}", name=f"W {n}", country="ES", currency="EUR")
    plans.install(entity, at=AT)
    plan = entity.plans.get(code="standard")
    plans.publish_version(plan=plan, steps=STEPS, by=None, at=AT, rules=plans.Rules())
    words = {"entity": entity.pk, "customers": n // 10, "on": ON.isoformat(), "role": Contact().role}
    sql(CUSTOMERS.format(**words))()
    sql(INVOICES.format(**words))()
    sql("VACUUM ANALYZE")()
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


def measure(n: int) -> float:
    """Print one block of figures: RUNS rounds, in each the floor, the select and ours one after the other."""
    entity = lay(n)
    words = {"entity": entity.pk, "on": ON.isoformat()}
    sql(FLOOR_TABLE)()

    def decide() -> object:
        return dunning.decide(entity=entity, on=ON, at=AT)

    def facts() -> object:
        """The same facts read and judged, nothing written."""
        text, params = chosen(Scope(Book.of(entity), ON))
        with connection.cursor() as cursor:
            cursor.execute(f"{text} SELECT count(*), sum(amount) FROM chosen", params)
            return cursor.fetchone()

    took: dict[str, list[float]] = {"floor": [], "select": [], "facts": [], "decide": [], "again": []}
    for _ in range(RUNS):
        forget()
        sql("TRUNCATE floor_item")()
        took["floor"].append(timed(sql(FLOOR.format(**words))))
        took["select"].append(timed(sql(SELECT.format(**words))))
        took["facts"].append(timed(facts))
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
        "facts": "select of the same facts",
        "decide": "decide",
        "again": "decide again, same day",
    }
    for name, label in labels.items():
        ratio = (
            f"{least[name] / least['floor']:6.2f} x floor {least[name] / least['select']:6.2f} x bare select"
        )
        ratio += f" {least[name] / least['facts']:6.2f} x same facts"
        print(f"  {label:<32} {least[name]:8.1f} {middle[name]:8.1f}   {ratio}")
    send(entity)
    forget()
    return least["decide"]


def install_tryton(place: str) -> Path:
    """A Python of its own that has the peer."""
    venv.create(place, with_pip=True)
    python = Path(place) / "bin" / "python"
    words = ["trytond", "trytond-account-dunning", "proteus", "psycopg[binary]", "psycopg-pool"]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *words], check=True)
    return python


def beside_tryton(python: Path, n: int, ours: float) -> None:
    """What the peer takes for the same lines, and how many times as fast ours is."""
    known = connection.settings_dict
    name = f"bench_tryton_{n}"
    host = known["HOST"] or "127.0.0.1"
    uri = f"postgresql://{known['USER']}:{known['PASSWORD']}@{host}:{known['PORT'] or 5432}/{name}"
    sql(f"CREATE DATABASE {name}")()
    try:
        command = [str(python), "-O", str(Path(__file__).with_name("tryton_peer.py")), uri, str(n)]
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
        )
        took = json.loads(done.stdout.splitlines()[-1])
    finally:
        sql(f"DROP DATABASE {name} WITH (FORCE)")()
    for work in ("create", "process"):
        wall, cpu = took[work]["wall"], took[work]["cpu"]
        print(f"  Tryton: {work:<24} {wall:8.1f} ms wall, {cpu:8.1f} ms CPU, {took['dunnings']:,} dunnings")
    theirs = took["create"]["wall"]
    print(
        f"  lines per second: ours {n / ours * 1000:,.0f}, theirs {n / theirs * 1000:,.0f}: {theirs / ours:.0f} x"
    )


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
    words = sys.argv[1:]
    sizes = [int(word) for word in words if word != "--tryton"] or [10_000, 50_000]
    kept = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with TemporaryDirectory() as place:
            python = install_tryton(place) if "--tryton" in words else None
            for n in sizes:
                ours = measure(n)
                if python:
                    beside_tryton(python, n, ours)
    finally:
        connection.creation.destroy_test_db(kept, verbosity=0)


if __name__ == "__main__":
    main()
