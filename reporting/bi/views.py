"""The views of the schema `reporting`, one file each in `sql/`: made after migrations, away while they run.

A file begins with comments: what the view holds, then `@ column: what it says` for each of its columns.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from lib.money import NO_DECIMALS

SCHEMA = "reporting"
FILES = Path(__file__).parent / "sql"
HEAD = "CREATE VIEW {} WITH (security_barrier) AS "
COLUMN = re.compile(r"@ (\w+): (.+)")
# Every role that may read; see roles.py.
READERS = "SELECT DISTINCT role FROM reporting_readerrole JOIN pg_roles ON rolname = role"


@dataclass(frozen=True, slots=True)
class View:
    """A view as its file describes it: its columns in order, each with what it says."""

    name: str
    about: str
    columns: dict[str, str]
    select: str


@cache
def definitions() -> tuple[View, ...]:
    """Every view, in an order in which they can be made."""
    return tuple(_read(path) for path in sorted(FILES.glob("*.sql")))


def _read(path: Path) -> View:
    lines = path.read_text(encoding="utf-8").splitlines()
    said = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    columns = {found[1]: found[2] for line in said if (found := COLUMN.fullmatch(line))}
    select = "\n".join(line for line in lines if not line.startswith("-- "))
    whole = ", ".join(f"'{code}'" for code in sorted(NO_DECIMALS))
    select = select.replace("{whole_currencies}", f"ARRAY[{whole}]::text[]")
    return View(path.stem.partition("_")[2], said[0], columns, select)


def fingerprint() -> str:
    """Changes whenever a definition does."""
    return hashlib.sha256(repr((HEAD, definitions())).encode()).hexdigest()


def installed() -> str:
    """The fingerprint of the views the database has; empty when it has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [SCHEMA])
        row = cursor.fetchone()
    return str(row[0] or "") if row else ""


@transaction.atomic
def take_away() -> None:
    """Drop the views, whatever they are called: a migration may then change what stands below them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = %s", [SCHEMA])
        names = [sql.Identifier(SCHEMA, row[0]) for row in cursor.fetchall()]
        if names:
            cursor.execute(sql.SQL("DROP VIEW {}").format(sql.SQL(", ").join(names)))
            cursor.execute(sql.SQL("COMMENT ON SCHEMA {} IS NULL").format(sql.Identifier(SCHEMA)))


@transaction.atomic
def put_up() -> bool:
    """Make the views as they are defined, and let the roles read them; False when they were so already.

    `security_barrier`: no condition of a reader is asked about a row before that of the view.
    """
    if installed() == fingerprint():
        return False
    take_away()
    schema = sql.Identifier(SCHEMA)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        for view in definitions():
            name = sql.Identifier(SCHEMA, view.name)
            head = sql.SQL(HEAD).format(name)
            cursor.execute(head + sql.SQL(view.select))  # type: ignore[arg-type]
            cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(name, sql.Literal(view.about)))
            for column, words in view.columns.items():
                place = sql.Identifier(SCHEMA, view.name, column)
                cursor.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(words)))
        cursor.execute(READERS)
        for (role,) in cursor.fetchall():
            let_read(role)
        cursor.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(schema, sql.Literal(fingerprint())))
    return True


def let_read(role: str) -> None:
    """The role may read the views, and nothing besides."""
    schema, who = sql.Identifier(SCHEMA), sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, who))
        for view in definitions():
            name = sql.Identifier(SCHEMA, view.name)
            cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(name, who))
