"""How long reports take, beside the floor `select sum(open)` on the same data in the same run.

    python bench/reports.py [--invoices 20000] [--as-of 2026-11-22]

Makes the workload W(N) of customers with overdue and not yet due invoices (ten and two each), paid invoices of the
two years before, and disputes on a tenth of all, in a database of its own that is dropped at the end. Prints
milliseconds (best and median of several runs) and the ratio to the floor.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection
from django.http import QueryDict

from accounts import services as people
from accounts.choices import Role
from accounts.models import LegalEntity, User
from disputes.models import Reason, RouteVersion, Stage
from disputes.services import catalogue
from reporting.dashboard.cards import CARDS
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import chosen
from reporting.dashboard.tiles import PICTURES, bands
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from reporting.selectors.position import position
from reporting.selectors.series import month_ends, rates_on, standings

RUNS = 5
PAID_PER_CUSTOMER = 12
KNOWN = {
    1_000: ("503290.00", "414138.45", "411600.36", "410708.65", "1296262.54"),
    10_000: ("5118900.00", "4217637.95", "4266286.86", "4226582.15", "12771593.04"),
    50_000: ("25474500.00", "21191842.72", "21263528.03", "21261430.23", "63773699.02"),
}

CUSTOMERS = """
INSERT INTO ledger_customer (entity_id, code, name, name_key, tax_id, endpoint, country, language, segment, email,
    address, recorded_at, salesperson_id)
SELECT %(entity)s, 'C' || lpad(c::text, 6, '0'), 'Customer ' || c, 'customer ' || c, '', '', 'ES', 'es', 'standard', '',
    '', '2020-01-01', (%(sales)s::bigint[])[1 + c %% 20]
FROM generate_series(0, %(customers)s - 1) c
"""
OPEN = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, currency, order_reference,
    note, allocated, recorded_at)
SELECT %(entity)s, id, 'invoice', 'INV-' || lpad(c::text, 6, '0') || '-' || lpad(k::text, 2, '0'),
    CASE WHEN k < 10 THEN due - 30 ELSE least(due - 61, %(as_of)s::date) END, due,
    50.00 + ((c * 7919 + k * 104729) %% 500000) / 100.0, 'EUR', '', '', 0, '2020-01-01'
FROM (SELECT id, substr(code, 2)::bigint AS c, k, CASE WHEN k < 10
        THEN %(as_of)s::date - (1 + (substr(code, 2)::bigint * 37 + k * 53) %% 180)::int
        ELSE %(as_of)s::date + (1 + (substr(code, 2)::bigint * 37 + k * 53) %% 60)::int END AS due
    FROM ledger_customer, generate_series(0, 11) k) lines
"""
PAID = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, currency, order_reference,
    note, allocated, recorded_at)
SELECT %(entity)s, id, 'invoice', 'OLD-' || code || '-' || k, %(as_of)s::date - 61 * k - 30, %(as_of)s::date - 61 * k,
    100 + id %% 900, 'EUR', '', '', 100 + id %% 900, '2020-01-01'
FROM ledger_customer, generate_series(1, %(paid)s) k
"""
PAYMENTS = """
INSERT INTO ledger_payment (entity_id, customer_id, received_on, amount, currency, reference, method, identity,
    allocated, recorded_at)
SELECT entity_id, customer_id, due_on + (id %% 40)::int, amount, 'EUR', number, '', number, amount, '2020-01-01'
FROM ledger_invoice WHERE allocated > 0
"""
ALLOCATIONS = """
INSERT INTO ledger_allocation (invoice_id, payment_id, kind, amount, allocated_on, note, recorded_at)
SELECT i.id, p.id, 'payment', i.amount, p.received_on, '', '2020-01-01'
FROM ledger_invoice i JOIN ledger_payment p ON p.identity = i.number
"""
DISPUTES = """
INSERT INTO disputes_dispute (entity_id, customer_id, number, reason_id, route_version_id, stage_id, status,
    holder_side, currency, amount, statement, facts, opened_on, opened_at, closed_on, closed_at, opened_via,
    coordinator_id)
SELECT entity_id, customer_id, id, (%(reasons)s::bigint[])[1 + id %% %(count)s], %(version)s, %(stage)s,
    CASE WHEN allocated > 0 THEN 'solved' ELSE 'waiting_customer' END, 'customer', 'EUR', round(amount / 2, 2),
    '', '{}',
    least(issued_on + 10, %(as_of)s::date), least(issued_on + 10, %(as_of)s::date),
    CASE WHEN allocated > 0 THEN due_on + 5 END, CASE WHEN allocated > 0 THEN due_on + 5 END, 'import',
    %(boss)s
FROM ledger_invoice WHERE id %% 10 = 0
"""
LINES = """
INSERT INTO disputes_disputeline (dispute_id, invoice_id, amount, opened_on, closed_on, recorded_at, closed_recorded_at)
SELECT id, number, amount, opened_on, closed_on, opened_at, closed_at FROM disputes_dispute
"""
STAYS = """
INSERT INTO disputes_stay (dispute_id, seq, stage_id, status, holder_side, started_at, ended_at)
SELECT id, 1, stage_id, 'waiting_customer', 'customer', opened_at, closed_at FROM disputes_dispute
"""
ENDS = """
INSERT INTO accounts_event (stream, object_id, seq, entity_id, kind, at, data, previous_hash, hash, dispatched_at)
SELECT 'dispute', id, 1, entity_id, 'dispute.closed', closed_at, '{"status": "solved", "resolution": "paid"}', '', '',
    closed_at FROM disputes_dispute WHERE closed_at IS NOT NULL
"""


def load(size: int, as_of: date) -> LegalEntity:
    """The workload, written set by set; row triggers are off while it loads, as in a restore."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    entity = people.open_entity(code="BEN", name="Bench", country="ES", currency="EUR", at=at)
    catalogue.install(entity)
    names = [f"s{i}" for i in range(20)]
    sales = [
        people.add_person(email=f"{n}@bench.example", name=n, language="en", password=None).pk for n in names
    ]
    boss = people.add_person(email="boss@bench.example", name="Boss", language="en", password=None)
    people.give_role(user=boss, entity=entity, role=Role.FINANCE, at=at)
    version = RouteVersion.objects.filter(route__entity=entity).first()
    reasons = list(Reason.objects.filter(entity=entity).values_list("pk", flat=True))
    params = {
        "entity": entity.pk,
        "customers": size // 10,
        "sales": sales,
        "as_of": as_of,
        "paid": PAID_PER_CUSTOMER,
    }
    params |= {
        "reasons": reasons,
        "count": len(reasons),
        "version": version.pk if version else None,
        "boss": boss.pk,
    }
    params["stage"] = Stage.objects.filter(version=version).values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (CUSTOMERS, OPEN, PAID, PAYMENTS, ALLOCATIONS, DISPUTES, LINES, STAYS, ENDS):
            cursor.execute(statement, params)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
    return entity


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Best and median milliseconds."""
    took = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return min(took), statistics.median(took)


def floor() -> Decimal:
    """What the database needs at the very least to look at every open amount once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(amount - allocated) FROM ledger_invoice")
        return Decimal(cursor.fetchone()[0])


def check(entity: LegalEntity, size: int, as_of: date) -> None:
    """The figures are right before they are fast: W(N) has known buckets."""
    found = position(make_frame(entity, as_of)).total.buckets
    expected = KNOWN.get(size)
    if expected and tuple(str(amount) for amount in found.values()) != expected:
        raise SystemExit(f"The aging is wrong: {found}")
    print(
        "aging:",
        ", ".join(f"{name} {amount}" for name, amount in found.items()),
        "(as expected)" * bool(expected),
    )


def main(size: int, as_of: date) -> None:
    """Load, check, measure, print."""
    entity = load(size, as_of)
    check(entity, size, as_of)
    frame, boss = make_frame(entity, as_of), User.objects.get(email="boss@bench.example")
    past, days = frame.at(as_of.replace(day=1)), month_ends(as_of, 12)

    def page() -> None:
        made = chosen(User.objects.get(pk=boss.pk), QueryDict(f"as_of={as_of}"))
        assert made is not None
        found = Figures(made.frame, made.months)
        bands([*CARDS, *PICTURES], found, made)

    work: dict[str, Callable[[], object]] = {
        "floor: select sum(open)": floor,
        "aging, all": lambda: position(frame),
        "aging by salesperson": lambda: position(frame, "salesperson"),
        "aging by customer": lambda: position(frame, "customer"),
        "aging by salesperson, past day": lambda: position(past, "salesperson"),
        "dispute series, 12 months": lambda: standings(frame, days, rates_on(days, "EUR")),
        "report dso": lambda: build("dso", frame, Options()),
        "report pareto": lambda: build("pareto", frame, Options()),
        "dashboard, all its figures": page,
    }
    found = {name: timed(job) for name, job in work.items()}
    base = found["floor: select sum(open)"][0]
    print(f"{'':34}{'best ms':>10}{'median ms':>12}{'x floor':>10}")
    for name, (best, median) in found.items():
        print(f"{name:34}{best:10.1f}{median:12.1f}{best / base:10.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--invoices", type=int, default=10_000, help="N of W(N): overdue invoices")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    asked = parser.parse_args()
    connection.settings_dict["TEST"]["NAME"] = "zanjar_bench_reports"
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    try:
        main(asked.invoices, asked.as_of)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
