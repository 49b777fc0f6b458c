"""How long the dispute queue takes, beside psycopg and an f-string over the same rows in the same run.

    python bench/inbox.py [--disputes 100000] [--helpdesk PYTHON]

Makes a database of its own with that many disputes (a quarter of them open, ten to a customer, each findable by its
words), which is dropped at the end. Prints the CPU of the server process and the whole time per page, the number of
queries, and the ratios: to the floor, of page N to page 1, of a dispute with 500 messages to one with 5. With
`--helpdesk`, the Python of a virtual environment with django-helpdesk and psycopg, also to the ticket list of that.
"""

import sys
from pathlib import Path

# This folder would hide the queue of the standard library.
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

import argparse
import json
import logging
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import services as people
from accounts.choices import Role
from accounts.models import LegalEntity, User
from chat import services as talk
from config.embedded import hold
from disputes.models import Dispute, Reason, Stage
from disputes.services import catalogue

RUNS, ROWS = 30, 50
CUSTOMERS = """
INSERT INTO ledger_customer (entity_id, code, name, name_key, tax_id, endpoint, country, language, segment, email,
    address, recorded_at, salesperson_id)
SELECT %(entity)s, 'C' || lpad(c::text, 6, '0'),
    'Customer ' || c || ' of ' || (ARRAY['Norte', 'Sur', 'Mar'])[1 + c %% 3],
    'customer ' || c || ' of ' || (ARRAY['norte', 'sur', 'mar'])[1 + c %% 3],
    '', '', 'ES', 'es', 'standard', '', '', '2020-01-01', %(boss)s
FROM generate_series(0, %(n)s / 10) c
"""
INVOICES = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, currency, order_reference,
    note, allocated, recorded_at)
SELECT %(entity)s, c.id, 'invoice', 'INV-' || lpad(n::text, 7, '0'), date '2026-01-01' + n %% 300,
    date '2026-02-01' + n %% 300, 500 + n %% 9000, 'EUR', '', '', 0, '2026-01-01'
FROM generate_series(1, %(n)s) n JOIN ledger_customer c ON c.code = 'C' || lpad((n / 10)::text, 6, '0')
"""
DISPUTES = """
INSERT INTO disputes_dispute (entity_id, customer_id, number, reason_id, route_version_id, stage_id, status,
    holder_side, holder_user_id, currency, amount, statement, facts, opened_on, opened_at, due_at, closed_on, closed_at,
    opened_via, coordinator_id)
SELECT entity_id, customer_id, n, (%(reasons)s::bigint[])[1 + n %% %(count)s], %(version)s, %(stage)s,
    CASE WHEN n %% 4 > 0 THEN 'solved' WHEN n %% 8 = 0 THEN 'open' ELSE 'in_progress' END, 'ours', %(boss)s, 'EUR',
    amount / 2, 'Pallet ' || md5(n::text) || ' arrived broken', '{}', issued_on, issued_on,
    CASE WHEN n %% 4 = 0 THEN timestamptz '2026-11-01' + n * interval '1 minute' END,
    CASE WHEN n %% 4 > 0 THEN due_on END, CASE WHEN n %% 4 > 0 THEN due_on END, 'import', %(boss)s
FROM (SELECT *, substr(number, 5)::int AS n FROM ledger_invoice) i
"""
LINES = """
INSERT INTO disputes_disputeline (dispute_id, invoice_id, amount, opened_on, closed_on, recorded_at, closed_recorded_at)
SELECT d.id, i.id, d.amount, d.opened_on, d.closed_on, d.opened_at, d.closed_at
FROM disputes_dispute d JOIN ledger_invoice i ON i.number = 'INV-' || lpad(d.number::text, 7, '0')
"""
TEXTS = """
INSERT INTO disputes_searchtext (dispute_id, source, side, text)
SELECT id, 'dispute', 'internal', 'inv-' || lpad(number::text, 7, '0') || ' ' || lower(statement) FROM disputes_dispute
UNION ALL
SELECT d.id, 'customer', 'internal', c.name_key FROM disputes_dispute d JOIN ledger_customer c ON c.id = d.customer_id
"""
FLOOR = """
SELECT d.id, d.number, c.name, s.labels ->> 'en', r.labels ->> 'en', d.amount, d.due_at, u.name,
    (SELECT string_agg(i.number, ', ') FROM disputes_disputeline l JOIN ledger_invoice i ON i.id = l.invoice_id
     WHERE l.dispute_id = d.id)
FROM disputes_dispute d JOIN ledger_customer c ON c.id = d.customer_id JOIN disputes_stage s ON s.id = d.stage_id
JOIN disputes_reason r ON r.id = d.reason_id LEFT JOIN accounts_user u ON u.id = d.holder_user_id
WHERE d.entity_id = %s AND d.closed_at IS NULL ORDER BY d.due_at, d.id LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Milliseconds of this process's CPU and on the clock (medians), and queries, of one page."""

    cpu: float
    wall: float
    queries: int = 1


def load(size: int) -> tuple[LegalEntity, User]:
    """The disputes, written set by set; row triggers are off while they load, as in a restore."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    entity = people.open_entity(code="BEN", name="Bench", country="ES", currency="EUR", at=at)
    catalogue.install(entity)
    boss = people.add_person(email="boss@bench.example", name="Boss", language="en", password=None)
    people.give_role(user=boss, entity=entity, role=Role.CREDIT_MANAGER, at=at)
    stage = Stage.objects.filter(version__route__entity=entity, initial=True).select_related("version")[0]
    reasons = list(Reason.objects.filter(entity=entity).values_list("pk", flat=True))
    params = {"entity": entity.pk, "boss": boss.pk, "n": size, "stage": stage.pk, "version": stage.version_id}
    params |= {"reasons": reasons, "count": len(reasons)}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in (CUSTOMERS, INVOICES, DISPUTES, LINES, TEXTS):
            cursor.execute(statement, params)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return entity, boss


def timed(work: Callable[[], object]) -> Found:
    """The median of several runs after a first one."""
    work()
    queries = 0  # the floor goes past the wrapper, with one

    def counted(execute: Any, *asked: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*asked)

    with connection.execute_wrapper(counted):
        work()
    cpu, wall = [], []
    for _ in range(RUNS):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - clock) * 1000)
    return Found(statistics.median(cpu), statistics.median(wall), queries or 1)


def floor(entity: LegalEntity) -> str:
    """What nobody does faster in Python: one prepared statement, one f-string per row."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        rows = cursor.execute(FLOOR, [entity.pk], prepare=True).fetchall()
    return "".join(
        f'<li id="row-{pk}"><a href="?open={pk}">{escape(name)}</a> D-{number:06d} {escape(stage)} {escape(reason)}'
        f" {escape(numbers)} <strong>{amount:,.2f}</strong> {due:%d %b %H:%M} {escape(holder)}</li>"
        for pk, number, name, stage, reason, amount, due, holder, numbers in rows
    )


def page(client: Client, query: str, **headers: str) -> Callable[[], str]:
    """A page as a browser asks for it, through all middleware."""

    def get() -> str:
        answer = client.get(f"/disputes/{query}", headers=headers)
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())

    return get


def talked(dispute: Dispute, boss: User, messages: int) -> int:
    """A dispute with so many messages."""
    room = talk.room_for_dispute(dispute=dispute, at=datetime(2026, 11, 1, tzinfo=UTC))
    for number in range(messages):
        token = f"bench-{dispute.pk}-{number}"
        at = datetime(2026, 11, 1, 9, number // 60, number % 60, tzinfo=UTC)
        talk.post_message(room=room, by=boss, body=f"Message {number}", client_token=token, at=at)
    return dispute.pk


def opened(client: Client, pk: int) -> Callable[[], None]:
    """A dispute as it is opened: its page, and the conversation in it."""

    def get() -> None:
        for address in (f"/disputes/{pk}/", f"/disputes/{pk}/room/"):
            assert client.get(address, headers={"HX-Request": "true"}).status_code == 200, address

    return get


def helpdesk(python: str, tickets: int) -> Found:
    """The ticket list of django-helpdesk over half as many tickets, in a database of its own on the same server."""
    name, own = "zanjar_bench_helpdesk", connection.settings_dict
    place = {"NAME": name} | {key: str(own[key]) for key in ("HOST", "PORT", "USER", "PASSWORD")}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            script = str(ROOT / "bench" / "helpdesk_peer.py")
            done = subprocess.run(
                [python, "-P", script, json.dumps(place), str(tickets)], capture_output=True, text=True
            )
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    if done.returncode:
        sys.exit(f"django-helpdesk could not be measured with {python}:\n{done.stderr[-2000:]}")
    return Found(**json.loads(done.stdout.splitlines()[-1]))


def main(size: int, python: str) -> None:
    """Load, measure, print."""
    entity, boss = load(size)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(boss)
    live = Dispute.objects.filter(closed_at=None).order_by("due_at", "pk")
    middle = live[size // 5]
    assert middle.due_at is not None
    behind = f"{middle.due_at.isoformat()}~{middle.pk}".replace("+", "%2B")
    few, many = (
        talked(one, boss, n) for one, n in zip(live.filter(status="open")[:2], (5, 500), strict=True)
    )
    fragment = {"HX-Request": "true", "HX-Target": "pane"}
    work: dict[str, Callable[[], object]] = {
        "floor: psycopg + f-string, 50 rows": lambda: floor(entity),
        "queue, page 1": page(client, "?view=all"),
        f"queue, behind row {size // 5}": page(client, f"?view=all&after={behind}"),
        "search, one dispute": page(client, "?view=all&q=inv-0000408"),
        "search, a third of all": page(client, "?view=all&q=norte"),
        "a row's pane": page(client, f"?view=all&open={middle.pk}", **fragment),
        "dispute with 5 messages": opened(client, few),
        "dispute with 500 messages": opened(client, many),
    }
    found = {name: timed(job) for name, job in work.items()}
    if python:
        found[f"django-helpdesk, {size // 2} tickets"] = helpdesk(python, size // 2)
    base = found["floor: psycopg + f-string, 50 rows"]
    print(f"{size} disputes\n{'':38}{'CPU ms':>8}{'wall ms':>9}{'queries':>9}{'x floor CPU':>13}")
    for name, one in found.items():
        print(f"{name:38}{one.cpu:8.1f}{one.wall:9.1f}{one.queries:9}{one.cpu / base.cpu:13.1f}")
    first, later = found["queue, page 1"], found[f"queue, behind row {size // 5}"]
    print(f"page N / page 1: {later.wall / first.wall:.2f} (wall)")
    five, fivehundred = found["dispute with 5 messages"], found["dispute with 500 messages"]
    print(f"500 messages / 5 messages: {fivehundred.wall / five.wall:.2f} (wall)")
    if python:
        peer = found[f"django-helpdesk, {size // 2} tickets"]
        print(
            f"django-helpdesk's list / page 1: {peer.cpu / first.cpu:.1f} (CPU), {peer.wall / first.wall:.1f} (wall)"
        )
    else:
        print("django-helpdesk: not measured; --helpdesk names the Python of an environment that has it")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--disputes", type=int, default=100_000)
    parser.add_argument(
        "--helpdesk", metavar="PYTHON", default="", help="a Python with django-helpdesk and psycopg"
    )
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    logging.disable(logging.INFO)
    connection.settings_dict["TEST"]["NAME"] = "zanjar_bench_queue"
    own = settings.EMBEDDED or settings.EMBEDDED_BROKER
    with (
        hold(settings.VAR_DIR, postgres=settings.EMBEDDED, valkey=settings.EMBEDDED_BROKER)
        if own
        else nullcontext()
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            main(asked.disputes, asked.helpdesk)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
