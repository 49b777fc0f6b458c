"""Tryton's `account_dunning` on W(N), for `bench/dunning.py --tryton PYTHON`. Run by a Python that has it installed.

    PYTHON -O bench/tryton_peer.py postgresql://postgres@127.0.0.1:5432/EMPTY_DATABASE [N]

Needs trytond, trytond-account-dunning, proteus and psycopg there. Lays out the workload as posted journal items (one
entry a customer), a procedure of four levels, and times the wizard's own work. Prints JSON: milliseconds of wall and
CPU to create the dunnings of N overdue lines, to process them without letters, and how many there were.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.pool import Pool
from trytond.transaction import Transaction, TransactionError

ON = date(2026, 11, 20)
LEVELS = (1, 15, 30, 60)
BATCH = 200


def lay_tables(uri: str, folder: Path) -> Path:
    """The tables of the modules, in the empty database of `uri`; the configuration that leads there."""
    server, _, name = uri.rpartition("/")
    (folder / "trytond.conf").write_text(f"[database]\nuri = {server}/\n", encoding="utf-8")
    (folder / "password").write_text("admin", encoding="utf-8")
    admin = Path(sys.executable).with_name("trytond-admin")
    words = ["-c", str(folder / "trytond.conf"), "-d", name, "--email", "admin@localhost"]
    env = os.environ | {"TRYTONPASSFILE": str(folder / "password")}
    modules = ["-u", "account_dunning", "--activate-dependencies"]
    subprocess.run([str(admin), *words, *modules], env=env, check=True, stdout=sys.stderr)
    return folder / "trytond.conf"


def lay_company() -> dict[str, int]:
    """A company with its chart, a year to book in and a procedure of four levels; the ids that entries need."""
    create_company(currency="EUR")
    company = get_company()
    year = create_fiscalyear(company, (ON - timedelta(days=300), ON + timedelta(days=100)))
    year.save()
    year.click("create_period")
    create_chart(company)
    accounts = get_accounts(company)
    procedure = Model.get("account.dunning.procedure")(name="Levels")
    for days in sorted(LEVELS, reverse=True):
        level = procedure.levels.new()
        level.overdue = timedelta(days=days)
    procedure.save()
    (journal,) = Model.get("account.journal").find([("code", "=", "REV")], limit=1)
    (period,) = Model.get("account.period").find([("start_date", "<=", ON), ("end_date", ">=", ON)], limit=1)
    return {
        "company": company.id,
        "receivable": accounts["receivable"].id,
        "revenue": accounts["revenue"].id,
        "journal": journal.id,
        "period": period.id,
        "procedure": procedure.id,
    }


def due_and_amount(c: int, k: int) -> tuple[date, Decimal]:
    """Line k of customer c."""
    spread = c * 37 + k * 53
    due = ON - timedelta(days=1 + spread % 180) if k < 10 else ON + timedelta(days=1 + spread % 60)
    return due, Decimal(50) + Decimal((c * 7919 + k * 104729) % 500000) / 100


def entry(c: int, party: int, ids: dict[str, int]) -> dict[str, object]:
    """The journal entry of a customer: twelve lines to be paid, and the revenue."""
    lines = []
    for k in range(12):
        due, amount = due_and_amount(c, k)
        facts = {"account": ids["receivable"], "party": party, "debit": amount, "credit": Decimal(0)}
        lines.append(facts | {"maturity_date": due})
    total = sum((due_and_amount(c, k)[1] for k in range(12)), Decimal(0))
    lines.append({"account": ids["revenue"], "debit": Decimal(0), "credit": total})
    head = {"company": ids["company"], "journal": ids["journal"], "period": ids["period"], "date": ON}
    return head | {"lines": [("create", lines)]}


def in_transaction(work: Callable[[], object], ids: dict[str, int]) -> object:
    """`work` as the user who laid everything out, committed; again with the locks it turns out to need."""
    known, more = config.get_config(), {}
    while True:
        context = {"company": ids["company"]}
        with Transaction().start(known.database_name, known.user, context=context, **more) as transaction:
            try:
                return work()
            except TransactionError as error:
                transaction.rollback()
                error.fix(more)


def lay_entries(n: int, ids: dict[str, int]) -> None:
    """The entries of all customers, posted, in batches."""

    def batch(numbers: range) -> None:
        pool = Pool()
        facts = [{"name": f"Customer {c}", "dunning_procedure": ids["procedure"]} for c in numbers]
        parties = pool.get("party.party").create(facts)
        moves = [entry(c, p.id, ids) for c, p in zip(numbers, parties, strict=True)]
        Move = pool.get("account.move")
        Move.post(Move.create(moves))

    for first in range(0, n // 10, BATCH):
        in_transaction(partial(batch, range(first, min(first + BATCH, n // 10))), ids)


def create() -> None:
    """What the wizard does on a day."""
    Pool().get("account.dunning").generate_dunnings(date=ON)


def process() -> None:
    """What it does with the drafts, without letters."""
    Dunning = Pool().get("account.dunning")
    Dunning.process(Dunning.search([("state", "=", "draft")]))


def timed(work: Callable[[], object], ids: dict[str, int]) -> dict[str, float]:
    """What one step takes in milliseconds, commit included."""
    wall, cpu = time.perf_counter(), time.process_time()
    in_transaction(work, ids)
    return {"wall": (time.perf_counter() - wall) * 1000, "cpu": (time.process_time() - cpu) * 1000}


def main() -> None:
    """Lay it out, time it, print it."""
    uri, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    server = {"TRYTOND_DATABASE_URI": uri.rpartition("/")[0] + "/"}
    if os.environ.get("TRYTOND_DATABASE_URI") != server["TRYTOND_DATABASE_URI"]:
        # It chooses its kind of database while it is imported.
        os.execve(
            sys.executable, [sys.executable, *(["-O"] * sys.flags.optimize), *sys.argv], os.environ | server
        )
    with tempfile.TemporaryDirectory() as folder:
        conf = lay_tables(uri, Path(folder))
        config.set_trytond(uri, config_file=str(conf))
        ids = lay_company()
        lay_entries(n, ids)
        took = {work.__name__: timed(work, ids) for work in (create, process)}
        count = in_transaction(lambda: Pool().get("account.dunning").search([], count=True), ids)
    print(json.dumps({"lines": n, "dunnings": count, **took}))


if __name__ == "__main__":
    main()
