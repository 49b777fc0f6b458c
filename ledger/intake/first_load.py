"""The first big load into an empty ledger: indexes and foreign keys are built once at the end, not row by row.

The tables `ledger_invoice` and `ledger_customer` are locked from here to the commit (people wait for their pages a
few seconds for every 100,000 invoices); sign-in and the progress of the import are not. So it is done only when the
ledger has next to nothing yet, and only when nobody holds the tables. The definitions are those of the database: what
was taken off is built again, and checked against every row, before anything is committed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction

MANY = 50_000
# The load is the first when the ledger holds less than this part of what comes.
HARDLY = 10
PATIENCE = "3s"

IS_EMPTY = "SELECT count(*) < %(few)s FROM (SELECT 1 FROM ledger_invoice LIMIT %(few)s) known"
# Indexes that only make reading quick. What keeps the books right (primary key, unique number) stays where it is.
INDEXES = """
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = 'ledger_invoice'::regclass AND NOT indisunique AND NOT indisexclusion AND indisvalid
ORDER BY indexrelid
"""
# Legal entity and import keep theirs: dropping one would lock their tables too.
KEYS = """
SELECT format('ALTER TABLE ledger_invoice DROP CONSTRAINT %I', conname),
       format('ALTER TABLE ledger_invoice ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = 'ledger_invoice'::regclass AND contype = 'f' AND convalidated
AND confrelid IN ('ledger_invoice'::regclass, 'ledger_customer'::regclass) ORDER BY oid
"""


@contextmanager
def first_load(rows: int, *, allowed: bool = True) -> Iterator[None]:
    """While this lasts, `rows` invoices go in without the indexes, when that is worth it and possible."""
    back = _taken_off() if allowed and rows >= MANY and _is_first(rows) else []
    yield
    if back:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in back:
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("SET LOCAL default_statistics_target TO DEFAULT; ANALYZE ledger_invoice")


def _is_first(rows: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_EMPTY, {"few": rows // HARDLY})
        row = cursor.fetchone()
    return bool(row and row[0])


def _taken_off() -> list[str]:
    """Take indexes and keys off; the statements that put them back. Nothing when somebody else holds the tables, or
    when the database does not let us."""
    with connection.cursor() as cursor:
        # Constraints that wait for the end of the transaction would stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
                cursor.execute("LOCK TABLE ledger_customer, ledger_invoice IN ACCESS EXCLUSIVE MODE")
                back: list[str] = []
                for query in (KEYS, INDEXES):
                    cursor.execute(query)
                    for take, put in cursor.fetchall():
                        cursor.execute(take)
                        back.insert(0, put)
        except DatabaseError:
            back = []
        cursor.execute("SET CONSTRAINTS ALL DEFERRED; SET LOCAL lock_timeout TO DEFAULT")
    return back
