"""How long the figures take, beside DuckDB on the same rows in the same run.

    python bench/reporting.py [--size 1000000] [--customers 100000] [--as-of 2026-11-22]

Makes the workload of bench/reports.py (`--size`: about so many documents; 1,000,000 and 5,000,000 are the sizes of the
targets) in a database of its own on the server of DATABASE_URL (dropped at the end), copies the tables into DuckDB,
checks that both say the same, and prints milliseconds (the best of several runs) and ratios. The dashboard is asked for
as a person does: warm (kept days, cube), after a change, and with nothing kept at all. Count-back runs on arrays of
`--customers` x 36 months and prints CPU seconds. At the end: the memory of this process at its peak.
"""

import argparse
import logging
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import duckdb
import numpy as np
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.reports import load  # first: it sets Django up

# isort: split

from accounts.models import LegalEntity, User
from ledger.models import Customer
from ledger.services import DocumentFacts, record_document
from reporting.cube.folding import fold_aging
from reporting.metrics.many import count_back_many
from reporting.reports import Options, build
from reporting.reports.series import days_of, series_of
from reporting.selectors.disputes import disputes_by
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame, make_frame
from reporting.selectors.position import computed_position, position
from reporting.selectors.series import computed_by, rates_on, standings_by
from reporting.services.days import keep_days

RUNS, ENOUGH = 5, 10_000
PAGES = 10
STORED_ROWS = "365 stored rows"
MONTHS = 36
TYPES = dict.fromkeys(("amount", "allocated"), "DECIMAL(14,2)") | dict.fromkeys(
    ("issued_on", "due_on", "opened_on", "closed_on"), "DATE"
)
TABLES = {
    "invoices": "SELECT id, customer_id, kind, issued_on, due_on, amount, allocated FROM ledger_invoice",
    "customers": "SELECT id, code, salesperson_id FROM ledger_customer",
    "lines": "SELECT invoice_id, dispute_id, amount, opened_on, closed_on FROM disputes_disputeline",
    "disputes": "SELECT id, reason_id, closed_on FROM disputes_dispute",
}
BY_SALESPERSON = """
WITH live AS (
    SELECT invoice_id, sum(amount) AS amount FROM lines
    WHERE opened_on <= $day AND (closed_on IS NULL OR closed_on > $day) GROUP BY 1)
SELECT c.salesperson_id, CASE WHEN $day - i.due_on <= 0 THEN 0 WHEN $day - i.due_on <= 30 THEN 1
    WHEN $day - i.due_on <= 60 THEN 2 WHEN $day - i.due_on <= 90 THEN 3 ELSE 4 END AS bucket,
    sum(i.amount - i.allocated) AS open, sum(least(i.amount - i.allocated, coalesce(live.amount, 0))) AS disputed
FROM invoices i JOIN customers c ON c.id = i.customer_id LEFT JOIN live ON live.invoice_id = i.id
WHERE i.issued_on <= $day AND i.amount > i.allocated GROUP BY 1, 2
"""
BY_CUSTOMER = BY_SALESPERSON.replace("c.salesperson_id", "c.code")
BY_REASON = """
SELECT d.reason_id, count(DISTINCT d.id), sum(least(i.amount - i.allocated, l.amount)) FROM disputes d
JOIN lines l ON l.dispute_id = d.id JOIN invoices i ON i.id = l.invoice_id
WHERE d.closed_on IS NULL AND l.closed_on IS NULL AND l.opened_on <= $day GROUP BY 1
"""
STORED = "SELECT day, opens, disputes FROM reporting_daystanding WHERE dim = 'entity' AND day = ANY(%s)"


def best(work: Callable[[], object]) -> float:
    """The best of several runs (of fewer, when they are long), in milliseconds."""
    took: list[float] = []
    while len(took) < RUNS and sum(took) < ENOUGH:
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return min(took)


def copied() -> duckdb.DuckDBPyConnection:
    """The tables in DuckDB, in memory, by way of files: rows do not pass through Python."""
    duck = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        for name, query in TABLES.items():
            path = Path(folder) / f"{name}.csv"
            taken = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"
            with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(taken) as copy:
                for piece in copy:
                    file.write(piece)
            types = {column: kind for column, kind in TYPES.items() if column in query}
            duck.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', header=true, types={types})"
            )
    return duck


def same(frame: Frame, duck: duckdb.DuckDBPyConnection) -> None:
    """Both say the same before either is fast."""
    rows = duck.execute(BY_SALESPERSON, {"day": frame.as_of}).fetchall()
    ours = position(frame, "salesperson").total
    theirs = (sum((row[2] for row in rows), Decimal(0)), sum((row[3] for row in rows), Decimal(0)))
    if (ours.open, ours.disputed_total) != theirs:
        raise SystemExit(f"Not the same: {ours.open}, {ours.disputed_total} and {theirs}")
    print(f"open {ours.open}, in dispute {ours.disputed_total}: both say so")


def count_back_cpu(customers: int) -> float:
    """CPU seconds of counting back so many customers."""
    dice = np.random.default_rng(1)
    sales = dice.integers(-10_000, 1_000_000, (customers, MONTHS))
    receivables = dice.integers(0, 6_000_000, customers)
    start = time.process_time()
    count_back_many(receivables, sales, [30] * MONTHS)
    return time.process_time() - start


def table(rows: list[tuple[str, float, str, float]]) -> None:
    """Ours beside the other, with the ratio."""
    print(f"{'':42}{'ours ms':>10}{'other ms':>10}{'ratio':>8}  other")
    for name, ours, other, theirs in rows:
        print(f"{name:42}{ours:10.1f}{theirs:10.1f}{ours / theirs:8.2f}  {other}")


class Dashboard:
    """The page as a person of finance asks for it."""

    def __init__(self, as_of: date) -> None:
        self.client, self.address = Client(), f"{reverse('reporting:dashboard')}?as_of={as_of}"
        self.client.force_login(User.objects.get(email="boss@bench.example"))

    def p95(self, before: Callable[[], object] = lambda: None, pages: int = PAGES) -> float:
        """The 95th percentile in milliseconds; `before` happens before each request, and is not counted."""
        took = []
        for _ in range(pages):
            before()
            start = time.perf_counter()
            answer = self.client.get(self.address)
            took.append((time.perf_counter() - start) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"The dashboard answers {answer.status_code}")
        return sorted(took)[round(pages * 0.95) - 1]


def change(entity: LegalEntity, as_of: date) -> Callable[[], object]:
    """A new invoice of some customer, each time: today is not kept any more, the customer is read again."""
    dice, customers = random.Random(1), list(Customer.objects.filter(entity=entity).order_by("pk")[:10_000])

    def one() -> None:
        facts = DocumentFacts(
            number=f"NEW-{dice.random()}", issued_on=as_of, due_on=as_of, amount=Decimal(100), currency="EUR"
        )
        record_document(customer=dice.choice(customers), facts=facts, at=datetime.now(UTC))

    return one


def timed(words: str, work: Callable[[], object]) -> None:
    """Once, in seconds."""
    start = time.perf_counter()
    found = work()
    print(f"{words}: {found} in {time.perf_counter() - start:.1f} s", flush=True)


def main(size: int, customers: int, as_of: date) -> None:
    """Load, check, measure, print."""
    entity = load(int(size / 2.4) // 10 * 10, as_of)
    frame, duck, page = make_frame(entity, as_of), copied(), Dashboard(as_of)
    same(frame, duck)
    print(f"dashboard, nothing kept: {page.p95(pages=2):.0f} ms (the longer of two)", flush=True)
    timed("customers folded for the first time", lambda: fold_aging(entity=entity, today=as_of))
    timed("days kept for the first time", lambda: keep_days(entity=entity, today=as_of))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    same(frame, duck)
    figures(frame, duck)
    print(
        f"dashboard, kept: p95 {page.p95():.0f} ms; after a change: p95 {page.p95(change(entity, as_of)):.0f} ms"
    )
    timed("customers folded after those changes", lambda: fold_aging(entity=entity, today=as_of))
    print(f"count-back, {customers} customers x {MONTHS} months: {count_back_cpu(customers):.2f} CPU s")
    print(
        f"memory of this process at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


def figures(frame: Frame, duck: duckdb.DuckDBPyConnection) -> None:
    """The table: ours beside DuckDB, beside reading rows that are stored."""
    as_of = frame.as_of
    year = days_of(Period(as_of - timedelta(days=364), as_of), "day")
    rates = rates_on(year, frame.entity.currency)

    def asked(query: str) -> Callable[[], object]:
        return lambda: duck.execute(query, {"day": as_of}).fetchall()

    def stored() -> object:
        with connection.cursor() as cursor:
            cursor.execute(STORED, [year])
            return cursor.fetchall()

    reading, by_seller = best(stored), best(asked(BY_SALESPERSON))
    rows = [
        ("aging by salesperson", best(lambda: position(frame, "salesperson")), "DuckDB", by_seller),
        ("the same computed", best(lambda: computed_position(frame, "salesperson")), "DuckDB", by_seller),
        ("aging by customer", best(lambda: position(frame, "customer")), "DuckDB", best(asked(BY_CUSTOMER))),
        ("Pareto by reason", best(lambda: disputes_by(frame)), "DuckDB", best(asked(BY_REASON))),
        ("disputed, daily for a year, kept", best(lambda: _standings(frame, year)), STORED_ROWS, reading),
        ("dispute DSO, daily for a year", best(lambda: _each(frame, year, "dispute_dso")), STORED_ROWS, reading),
        ("DSO family, daily for a year", best(lambda: _each(frame, year, "figures")), STORED_ROWS, reading),
        ("the same days computed", best(lambda: computed_by(frame, year, rates, "entity")), STORED_ROWS, reading),
        ("report series --step month", best(lambda: build("series", frame, Options())), STORED_ROWS, reading),
    ]  # fmt: skip
    table(rows)


def _each(frame: Frame, days: list[date], figure: str) -> list[object]:
    return [getattr(point, figure) for point in series_of(frame, days, "entity")[""]]


def _standings(frame: Frame, days: list[date]) -> object:
    return standings_by(frame, days, rates_on(days, frame.entity.currency), "entity")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=100_000, help="documents, a half of them open")
    parser.add_argument("--customers", type=int, default=100_000, help="customers of the count-back")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    given = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.CRITICAL)
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    connection.settings_dict["TEST"]["NAME"] = "zanjar_bench_reporting"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    # What migrations set for the database counts for connections made from now on.
    connection.close()
    try:
        main(given.size, given.customers, given.as_of)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
